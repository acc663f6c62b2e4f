"""Postal addresses: written down by staff, sealed; doubtful once a letter came back."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from hashlib import sha256

from numaru.adapters.letters.models import PostalAddress
from numaru.adapters.letters.permissions import ADDRESS_SET
from numaru.facilities.parties import api as parties
from numaru.kernel import clock, ports
from numaru.kernel.actions import Act, action
from numaru.kernel.errors import Invalid
from numaru.kernel.vault import ring
from numaru.values.text import Text

LONGEST = 60  # characters of a line, so that it fits the window


def marks(lines: str) -> list[str]:
    """The keyed hashes of an address, the one under the present key first."""
    return [hmac.digest(ring.derived(k.key, b"postal address"), lines.encode(), sha256).hex() for k in ring.house("mark")]


def scope(*, party: int, service: str | None = None, **_: object) -> str | None:
    """The service whose grant is needed: the one that is claimed where the person belongs to it, else their only one; None asks for all."""
    services = ports.get(parties.PartyScope).services(party)  # type: ignore[type-abstract]
    return service if service in services else next(iter(services)) if len(services) == 1 else None


@action(ADDRESS_SET, service=scope)
def set_address(act: Act, *, party: int, receiver: str, road: str, detail: str, postcode: str, service: str | None = None) -> None:
    """Write down where letters reach somebody; what stood there before is gone. Raises Invalid with the field."""
    given = {"receiver": receiver, "road": road, "detail": detail, "postcode": postcode}
    clean = {key: " ".join(value.split()) for key, value in given.items()}
    for key, value in clean.items():
        short = not value and key in ("receiver", "road")
        code = key == "postcode" and not (len(value) == 5 and value.isascii() and value.isdigit())
        if short or code or len(value) > LONGEST:
            raise Invalid.because(
                "letters.address", Text("우편 주소가 온전하지 않습니다.", "The postal address is not whole."),
                Text("받는 사람과 도로명 주소, 다섯 자리 우편번호를 적으십시오. 한 줄은 60자까지입니다.",
                     "Write receiver, road address and the five-digit code; a line has up to 60 characters."), field=key,
            )  # fmt: skip
    lines = "\n".join(clean[key] for key in ("receiver", "road", "detail", "postcode") if clean[key])
    PostalAddress.objects.update_or_create(
        party=party, defaults={"content": lines, "mark": marks(lines)[0], "doubtful": False, "set_at": clock.now()}
    )
    act.record("letters.address", str(party), after={"set": True})


def of(who: Sequence[int]) -> dict[int, str]:
    """The lines of each who can be written to."""
    return {row.party: row.content for row in PostalAddress.objects.filter(party__in=list(who), doubtful=False)}


def known(who: Sequence[int]) -> set[int]:
    return set(PostalAddress.objects.filter(party__in=list(who), doubtful=False).values_list("party", flat=True))
