"""Registering people, and the tokens under which they are found."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db import connection

from numaru.kernel import bulk, clock, numbering
from numaru.kernel.vault import api as vault
from numaru.values import hangul, masked

KINDS = ("name", "phone", "email")
COLUMNS = ["id", "kind", "name_masked", "phone_masked", "email_masked", "language", "tokens", "token_version", "created_at"]
BLOCK = 2_000  # people whose lines are made before they are handed to the database
SET = 50_000  # people who are sealed in one go
PENDING = "64MB"  # of new tokens before they are sorted into the index at once


@dataclass(frozen=True, slots=True)
class Person:
    """What is known of a person when they are registered; each value may be empty."""

    name: str = ""
    phone: str = ""
    email: str = ""
    language: str = "ko"


def blind_tokens(blind: vault.Blind, name: str, digits: str, email: str) -> list[int]:
    """Tokens for exact search: name, its initial consonants and the first two of them, phone, what stands before its last four digits, the
    last four digits, e-mail (lower case). ``digits`` is the normal form of the phone."""
    found = []
    if name:
        found.append(blind.token("name", spoken(name)))
        if first := masked.initials(name):
            found.append(blind.common("initials", first))
            if len(first) > 2:
                found.append(blind.common("initials2", first[:2]))
    if digits:
        found += (blind.token("phone", digits), blind.common("phone4", digits[-4:]))
        if len(digits) > 8:
            found.append(blind.common("phone_head", digits[:-4]))
    if email:
        found.append(blind.token("email", email.strip().lower()))
    return sorted(set(found))


def spoken(name: str) -> str:
    """A name without what people write differently: spaces, capitals, forms of Unicode."""
    return "".join(unicodedata.normalize("NFC", name).casefold().split())


def search_tokens(text: str, *, whole_numbers: bool = True) -> list[int]:
    """The tokens under which a person could be found by what was typed: any one of them is a hit. Under every key that is asked.

    ``whole_numbers`` False: not by a whole telephone number (somebody is still typing)."""
    digits = masked.phone_digits(text)
    said = spoken(text)
    wanted = [("name", said), ("initials", said), ("email", text.strip().lower())]
    if len(said) == 2:
        wanted.append(("initials2", said))
    if len(digits) == 4:
        wanted.append(("phone4", digits))
    elif len(digits) >= 8 and whole_numbers:
        wanted.append(("phone", digits))
    if 5 <= len(digits) <= 8 and digits.startswith("0"):
        wanted.append(("phone_head", digits))
    return vault.tokens(wanted)


def begun_tokens(text: str) -> list[int]:
    """The tokens of the people whose name may be the one half typed in ``text`` (김ㅎ, 김하, 김하느): by the initials of what stands there. They
    are of many others too; what narrows them is the masked form. None for fewer than two letters and for what is no Hangul name."""
    said = spoken(text)
    first = hangul.initials(said)
    if not hangul.is_syllable(said[:1] or " ") or not 2 <= len(first) <= 5 or any(c not in hangul.INITIALS for c in first):
        return []
    return vault.tokens([("initials", first), *([("initials2", first)] if len(first) == 2 else [])])


def shown(name: str, digits: str, email: str) -> tuple[str, str, str]:
    """The masked forms of name, phone and e-mail, cut to what their columns hold."""
    return (
        masked.mask_name(name)[:80] if name else "",
        masked.mask_phone(digits)[:20] if digits else "",
        masked.mask_email(email)[:80] if email else "",
    )


def register(people: Sequence[Person]) -> int:
    """Register ``people`` with consecutive ids and return the first. A part of other rooms' actions: the caller's transaction and audit.

    Contact values are sealed under a key of each person; only masked forms and blind tokens stand in the clear. Holds the shared lock of
    the blind index until the transaction ends.
    """
    first = numbering.ids("parties_party", len(people))
    blind = vault.writing()
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('gin_pending_list_limit', %s, true)", [PENDING])
    for start in range(0, len(people), SET):
        _register(people[start : start + SET], first + start, blind)
    return first


def _register(people: Sequence[Person], first: int, blind: vault.Blind) -> None:
    """One set; its memory is what a call of millions needs besides the people themselves."""
    now = clock.now().isoformat()
    digits = [masked.phone_digits(p.phone) if p.phone else "" for p in people]
    entries = vault.NewEntries(
        (first + n, {k: v for k, v in (("name", p.name), ("phone", digits[n]), ("email", p.email)) if v}) for n, p in enumerate(people)
    )

    def lines() -> Iterator[str]:
        for start in range(0, len(people), BLOCK):
            block = []
            for n in range(start, min(start + BLOCK, len(people))):
                p = people[n]
                words = (*shown(p.name, digits[n], p.email), p.language)
                seen = "\t".join(words)
                if "\\" in seen or not "".join(words).isprintable():
                    seen = "\t".join(word.translate(bulk.ESCAPES) for word in words)
                found = ",".join(map(str, blind_tokens(blind, p.name, digits[n], p.email)))
                block.append(f"{first + n}\tperson\t{seen}\t{{{found}}}\t{blind.version}\t{now}\n")
            yield "".join(block)

    bulk.copy_lines("parties_party", COLUMNS, lines())
    entries.write()


def register_unnamed(count: int) -> int:
    """Register ``count`` people of whom nothing personal is known (an import of numbers only); ids are consecutive, the first is returned."""
    first = numbering.ids("parties_party", count)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO parties_party (id, kind, name_masked, phone_masked, email_masked, language, tokens, token_version, created_at)"
            " SELECT n, 'person', '', '', '', 'ko', '{}', 0, %s FROM generate_series(%s::bigint, %s::bigint) n",
            [clock.now(), first, first + count - 1],
        )
    return first
