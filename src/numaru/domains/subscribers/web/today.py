"""Services and customers on the first page: who is served, who came and went, how much was used day by day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.urls import reverse

from numaru.domains.subscribers.permissions import SUBSCRIBER_VIEW
from numaru.domains.subscribers.reads import anybody, standing
from numaru.facilities.catalogue import api as catalogue
from numaru.facilities.metering import api as metering
from numaru.kernel import clock
from numaru.kernel.imports import api as imports
from numaru.kernel.tallies import api as tallies
from numaru.ui import formats, today
from numaru.ui.first_steps import Step
from numaru.ui.first_steps import steps as first_steps
from numaru.ui.help import Chapter
from numaru.ui.states import State
from numaru.ui.today import Panel, Reader
from numaru.values.period import Period
from numaru.values.text import Text

NAME = "subscribers"
DAYS = 14
WIDTH, HEIGHT = 120, 22  # of a spark
ARRIVES = State(Text("이용 있음", "In use"), "good")
SILENT = State(Text("어제 이용 없음", "No use yesterday"), "warn", "eye")
NOTHING = State(Text("이용 없음", "No use"), "calm")

tallies.counts.add(NAME, tallies.Counted(standing, every=timedelta(minutes=15)))


@dataclass(frozen=True, slots=True)
class Row:
    """A service: what is known of its state, people served and come, events of use yesterday and in the two weeks up to then."""

    slug: str
    name: Text
    state: State
    active: int | None
    joined: int | None
    yesterday: int | None
    days: list[int]
    points: str
    said: Text


def _visible(reader: Reader) -> list[catalogue.ServiceCard]:
    """The services of the reader, asked once a request."""
    if not hasattr(reader.request, "_today_services"):
        seen = reader.services(SUBSCRIBER_VIEW)
        found = [s for s in catalogue.services() if seen is None or s.slug in seen]
        reader.request._today_services = found  # type: ignore[attr-defined]
    return reader.request._today_services  # type: ignore[attr-defined,no-any-return]


def _tallied(reader: Reader) -> dict[str, tallies.Read]:
    if not hasattr(reader.request, "_today_standing"):
        reader.request._today_standing = tallies.read(NAME)  # type: ignore[attr-defined]
    return reader.request._today_standing  # type: ignore[attr-defined,no-any-return]


def points(values: list[int]) -> str:
    """A line from zero to the greatest value, the first day at the left."""
    most = max(values, default=0)
    if not most or len(values) < 2:
        return ""
    step = WIDTH / (len(values) - 1)
    return " ".join(f"{n * step:.1f},{HEIGHT - 1 - value * (HEIGHT - 2) / most:.1f}" for n, value in enumerate(values))


def _state(days: list[int]) -> State:
    if not any(days):
        return NOTHING
    return ARRIVES if days[-1] else SILENT


def services(reader: Reader) -> dict[str, Any] | None:
    """A row for each service that the reader may see, those that differ from usual first."""
    cards = _visible(reader)
    if not cards:
        return None
    last = clock.today()
    span = Period(last - timedelta(days=DAYS), last)
    used, known = metering.daily([card.slug for card in cards], span), _tallied(reader)
    rows = []
    for card in cards:
        days = [used[card.slug].get(day, 0) for day in span]
        counted = known.get(card.slug)
        said = Text(
            "{s}: 14일 동안 하루 이용 {a}건에서 {b}건, 어제 {y}건", "{s}: daily use over 14 days from {a} to {b}, yesterday {y}"
        ).fill(s=card.name, a=f"{min(days):,}", b=f"{max(days):,}", y=f"{days[-1]:,}")
        figures = counted.figures if counted else {}
        rows.append(
            Row(
                card.slug,
                card.name,
                _state(days),
                figures.get("active"),
                figures.get("joined"),
                days[-1] if any(days) else None,
                days,
                points(days),
                said,
            )
        )
    rows.sort(key=lambda row: row.state.tone != "warn")
    return {
        "rows": rows,
        "days": list(span),
        "at": _at(known, cards),
        "table": [(day, [row.days[n] for row in rows]) for n, day in enumerate(span)],
    }


def _at(known: dict[str, tallies.Read], cards: list[catalogue.ServiceCard]) -> datetime | None:
    """When the oldest of the figures shown was counted."""
    return min((read.at for card in cards if (read := known.get(card.slug)) and read.at), default=None)


@dataclass(frozen=True, slots=True)
class Line:
    """A figure of customers with its change against the seven days before; None: not counted yet, "": nothing to compare with."""

    label: Text
    now: int | None
    change: str
    url: str = ""


def customers(reader: Reader) -> dict[str, Any] | None:
    """The sums over the services of the reader."""
    cards = _visible(reader)
    if not cards:
        return None
    known = _tallied(reader)
    reads = [known[card.slug] for card in cards if card.slug in known]

    def total(key: str) -> int | None:
        return sum(read.figures.get(key, 0) for read in reads) if reads else None

    def line(label: Text, key: str, url: str = "") -> Line:
        now, before = total(key), total(f"{key}_before")
        return Line(label, now, formats.share(now - before, before, diff=True) if now is not None and before else "", url)

    listed = reverse("subscribers:list")
    lines = [
        Line(Text("이용 중인 가입자", "Served"), total("active"), "", f"{listed}?served=running"),
        line(Text("신규", "New"), "joined", listed),
        line(Text("해지", "Ended"), "ended", f"{listed}?served=ended"),
    ]
    return {"lines": lines, "at": _at(known, cards), "since": date.fromordinal(clock.today().toordinal() - 6)}


today.panels.add("services", Panel(10, SUBSCRIBER_VIEW, "subscribers/today/services.html", services))
today.panels.add("customers", Panel(30, SUBSCRIBER_VIEW, "subscribers/today/customers.html", customers))


first_steps.add(
    "service",
    Step(
        10, imports.RUN_START, Text("서비스를 엽니다", "Open a service"),
        Text("매핑 파일에 이름과 통화를 적으면 가져올 때 함께 열립니다.", "Its name and currency stand in the mapping; the import opens it."),
        Text("파일 가져오기", "Import a file"), lambda: reverse("imports:new"), lambda request: bool(catalogue.services()), Chapter("import", "the-mapping"),
    ),
)  # fmt: skip
first_steps.add(
    "offer",
    Step(
        20, imports.RUN_START, Text("요금제를 등록합니다", "Publish an offer"),
        Text("같은 매핑 파일에 요금 항목을 적습니다.", "The charges stand in the same mapping."),
        Text("파일 가져오기", "Import a file"), lambda: reverse("imports:new"), lambda request: catalogue.any_offer(), Chapter("import", "offers"),
    ),
)  # fmt: skip
first_steps.add(
    "subscribers",
    Step(
        30, imports.RUN_START, Text("가입자를 가져옵니다", "Import subscribers"),
        Text("먼저 점검만 해 볼 수 있습니다. 원래 파일은 고치지 않습니다.", "A dry run comes first if you like. Your file stays as it is."),
        Text("파일 가져오기", "Import a file"), lambda: reverse("imports:new"), lambda request: anybody(), Chapter("import", "fields-of-subscribers"),
    ),
)  # fmt: skip
