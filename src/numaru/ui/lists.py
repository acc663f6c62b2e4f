"""Lists: filters in the address, keyset pages both ways, bounded counts, density, Excel out. One declaration serves them all.

A room declares a :class:`Listing` once and answers with :func:`respond`::

    SUBSCRIBERS = Listing(
        key="subscribers", name=Text("가입자", "Subscribers"), columns=(Column("name", …), …),
        sorts=(Sort("new", Text("최근 순", "Newest first"), ("created_at",), descending=True),),
        filters=(Choice("state", Text("상태", "State"), STATES, lambda rows, v: rows.filter(state=v)),),
        search=lambda rows, q: rows.filter(…), placeholder=Text("이름, 가입번호", "Name, number"),
    )
    def subscribers(request): return respond(request, SUBSCRIBERS, reads.visible_to(request.user.actor), "subscribers/list.html", …)

Promises: the rows of a page cost one query of ``size`` + 1 rows by an index on the sort, whatever the page; no OFFSET ever. A cursor that
was cut or belongs to another sort shows the first page, never an error. Only whitelisted sorts and filters reach the database. The
spreadsheet has the same columns, filters and masking as the page. No list sorts by an encrypted field.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal
from urllib.parse import urlencode

from django.db.models import CharField, F, Model, QuerySet, TextField
from django.db.models.expressions import OrderBy
from django.db.models.fields.tuple_lookups import TupleGreaterThan, TupleLessThan
from django.db.models.functions import Collate
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect

from numaru.kernel.access import Actor
from numaru.kernel.registers import Register
from numaru.ui.counts import Counted, bounded
from numaru.values.text import Text

type Rows = QuerySet[Any]
type Kind = Literal["text", "id", "money", "count", "qty", "date", "when", "state", "masked", "period"]
RIGHT: frozenset[str] = frozenset({"money", "count", "qty"})
DENSITIES: dict[str, Text] = {"compact": Text("촘촘", "Compact"), "regular": Text("보통", "Regular"), "roomy": Text("넉넉", "Roomy")}
SIZE = 50
CURSOR = 4_000  # characters of a cursor; ours are shorter
KIT = "ui/list.html"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its head, how a row gives its value, and how that value is written. ``url`` makes it a link (the name of the row)."""

    key: str
    label: Text
    value: Callable[[Any], Any]
    kind: Kind = "text"
    url: Callable[[Any], str] | None = None
    quiet: bool = False  # an amount of zero is a faint 0
    short: bool = True  # days drop the present year
    excel: bool = True
    peek: bool = False  # its links have a glance behind them, where the room of the object offers one
    shown: bool = True  # on the page unless a reader takes it away; False: only for who asks for it

    @property
    def right(self) -> bool:
        return self.kind in RIGHT


@dataclass(frozen=True, slots=True)
class Sort:
    """An allowed order. ``fields`` are columns that are never NULL and have an index with the primary key behind them."""

    key: str
    label: Text
    fields: tuple[str, ...]
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """A filter with named values: ``?key=value``. Values that are not offered are ignored. ``choices`` may be asked per request. ``cheap``: an
    index answers it, so views under it are counted."""

    key: str
    label: Text
    choices: Sequence[tuple[str, Text]] | Callable[[HttpRequest], Sequence[tuple[str, Text]]]
    apply: Callable[[Rows, str], Rows]
    cheap: bool = False

    def offered(self, request: HttpRequest) -> Sequence[tuple[str, Text]]:
        return self.choices(request) if callable(self.choices) else self.choices


@dataclass(frozen=True, slots=True)
class View:
    """A tab over the list: a saved address with a name."""

    key: str
    label: Text
    params: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Listing:
    """One list, declared once. The first sort is the usual one. ``row_field`` holds the shown number that
    names a row when rows can be chosen; left out, there is nothing to choose. ``live``: what open pages of it listen to (``approval:*``).
    ``searches_people``: what is typed may name a person, so it is never kept in a saved view. ``trail``: the pages of its rows go on to the
    next and previous one of the list that led there (:func:`numaru.ui.beside.beside`)."""

    key: str
    name: Text
    columns: tuple[Column, ...]
    sorts: tuple[Sort, ...]
    filters: tuple[Choice, ...] = ()
    views: tuple[View, ...] = ()
    search: Callable[[Rows, str], Rows] | None = None
    placeholder: Text = field(default_factory=lambda: Text("찾기", "Search"))
    unit: tuple[str, str, str] = ("건", "row", "rows")  # the Korean counter, the English noun and its plural
    size: int = SIZE
    row_field: str = ""
    prepare: Callable[[list[Any]], None] | None = None  # puts onto the rows of a page what other tables know, set by set
    live: str = ""
    searches_people: bool = True
    trail: bool = False

    def row_key(self, row: Any) -> str:
        """What names ``row`` in a form, or nothing when rows of this list are not chosen."""
        if not self.row_field:
            return ""
        return str(row[self.row_field] if isinstance(row, dict) else getattr(row, self.row_field))

    def __post_init__(self) -> None:
        taken = {"q", "sort", "after", "before", "count", "density", "format", "row", "view", "desk", "gone", "bulk", "all", "from", "cut"}
        names = [f.key for f in self.filters]
        if not self.sorts or taken & set(names) or len(names) != len(set(names)):
            raise ValueError(f"list {self.key}: needs a sort, and filters with names of their own")

    def kept(self, wanted: Sequence[str]) -> tuple[Column, ...]:
        """The columns named by ``wanted`` in that order; the first of the list stays the first, and unknown keys are ignored. Nothing wanted: as
        the list comes."""
        known = {c.key: c for c in self.columns}
        first = self.columns[0]
        chosen = [known[key] for key in dict.fromkeys(wanted) if key in known and key != first.key]
        return (first, *chosen) if wanted else tuple(c for c in self.columns if c.shown)

    def counted(self, n: Counted) -> Text:
        """``n`` with its unit in both languages."""
        ko, one, many = self.unit
        return Text(f"{n}{ko}", f"{n} {one if n.n == 1 and not n.more else many}")


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that holds, and the address without it."""

    label: Text
    value: Text | str
    without: str


def encode(sort: str, values: Sequence[Any]) -> str:
    """An opaque cursor: the sort and the values of the row it stands on."""
    plain = json.dumps([sort, *(_plain(v) for v in values)], separators=(",", ":"), ensure_ascii=False)
    return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")


def _plain(value: Any) -> Any:
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def decode(text: str, sort: str, length: int) -> list[Any] | None:
    """The values of a cursor made for ``sort``; None for anything else, whatever it is."""
    if len(text) > CURSOR:
        return None
    try:
        found = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        return None
    if not isinstance(found, list) or len(found) != length + 1 or found[0] != sort:
        return None
    values = found[1:]
    return values if all(isinstance(v, (str, int, float)) and not isinstance(v, bool) for v in values) else None


def _expressions(model: type[Model], names: Sequence[str]) -> list[Collate | F]:
    """The columns of a sort. Text without a collation of its own is compared by code point, so that pages never depend on a locale."""
    out: list[Collate | F] = []
    for name in names:
        column = model._meta.get_field(name)
        is_text = isinstance(column, (CharField, TextField)) and not getattr(column, "db_collation", None)
        out.append(Collate(F(name), "C") if is_text else F(name))
    return out


class Page:
    """One page of a listing as a reader asked for it. ``given`` stands for the address where another page than the list asks (what is beside
    a row, a file of all rows); with ``read`` False no row is read."""

    def __init__(
        self, request: HttpRequest, listing: Listing, rows: Rows, given: Mapping[str, str] | None = None, *, read: bool = True
    ) -> None:
        self.request = request
        self.listing = listing
        self.asked = given if given is not None else request.GET
        self.unfiltered = rows
        self.view = ""  # the saved view that is shown, by its id
        self.columns = listing.kept(())
        self.usual_density = "regular"
        self.q = self.asked.get("q", "").strip()[:100] if listing.search else ""
        self.sort = next((s for s in listing.sorts if s.key == self.asked.get("sort")), listing.sorts[0])
        self.offers = {f.key: f.offered(request) for f in listing.filters}
        self.chosen: dict[str, str] = {}
        for choice in listing.filters:
            value = self.asked.get(choice.key, "")
            if any(value == offered for offered, _ in self.offers[choice.key]):
                self.chosen[choice.key] = value
                rows = choice.apply(rows, value)
        if self.q and listing.search:
            rows = listing.search(rows, self.q)
        self.matching = rows
        self.rows: list[Any] = []
        if read:
            self._read()

    # ── rows ────────────────────────────────────────────────────────────
    def ordered(self, *, backwards: bool = False) -> tuple[Rows, list[Collate | F]]:
        """The rows that match in their order, or against it, and what they are ordered by."""
        return self._ordered(self.matching, backwards=backwards)

    def _ordered(self, rows: Rows, *, backwards: bool) -> tuple[Rows, list[Collate | F]]:
        columns = _expressions(rows.model, self.names())
        down = self.sort.descending != backwards
        return rows.order_by(*(OrderBy(c, descending=down) for c in columns)), columns

    def names(self) -> list[str]:
        """The columns that a cursor holds: those of the sort, then the primary key."""
        keys = [f.attname for f in self.matching.model._meta.pk_fields]  # several for a composite key
        names = [n for field in self.sort.fields for n in (keys if field == "pk" else [field])]
        return [*names, *(k for k in keys if k not in names)]

    def _read(self) -> None:
        names = self.names()
        after = decode(self.asked.get("after", ""), self.sort.key, len(names))
        before = decode(self.asked.get("before", ""), self.sort.key, len(names)) if after is None else None
        stand = after or before
        backwards = before is not None
        rows, columns = self._ordered(self.matching, backwards=backwards)
        if stand is not None:
            beyond = TupleLessThan if self.sort.descending != backwards else TupleGreaterThan
            fields = [self.matching.model._meta.get_field(n) for n in names]
            try:
                if any(isinstance(v, str) and "\0" in v for v in stand):
                    raise ValueError("NUL")
                values = [f.to_python(v) for f, v in zip(fields, stand, strict=True)]
            except Exception:  # a cursor that somebody wrote by hand
                values, backwards = [], False
                rows, columns = self._ordered(self.matching, backwards=False)
            if values:
                rows = rows.filter(beyond(tuple(columns), tuple(values)))
        found = list(rows[: self.listing.size + 1])
        more = len(found) > self.listing.size
        found = found[: self.listing.size]
        if backwards:
            found.reverse()
        if self.listing.prepare and found:
            self.listing.prepare(found)
        self.rows = found
        has_next = more if not backwards else True
        has_previous = (stand is not None) if not backwards else more
        self.next = self._cursor("after", found[-1], names) if found and has_next else ""
        self.previous = self._cursor("before", found[0], names) if found and has_previous else ""

    def _cursor(self, side: str, row: Any, names: Sequence[str]) -> str:
        read = row.get if isinstance(row, dict) else lambda n: getattr(row, n)
        return self.address(**{side: encode(self.sort.key, [read(n) for n in names])})

    def everything(self, chosen: Sequence[str] = ()) -> Rows:
        """All rows that match, in the order of the page; or of them only those whose numbers are in ``chosen``."""
        rows = self.matching
        if chosen and self.listing.row_field:
            rows = rows.filter(**{f"{self.listing.row_field}__in": list(chosen)})
        return self._ordered(rows, backwards=False)[0]

    # ── addresses ───────────────────────────────────────────────────────
    def address(self, **changes: str | None) -> str:
        """This list with parameters changed; None drops one. A changed filter or sort begins at the first page."""
        kept: dict[str, str | None] = {"q": self.q or None, **self.params(), "view": self.view or None}
        kept |= changes
        pairs = [(k, v) for k, v in kept.items() if v]
        return f"{self.request.path}?{urlencode(pairs)}" if pairs else self.request.path

    def params(self) -> dict[str, str]:
        """The filters and the order that hold, as a saved view keeps them: only what the list offers, never what was typed."""
        sort = {} if self.sort is self.listing.sorts[0] else {"sort": self.sort.key}
        return {**self.chosen, **sort}

    @property
    def trail(self) -> str:
        """What the page of a row must know to go on along this list; empty where that is the usual order of all rows."""
        return urlencode(self.held) if self.listing.trail and self.held else ""

    @property
    def here(self) -> str:
        """This very page of the list, where its forms are sent."""
        return self.request.get_full_path()

    @property
    def excel(self) -> str:
        return self.address(format="xlsx")

    @property
    def cut(self) -> str:
        return self.address(format="xlsx", cut="1")

    @property
    def held(self) -> dict[str, str]:
        """What the address holds, for a form that is sent to it."""
        return {**({"q": self.q} if self.q else {}), **self.params(), **({"view": self.view} if self.view else {})}

    @property
    def exact(self) -> str:
        return self.address(count="exact")

    @property
    def bare(self) -> str:
        """The list without any filter."""
        return self.request.path

    # ── what the page shows ─────────────────────────────────────────────
    @property
    def total(self) -> Counted:
        if not hasattr(self, "_total"):
            self._total = bounded(self.matching, exact=self.request.GET.get("count") == "exact")
        return self._total

    @property
    def said(self) -> Text:
        return self.listing.counted(self.total)

    @property
    def searchable(self) -> bool:
        return self.listing.search is not None

    @property
    def filtered(self) -> bool:
        return bool(self.q or self.chosen)

    def chips(self) -> list[Chip]:
        out = []
        for choice in self.listing.filters:
            if choice.key in self.chosen:
                value = self.chosen[choice.key]
                word = next(text for key, text in self.offers[choice.key] if key == value)
                out.append(Chip(choice.label, word, self.address(**{choice.key: None})))
        if self.q:
            out.append(Chip(Text("찾기", "Search"), self.q, self.address(q=None)))
        return out

    def narrowest(self) -> Chip | None:
        """The filter to drop when nothing matches: what was typed, else the last one chosen."""
        chips = self.chips()
        return chips[-1] if chips else None

    def controls(self) -> list[tuple[Choice, list[tuple[str, Text, bool]]]]:
        """Each filter with its values and which one holds."""
        return [(c, [(k, text, self.chosen.get(c.key) == k) for k, text in self.offers[c.key]]) for c in self.listing.filters]

    def tabs(self) -> list[tuple[View, str, bool]]:
        """Views, their addresses and which one is shown."""
        out = []
        for view in self.listing.views:
            params = dict(view.params)
            url = f"{self.request.path}?{urlencode(params)}" if params else self.request.path
            out.append((view, url, params == self.chosen and not self.q and not self.view))
        return out

    def orders(self) -> list[tuple[Sort, str, bool]]:
        return [(s, self.address(sort=None if s is self.listing.sorts[0] else s.key), s is self.sort) for s in self.listing.sorts]

    @property
    def density_cookie(self) -> str:
        return f"nm_density_{self.listing.key}" + (f"_{self.view}" if self.view else "")

    @property
    def density(self) -> str:
        kept = self.request.COOKIES.get(self.density_cookie, "")
        return kept if kept in DENSITIES else self.usual_density

    def densities(self) -> list[tuple[str, Text, str]]:
        return [(key, text, self.address(density=key)) for key, text in DENSITIES.items()]

    def cells(self) -> list[tuple[str, list[tuple[Column, Any, str]]]]:
        """Rows as (row key, [(column, value, link)])."""
        out = []
        trail = f"?{urlencode({'from': self.trail})}" if self.trail else ""
        for row in self.rows:
            out.append((self.listing.row_key(row), [(c, c.value(row), c.url(row) + trail if c.url else "") for c in self.columns]))
        return out


def keep_density(request: HttpRequest, page: Page) -> HttpResponse | None:
    """Remember ``?density=`` in a cookie of this list and go back to the address without it; None when it was not asked."""
    asked = request.GET.get("density", "")
    if asked not in DENSITIES:
        return None
    answer = HttpResponseRedirect(page.address())
    answer.set_cookie(page.density_cookie, asked, max_age=365 * 24 * 3600, samesite="Lax", secure=request.is_secure())
    return answer


def respond(
    request: HttpRequest, listing: Listing, rows: Rows, template: str, context: dict[str, Any] | None = None, **frame: Any
) -> HttpResponseBase:
    """The list as a page, or as a workbook with ``?format=xlsx``. ``frame`` goes to :func:`pages.page`.

    htmx gets the fragment ``rows`` of the kit's own template; of a template that extends it the whole page, from which the part that asked
    takes its own by ``hx-select``.
    """
    from numaru.ui import bulk, downloads
    from numaru.ui.desk import Desk
    from numaru.ui.pages import page

    shown = Page(request, listing, rows)
    desk = Desk(request, shown)
    redirect = keep_density(request, shown)
    if redirect is not None:
        return redirect
    acts = bulk.answer(request, shown, frame)
    if acts is not None:
        return acts
    if request.GET.get("format") == "xlsx":
        return downloads.answer(request, shown, frame)
    if request.method == "POST" and (done := desk.receive()) is not None:
        return done
    fragment = "rows" if template == KIT else ""  # a part of the kit's template is none of a template that extends it
    told = {**(context or {}), "list": shown, "desk": desk, "bulk_acts": bulk.offered(request, shown)}
    return page(request, template, told, fragment=fragment, status=422 if desk.wrong else 200, **frame)


@dataclass(frozen=True, slots=True)
class Source:
    """A list as others than its page may ask for it: the room list (counts of views), files made in the background. ``rows`` narrows to what
    the actor may see and raises NotAllowed for who may not see the list at all."""

    listing: Listing
    rows: Callable[[Actor], Rows]


sources: Register[Source] = Register("lists")
