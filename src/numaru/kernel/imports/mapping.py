"""The mapping: a TOML file that says what the columns of somebody else's file mean. Documented for people in docs/manual.

``[import]`` names the kind; ``[source]`` how to read the file; ``[service]`` slug, names, zone and currency; ``[fields.X]`` where each
field of the kind comes from; ``[inputs.X]`` values that only serve expressions; ``[identity]`` how an event without an id gets one.
Every other top-level table belongs to the kind.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import tomllib
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from numaru.kernel.errors import Invalid
from numaru.kernel.imports.kinds import TYPES, FieldSpec, ImportKind, kinds
from numaru.kernel.imports.source import SourceSpec
from numaru.kernel.imports.tables import Table, either
from numaru.kernel.imports.textsource import DELIMITERS
from numaru.values.finding import Finding
from numaru.values.text import Text

DATE_TOKENS = {"YYYY": (r"\d{4}", "%Y"), "MM": (r"\d{2}", "%m"), "DD": (r"\d{2}", "%d"), "M": (r"\d{1,2}", "%m"), "D": (r"\d{1,2}", "%d"),
               "hh": (r"\d{2}", "%H"), "mi": (r"\d{2}", "%M"), "ss": (r"\d{2}", "%S")}  # fmt: skip
RFC3339 = "rfc3339"
TRUE = ("true", "yes", "y", "1", "o", "예", "네")
FALSE = ("false", "no", "n", "0", "x", "아니요", "아니오")


@dataclass(frozen=True, slots=True)
class DateForm:
    """A written form of days or moments: ``pattern`` is a full regular expression, ``strptime`` the parse format."""

    shown: str
    pattern: str
    strptime: str

    @classmethod
    def parse(cls, shown: str) -> DateForm | None:
        """``YYYY.MM.DD`` and the like; None when year, month and day are not each there once.

        >>> DateForm.parse("DD/MM/YYYY").strptime
        '%d/%m/%Y'
        """
        pattern = strptime = ""
        parts: list[str] = []
        for piece in re.findall(r"YYYY|MM|DD|hh|mi|ss|M|D|.", shown):
            if piece in DATE_TOKENS:
                pattern += DATE_TOKENS[piece][0]
                strptime += DATE_TOKENS[piece][1]
                parts.append(DATE_TOKENS[piece][1])
            else:
                pattern += re.escape(piece)
                strptime += piece.replace("%", "%%")
        if len(set(parts)) != len(parts) or not {"%Y", "%m", "%d"} <= set(parts):
            return None
        return cls(shown, pattern, strptime)

    @property
    def field_order(self) -> tuple[str, str]:
        """(shape without the order of day and month, order), to see forms that cannot be told apart."""
        return self.pattern.replace(r"\d{1,2}", r"\d{2}"), self.strptime


@dataclass(frozen=True, slots=True)
class Condition:
    """The value counts only in rows where ``column`` holds one of ``words`` (or none of them)."""

    column: str
    words: tuple[str, ...]
    negated: bool


@dataclass(frozen=True, slots=True)
class Rule:
    """Where one value comes from and what it must look like."""

    name: str
    type: str
    path: str
    columns: tuple[str, ...] = ()
    join: str = " "
    constant: str | None = None
    default: str | None = None
    required: bool = False
    unique: bool = False
    values: dict[str, str] | None = None
    other: str | None = None
    forms: tuple[DateForm, ...] = ()
    rfc3339: bool = False
    decimal_mark: str = "."
    grouping: str = ""
    minimum: Decimal | dt.date | None = None
    maximum: Decimal | dt.date | None = None
    true: tuple[str, ...] = TRUE
    false: tuple[str, ...] = FALSE
    max_length: int = 200
    digits: int = 18
    places: int = 6
    when: Condition | None = None
    base: str | None = None  # a date, or the name of a date rule
    months: str | None = None  # the name of an integer rule
    direction: int = 0  # -1 minus_months, +1 plus_months


@dataclass(frozen=True, slots=True)
class Service:
    slug: str
    name: Text
    zone: str
    currency: str


@dataclass(frozen=True, slots=True)
class Identity:
    """Events without an id: a hash over ``fields`` and, with ``occurrence``, over the n-th time these values stand in the file."""

    source: str
    fields: tuple[str, ...]
    occurrence: bool


@dataclass(frozen=True)
class Mapping:
    """A mapping that was read without a finding. ``sections`` holds the kind's own tables; read them through :meth:`section`."""

    kind: ImportKind
    name: str
    text: str
    source: SourceSpec
    service: Service
    inputs: tuple[Rule, ...]
    fields: tuple[Rule, ...]
    identity: Identity | None
    sections: dict[str, Any] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """sha256 (hex) of the mapping's text."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def rules(self) -> tuple[Rule, ...]:
        return self.inputs + self.fields

    def section(self, name: str, findings: list[Finding]) -> Table | None:
        """The kind's own top-level table ``name``, or None."""
        return Table(self.sections[name], name, findings) if name in self.sections else None

    def array(self, name: str, findings: list[Finding]) -> list[Table]:
        """The kind's own array of tables ``[[name]]``; empty when absent."""
        return Table({name: self.sections[name]}, "", findings).tables(name) if name in self.sections else []


def read_mapping(text: str, name: str, kind: str | None = None) -> Mapping:
    """Read a mapping. ``kind`` is the one asked for, if any. Raises Invalid with one finding for each fault, naming its key path."""
    findings: list[Finding] = []
    try:
        content = tomllib.loads(text.removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError as error:
        where = re.search(r"at line (\d+)", str(error))
        raise Invalid(
            Finding("mapping.not_toml", Text("매핑 파일을 TOML로 읽을 수 없습니다: {e}", "The mapping is not valid TOML: {e}").fill(e=error),
                    Text("그 줄의 따옴표와 괄호를 확인하십시오.", "Check quotation marks and brackets of that line."), int(where[1]) if where else None)
        ) from error  # fmt: skip
    top = Table(content, "", findings)
    chosen = _kind(top, kind, findings)
    source = _source(top.table("source"))
    service = _service(top)
    inputs: tuple[Rule, ...] = ()
    fields: tuple[Rule, ...] = ()
    identity = None
    if chosen:
        specs = {spec.name: spec for spec in chosen.fields}
        inputs = tuple(_rule(key, table, None) for key, table in top.named("inputs").items())
        fields = tuple(_field(key, table, specs) for key, table in top.named("fields").items())
        identity = _identity(top, {rule.name for rule in fields})
        _complete(top, specs, inputs, fields, identity)
        top.skip(*chosen.sections)
        top.close()
    if findings or not chosen:
        raise Invalid(*findings)
    mapping = Mapping(
        chosen, name, text, source, service, inputs, fields, identity, {k: content[k] for k in chosen.sections if k in content}
    )
    own = chosen.read_mapping(mapping)
    if own:
        raise Invalid(*own)
    return mapping


def _kind(top: Table, asked: str | None, findings: list[Finding]) -> ImportKind | None:
    table = top.table("import", required=True)
    if table is None:
        return None
    written = table.choice("kind", [key for key, _ in kinds], required=True)
    table.close()
    if written and asked and written != asked:
        table.wrong(
            "kind", "mapping.other_kind", f"‘{asked}’을(를) 가져오려 했지만 매핑은 ‘{written}’용입니다.", f"“{asked}” was asked for, but the mapping is for “{written}”.",
            "맞는 매핑을 고르십시오.", "Choose the mapping that fits.", written,
        )  # fmt: skip
        return None
    return kinds.get(written)


def _source(table: Table | None) -> SourceSpec:
    if table is None:
        return SourceSpec()
    spec = SourceSpec(
        encoding=table.choice("encoding", ("auto", "utf-8", "cp949", "euc-kr", "utf-16"), "auto"),
        delimiter=table.choice("delimiter", ("auto", *DELIMITERS.values(), *DELIMITERS), "auto"),
        sheet=table.text("sheet") or None,
        header=table.integer("header", 1, minimum=1),
    )
    table.close()
    return spec


def _service(top: Table) -> Service:
    table = top.table("service", required=True)
    if table is None:
        return Service("", Text("", ""), "Asia/Seoul", "")
    slug = table.slug("slug", required=True)
    ko, en = table.text("name_ko", slug), table.text("name_en", slug)
    service = Service(slug, Text(ko or en, en or ko), table.zone("zone", "Asia/Seoul"), table.currency("currency", required=True))
    table.close()
    return service


def _field(key: str, table: Table, specs: dict[str, FieldSpec]) -> Rule:
    spec = specs.get(key)
    if spec is None:
        table.wrong(
            "", "mapping.unknown_field", "이 종류에는 없는 필드입니다.", "This kind has no such field.",
            f"다음 중에서 고르십시오: {either(specs)}. 계산에만 쓰는 값은 [inputs.{key}]에 두십시오.",
            f"Choose one of: {either(specs)}. A value that only serves a computation belongs into [inputs.{key}].",
        )  # fmt: skip
    return _rule(key, table, spec)


def _rule(key: str, table: Table, spec: FieldSpec | None) -> Rule:
    kind = table.choice("type", TYPES, spec.type if spec else "text")
    if spec and kind != spec.type:
        table._expected("type", f"‘{spec.type}’", f"“{spec.type}”", kind)
        kind = spec.type
    single = table.text("column")
    columns = (single,) if single else table.texts("columns")
    table.skip("column", "columns")
    constant = table.text("constant") if table.has("constant") else None
    minus, plus = table.text("minus_months"), table.text("plus_months")
    base = table.text("base") or None
    ways = sum((bool(columns), constant is not None, base is not None))
    if ways != 1:
        table.wrong(
            "", "mapping.one_origin", "값의 출처는 column(s), constant, base 중 꼭 하나여야 합니다.", "A value comes from exactly one of column(s), constant, base.",
            "{key}에 하나만 남기십시오.", "Keep exactly one in {key}.",
        )  # fmt: skip
    if base and (kind != "date" or bool(minus) == bool(plus)):
        table.wrong(
            "base", "mapping.base", "base는 date 필드에서 minus_months나 plus_months 하나와 함께 씁니다.", "base is for dates, with one of minus_months and plus_months.",
            "{key}를 고치십시오.", "Mend {key}.",
        )  # fmt: skip
    forms, rfc3339 = _forms(table, kind)
    mark = table.choice("decimal_mark", (".", ","), ".")
    grouping = table.choice("grouping", (",", ".", " ", "'", ""), "")
    if grouping == mark:
        table._expected("grouping", "decimal_mark와 다른 글자", "another character than decimal_mark", grouping)
    rule = Rule(
        name=key, type=kind, path=table.path, columns=columns, join=table.text("join", " "), constant=constant,
        default=table.text("default") if table.has("default") else None,
        required=table.flag("required", bool(spec and spec.required)) or bool(spec and spec.required),
        unique=table.flag("unique"), values=table.words("values"), other=table.text("other") if table.has("other") else None,
        forms=forms, rfc3339=rfc3339, decimal_mark=mark, grouping=grouping,
        minimum=_bound(table, "min", kind), maximum=_bound(table, "max", kind),
        true=tuple(w.lower() for w in table.texts("true", TRUE)), false=tuple(w.lower() for w in table.texts("false", FALSE)),
        max_length=table.integer("max_length", 200, minimum=1),
        digits=spec.digits if spec else 18, places=spec.places if spec else 6,
        when=_condition(table), base=base, months=minus or plus or None, direction=-1 if minus else 1 if plus else 0,
    )  # fmt: skip
    table.close()
    return rule


def _forms(table: Table, kind: str) -> tuple[tuple[DateForm, ...], bool]:
    if kind not in ("date", "instant"):
        if table.has("formats"):
            table._expected("formats", "date나 instant에서만 쓰는 항목", "used with date or instant only", None)
        return (), False
    written = table.texts("formats", ("YYYY-MM-DD",) if kind == "date" else ("YYYY-MM-DD", "YYYY-MM-DD hh:mi:ss", RFC3339))
    forms: list[DateForm] = []
    for shown in written:
        form = DateForm.parse(shown)
        if form is not None and (kind == "instant" or "%H" not in form.strptime):
            clash = next((f for f in forms if f.field_order[0] == form.field_order[0] and f.strptime != form.strptime), None)
            if clash:
                table._expected(
                    "formats",
                    f"서로 구별되는 모양({clash.shown}와 {shown}은 구별할 수 없음)",
                    f"forms that can be told apart ({clash.shown} and {shown} cannot)",
                    shown,
                )
            forms.append(form)
        elif not (shown == RFC3339 and kind == "instant"):
            table._expected(
                "formats",
                "YYYY, MM, DD(와 hh, mi, ss)로 된 모양(예: DD/MM/YYYY)",
                "made of YYYY, MM, DD (and hh, mi, ss), for example DD/MM/YYYY",
                shown,
            )
    return tuple(forms), RFC3339 in written and kind == "instant"


def _bound(table: Table, name: str, kind: str) -> Decimal | dt.date | None:
    if not table.has(name):
        table.skip(name)
        return None
    if kind == "date":
        written = table.text(name)
        try:
            return dt.date.fromisoformat(written)
        except ValueError:
            table._expected(name, "YYYY-MM-DD 날짜", "a date YYYY-MM-DD", written)
            return None
    if kind in ("decimal", "integer"):
        return table.decimal(name)
    table.skip(name)
    table._expected(name, "숫자나 날짜에서만 쓰는 항목", "used with numbers and dates only", None)
    return None


def _condition(table: Table) -> Condition | None:
    inner = table.table("when")
    if inner is None:
        return None
    column = inner.text("column", required=True)
    negated = inner.has("not_equals")
    words = inner.texts("not_equals" if negated else "equals")
    inner.skip("equals", "not_equals")
    if not words or inner.has("equals") == negated:
        inner._expected("equals", "equals나 not_equals 하나", "one of equals and not_equals", None)
    inner.close()
    return Condition(column, words, negated)


def _identity(top: Table, fields: set[str]) -> Identity | None:
    table = top.table("identity")
    if table is None:
        return None
    source = table.text("source", required=True)
    chosen = table.texts("fields")
    for name in sorted(set(chosen) - fields):
        table._expected("fields", f"이 매핑의 필드({either(fields)})", f"fields of this mapping ({either(fields)})", name)
    identity = Identity(source, chosen, table.flag("occurrence"))
    table.close()
    return identity


def _complete(
    top: Table, specs: dict[str, FieldSpec], inputs: tuple[Rule, ...], fields: tuple[Rule, ...], identity: Identity | None
) -> None:
    """What can only be seen with all rules at hand: required fields, names used in expressions, an identity for events."""
    have = {rule.name: rule for rule in fields}
    needs_id = "event_id" in specs
    for name, spec in specs.items():
        if spec.required and name not in have and not (name == "event_id" and identity and identity.fields):
            top.wrong(
                f"fields.{name}", "mapping.missing_field", f"꼭 있어야 하는 필드가 없습니다: {spec.meaning.ko}.", f"A required field is missing: {spec.meaning.en}.",
                "[{key}]를 적으십시오.", "Write [{key}].",
            )  # fmt: skip
    if needs_id and (identity is None or bool(identity.fields) == ("event_id" in have)):
        top.wrong(
            "identity", "mapping.identity", "[identity]에는 source와, 사건 번호 열이 없으면 fields가 있어야 합니다.",
            "[identity] needs source and, when no column carries the event's id, fields.",
            "fields.event_id와 identity.fields 중 꼭 하나를 적으십시오.", "Write exactly one of fields.event_id and identity.fields.",
        )  # fmt: skip
    known = {rule.name: rule for rule in inputs} | have
    if len(known) < len(inputs) + len(fields):
        for name in sorted({rule.name for rule in inputs} & set(have)):
            top._expected(f"inputs.{name}", "fields와 다른 이름", "named otherwise than any field", name)
    for rule in inputs + fields:
        if rule.months and (rule.months not in known or known[rule.months].type != "integer"):
            _expression(top, rule, "정수(integer) 항목", "an integer", rule.months)
        if rule.base and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", rule.base):
            target = known.get(rule.base)
            if target is None or target.type != "date" or target.base is not None:
                _expression(top, rule, "날짜나, 열에서 읽은 date 항목", "a date, or a date read from a column", rule.base)
        elif rule.base:
            try:
                dt.date.fromisoformat(rule.base)
            except ValueError:
                _expression(top, rule, "달력에 있는 날짜", "a day of the calendar", rule.base)


def _expression(top: Table, rule: Rule, ko: str, en: str, value: str) -> None:
    top.wrong(
        rule.path, "mapping.expression", f"계산에 쓰는 값은 {ko}이어야 합니다.", f"The expression needs {en}.",
        "{key}에서 쓰는 이름을 [inputs] 또는 [fields]에 정의하십시오.", "Define the name used in {key} in [inputs] or [fields].", value,
    )  # fmt: skip
