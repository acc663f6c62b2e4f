"""Plain records from declarations: a code table declared once gets its list, its page with history, its forms and its workbook.

A room declares a :class:`Record` over a table whose rows are written by its own actions, and the kit draws the rest::

    records.add("services", Record(name=Text("서비스", "Services"), model=Service, key_field="slug", object="catalogue.service", …,
        fields=(Field("name_ko", Text("이름 (한국어)", "Name (Korean)")), …), add=Step(open_service, "slug"), change=Step(describe_service), …))

Promises: nothing is deleted, a row is retired and can be taken up again; a form shows what its action foretells before it is done; a change that
meets one made meanwhile shows both and writes neither; the history is that of the audit log.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.db.models import Model, QuerySet
from django.urls import reverse

from numaru.kernel.access import Actor
from numaru.kernel.actions import Action
from numaru.kernel.errors import NotFound
from numaru.kernel.models import AuditRecord
from numaru.kernel.registers import Register
from numaru.ui.forms import spoken
from numaru.ui.lists import Choice, Column, Listing, Sort
from numaru.ui.states import State
from numaru.values.text import Text

IN_USE, RETIRED = State(Text("쓰는 중", "In use"), "good"), State(Text("은퇴", "Retired"), "calm", "x")
HISTORY = 50  # lines


@dataclass(frozen=True, slots=True)
class Field:
    """A column that people write: its label, the Django field that reads it, and whether it is fixed once the row stands."""

    key: str
    label: Text
    made: Callable[..., forms.Field] = forms.CharField
    hint: Text | None = None
    required: bool = True
    fixed: bool = False
    longest: int = 120
    options: Callable[[], Sequence[tuple[str, str]]] | None = None
    said: Callable[[Any], Any] | None = None  # how a row's value is shown; left out, as it stands

    def build(self, *, initial: Any = None) -> forms.Field:
        more: dict[str, Any] = {"label": spoken(self.label), "required": self.required, "initial": initial}
        if self.hint is not None:
            more["help_text"] = spoken(self.hint)
        if self.options is not None:
            found = forms.ChoiceField(**more)
            found.choices = list(self.options()) if self.required else [("", "–"), *self.options()]
            return found
        if self.made is forms.CharField:
            more |= {"max_length": self.longest, "widget": forms.TextInput({"autocomplete": "off"})}
        return self.made(**more)


@dataclass(frozen=True, slots=True)
class Step:
    """One of the record's actions. It is called with the fields of its form by their keys, and for a change with the key of the row as
    ``by``. ``reason`` asks for one even where the action does not."""

    action: Action[..., Any]
    by: str = "slug"
    reason: bool = False

    @property
    def asks(self) -> bool:
        return self.reason or self.action.needs_reason


@dataclass(frozen=True)
class Record:
    """A code table. ``key_field`` names a row in addresses and in the audit log under ``object``; ``retired_field`` is empty while the row is in
    use. ``permission`` is that to look; each step has its own. ``uses`` says what a row is used by, on its page. ``importing`` is the address
    where rows come in from a file, if there is one."""

    key: str
    name: Text  # of the list
    one: Text  # of a row
    unit: tuple[str, str, str]
    model: type[Model]
    object: str
    permission: str
    fields: tuple[Field, ...]
    columns: tuple[Column, ...]
    add: Step
    change: Step
    retire: Step
    restore: Step
    title: Callable[[Any], Text | str]
    key_field: str = "slug"
    retired_field: str = "retired_at"
    about: Text = field(default_factory=lambda: Text("", ""))
    empty: Text = field(default_factory=lambda: Text("", ""))
    uses: Callable[[Any], Sequence[tuple[Text, int, str]]] = lambda row: ()
    prepare: Callable[[list[Any]], None] | None = None
    search: Callable[[QuerySet[Any], str], QuerySet[Any]] | None = None
    importing: str = ""

    @property
    def rows(self) -> QuerySet[Any]:
        return self.model._default_manager.all()

    def row(self, key: str) -> Any:
        """Raises NotFound."""
        found = self.rows.filter(**{self.key_field: key}).first()
        if found is None:
            raise NotFound.named(self.one, key[:60])
        return found

    def key_of(self, row: Any) -> str:
        return str(getattr(row, self.key_field))

    def retired(self, row: Any) -> bool:
        return getattr(row, self.retired_field) is not None

    def face(self, row: Any) -> State:
        return RETIRED if self.retired(row) else IN_USE

    def url(self, row: Any) -> str:
        return reverse("records:one", args=[self.key, self.key_of(row)])

    def may(self, actor: Actor, step: Step) -> bool:
        return actor.may(step.action.permission)

    def listing(self) -> Listing:
        """The list that the declaration makes: its columns, the state, in use first."""
        first, *others = self.columns
        return Listing(
            key=f"records-{self.key}",
            name=self.name,
            unit=self.unit,
            columns=(
                Column(first.key, first.label, first.value, first.kind, url=self.url),
                *others,
                Column("state", Text("상태", "State"), self.face, "state"),
            ),
            sorts=(Sort("key", Text("식별자 순", "By identifier"), (self.key_field,)),),
            filters=(
                Choice("state", Text("상태", "State"), (("used", IN_USE.word), ("retired", RETIRED.word)), self._of_state, cheap=True),
            ),
            search=self.search,
            searches_people=False,
            prepare=self.prepare,
            trail=True,
        )  # fmt: skip

    def _of_state(self, rows: QuerySet[Any], state: str) -> QuerySet[Any]:
        return rows.filter(**{f"{self.retired_field}__isnull": state == "used"})

    def values(self, row: Any) -> dict[str, str]:
        """What stands in the row, as its form begins."""
        return {f.key: str(getattr(row, f.key) if getattr(row, f.key) is not None else "") for f in self.fields}

    def mark(self, row: Any) -> str:
        """A mark of what stands in the row now: a form that carries another one was filled over something else."""
        plain = json.dumps([self.values(row), self.retired(row)], sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(plain.encode()).hexdigest()[:24]

    def form(self, data: Any = None, row: Any = None) -> forms.Form:
        """The form that adds a row, or changes ``row``: then without what is fixed."""
        step = self.change if row is not None else self.add
        standing = self.values(row) if row is not None else {}
        built = {f.key: f.build(initial=standing.get(f.key)) for f in self.fields if row is None or not f.fixed}
        if step.asks and row is not None:
            built["reason"] = reason_field()
        made: forms.Form = type("RecordForm", (forms.Form,), built)(data)
        return made

    def differences(self, row: Any, given: Mapping[str, Any]) -> list[tuple[Text, str, str]]:
        """What ``given`` would change: label, what stands now, what was typed."""
        now = self.values(row)
        return [(f.label, now[f.key], str(given[f.key])) for f in self.fields if f.key in given and str(given[f.key]).strip() != now[f.key]]


def reason_field() -> forms.CharField:
    return forms.CharField(
        label=spoken(Text("사유", "Reason")), max_length=400, widget=forms.TextInput({"autocomplete": "off"}),
        help_text=spoken(Text("감사 기록에 남습니다.", "It stays in the audit log.")),
        error_messages={"required": spoken(Text("왜 하는지 한 줄로 적으십시오.", "Write in one line why you do it."))},
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Happened:
    """One line of a record's history: when, who, why, and each value before and after."""

    at: Any
    who: str
    reason: str
    changes: tuple[tuple[Text | str, str, str], ...]
    record: int


def history(record: Record, key: str) -> list[Happened]:
    """What the audit log knows of a row, the latest first. One query."""
    labels = {f.key: f.label for f in record.fields} | {"state": Text("상태", "State")}
    out = []
    for row in AuditRecord.objects.filter(object=record.object, key=key).order_by("-id")[:HISTORY]:
        keys = [k for k in dict.fromkeys([*row.before, *row.after]) if str(row.before.get(k, "")) != str(row.after.get(k, ""))]
        changes = tuple((labels.get(k, k), str(row.before.get(k, "")), str(row.after.get(k, ""))) for k in keys)
        if changes:
            out.append(Happened(row.at, row.actor_name, row.reason, changes, row.pk))
    return out


records: Register[Record] = Register("ui.records")
