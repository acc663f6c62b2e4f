"""Writing templates: a draft is changed at will, a published version never again."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from numaru.facilities.messaging import law, wording
from numaru.facilities.messaging.models import MessageTemplate, TemplateVersion
from numaru.facilities.messaging.permissions import TEMPLATE_EDIT, TEMPLATE_PUBLISH
from numaru.facilities.messaging.rules import checking
from numaru.facilities.messaging.rules.channels import CHANNELS
from numaru.facilities.messaging.rules.checking import Wrong
from numaru.facilities.messaging.rules.gate import ADVERTISING, SERVICE
from numaru.facilities.messaging.rules.render import Variable, Wording
from numaru.facilities.messaging.writing import ways_out
from numaru.kernel import clock
from numaru.kernel.actions import Act, action
from numaru.kernel.errors import Conflict, Invalid, NotFound, Refused
from numaru.values.finding import Finding
from numaru.values.masked import telling
from numaru.values.text import Text

WHAT = wording.WHAT
KEY = re.compile(r"[a-z][a-z0-9_.-]{2,58}")
REMEDY = Text("글과 변수를 고쳐 다시 저장하십시오.", "Mend text and variables and save again.")
APPROVALS: dict[str, Text] = {
    "none": Text("신청 전", "Not asked"),
    "asked": Text("심사 중", "Being reviewed"),
    "approved": Text("승인", "Approved"),
    "refused": Text("반려", "Refused"),
}


def troubles(variables: Sequence[Variable], wordings: checking.Wordings, chain: Sequence[str], purpose: str) -> list[Wrong]:
    """What is wrong with a template by the figures of today."""
    now = law.standing(clock.now())
    return checking.check(variables, wordings, chain, now.limits, now.sender if purpose == ADVERTISING else None, ways_out(now))


def refusal(found: Sequence[Wrong]) -> Refused:
    return Invalid(
        *(Finding(f"messaging.{w.code}", w.text, REMEDY, field=f"{w.channel}_{w.language}" if w.channel else "variables") for w in found)
    )


def locked(key: str) -> MessageTemplate:
    row = MessageTemplate.objects.select_for_update().filter(key=key).first()
    if row is None:
        raise NotFound.named(WHAT, key[:60])
    return row


def _named(name: Text) -> None:
    if not all(1 <= len(one.strip()) <= 80 for one in (name.ko, name.en)) or telling(name.ko + name.en):
        raise Invalid.because(
            "messaging.name", Text("이름은 한국어와 영어로 80자까지입니다.", "The name has up to 80 characters in each language."),
            Text("개인정보 없이 짧게 적으십시오.", "Keep it short and free of personal data."), field="name_ko",
        )  # fmt: skip


def _chained(chain: Sequence[str]) -> list[str]:
    if not chain or len(set(chain)) != len(chain) or any(c not in CHANNELS for c in chain):
        raise Invalid.because(
            "messaging.chain", Text("채널을 하나 이상, 겹치지 않게 고르십시오.", "Choose at least one channel, none twice."),
            Text("먼저 시도할 채널부터 적습니다.", "The first one is tried first."), field="chain",
        )  # fmt: skip
    return list(chain)


@action(TEMPLATE_EDIT)
def ship_template(act: Act, *, key: str) -> None:
    """Write down a template that a room ships, published as it came. Nothing where one of that key stands."""
    one = wording.templates[key]
    if not MessageTemplate.objects.filter(key=key).exists():
        row = wording.row_of(one, key, act.actor.name[:80])
        row.save()
        now = clock.now()
        TemplateVersion.objects.create(
            template=row, number=1, state="published", variables=wording.pack_variables(one.variables), wordings=wording.pack(one.wordings),
            made_at=now, made_name=act.actor.name[:80], published_at=now, published_name=act.actor.name[:80],
        )  # fmt: skip
    act.record("messaging.template", key, after={"shipped": True})


@action(TEMPLATE_EDIT)
def open_template(act: Act, *, key: str, purpose: str, name_ko: str, name_en: str, chain: Sequence[str], any_hour: bool = True) -> int:
    """Begin a template of the house's own with an empty draft, and return the draft's id. The purpose never changes: what is advertising stays so."""
    if not KEY.fullmatch(key) or MessageTemplate.objects.filter(key=key).exists() or key in wording.templates:
        raise Invalid.because(
            "messaging.key", Text("식별자를 쓸 수 없습니다. 소문자, 숫자, 점으로 3~59자, 겹치지 않게 적으십시오.", "This key can’t be used: small letters, digits and dots, 3 to 59, none taken."),
            Text("예: notice.maintenance", "For example: notice.maintenance"), field="key", value=key[:60],
        )  # fmt: skip
    if purpose not in (SERVICE, ADVERTISING):
        raise Invalid.because(
            "messaging.purpose",
            Text("목적을 고르십시오.", "Choose the purpose."),
            Text("서비스 안내 또는 광고입니다.", "Service or advertising."),
            field="purpose",
        )
    _named(Text(name_ko, name_en))
    now = clock.now()
    row = MessageTemplate.objects.create(
        key=key, purpose=purpose, name_ko=name_ko.strip(), name_en=name_en.strip(), chain=_chained(chain), any_hour=any_hour, created_at=now,
        created_by=act.actor.staff_id, created_name=act.actor.name[:80],
    )  # fmt: skip
    made = TemplateVersion.objects.create(template=row, number=1, made_at=now, made_by=act.actor.staff_id, made_name=act.actor.name[:80])
    act.record("messaging.template", key, after={"purpose": purpose, "chain": row.chain, "name": name_ko.strip()})
    return made.pk


@action(TEMPLATE_EDIT)
def describe_template(act: Act, *, key: str, name_ko: str, name_en: str, chain: Sequence[str], any_hour: bool = True) -> None:
    """Change the name, the order of channels and whether it may come at night."""
    row = locked(key)
    before = {"name": row.name_ko, "chain": row.chain, "any_hour": row.any_hour}
    _named(Text(name_ko, name_en))
    row.name_ko, row.name_en, row.chain, row.any_hour = name_ko.strip(), name_en.strip(), _chained(chain), any_hour
    row.save()
    act.record("messaging.template", key, before=before, after={"name": row.name_ko, "chain": row.chain, "any_hour": row.any_hour})


@action(TEMPLATE_EDIT)
def begin_draft(act: Act, *, key: str) -> int:
    """Begin the next version from the last one and return its id; the draft that there is where there is one."""
    row = locked(key)
    draft = row.versions.filter(state="draft").first()
    if draft is None:
        last = row.versions.order_by("-number").first()
        number = last.number + 1 if last else 1
        draft = TemplateVersion.objects.create(
            template=row, number=number, variables=last.variables if last else [], wordings=last.wordings if last else {}, approvals={},
            made_at=clock.now(), made_by=act.actor.staff_id, made_name=act.actor.name[:80],
        )  # fmt: skip
    act.record("messaging.template", key, after={"draft": draft.number})
    return draft.pk


@action(TEMPLATE_EDIT)
def write_draft(
    act: Act, *, key: str, variables: Sequence[Mapping[str, Any]], wordings: Mapping[str, Mapping[str, Mapping[str, str]]], note: str = ""
) -> list[Wrong]:
    """Save the draft and return what is wrong with it. Only what could never be read is refused; the rest stops the publishing."""
    row = locked(key)
    draft = row.versions.select_for_update().filter(state="draft").first()
    if draft is None:
        raise _no_draft()
    try:
        known = tuple(
            Variable(str(v["key"]), str(v.get("kind", "text")), bool(v.get("required", True)), int(v.get("most", 40))) for v in variables
        )
        texts = {
            c: {lang: Wording(w.get("subject", ""), w.get("text", ""), "", w.get("markdown", ""), w.get("code", "")) for lang, w in by.items() if lang in checking.LANGUAGES}
            for c, by in wordings.items()
            if c in CHANNELS
        }  # fmt: skip
    except (KeyError, TypeError, ValueError):
        raise Invalid.because(
            "messaging.draft", Text("변수를 읽지 못했습니다.", "The variables could not be read."), REMEDY, field="variables"
        ) from None
    grave = [w for w in checking.names_wrong(known) if w.code == "variable"]
    if grave:
        raise refusal(grave)
    for lang, w in texts.get("email", {}).items():
        if w.markdown:
            texts["email"][lang] = wording.email(w.subject, w.markdown)
    draft.variables, draft.wordings, draft.note = wording.pack_variables(known), wording.pack(texts), note.strip()[:200]
    draft.made_at, draft.made_by, draft.made_name = clock.now(), act.actor.staff_id, act.actor.name[:80]
    draft.save()
    act.record("messaging.template", key, after={"draft": draft.number, "channels": sorted(texts)})
    return troubles(known, texts, row.chain, row.purpose)


def _no_draft() -> Refused:
    return Conflict.because(
        "messaging.no_draft",
        Text("고치는 중인 판이 없습니다.", "There is no draft."),
        Text("새 판을 시작하십시오.", "Begin a new version."),
    )


@action(TEMPLATE_PUBLISH, reason=True)
def publish_template(act: Act, *, key: str) -> int:
    """Publish the draft and return its number; what was published before is used by nobody from now on. Refuses a draft with anything grave wrong."""
    row = locked(key)
    draft = row.versions.select_for_update().filter(state="draft").first()
    if draft is None:
        raise _no_draft()
    one = wording.read(draft)
    found = [w for w in troubles(one.variables, one.wordings, row.chain, row.purpose) if w.grave]
    if found:
        raise refusal(found)
    before = row.versions.filter(state="published").values_list("number", flat=True).first()
    row.versions.filter(state="published").update(state="retired")
    draft.state, draft.published_at, draft.published_by, draft.published_name = (
        "published",
        clock.now(),
        act.actor.staff_id,
        act.actor.name[:80],
    )
    draft.approvals = {lang: {"state": "none"} for lang, w in one.wordings.get("alimtalk", {}).items() if w.text.strip()}
    draft.save()
    if row.retired_at is not None:
        row.retired_at = None
        row.save(update_fields=["retired_at"])
    act.effect(
        Text("판 {n}을(를) 발행합니다. 글은 다시 고칠 수 없습니다.", "Version {n} is published; its texts can’t be changed again.").fill(
            n=draft.number
        )
    )
    act.record("messaging.template", key, before={"published": before or 0}, after={"published": draft.number})
    return int(draft.number)


@action(TEMPLATE_EDIT)
def note_approval(act: Act, *, key: str, language: str, state: str) -> None:
    """Note what the provider of Alimtalk decided about the published text of a language."""
    row = locked(key)
    live = row.versions.select_for_update().filter(state="published").first()
    if live is None or language not in live.wordings.get("alimtalk", {}) or state not in APPROVALS:
        raise Conflict.because(
            "messaging.approval",
            Text("발행한 알림톡 글이 없습니다.", "There is no published Alimtalk text."),
            Text("글을 발행한 뒤 적으십시오.", "Publish one first."),
        )
    before = live.approvals.get(language, {}).get("state", "none")
    live.approvals = {**live.approvals, language: {"state": state, "at": clock.now().isoformat(timespec="seconds")}}
    live.save(update_fields=["approvals"])
    act.record("messaging.template", key, before={language: before}, after={language: state})


@action(TEMPLATE_PUBLISH, reason=True)
def retire_template(act: Act, *, key: str) -> None:
    """Nothing new is sent with it; what was sent stays. Publishing a new version takes it up again."""
    row = locked(key)
    row.retired_at = row.retired_at or clock.now()
    row.save(update_fields=["retired_at"])
    act.effect(Text("이 서식으로 더는 보내지 않습니다.", "Nothing more is sent with this template."))
    act.record("messaging.template", key, after={"retired": True})
