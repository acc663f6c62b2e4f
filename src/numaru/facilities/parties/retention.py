"""How long people are kept: contact values, their masked forms and search tokens, and the key that opens them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import connection

from numaru.facilities.parties.models import Party, PortalAccount, PortalInvitation
from numaru.kernel.policies import policy
from numaru.kernel.retention.api import Act, Asking, Ref, RetentionClass, Section, end_of, keep, leave, needed
from numaru.kernel.vault import api as vault
from numaru.values.masked import phone_grouped
from numaru.values.text import Text

NAMES = {"name": Text("이름", "Name"), "phone": Text("휴대전화", "Phone"), "email": Text("전자우편", "E-mail")}
KEY = "parties.contact"
# There is something to destroy while a masked form, a token or a key is left.
LEFT = (
    "(p.tokens <> '{}' OR p.name_masked <> '' OR p.phone_masked <> '' OR p.email_masked <> ''"
    " OR EXISTS (SELECT 1 FROM person_key k WHERE k.person = p.id)"
    " OR EXISTS (SELECT 1 FROM parties_portalaccount a WHERE a.party_id = p.id) OR EXISTS (SELECT 1 FROM parties_portalinvitation i WHERE i.party_id = p.id))"
)


def _over(cut: date, held: Sequence[int]) -> tuple[str, dict[str, Any]]:
    """People known since ``cut`` or before whom no room needed after that day, and of whom something is left."""
    wanted, values = needed("p.id", cut)
    where = f"p.created_at < %(seen)s AND NOT (p.id = ANY(%(held)s)) AND {LEFT} AND NOT ({wanted})"
    return where, values | {"seen": end_of(cut), "held": list(held)}


def count(cut: date, held: Sequence[int]) -> int:
    where, values = _over(cut, held)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM parties_party p WHERE {where}", values)
        return int(cursor.fetchone()[0])


def due(cut: date, held: Sequence[int], after: Ref | None, limit: int) -> list[Ref]:
    where, values = _over(cut, held)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT p.id FROM parties_party p WHERE p.id > %(after)s AND {where} ORDER BY p.id LIMIT %(limit)s",
            values | {"after": after or 0, "limit": limit},
        )
        return [pk for (pk,) in cursor.fetchall()]


def destroy(refs: Sequence[Ref]) -> int:
    """Destroy the keys and sealed values of these people and blank what could be read or found without them. Their portal accounts go with
    the contact data they are entered by, sessions and invitations too. The row stays: a number that documents point at."""
    people = [int(ref) for ref in refs]
    vault.forget(people)
    PortalInvitation.objects.filter(party__in=people).delete()
    PortalAccount.objects.filter(party__in=people).delete()  # and its sessions
    return Party.objects.filter(pk__in=people).update(name_masked="", phone_masked="", email_masked="", tokens=[])


def refs_of(person: int) -> list[Ref]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT p.id FROM parties_party p WHERE p.id = %s AND {LEFT}", [person])
        return [pk for (pk,) in cursor.fetchall()]


def export(person: int, asking: Asking) -> list[Section]:
    """The contact values, opened under the request, and who opened them before."""
    before = vault.of_persons([person])
    why = vault.Purpose(asking.purpose, case_ref=asking.request)
    rows = []
    for kind, name in NAMES.items():
        value = vault.open_value(asking.actor, person, kind, why)
        if value is not None:
            rows.append((name.ko, name.en, phone_grouped(value) if kind == "phone" else value))
    seen = [
        (o.at.isoformat(timespec="seconds"), o.actor.partition(":")[0], NAMES.get(o.kind, Text(o.kind, o.kind)).ko, o.purpose, o.outcome)
        for o in before
    ]
    return [
        Section(
            Text("연락처", "Contact data"), (Text("항목", "Field (ko)"), Text("항목(영문)", "Field"), Text("값", "Value")), tuple(rows)
        ),
        Section(
            Text("열람 기록", "Who opened these values"),
            (Text("언제", "When"), Text("누가", "By"), Text("무엇을", "What"), Text("왜", "Why"), Text("결과", "Outcome")),
            tuple(seen),
        ),
        _portal(person),
    ]


def _portal(person: int) -> Section:
    rows = PortalAccount.objects.filter(party=person)
    heads = (Text("상태", "State"), Text("만든 때", "Made"), Text("마지막 로그인", "Last sign-in"), Text("언어", "Language"))
    words = {"active": "이용 중 (in use)", "ended": "끝남 (ended)"}
    return Section(
        Text("포털 계정", "Portal account"), heads,
        tuple((words[a.state], a.created_at.isoformat(timespec="seconds"), str(a.last_on or "-"), a.language) for a in rows),
    )  # fmt: skip


keep(
    RetentionClass(
        KEY, Text("연락처와 이름", "Names and contact data"),
        Text("마지막 계약이 끝난 날 (계약이 없었으면 등록한 날)", "the end of the last contract (or registration, where there never was one)"),
        Text("개인정보 보호법 제21조: 목적이 끝나면 지체 없이 파기. 마지막 청구와 이의를 위한 60일은 내부 기준",
             "Personal Information Protection Act art. 21: destroyed without delay when the purpose ends; 60 days for the last bill is the operator's rule"),
        policy("retention.contact_days", Text("계약이 끝난 사람의 연락처를 보관하는 기간 (일)", "Days for which contact data are kept after the last contract"), 60,
               "Personal Information Protection Act art. 21 (without delay); 60 days for the last bill and objections are the operator's own rule (unsure)."),
        "days", Act.KEY, ("parties.Party", "parties.PortalAccount", "parties.PortalSession", "parties.PortalInvitation", "vault.PersonKey", "vault.VaultEntry"), count, due, destroy, refs_of=refs_of, export=export, unsure=True,
    )
)  # fmt: skip
leave(
    "parties.ContactExport",
    Text("파일과 암호는 24시간 뒤 지워지고, 누가 누구를 왜 열었는지의 기록만 남습니다.",
         "File and passphrase are deleted after a day (parties.export_hours); what stays is the record of who opened whom, and why."),
)  # fmt: skip
