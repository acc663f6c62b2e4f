"""Registering people and opening what is sealed."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from numaru.facilities.parties.models import Party
from numaru.facilities.parties.permissions import CONTACT_OPEN
from numaru.kernel import bulk, clock, numbering
from numaru.kernel.actions import Act, action
from numaru.kernel.errors import Invalid, NotFound
from numaru.kernel.vault import api as vault
from numaru.values import masked
from numaru.values.text import Text

KINDS = ("name", "phone", "email")


@dataclass(frozen=True, slots=True)
class Person:
    """What is known of a person when they are registered; each value may be empty."""

    name: str = ""
    phone: str = ""
    email: str = ""
    language: str = "ko"


def blind_tokens(person: Person) -> list[int]:
    """Tokens for exact search: name, its initial consonants, phone, its last four digits, e-mail (lower case)."""
    wanted = []
    if person.name:
        wanted.append(("name", _spoken(person.name)))
        if first := masked.initials(person.name):
            wanted.append(("initials", first))
    if digits := masked.phone_digits(person.phone):
        wanted += [("phone", digits), ("phone4", digits[-4:])]
    if person.email:
        wanted.append(("email", person.email.strip().lower()))
    return vault.tokens(wanted)


def _spoken(name: str) -> str:
    """A name without what people write differently: spaces, capitals, forms of Unicode."""
    return "".join(unicodedata.normalize("NFC", name).casefold().split())


def search_tokens(text: str) -> list[int]:
    """The tokens under which a person could be found by what was typed: any one of them is a hit."""
    digits = masked.phone_digits(text)
    wanted = [("name", _spoken(text)), ("initials", _spoken(text)), ("email", text.strip().lower())]
    if len(digits) == 4:
        wanted.append(("phone4", digits))
    elif len(digits) >= 9:
        wanted.append(("phone", digits))
    return vault.tokens(wanted)


def register(people: Sequence[Person]) -> int:
    """Register ``people`` with consecutive ids and return the first. A part of other rooms' actions: the caller's transaction and audit.

    Contact values are sealed under a key of each person; only masked forms and blind tokens stand in the clear.
    """
    now = clock.now()
    first = numbering.ids("parties_party", len(people))
    bulk.copy_rows(
        "parties_party",
        ["id", "kind", "name_masked", "phone_masked", "email_masked", "language", "tokens", "created_at"],
        (
            (
                first + n,
                "person",
                masked.mask_name(p.name)[:80],
                masked.mask_phone(masked.phone_digits(p.phone)) if p.phone else "",
                masked.mask_email(p.email)[:80] if p.email else "",
                p.language,
                blind_tokens(p),
                now,
            )
            for n, p in enumerate(people)
        ),
    )
    sealed = {
        first + n: {k: v for k, v in (("name", p.name), ("phone", masked.phone_digits(p.phone)), ("email", p.email)) if v}
        for n, p in enumerate(people)
    }
    keys, entries = vault.seal_all({person: values for person, values in sealed.items() if values})
    bulk.copy_rows("keys.person_key", ["person", "master", "wrapped"], keys)
    bulk.copy_rows("vault_entry", ["person", "kind", "version", "sealed", "at"], ((*row, now) for row in entries))
    return first


def register_unnamed(count: int) -> int:
    """Register ``count`` people of whom nothing personal is known (an import of numbers only); ids are consecutive, the first is returned."""
    first = numbering.ids("parties_party", count)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO parties_party (id, kind, name_masked, phone_masked, email_masked, language, tokens, created_at)"
            " SELECT n, 'person', '', '', '', 'ko', '{}', %s FROM generate_series(%s::bigint, %s::bigint) n",
            [clock.now(), first, first + count - 1],
        )
    return first


@action(CONTACT_OPEN, reason=True)
def open_contact(act: Act, *, party: int, kind: str, service: str | None = None) -> str:
    """The plain name, phone or e-mail of a party. The reason is the purpose; the opening is logged before the value is shown. A plan opens
    nothing: it would leave no trace."""
    if kind not in KINDS:
        raise Invalid.because(
            "parties.kind",
            Text("‘{k}’은(는) 열 수 있는 항목이 아닙니다.", "“{k}” is not a field that can be opened.").fill(k=kind),
            Text("name, phone, email 가운데 하나를 고르십시오.", "Choose one of name, phone and email."),
            field="kind",
        )
    if not Party.objects.filter(pk=party).exists():
        raise NotFound.named(Text("사람", "person"), party)
    act.record("parties.party", str(party), after={"opened": kind})
    if act.dry:
        act.effect(Text("열람 기록이 남습니다.", "The opening is put on record."))
        return ""
    value = vault.open_value(act.actor, party, kind, act.reason)
    if value is None:
        raise NotFound.named(Text("저장된 값", "stored value"), kind)
    return value
