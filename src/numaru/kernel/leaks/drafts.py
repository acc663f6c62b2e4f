"""What is written: the notice to people and the reports, filled from the case, edited in versions, approved by a second person and frozen."""

from __future__ import annotations

import hashlib

from numaru.kernel import clock
from numaru.kernel.actions import Act, Second, action
from numaru.kernel.errors import Conflict, NotFound
from numaru.kernel.leaks import wording
from numaru.kernel.leaks.cases import open_one, refuse_field, refuse_personal, tell
from numaru.kernel.leaks.models import AffectedSet, LeakDraft
from numaru.kernel.leaks.permissions import LEAK_APPROVE, LEAK_HANDLE
from numaru.values.text import Text

KINDS: dict[str, Text] = {
    "notice": Text("본인 통지문", "Notice to people"),
    "report_leak": Text("유출 신고서", "Report of the leak"),
    "report_intrusion": Text("침해 신고서", "Report of the intrusion"),
}
MOST = 20_000


def digest(ko: str, en: str) -> str:
    """The hash that names a text in both languages."""
    return hashlib.sha256(f"{ko}\0{en}".encode()).hexdigest()


def _put(act: Act, case: str, kind: str, ko: str, en: str, word: Text) -> int:
    row = open_one(case)
    if kind not in KINDS:
        raise NotFound.named(Text("문안", "draft"), kind)
    last = LeakDraft.objects.filter(case=row, kind=kind).order_by("-version").first()
    if last is not None and last.sha256 == digest(ko, en):
        raise Conflict.because(
            "leak.same",
            Text("앞의 판과 같습니다.", "It is the same as the version before."),
            Text("고칠 것이 있을 때 저장하십시오.", "Save it when something has changed."),
        )
    made = LeakDraft.objects.create(
        case=row,
        kind=kind,
        version=last.version + 1 if last else 1,
        ko=ko,
        en=en,
        sha256=digest(ko, en),
        made_at=clock.now(),
        made_by=act.actor.name[:80],
    )
    act.record("leaks.draft", f"{row.number} {kind} {made.version}", after={"sha256": made.sha256})
    tell(act, row, "draft", Text("{k} {v}판: {w}", "{k}, version {v}: {w}").fill(k=KINDS[kind], v=made.version, w=word), made.sha256[:16])
    return made.version


@action(LEAK_HANDLE)
def draft(act: Act, *, case: str, kind: str) -> int:
    """Write a draft from what the case says now and the latest set of affected people; returns its version. What the case does not say
    yet stands in brackets, and such a draft can't be approved."""
    row = open_one(case)
    if kind not in KINDS:
        raise NotFound.named(Text("문안", "draft"), kind)
    latest = AffectedSet.objects.filter(case=row).order_by("-version").first()
    return _put(
        act,
        case,
        kind,
        wording.write(kind, row, latest, "ko"),
        wording.write(kind, row, latest, "en"),
        Text("사고의 내용으로 썼습니다", "written from the case"),
    )


@action(LEAK_HANDLE)
def edit(act: Act, *, case: str, kind: str, ko: str, en: str) -> int:
    """A new version in the words of a person; the versions before stay."""
    for name, text in (("ko", ko), ("en", en)):
        if not text.strip() or len(text) > MOST:
            raise refuse_field(
                "text",
                Text("두 언어를 각각 20,000자 안으로 적으십시오.", "Write both languages, up to 20,000 characters each."),
                Text("비워 둘 수 없습니다.", "Neither may be empty."),
                name,
            )
        refuse_personal(text, name, open_one(case).contact)
    return _put(act, case, kind, ko.replace("\r\n", "\n").strip(), en.replace("\r\n", "\n").strip(), Text("고쳤습니다", "edited"))


def _approving(**_: object) -> Second:
    return Second(
        Text("밖으로 나가는 문안은 두 사람이 봅니다.", "Two people look at a text that leaves the house."), LEAK_APPROVE, alone=True
    )


@action(LEAK_HANDLE, reason=True, second=_approving)
def freeze(act: Act, *, case: str, kind: str, version: int) -> None:
    """Approve one version: frozen with its hash, it is the text that is sent or handed in. Refuses any but the latest version, one that
    is approved already, and one with a gap in brackets."""
    row = open_one(case)
    found = LeakDraft.objects.select_for_update().filter(case=row, kind=kind).order_by("-version").first()
    if found is None or found.version != version:
        raise Conflict.because(
            "leak.newer",
            Text("그 뒤에 고친 판이 있습니다.", "There is a later version."),
            Text("마지막 판을 올리십시오.", "Ask for the latest one."),
        )
    if found.state == "approved":
        raise Conflict.because(
            "leak.frozen",
            Text("이미 승인한 문안입니다.", "The text is approved already."),
            Text("고치면 새 판이 됩니다.", "An edit makes a new version."),
        )
    if wording.GAP in found.ko or wording.GAP in found.en:
        raise Conflict.because(
            "leak.gap",
            Text("채우지 않은 자리가 있습니다.", "There are gaps in the text."),
            Text("[[ ]]로 둘러싼 곳을 채우십시오.", "Fill what stands in [[ ]]."),
        )
    found.state, found.approved_at, found.approval = "approved", clock.now(), act.approval
    found.approved_by = _second_of(act)
    found.save(update_fields=["state", "approved_at", "approval", "approved_by"])
    act.record(
        "leaks.draft", f"{row.number} {kind} {version}", before={"state": "draft"}, after={"state": "approved", "sha256": found.sha256}
    )
    tell(
        act,
        row,
        "approved",
        Text("{k} {v}판을 승인했습니다", "{k}, version {v}, was approved").fill(k=KINDS[kind], v=version),
        found.sha256[:16],
    )


def _second_of(act: Act) -> str:
    if act.approval is None:
        return ""
    from numaru.kernel.approvals.models import ApprovalRequest

    return ApprovalRequest.objects.values_list("decided_name", flat=True).get(pk=act.approval)
