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
from collections.abc import Callable, Sequence
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
    """A filter with named values: ``?key=value``. Values that are not offered are ignored. ``choices`` may be asked per request."""

    key: str
    label: Text
    choices: Sequence[tuple[str, Text]] | Callable[[HttpRequest], Sequence[tuple[str, Text]]]
    apply: Callable[[Rows, str], Rows]

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
    names a row when rows can be chosen; left out, there is nothing to choose."""

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

    def row_key(self, row: Any) -> str:
        """What names ``row`` in a form, or nothing when rows of this list are not chosen."""
        if not self.row_field:
            return ""
        return str(row[self.row_field] if isinstance(row, dict) else getattr(row, self.row_field))

    def __post_init__(self) -> None:
        taken = {"q", "sort", "after", "before", "count", "density", "format", "row"}
        names = [f.key for f in self.filters]
        if not self.sorts or taken & set(names) or len(names) != len(set(names)):
            raise ValueError(f"list {self.key}: needs a sort, and filters with names of their own")

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
    """One page of a listing as a reader asked for it. Reads its rows once, when they are first looked at."""

    def __init__(self, request: HttpRequest, listing: Listing, rows: Rows) -> None:
        self.request = request
        self.listing = listing
        self.q = request.GET.get("q", "").strip()[:100] if listing.search else ""
        self.sort = next((s for s in listing.sorts if s.key == request.GET.get("sort")), listing.sorts[0])
        self.offers = {f.key: f.offered(request) for f in listing.filters}
        self.chosen: dict[str, str] = {}
        for choice in listing.filters:
            value = request.GET.get(choice.key, "")
            if any(value == offered for offered, _ in self.offers[choice.key]):
                self.chosen[choice.key] = value
                rows = choice.apply(rows, value)
        if self.q and listing.search:
            rows = listing.search(rows, self.q)
        self.matching = rows
        self._read()

    # ── rows ────────────────────────────────────────────────────────────
    def _ordered(self, rows: Rows, *, backwards: bool) -> tuple[Rows, list[Collate | F]]:
        columns = _expressions(rows.model, self._names(rows))
        down = self.sort.descending != backwards
        return rows.order_by(*(OrderBy(c, descending=down) for c in columns)), columns

    def _names(self, rows: Rows) -> list[str]:
        keys = [f.attname for f in rows.model._meta.pk_fields]  # several for a composite key
        names = [n for field in self.sort.fields for n in (keys if field == "pk" else [field])]
        return [*names, *(k for k in keys if k not in names)]

    def _read(self) -> None:
        names = self._names(self.matching)
        after = decode(self.request.GET.get("after", ""), self.sort.key, len(names))
        before = decode(self.request.GET.get("before", ""), self.sort.key, len(names)) if after is None else None
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
        kept: dict[str, str | None] = {"q": self.q or None, **self.chosen}
        if self.sort is not self.listing.sorts[0]:
            kept["sort"] = self.sort.key
        kept |= changes
        pairs = [(k, v) for k, v in kept.items() if v]
        return f"{self.request.path}?{urlencode(pairs)}" if pairs else self.request.path

    @property
    def excel(self) -> str:
        return self.address(format="xlsx")

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
            out.append((view, url, params == self.chosen and not self.q))
        return out

    def orders(self) -> list[tuple[Sort, str, bool]]:
        return [(s, self.address(sort=None if s is self.listing.sorts[0] else s.key), s is self.sort) for s in self.listing.sorts]

    @property
    def density_cookie(self) -> str:
        return f"nm_density_{self.listing.key}"

    @property
    def density(self) -> str:
        kept = self.request.COOKIES.get(self.density_cookie, "regular")
        return kept if kept in DENSITIES else "regular"

    def densities(self) -> list[tuple[str, Text, str]]:
        return [(key, text, self.address(density=key)) for key, text in DENSITIES.items()]

    def cells(self) -> list[tuple[str, list[tuple[Column, Any, str]]]]:
        """Rows as (row key, [(column, value, link)])."""
        out = []
        for row in self.rows:
            out.append((self.listing.row_key(row), [(c, c.value(row), c.url(row) if c.url else "") for c in self.listing.columns]))
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
    from numaru.ui import excel
    from numaru.ui.pages import page

    shown = Page(request, listing, rows)
    redirect = keep_density(request, shown)
    if redirect is not None:
        return redirect
    if request.GET.get("format") == "xlsx":
        return excel.download(listing, shown.everything(request.GET.getlist("row")))
    fragment = "rows" if template == KIT else ""  # a part of the kit's template is none of a template that extends it
    return page(request, template, {**(context or {}), "list": shown}, fragment=fragment, **frame)
