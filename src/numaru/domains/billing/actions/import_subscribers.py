"""Import kind ``subscribers``: one contract for each row of somebody else's list of customers.

The row's values are hashed into the contract, so that the same row again changes nothing and a row that says something else is told, not
followed: a contract is changed by recording a fact, never by an import.
"""

from __future__ import annotations

from datetime import date
from hashlib import sha256
from typing import Any

import pyarrow as pa

from numaru.domains.billing.actions.enrol import enrol
from numaru.domains.billing.actions.import_offer import Opened, WrittenOffer, open_offers, written_offers
from numaru.domains.billing.permissions import CONTRACT_ENROL
from numaru.facilities.metering import api as metering
from numaru.facilities.parties import api as parties
from numaru.kernel import clock, ports
from numaru.kernel.access import Actor
from numaru.kernel.actions import Act, action
from numaru.kernel.duck import literal, name
from numaru.kernel.imports.api import Applied, FieldSpec, Mapping, Stage, kinds, say
from numaru.kernel.vault import api as vault
from numaru.values.finding import Finding
from numaru.values.text import Text

KEY = "subscribers"
ID_LENGTH = 80  # of a subscriber's external id
REFERENCE_LENGTH = 120
CONTACT = ("name", "phone", "email", "language")
LANGUAGES = ("ko", "en")

say("import.unknown_offer", "이 서비스에 없는 요금제입니다: ‘{value}’.", "The service has no such offer: “{value}”.",
    "매핑의 [offer]에 더하거나 값을 고치십시오. 있는 요금제: {hint}.", "Add it to [offer] in the mapping, or mend the value. There is: {hint}.")  # fmt: skip
say("subscribers.ended_before_start", "시작하기 전에 끝나는 계약입니다: {value}.", "The contract ends before it starts: {value}.",
    "시작일 {hint}과 종료일을 확인하십시오.", "Check the first day, {hint}, and the day on which it ends.")  # fmt: skip
say("subscribers.no_price", "요금제에도 이 행에도 가격이 없습니다.", "Neither the offer nor this row has a price.",
    "가격을 채우거나 매핑의 과금 항목에 price를 적으십시오.", "Fill it in, or set price in the mapping's charge.")  # fmt: skip
say("subscribers.price_of_nothing", "이 요금제에는 행의 가격을 쓸 과금 항목이 없습니다: ‘{hint}’.", "The offer “{hint}” has no charge that takes the row's price.",
    "매핑의 [offer]에 price_of를 적거나 가격을 비우십시오.", "Name the charge in price_of of the mapping's [offer], or leave the price empty.")  # fmt: skip
say("subscribers.language", "쓸 수 없는 언어입니다: ‘{value}’.", "Not a language of the house: “{value}”.",
    "ko나 en으로 적거나 매핑의 values로 바꾸십시오.", "Write ko or en, or translate it with values in the mapping.")  # fmt: skip
say("subscribers.differs", "계약 ‘{value}’이(가) 다른 값으로 이미 있습니다. 바꾸지 않았습니다.", "The contract “{value}” is there already with other values. It was not changed.",
    "맞는 값이면 가입자 화면에서 변경을 기록하고, 다른 계약이면 reference로 구별하십시오.",
    "If these values are right, record the change on the subscriber's page; if it is another contract, tell them apart with reference.")  # fmt: skip


def shown(mapping: Mapping, field: str) -> str:
    """What a finding calls a field: its column in the file, else its own name."""
    rule = next((rule for rule in mapping.fields if rule.name == field), None)
    return rule.columns[0] if rule and rule.columns else field


def mapped(mapping: Mapping, field: str) -> bool:
    return any(rule.name == field for rule in mapping.fields)


def too_long(stage: Stage, field: str, most: int) -> None:
    """Refuse the rows whose text in ``field`` is longer than its column."""
    column = name(field)
    stage.refuse(
        "import.too_long",
        shown(stage.mapping, field),
        f"SELECT row, {column} AS value, '{most}' AS hint FROM good WHERE length({column}) > {most}",
    )


class Subscribers:
    """The kind as the import machinery sees it."""

    key = KEY
    name = Text("가입자", "Subscribers")
    permission = CONTRACT_ENROL
    sections = frozenset({"offer"})
    fields = (
        FieldSpec("external_id", "text", Text("밖에서 부르는 가입자 번호", "the subscriber's id outside"), True),
        FieldSpec(
            "reference", "text", Text("계약의 이름, 없으면 가입자 번호와 요금제", "the contract's name; without it the id and the offer")
        ),
        FieldSpec("offer", "text", Text("요금제", "the offer")),
        FieldSpec("started", "date", Text("계약이 시작한 날", "the first day of the contract"), True),
        FieldSpec("ended", "date", Text("계약이 끝난 날(그날은 들지 않음)", "the day on which it ended, itself not included")),
        FieldSpec("price", "decimal", Text("이 계약만의 가격", "the contract's own price")),
        FieldSpec("name", "text", Text("이름", "the person's name")),
        FieldSpec("phone", "text", Text("전화번호", "phone number")),
        FieldSpec("email", "text", Text("전자우편", "e-mail address")),
        FieldSpec("language", "text", Text("언어(ko, en)", "language (ko, en)")),
    )

    def read_mapping(self, mapping: Mapping) -> list[Finding]:
        """The offers, and how a row says which of them it means."""
        findings: list[Finding] = []
        offers = written_offers(mapping, findings)
        if findings:
            return findings
        if len(offers) != 1 and not mapped(mapping, "offer"):
            findings.append(
                Finding(
                    "mapping.offer", Text("어느 요금제인지 알 수 없습니다.", "It does not say which offer a row means."),
                    Text("[offer]를 하나 적거나 [fields.offer]를 적으십시오.", "Write one [offer], or [fields.offer]."), field="offer",
                )
            )  # fmt: skip
        prices = mapped(mapping, "price")
        if prices and offers and not any(offer.priced for offer in offers):
            findings.append(
                Finding(
                    "mapping.price_of", Text("행의 가격을 어느 과금 항목에 쓸지 알 수 없습니다.", "It does not say which charge takes the row's price."),
                    Text("[offer]에 price_of를 적으십시오.", "Write price_of in [offer]."), field="offer.price_of", value=offers[0].slug,
                )
            )  # fmt: skip
        for offer in offers:
            own = next((charge for charge in offer.charges if charge.key == offer.priced), None)
            if not prices and own is not None and own.price is None:
                findings.append(
                    Finding(
                        "mapping.charge_price", Text("과금 항목에 가격이 없고 행도 가격을 정하지 않습니다.", "The charge has no price and no row gives one."),
                        Text("과금 항목에 price를 적거나 [fields.price]를 적으십시오.", "Set price in the charge, or write [fields.price]."),
                        field="offer.charges", value=own.key,
                    )
                )  # fmt: skip
        return findings

    def check(self, stage: Stage) -> None:
        """What can be said of a row without looking at the house."""
        columns = {rule.name for rule in stage.mapping.fields}
        too_long(stage, "external_id", ID_LENGTH)
        if "price" in columns:
            stage.refuse(
                "import.negative",
                shown(stage.mapping, "price"),
                "SELECT row, CAST(price AS VARCHAR) AS value, NULL AS hint FROM good WHERE price < 0",
            )
        if "ended" in columns:
            stage.refuse(
                "subscribers.ended_before_start", shown(stage.mapping, "ended"),
                "SELECT row, CAST(ended AS VARCHAR) AS value, CAST(started AS VARCHAR) AS hint FROM good WHERE ended < started",
            )  # fmt: skip
        if "language" in columns:
            known = ", ".join(literal(word) for word in LANGUAGES)
            stage.refuse(
                "subscribers.language",
                shown(stage.mapping, "language"),
                f"SELECT row, language AS value, NULL AS hint FROM good WHERE language NOT IN ({known})",
            )

    def apply(self, stage: Stage, actor: Actor, dry: bool) -> Applied:
        """One action, or its plan: both count the same."""
        offers = written_offers(stage.mapping, [])
        first = stage.scalar("SELECT min(started) FROM good") or clock.today(stage.mapping.service.zone)
        service = stage.mapping.service.slug
        if dry:
            return enrol_file.plan(actor, service=service, stage=stage, offers=offers, first_day=first).result
        return enrol_file.do(actor, service=service, stage=stage, offers=offers, first_day=first)


@action(CONTRACT_ENROL)
def enrol_file(act: Act, *, service: str, stage: Stage, offers: tuple[WrittenOffer, ...], first_day: date) -> Applied:
    """Open the service and its offers where they are new and enrol one contract for each good row of ``stage``.

    Rows whose offer is unknown, that have no price, whose contract stands in an earlier row, or whose contract is there already with other values become
    findings; nothing of them is written. Events and locks are those of ``enrol`` and ``publish_offer``; so are the refusals of the whole.
    """
    opened = open_offers(act, stage.mapping, offers, first_day)
    _name_contracts(stage, offers[0].slug if len(offers) == 1 else "")
    _refuse_unknown(stage, opened)
    too_long(stage, "reference", REFERENCE_LENGTH)
    stage.refuse(
        "import.duplicate_key", shown(stage.mapping, "reference" if mapped(stage.mapping, "reference") else "external_id"),
        "SELECT row, reference AS value, CAST(first AS VARCHAR) AS hint FROM "
        "(SELECT row, reference, min(row) OVER (PARTITION BY reference) AS first FROM good) WHERE row > first",
    )  # fmt: skip
    rows, people = _rows(stage, opened)
    ids = rows["external_id"].unique().to_pylist()
    known = ports.get(metering.SubjectDirectory).subjects(service, ids)  # type: ignore[type-abstract]
    enrolled = enrol.within(act, service=service, rows=rows, source=f"import:{stage.mapping.name}", people=people)
    if enrolled.differing:
        stage.con.register("differing", pa.table({"row": pa.array(enrolled.differing, pa.int64())}))
        stage.refuse(
            "subscribers.differs", shown(stage.mapping, "external_id"),
            "SELECT row, reference AS value, NULL AS hint FROM good SEMI JOIN differing USING (row)",
        )  # fmt: skip
        stage.con.unregister("differing")
    detail: dict[str, Any] = {
        "subscribers_created": _fresh(stage, set(ids) - known.keys()), "contracts_created": enrolled.created,
        "service_created": opened.service_new, "offer_versions_created": opened.versions_new,
    }  # fmt: skip
    return Applied(enrolled.created, enrolled.unchanged, detail)


def _name_contracts(stage: Stage, only: str) -> None:
    """Give every row the columns that the mapping left out, so that what follows needs no cases."""
    have = {rule.name for rule in stage.mapping.fields}
    added = {"ended": "CAST(NULL AS DATE)", "price": "CAST(NULL AS DECIMAL(18,6))"} | dict.fromkeys(CONTACT, "CAST(NULL AS VARCHAR)")
    columns = [
        "row",
        "external_id",
        "started",
        *(name(field) if field in have else f"{value} AS {name(field)}" for field, value in added.items()),
    ]
    default = literal(only) if only else "NULL"
    columns.append(f"coalesce({'offer, ' if 'offer' in have else ''}{default}) AS offer")
    columns.append("reference AS given" if "reference" in have else "CAST(NULL AS VARCHAR) AS given")
    stage.con.execute(
        f"CREATE OR REPLACE TABLE good AS SELECT * EXCLUDE (given), coalesce(given, external_id || '/' || offer) AS reference FROM (SELECT {', '.join(columns)} FROM good)"
    )


def _refuse_unknown(stage: Stage, opened: Opened) -> None:
    slugs = list(opened.offers)
    terms = list(opened.offers.values())
    stage.con.register(
        "terms",
        pa.table(
            {
                "slug": pa.array(slugs, pa.string()), "version_id": pa.array([t.version_id for t in terms], pa.int64()),
                "priced": pa.array([t.priced for t in terms], pa.string()), "needs_price": pa.array([t.needs_price for t in terms], pa.bool_()),
            }
        ),
    )  # fmt: skip
    known = ", ".join(sorted(slugs)) or "-"
    stage.refuse(
        "import.unknown_offer", shown(stage.mapping, "offer"),
        f"SELECT row, coalesce(offer, '') AS value, {literal(known[:200])} AS hint FROM good ANTI JOIN terms ON offer = slug",
    )  # fmt: skip
    price = shown(stage.mapping, "price")
    stage.refuse(
        "subscribers.no_price",
        price,
        "SELECT row, NULL AS value, NULL AS hint FROM good JOIN terms ON offer = slug WHERE needs_price AND price IS NULL",
    )
    stage.refuse(
        "subscribers.price_of_nothing", price,
        "SELECT row, CAST(price AS VARCHAR) AS value, offer AS hint FROM good JOIN terms ON offer = slug WHERE priced = '' AND price IS NOT NULL",
    )  # fmt: skip


def _rows(stage: Stage, opened: Opened) -> tuple[pa.Table, list[parties.Person] | None]:
    """The table that ``enrol`` takes, and the people of its rows where the mapping names any contact."""
    people: list[parties.Person] | None = None
    if any(mapped(stage.mapping, field) for field in CONTACT):
        contacts = stage.arrow(
            f"SELECT row, {', '.join(f"coalesce({name(c)}, '') AS {name(c)}" for c in CONTACT)} FROM good ORDER BY row"
        ).read_all()
        people = [
            parties.Person(person, phone, email, language or "ko")
            for person, phone, email, language in zip(*(contacts[c].to_pylist() for c in CONTACT), strict=True)
        ]
        marks = pa.table({"row": contacts["row"], "mark": pa.array([_mark(person) for person in people], pa.string())})
    else:
        marks = pa.table({"row": pa.array([], pa.int64()), "mark": pa.array([], pa.string())})
    stage.con.register("marks", marks)
    said = ["external_id", "offer", "CAST(started AS VARCHAR)", "CAST(ended AS VARCHAR)", "CAST(price AS VARCHAR)", "mark"]
    parts = ", ".join(f"coalesce(concat(length({value}), ':', {value}), '-')" for value in said)
    keys = sorted({terms.priced for terms in opened.offers.values() if terms.priced})
    prices = "".join(f", CASE WHEN priced = {literal(key)} THEN price END AS {name('price:' + key)}" for key in keys)
    rows = stage.arrow(
        f"SELECT good.row, external_id, reference, version_id, started AS started_on, ended AS ended_on, left(sha256(concat_ws('|', {parts})), 32) AS digest{prices} "
        "FROM good JOIN terms ON offer = slug LEFT JOIN marks ON marks.row = good.row ORDER BY good.row"
    ).read_all()
    stage.con.unregister("marks")
    return rows, people


def _mark(person: parties.Person) -> str:
    """What a row says of its person, for the contract's digest: a keyed hash, so that it tells nobody the name or number."""
    said = [
        ("import", f"{field}={value}")
        for field, value in (("name", person.name), ("phone", person.phone), ("email", person.email))
        if value
    ]
    return sha256("|".join(map(str, vault.marks(said))).encode()).hexdigest()[:32] + person.language


def _fresh(stage: Stage, unknown: set[str]) -> int:
    """How many of the ids that were unknown still stand in a good row."""
    return len(unknown & {external for (external,) in stage.con.execute("SELECT DISTINCT external_id FROM good").fetchall()})


kinds.add(KEY, Subscribers())
