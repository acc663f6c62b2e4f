"""Billing told: what became final, was taken back, enrolled, published; and the names of its long work in the bell."""

from __future__ import annotations

from django.urls import reverse

from numaru.domains.billing.models import BillRun, Contract
from numaru.domains.billing.permissions import INVOICE_VIEW, PARKED_BILL, RUN_VIEW
from numaru.domains.billing.web.today import month_of
from numaru.domains.subscribers.permissions import SUBSCRIBER_VIEW
from numaru.facilities.catalogue import api as catalogue
from numaru.ui import bell, since
from numaru.ui.since import Told
from numaru.ui.timeline import Entry
from numaru.ui.today import Reader
from numaru.values.money import Money
from numaru.values.text import Text

SEE = Text("보기", "See")
bell.works.add("billing.run", bell.Work(Text("청구 실행", "The bill run"), lambda key: reverse("billing:run", args=[key])))


def _runs(reader: Reader, permission: str, told: list[Told]) -> dict[int, BillRun]:
    """The runs that these events are about and the reader may see. One question."""
    rows = BillRun.objects.filter(pk__in={one.payload["run_id"] for one in told}).select_related("service").defer("manifest", "summary")
    seen = reader.services(permission)
    return {row.pk: row for row in rows if seen is None or (row.service is not None and row.service.slug in seen)}


def _named(row: BillRun) -> Text:
    return Text("{s} {m}", "{s}, {m}").fill(s=row.service.name if row.service else "", m=month_of(row.period_from))


@since.teller("billing.RunPosted", permission=RUN_VIEW)
def posted(reader: Reader, told: list[Told]) -> list[Entry]:
    """Runs whose invoices became final, with what they come to."""
    rows, out = _runs(reader, RUN_VIEW, told), []
    for one in told:
        row = rows.get(one.payload["run_id"])
        if row is None:
            continue
        what = Text("{n} 청구를 확정했습니다", "Posted: {n}").fill(n=_named(row))
        why = Text("청구서 {n}건 · 보류 {p}", "{n} invoices · {p} parked").fill(n=f"{row.invoices:,}", p=f"{row.parked:,}")
        amount = Money(int(row.totals["KRW"]), "KRW") if "KRW" in row.totals else None
        out.append(Entry(one.at, "receipt", what, why, amount=amount, url=reverse("billing:run", args=[row.number]), act=SEE))
    return out


@since.teller("billing.RunCancelled", permission=RUN_VIEW)
def cancelled(reader: Reader, told: list[Told]) -> list[Entry]:
    """Runs that were taken back."""
    rows = _runs(reader, RUN_VIEW, told)
    return [
        Entry(one.at, "arrow-back-up", Text("{n} 청구 실행을 취소했습니다", "Taken back: {n}").fill(n=_named(row)), tone="warn",
              url=reverse("billing:run", args=[row.number]), act=SEE)
        for one in told if (row := rows.get(one.payload["run_id"])) is not None
    ]  # fmt: skip


@since.teller("billing.ParkedBilled", permission=PARKED_BILL)
def parked_billed(reader: Reader, told: list[Told]) -> list[Entry]:
    """Parked accounts that were billed on their own, in one line."""
    rows = _runs(reader, PARKED_BILL, told)
    seen = [one for one in told if one.payload["run_id"] in rows]
    if not seen:
        return []
    text = Text("보류된 계정 {n}개를 따로 청구했습니다", "{n} parked accounts were billed").fill(n=f"{len(seen):,}")
    return [Entry(seen[0].at, "receipt", text, url=reverse("billing:run", args=[rows[seen[0].payload["run_id"]].number]), act=SEE)]


@since.teller("billing.ContractsEnrolled", permission=SUBSCRIBER_VIEW)
def enrolled(reader: Reader, told: list[Told]) -> list[Entry]:
    """People who were enrolled, in one line a service."""
    seen, out = reader.services(SUBSCRIBER_VIEW), []
    for card in catalogue.services():
        mine = [one for one in told if one.payload["service_id"] == card.id]
        if mine and (seen is None or card.slug in seen):
            text = Text("가입 {n}건", "{n} enrolled").fill(n=f"{since.many(mine, 'count'):,}")
            out.append(Entry(mine[0].at, "user-plus", text, card.name, url=f"{reverse('subscribers:list')}?service={card.slug}", act=SEE))
    return out


@since.teller("billing.FactRecorded", permission=INVOICE_VIEW)
def recorded(reader: Reader, told: list[Told]) -> list[Entry]:
    """Changes of contracts, in one line."""
    seen, ids = reader.services(INVOICE_VIEW), {one.payload["contract_id"] for one in told}
    if seen is not None:
        ids = set(Contract.objects.filter(pk__in=ids, service__slug__in=seen).values_list("pk", flat=True))
    mine = [one for one in told if one.payload["contract_id"] in ids]
    if not mine:
        return []
    return [Entry(mine[0].at, "file-text", Text("계약 변경 {n}건", "{n} changes of contracts").fill(n=f"{len(mine):,}"))]


@since.teller("billing.OfferPublished", permission=INVOICE_VIEW)
def published(reader: Reader, told: list[Told]) -> list[Entry]:
    """Offers whose terms were published."""
    seen = reader.services(INVOICE_VIEW)
    cards = {card.id: card for card in catalogue.services() if seen is None or card.slug in seen}
    offers = catalogue.offers({one.payload["version_id"] for one in told})
    return [
        Entry(
            one.at,
            "file-text",
            Text("요금제 ‘{o}’ {v}판을 등록했습니다", "The offer “{o}”, version {v}").fill(o=offer.name, v=offer.version),
            cards[offer.service_id].name,
        )
        for one in told
        if (offer := offers.get(one.payload["version_id"])) is not None and offer.service_id in cards
    ]


@since.teller("catalogue.ServiceOpened", permission=SUBSCRIBER_VIEW)
def opened(reader: Reader, told: list[Told]) -> list[Entry]:
    """Services that were opened."""
    seen = reader.services(SUBSCRIBER_VIEW)
    cards = {card.id: card for card in catalogue.services() if seen is None or card.slug in seen}
    return [
        Entry(
            one.at,
            "building-store",
            Text("서비스 ‘{s}’을(를) 열었습니다", "The service “{s}” was opened").fill(s=cards[one.payload["service_id"]].name),
        )
        for one in told
        if one.payload["service_id"] in cards
    ]
