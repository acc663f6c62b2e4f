"""How long letters and postal addresses are kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo

from django.conf import settings

from numaru.adapters.letters.models import Letter, PostalAddress
from numaru.kernel.policies import policy
from numaru.kernel.retention.api import Act, Asking, Ref, RetentionClass, Section, end_of, keep, leave
from numaru.kernel.retention.house import OWN, Rows
from numaru.values.text import Text

LETTERS = Rows(Letter, "at")
keep(
    RetentionClass(
        "letters.letters", Text("보낸 우편", "Letters"), Text("쓴 날", "the day it was written"), OWN,
        policy("retention.letters_months", Text("보낸 우편을 보관하는 기간 (개월)", "Months for which letters are kept"), 6, "Operator's own rule: as long as mail that came in."),
        "months", Act.DELETE, ("letters.Letter",), LETTERS.count, LETTERS.due, LETTERS.delete,
    )
)  # fmt: skip


def count(cut: date, held: Sequence[int]) -> int:
    return PostalAddress.objects.filter(set_at__lt=end_of(cut)).exclude(party__in=list(held)).count()


def due(cut: date, held: Sequence[int], after: Ref | None, limit: int) -> list[Ref]:
    rows = PostalAddress.objects.filter(set_at__lt=end_of(cut), pk__gt=int(after or 0)).exclude(party__in=list(held))
    return list(rows.order_by("pk").values_list("pk", flat=True)[:limit])


def destroy(refs: Sequence[Ref]) -> int:
    return PostalAddress.objects.filter(pk__in=refs).delete()[0]


def refs_of(person: int) -> list[Ref]:
    return list(PostalAddress.objects.filter(party=person).values_list("pk", flat=True))


def started(person: int) -> date | None:
    at = PostalAddress.objects.filter(party=person).values_list("set_at", flat=True).first()
    return at.astimezone(ZoneInfo(settings.TIME_ZONE)).date() if at else None


def export(person: int, asking: Asking) -> list[Section]:
    rows = tuple(
        (r.content.replace("\n", ", "), r.set_at.isoformat(timespec="seconds")) for r in PostalAddress.objects.filter(party=person)
    )
    return [Section(Text("우편 주소", "Postal address"), (Text("주소", "Address"), Text("적은 때", "Written")), rows)]


keep(
    RetentionClass(
        "letters.address", Text("우편 주소", "Postal addresses"), Text("주소를 적은 날", "the day it was written"), OWN,
        policy("retention.postal_months", Text("우편 주소를 보관하는 기간 (개월)", "Months for which postal addresses are kept"), 24,
               "Operator's own rule: an address of two years is asked for anew."),
        "months", Act.DELETE, ("letters.PostalAddress",), count, due, destroy, refs_of=refs_of, started=started, export=export,
    )
)  # fmt: skip
leave(
    "letters.LetterBatch",
    Text(
        "누가 몇 통을 묶어 보냈는지의 기록이며 받은 사람은 없습니다.",
        "Who printed how many letters and when; names nobody who received one.",
    ),
)
