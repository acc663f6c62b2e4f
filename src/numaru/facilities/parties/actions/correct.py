"""Correcting what is known of a person: a new version is sealed, masked forms and tokens follow it."""

from __future__ import annotations

from numaru.facilities.parties.actions.opening import not_a_field, scope_of
from numaru.facilities.parties.actions.people import KINDS, blind_tokens, shown
from numaru.facilities.parties.events import ContactCorrected
from numaru.facilities.parties.models import Party
from numaru.facilities.parties.permissions import CONTACT_CORRECT
from numaru.kernel.actions import Act, action
from numaru.kernel.errors import Invalid, NotFound
from numaru.kernel.vault import api as vault
from numaru.values import masked
from numaru.values.text import Text

LONGEST = 200


@action(CONTACT_CORRECT, reason=True, service=scope_of)
def correct_contact(act: Act, *, party: int, kind: str, value: str, service: str | None = None) -> int:
    """Seal ``value`` as the next version of a party's name, phone or e-mail; returns the version. Earlier versions stay for the documents
    that were issued with them. Locks the party. Raises Invalid for a value that is none; the value itself is repeated nowhere."""
    if kind not in KINDS:
        raise not_a_field(kind)
    clean = masked.phone_digits(value) if kind == "phone" else " ".join(value.split())
    wrong = (
        not clean or len(clean) > LONGEST or (kind == "phone" and not 8 <= len(clean) <= 15) or (kind == "email" and "@" not in clean[1:-1])
    )
    if wrong:
        raise Invalid.because(
            "parties.value", Text("쓸 수 없는 값입니다.", "This cannot be used as a value."),
            Text("이름은 비우지 말고, 전화번호는 8~15자리, 전자우편은 이름@주소 꼴로 적으십시오.",
                 "A name is not empty, a phone number has 8 to 15 digits, an e-mail address is name@host."), field="value",
        )  # fmt: skip
    row = Party.objects.select_for_update().filter(pk=party).first()
    if row is None:
        raise NotFound.named(Text("사람", "person"), party)
    blind = vault.writing()
    version = vault.put(party, kind, clean)
    known = next((one.values for one in vault.read_many([party], KINDS)), {})
    name, digits, email = (known.get(k, "") for k in KINDS)
    row.name_masked, row.phone_masked, row.email_masked = shown(name, digits, email)
    row.tokens, row.token_version = blind_tokens(blind, name, digits, email), blind.version
    row.save(update_fields=["name_masked", "phone_masked", "email_masked", "tokens", "token_version"])
    act.record("parties.party", str(party), after={"corrected": kind, "version": version})
    act.event(ContactCorrected(party, kind, version))
    act.effect(
        Text(
            "새 값이 {v}번째 판으로 봉인되고, 목록의 가린 값이 바뀝니다.",
            "The new value is sealed as version {v}; lists show its masked form.",
        ).fill(v=version)
    )
    return version
