"""A mapping as SQL: text columns in, typed columns and finding codes out. Set-wise; no value is ever looked at in a loop.

For each rule the query makes ``v_X`` (the text as it stood, trimmed), ``t_X`` (the typed value or NULL) and ``e_X`` (a finding code or NULL).
Casts are strict: a value that would have to be rounded, guessed or cut is a finding, never a quiet change.
"""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal

from numaru.kernel.duck import literal, name
from numaru.kernel.imports.mapping import Condition, DateForm, Mapping, Rule

# Forms that people write, to tell "another form" from "not a date".
_KNOWN_DATES = r"\d{1,4}[-./ ]\s?\d{1,2}[-./ ]\s?\d{1,4}\.?|\d{8}|\d{4}년\s?\d{1,2}월\s?\d{1,2}일"
_TYPES = {"text": "VARCHAR", "integer": "BIGINT", "date": "DATE", "instant": "TIMESTAMP", "boolean": "BOOLEAN"}
MONTHS_LIMIT = 12_000


def sql_type(rule: Rule) -> str:
    """The DuckDB type of a rule's typed column."""
    return f"DECIMAL({rule.digits},{rule.places})" if rule.type == "decimal" else _TYPES[rule.type]


class Evaluation:
    """The SQL of one mapping over one header. ``use`` are the indexes of the columns it reads."""

    def __init__(self, mapping: Mapping, index: dict[str, int], is_sheet: bool) -> None:
        self.mapping = mapping
        self.index = index
        self.is_sheet = is_sheet
        wanted = {c for rule in mapping.rules for c in rule.columns} | {rule.when.column for rule in mapping.rules if rule.when}
        self.use = sorted(index[c] for c in wanted)

    def query(self, batch: str) -> str:
        """SQL that selects ``row``, ``e_row`` (a code for the whole row) and the three columns of each rule from the relation ``batch``;
        the text only where there is a finding."""
        rules = self.mapping.rules
        raw = ",\n  ".join(f"nullif(c{i}, '') AS c{i}" for i in self.use)
        texts = ",\n  ".join(f"{self._text(rule)} AS {name('v_' + rule.name)}" for rule in rules if rule.base is None)
        typed = ",\n  ".join(f"{self._typed(rule)} AS {name('t_' + rule.name)}" for rule in rules if rule.base is None)
        codes = ",\n  ".join(f"{self._code(rule)} AS {name('e_' + rule.name)}" for rule in rules if rule.base is None)
        computed = "".join(",\n  " + self._computed(rule) for rule in rules if rule.base is not None)
        parts = [f"r0 AS (SELECT row{', ' if raw else ''}{raw} FROM {batch})", f"r1 AS (SELECT *{', ' + texts if texts else ''} FROM r0)"]
        parts.append(f"r2 AS (SELECT *{', ' + typed if typed else ''} FROM r1)")
        parts.append(f"r3 AS (SELECT *{', ' + codes if codes else ''} FROM r2)")
        parts.append(f"r4 AS (SELECT *{computed}, {self._row_code()} AS e_row FROM r3)")
        kept = ", ".join(
            f"CASE WHEN {e} IS NOT NULL THEN left({v}, 200) END AS {v}, {t}, {e}"
            for v, t, e in ((name("v_" + r.name), name("t_" + r.name), name("e_" + r.name)) for r in rules)
        )
        return f"WITH {', '.join(parts)}\nSELECT row, e_row, {kept} FROM r4"

    # The text -------------------------------------------------------------------------------------------------
    def _text(self, rule: Rule) -> str:
        if rule.constant is not None:
            found = literal(rule.constant)
        elif len(rule.columns) == 1:
            found = f"c{self.index[rule.columns[0]]}"
        else:
            found = f"nullif(concat_ws({literal(rule.join)}, {', '.join(f'c{self.index[c]}' for c in rule.columns)}), '')"
        if rule.default is not None:
            found = f"coalesce({found}, {literal(rule.default)})"
        if rule.when:
            found = f"CASE WHEN {self._holds(rule.when)} THEN {found} END"
        return found

    def _holds(self, condition: Condition) -> str:
        words = ", ".join(literal(word) for word in condition.words)
        inside = f"coalesce(c{self.index[condition.column]}, '') IN ({words})"
        return f"NOT ({inside})" if condition.negated else inside

    # The typed value ------------------------------------------------------------------------------------------
    def _meant(self, rule: Rule) -> str:
        """The text after the mapping's own translation of words."""
        if rule.values is None:
            return name("v_" + rule.name)
        arms = " ".join(f"WHEN {literal(word)} THEN {literal(meaning)}" for word, meaning in rule.values.items())
        other = f" ELSE CASE WHEN {name('v_' + rule.name)} IS NOT NULL THEN {literal(rule.other)} END" if rule.other is not None else ""
        return f"CASE {name('v_' + rule.name)} {arms}{other} END"

    def _plain(self, rule: Rule) -> str:
        """A written number with the grouping taken out and a point for the decimal mark."""
        text = self._meant(rule)
        if rule.grouping:
            text = f"replace({text}, {literal(rule.grouping)}, '')"
        return f"replace({text}, ',', '.')" if rule.decimal_mark == "," else text

    def _number_pattern(self, rule: Rule) -> str:
        whole = rf"\d{{1,3}}(?:{re.escape(rule.grouping)}\d{{3}})+|\d+" if rule.grouping else r"\d+"
        return rf"[+-]?(?:{whole})(?:{re.escape(rule.decimal_mark)}\d+)?"

    def _forms(self, rule: Rule) -> list[DateForm]:
        forms = list(rule.forms)
        if self.is_sheet:  # days that are days in the sheet are read in ISO form, whatever the mapping says of texts
            more = ["YYYY-MM-DD"] + (["YYYY-MM-DD hh:mi:ss"] if rule.type == "instant" else [])
            forms += [form for form in map(DateForm.parse, more) if form and form not in forms]
        return forms

    def _typed(self, rule: Rule) -> str:
        text = self._meant(rule)
        if rule.type == "text":
            return text
        if rule.type == "decimal":
            return f"CASE WHEN regexp_full_match({text}, {literal(self._number_pattern(rule))}) THEN try_cast({self._plain(rule)} AS {sql_type(rule)}) END"
        if rule.type == "integer":
            return rf"CASE WHEN regexp_full_match({text}, '[+-]?\d+') THEN try_cast({text} AS BIGINT) END"
        if rule.type == "boolean":
            yes, no = (", ".join(map(literal, words)) for words in (rule.true, rule.false))
            return f"CASE WHEN lower({text}) IN ({yes}) THEN true WHEN lower({text}) IN ({no}) THEN false END"
        arms = [
            f"WHEN regexp_full_match({text}, {literal(form.pattern)}) THEN try_strptime({text}, {literal(form.strptime)})"
            for form in self._forms(rule)
        ]
        parsed = f"CASE {' '.join(arms)} END" if arms else "CAST(NULL AS TIMESTAMP)"
        if rule.type == "date":
            return f"CAST({parsed} AS DATE)"
        zone = literal(self.mapping.service.zone)
        local = f"(({parsed}) AT TIME ZONE {zone}) AT TIME ZONE 'UTC'"
        if not rule.rfc3339:
            return local
        stamp = f"CASE WHEN regexp_full_match({text}, {literal(_RFC3339)}) THEN try_cast({text} AS TIMESTAMPTZ) AT TIME ZONE 'UTC' END"
        return f"coalesce({local}, {stamp})"

    # The code -------------------------------------------------------------------------------------------------
    def _code(self, rule: Rule) -> str:
        """The finding code. What is dear to test (patterns of another form) is only looked at where the typed value is missing."""
        v, meant, t = name("v_" + rule.name), self._meant(rule), name("t_" + rule.name)
        needed = "'import.missing_value'" if rule.required else "NULL"
        if rule.required and rule.when:
            needed = f"CASE WHEN {self._holds(rule.when)} THEN 'import.missing_value' END"
        arms = [f"WHEN {v} IS NULL THEN {needed}"]
        if rule.type == "text":
            if rule.constant is None:
                arms.append(f"WHEN starts_with({v}, '=') AND length({v}) > 1 THEN 'import.formula'")
                arms.append(rf"WHEN regexp_matches({v}, '[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]') THEN 'import.control_character'")
            if rule.values is not None:
                arms.append(f"WHEN {meant} IS NULL THEN 'import.unknown_value'")
            arms.append(f"WHEN length({v}) > {rule.max_length} THEN 'import.too_long'")
        else:
            wrong = [f"WHEN starts_with({v}, '=') AND length({v}) > 1 THEN 'import.formula'"]
            if rule.values is not None:
                wrong.append(f"WHEN {meant} IS NULL THEN 'import.unknown_value'")
            arms.append(f"WHEN {t} IS NULL THEN CASE {' '.join([*wrong, *self._misread(rule, meant)])} END")
            arms += self._bounds(rule, t)
            if rule.type == "decimal":  # trailing zeros are no places
                plain = self._plain(rule)
                point = f"strpos({plain}, '.')"
                exact = rf"length(regexp_extract({plain}, '\.(\d*[1-9])0*$', 1)) > {rule.places}"
                arms.append(
                    f"WHEN {point} > 0 AND length({plain}) - {point} > {rule.places} THEN CASE WHEN {exact} THEN 'import.too_many_places' END"
                )
        return f"CASE {' '.join(arms)} END"

    def _misread(self, rule: Rule, meant: str) -> list[str]:
        """Why the text gave no value of the rule's type."""
        if rule.type == "decimal":
            return [
                rf"WHEN regexp_full_match({meant}, {literal(self._number_pattern(rule))}) THEN 'import.overflow'",
                rf"WHEN regexp_full_match({meant}, '[+-]?\d[\d.,'' ]*\d') THEN 'import.decimal_mark' ELSE 'import.not_a_number'",
            ]
        if rule.type == "integer":
            return [rf"WHEN regexp_full_match({meant}, '[+-]?\d+') THEN 'import.overflow' ELSE 'import.not_a_number'"]
        if rule.type == "boolean":
            return ["ELSE 'import.not_a_boolean'"]
        shapes = "|".join(f"(?:{form.pattern})" for form in self._forms(rule)) or "$^"
        return [
            f"WHEN regexp_full_match({meant}, {literal(shapes)}) THEN 'import.no_such_day'",
            f"WHEN regexp_full_match({meant}, {literal(_KNOWN_DATES)}) THEN 'import.date_form' ELSE 'import.not_a_date'",
        ]

    def _bounds(self, rule: Rule, t: str) -> list[str]:
        arms = []
        if rule.minimum is not None:
            code = "import.negative" if rule.minimum == 0 else "import.below_minimum"
            arms.append(f"WHEN {t} < {_bound(rule.minimum)} THEN '{code}'")
        if rule.maximum is not None:
            arms.append(f"WHEN {t} > {_bound(rule.maximum)} THEN 'import.above_maximum'")
        return arms

    def _computed(self, rule: Rule) -> str:
        """A date some months before or after another; a day that the month lacks clamps to its last day."""
        assert rule.base is not None and rule.months is not None
        fixed = re.fullmatch(r"\d{4}-\d{2}-\d{2}", rule.base)
        base = f"DATE {literal(rule.base)}" if fixed else name("t_" + rule.base)
        months = name("t_" + rule.months)
        safe = f"CASE WHEN {months} BETWEEN -{MONTHS_LIMIT} AND {MONTHS_LIMIT} THEN {months} END"
        value = f"CAST({base} {'-' if rule.direction < 0 else '+'} to_months(CAST({safe} AS INTEGER)) AS DATE)"
        if rule.when:
            value = f"CASE WHEN {self._holds(rule.when)} THEN {value} END"
        far = f"{months} NOT BETWEEN -{MONTHS_LIMIT} AND {MONTHS_LIMIT}"
        outside = f"({value}) NOT BETWEEN DATE '0001-01-01' AND DATE '9998-12-31'"
        # Without a finding of its own input, an empty result of a required field is a finding here.
        bare = f"({months} IS NULL AND {name('e_' + rule.months)} IS NULL)" + (
            "" if fixed else f" OR ({base} IS NULL AND {name('e_' + rule.base)} IS NULL)"
        )
        needed = f" WHEN {bare} THEN 'import.missing_value'" if rule.required and not rule.when else ""
        code = f"CASE WHEN {far} OR {outside} THEN 'import.out_of_range'{needed}{''.join(' ' + arm for arm in self._bounds(rule, f'({value})'))} END"
        shown = f"CAST({months} AS VARCHAR)"
        return f"{shown} AS {name('v_' + rule.name)}, {value} AS {name('t_' + rule.name)}, {code} AS {name('e_' + rule.name)}"

    def _row_code(self) -> str:
        """A row without any value, or one that repeats the header: in every used cell, or in one while no number or date can be read."""
        if not self.use:
            return "CAST(NULL AS VARCHAR)"
        names = {i: column for column, i in self.index.items()}
        empty = " AND ".join(f"c{i} IS NULL" for i in self.use)
        equal = [f"coalesce(c{i} = {literal(names[i])}, false)" for i in self.use]
        strict = [r for r in self.mapping.rules if r.type != "text" and r.columns and r.base is None]
        unread = " AND ".join(f"{name('t_' + r.name)} IS NULL AND {name('v_' + r.name)} IS NOT NULL" for r in strict)
        some = f" OR (({' OR '.join(equal)}) AND {unread})" if strict else ""
        return f"CASE WHEN {empty} THEN 'import.empty_row' WHEN ({' AND '.join(equal)}){some} THEN 'import.header_repeated' END"

    def hint(self, rule: Rule) -> dict[str, str]:
        """What the remedy of a code names for this rule: the form to write, the limit, the known words."""
        number = f"1234{rule.decimal_mark}5"
        form = rule.forms[0].shown if rule.forms else "YYYY-MM-DD"
        return {
            "import.not_a_number": number if rule.type == "decimal" else "12",
            "import.decimal_mark": number,
            "import.too_many_places": str(rule.places),
            "import.overflow": str(rule.digits - rule.places) if rule.type == "decimal" else "18",
            "import.below_minimum": str(rule.minimum),
            "import.above_maximum": str(rule.maximum),
            "import.date_form": form,
            "import.not_a_date": form,
            "import.not_a_boolean": ", ".join((*rule.true, *rule.false)),
            "import.unknown_value": ", ".join(sorted(rule.values or ())),
            "import.too_long": str(rule.max_length),
        }


_RFC3339 = r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?(?:[Zz]|[+-]\d{2}:\d{2})"


def _bound(value: Decimal | dt.date) -> str:
    return f"{value:f}" if isinstance(value, Decimal) else f"DATE '{value.isoformat()}'"
