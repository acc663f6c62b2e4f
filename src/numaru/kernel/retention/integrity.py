"""The journal of destructions outside the database: whole, and holding every destruction that the database knows."""

from __future__ import annotations

from numaru.kernel.backup.api import Check, Looked, checks
from numaru.kernel.retention import journal
from numaru.kernel.retention.models import Destruction
from numaru.values.text import Text

REMEDY = Text(
    "백업에서 destroyed 폴더를 되살리십시오. 이것이 없으면 복원한 집에서 파기가 다시 적용되지 않습니다.",
    "Restore the folder destroyed from a backup; without it a restored house does not destroy again.",
)


def look() -> Looked:
    """Every line is tied to the one before it, and no destruction of the table is missing."""
    looked = Looked()
    try:
        marks = {line["mark"] for line in journal.read(journal.place())}
    except journal.JournalDamaged as damaged:
        looked.wrong(
            "integrity.journal", Text("파기 일지가 쓰인 것과 다릅니다.", "The journal of destructions is not what was written."), REMEDY,
            str(damaged).rpartition(": ")[2],
        )  # fmt: skip
        return looked
    for mark, number in Destruction.objects.order_by("id").values_list("mark", "number").iterator():
        looked.count += 1
        if str(mark) not in marks:
            looked.wrong(
                "integrity.journal_gap", Text("파기 {n}이(가) 일지에 없습니다.", "Destruction {n} is not in the journal.").fill(n=number), REMEDY, str(number)
            )  # fmt: skip
    return looked


checks.add("retention.journal", Check(Text("파기 일지", "Journal of destructions"), Text("건", "destructions"), look))
