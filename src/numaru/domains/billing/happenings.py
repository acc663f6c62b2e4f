"""What billing puts into the line of time: facts of contracts, invoices, parked accounts, and the turns of bill runs.

The SELECTs stand here once: handlers read the part that an event names, the rebuild reads all of it (facilities/timeline/feeds.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from django.db import connection
from django.urls import reverse

from numaru.domains.billing.permissions import INVOICE_VIEW, RUN_VIEW
from numaru.domains.billing.states import PARKED
from numaru.facilities.catalogue import api as catalogue
from numaru.facilities.timeline import api as timeline
from numaru.facilities.timeline.api import Feed, Group, Kind, Line, Row, Span
from numaru.kernel.access import Actor
from numaru.ui import formats
from numaru.values.money import Money
from numaru.values.text import LANGUAGES, Text

FACTS, INVOICES, PARKINGS, RUNS = "billing.facts", "billing.invoices", "billing.parkings", "billing.runs"

FACT = """
SELECT f.effective_at AS at, f.recorded_at AS recorded_at, 'billing.contract' AS kind, s.party_id AS party,
       'subscribers.subscriber' AS object_kind, 'S-' || lpad(s.id::text, greatest(7, length(s.id::text)), '0') AS object_key, v.slug AS service,
       jsonb_strip_nulls(jsonb_build_object('fact', f.kind, 'version', f.version_id, 'charge', nullif(f.charge_key, ''), 'price', f.price::text,
           'currency', CASE WHEN f.price IS NOT NULL THEN v.currency END, 'contract', c.id)) AS data,
       '' AS actor_kind, NULL::bigint AS actor_id, NULL::bigint AS event, 'billing.fact:' || f.id AS source, ARRAY[]::text[] AS mentions
  FROM billing_contractfact f
  JOIN billing_contract c ON c.id = f.contract_id
  JOIN subscribers_subscriber s ON s.id = c.subscriber_id
  JOIN catalogue_service v ON v.id = c.service_id
 WHERE {where}
"""
# The subscribers of a service whose contracts an account pays for: the first is what the entry is of, the others it mentions.
_PAID_FOR = """
  CROSS JOIN LATERAL (
      SELECT array_agg('S-' || lpad(x.id::text, greatest(7, length(x.id::text)), '0') ORDER BY x.id) AS numbers
        FROM (SELECT DISTINCT c.subscriber_id AS id FROM billing_contract c WHERE c.account_id = {account} AND c.service_id = r.service_id) x
  ) p
"""
_OF_PAID_FOR = """
       CASE WHEN p.numbers IS NULL THEN '' ELSE 'subscribers.subscriber' END AS object_kind, coalesce(p.numbers[1], '') AS object_key, v.slug AS service,
"""
_MENTIONED = "ARRAY(SELECT 'subscribers.subscriber:' || n FROM unnest(p.numbers[2:]) n) AS mentions"
INVOICE = (
    """
SELECT i.issued_at AS at, i.issued_at AS recorded_at, 'billing.invoice' AS kind, a.payer_id AS party,"""
    + _OF_PAID_FOR
    + """
       jsonb_build_object('month', to_char(i.period_from, 'YYYY-MM'), 'total', i.total, 'currency', i.currency, 'number',
           r.series || '-' || lpad(i.ordinal::text, greatest(CASE WHEN r.kind = 'single' THEN 7 ELSE 6 END, length(i.ordinal::text)), '0')) AS data,
       '' AS actor_kind, NULL::bigint AS actor_id, NULL::bigint AS event,
       'billing.invoice:' || r.id || ':' || lpad(i.ordinal::text, greatest(8, length(i.ordinal::text)), '0') AS source, """
    + _MENTIONED
    + """
  FROM billing_invoice i
  JOIN billing_billrun r ON r.id = i.run_id
  JOIN billing_account a ON a.id = i.account_id
  JOIN catalogue_service v ON v.id = r.service_id"""
    + _PAID_FOR.replace("{account}", "i.account_id")
    + """
 WHERE {where}
"""
)
PARKING = (
    """
SELECT t.at AS at, t.at AS recorded_at, 'billing.parked' AS kind, a.payer_id AS party,"""
    + _OF_PAID_FOR
    + """
       t.data || jsonb_build_object('run', r.number, 'account', k.account_id) AS data,
       '' AS actor_kind, NULL::bigint AS actor_id, NULL::bigint AS event, 'billing.parked:' || k.id || ':' || (t.data->>'what') AS source, """
    + _MENTIONED
    + """
  FROM billing_parkedaccount k
  JOIN billing_billrun r ON r.id = k.run_id
  JOIN billing_account a ON a.id = k.account_id
  JOIN catalogue_service v ON v.id = r.service_id"""
    + _PAID_FOR.replace("{account}", "k.account_id")
    + """
  CROSS JOIN LATERAL (
      VALUES (k.at, jsonb_build_object('what', 'parked', 'reason', k.reason)),
             (k.resolved_at, jsonb_build_object('what', k.state, 'reason', k.reason, 'invoice', k.invoice))
  ) AS t(at, data)
 WHERE t.at IS NOT NULL AND {where}
"""
)
RUN = """
SELECT t.at AS at, t.at AS recorded_at, 'billing.run' AS kind, NULL::bigint AS party, 'billing.run' AS object_kind, r.number AS object_key,
       v.slug AS service, t.data AS data, split_part(r.actor, ':', 1) AS actor_kind, NULL::bigint AS actor_id, NULL::bigint AS event,
       'billing.run:' || r.id || ':' || (t.data->>'what') AS source, ARRAY[]::text[] AS mentions
  FROM billing_billrun r
  JOIN catalogue_service v ON v.id = r.service_id
  CROSS JOIN LATERAL (
      VALUES (r.created_at, jsonb_build_object('what', 'started')),
             (r.posted_at, jsonb_build_object('what', 'posted', 'invoices', r.invoices, 'parked', (SELECT count(*) FROM billing_parkedaccount k WHERE k.run_id = r.id))),
             (r.cancelled_at, jsonb_build_object('what', 'cancelled', 'invoices', r.invoices))
  ) AS t(at, data)
 WHERE r.kind = 'period' AND t.at IS NOT NULL AND {where}
"""

SAID: dict[str, tuple[str, Text]] = {
    "started": ("player-play", Text("이용을 시작했습니다", "The contract started")),
    "changed_to": ("arrows-exchange", Text("요금제를 바꿨습니다", "The plan changed")),
    "price_agreed": ("tag", Text("개별 가격을 정했습니다", "A price of its own was agreed")),
    "paused": ("player-pause", Text("이용을 멈췄습니다", "The contract was paused")),
    "resumed": ("player-play", Text("이용을 다시 시작했습니다", "The contract was resumed")),
    "suspended": ("alert-triangle", Text("이용을 정지했습니다", "The contract was suspended")),
    "ended": ("x", Text("해지했습니다", "The contract ended")),
}


def turns(rows: Sequence[Row], actor: Actor) -> Mapping[int, Line]:
    """Facts of contracts with the plan they led to. One query."""
    versions = catalogue.offers({int(row.data["version"]) for row in rows if row.data.get("version")})
    out = {}
    for row in rows:
        icon, said = SAID[row.data["fact"]]
        offer = versions.get(int(row.data["version"])) if row.data.get("version") else None
        why = offer.name if offer else None
        if row.data.get("price") is not None:
            charge, amount = row.data.get("charge", ""), Decimal(row.data["price"])
            why = Text(*(f"{charge} {formats.price(amount, row.data['currency'], lang)}" for lang in LANGUAGES))
        out[row.id] = Line(said, why, "bad" if row.data["fact"] == "suspended" else "", icon=icon)
    return out


def bills(rows: Sequence[Row], actor: Actor) -> Mapping[int, Line]:
    """Final invoices: month, number and amount, and the way to the paper for who may see it there."""
    out = {}
    for row in rows:
        number, month = str(row.data["number"]), str(row.data["month"])
        out[row.id] = Line(
            Text("{m} 청구서 확정", "Invoice for {m} issued").fill(m=month), Text(number, number), "", Money(int(row.data["total"]), row.data["currency"]),
            reverse("billing:invoice", args=[number]), Text("{m} 청구서", "{m} invoice").fill(m=month),
        )  # fmt: skip
    return out


def parkings(rows: Sequence[Row], actor: Actor) -> Mapping[int, Line]:
    """Accounts that a run set aside, and what became of them."""
    out = {}
    for row in rows:
        what, cause = row.data["what"], PARKED.get(row.data["reason"], (Text("", ""), None))[0]
        run = Text(row.data["run"], row.data["run"])
        url = reverse("billing:run", args=[row.data["run"]]) if actor.may_somewhere(RUN_VIEW) else ""
        if what == "parked":
            out[row.id] = Line(
                Text("청구를 보류했습니다", "Billing was set aside"), Text("{r} · {c}", "{r} · {c}").fill(r=run, c=cause), "warn", url=url
            )
        elif what == "billed":
            number = str(row.data["invoice"])
            url = reverse("billing:invoice", args=[number])
            out[row.id] = Line(
                Text("보류한 청구를 따로 냈습니다", "What was set aside was billed"), Text(number, number), url=url, icon="file-invoice"
            )
        else:
            out[row.id] = Line(
                Text("보류를 풀었습니다. 청구할 금액이 없었습니다", "Released: there was nothing to bill"),
                run,
                url=url,
                icon="circle-check",
            )
    return out  # fmt: skip


RAN = {
    "started": ("player-play", Text("청구 실행을 시작했습니다", "The bill run was started"), ""),
    "posted": ("circle-check", Text("청구서 {n}건을 확정했습니다", "{n} invoices were made final"), ""),
    "cancelled": ("x", Text("청구 실행을 취소했습니다", "The bill run was cancelled"), "warn"),
}


def runs(rows: Sequence[Row], actor: Actor) -> Mapping[int, Line]:
    """The turns of a bill run."""
    out = {}
    for row in rows:
        icon, said, tone = RAN[row.data["what"]]
        parked = int(row.data.get("parked", 0))
        why = Text("보류 {n}건", "{n} parked").fill(n=formats.count(parked)) if parked else None
        out[row.id] = Line(said.fill(n=formats.count(int(row.data.get("invoices", 0)))), why, tone, icon=icon)
    return out


def walk_invoices(after: list[int] | None, size: int) -> Span | None:
    """The next invoices by run and ordinal: a place is both."""
    run, ordinal = after or [0, 0]
    with connection.cursor() as cursor:
        while True:
            cursor.execute(
                "SELECT max(ordinal), count(*) FROM (SELECT ordinal FROM billing_invoice WHERE run_id = %s AND ordinal > %s ORDER BY ordinal LIMIT %s) t",
                [run, ordinal, size],
            )
            upto, records = cursor.fetchone()
            if upto is not None:
                where = "i.run_id = %(run)s AND i.ordinal > %(after)s AND i.ordinal <= %(upto)s"
                return Span(where, {"run": run, "after": ordinal, "upto": upto}, [run, upto], records)
            cursor.execute("SELECT min(id) FROM billing_billrun WHERE id > %s AND state = 'posted'", [run])
            (following,) = cursor.fetchone()
            if following is None:
                return None
            run, ordinal = following, 0


def count_invoices() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(sum(invoices), 0) FROM billing_billrun WHERE state = 'posted'")
        return int(cursor.fetchone()[0])


timeline.groups.add("bill", Group(Text("청구", "Bills"), 10, "square"))
timeline.groups.add("contract", Group(Text("계약 변경", "Contract"), 20, "diamond"))
timeline.kinds.add("billing.contract", Kind(Text("계약 사실", "Facts of contracts"), "contract", "writing", None, turns, by_law=True))
timeline.kinds.add("billing.invoice", Kind(Text("청구서", "Invoices"), "bill", "file-invoice", INVOICE_VIEW, bills, by_law=True))
timeline.kinds.add(
    "billing.parked", Kind(Text("청구 보류", "Billing set aside"), "bill", "player-pause", INVOICE_VIEW, parkings, by_law=True)
)
timeline.kinds.add("billing.run", Kind(Text("청구 실행", "Bill runs"), "bill", "calculator", RUN_VIEW, runs))
timeline.feeds.add(
    FACTS,
    Feed(
        Text("계약 사실", "facts of contracts"),
        ("billing.contract",),
        FACT,
        timeline.by_id("billing_contractfact", "f"),
        timeline.counted("billing_contractfact"),
    ),
)
timeline.feeds.add(INVOICES, Feed(Text("청구서", "invoices"), ("billing.invoice",), INVOICE, walk_invoices, count_invoices))
timeline.feeds.add(
    PARKINGS,
    Feed(
        Text("보류한 계정", "parked accounts"),
        ("billing.parked",),
        PARKING,
        timeline.by_id("billing_parkedaccount", "k"),
        timeline.counted("billing_parkedaccount"),
    ),
)
timeline.feeds.add(
    RUNS,
    Feed(
        Text("청구 실행", "bill runs"), ("billing.run",), RUN, timeline.by_id("billing_billrun", "r"), timeline.counted("billing_billrun")
    ),
)
