"""What a person keeps of a list: saved views as tabs, columns in their order. The list's own page receives the forms.

A list needs nothing for it. Whatever a form says is held against what the list offers: filters, orders and columns that it does not know are
dropped, and what was typed to search is never kept where it may name a person.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from numaru.kernel.access import Actor
from numaru.kernel.desk import api as desk
from numaru.kernel.errors import Refused
from numaru.ui.counts import Counted, bounded_all
from numaru.ui.lists import DENSITIES, Column, Listing, Page, Rows
from numaru.values.finding import Finding
from numaru.values.text import Text

ALL = "all"  # the tab without filters, in counts
SEARCHED = Finding(
    "desk.searched",
    Text("찾는 말이 있는 목록은 보기로 저장하지 않습니다. 이름이나 전화번호일 수 있습니다.",
         "A list narrowed by a search is not kept as a view: what you typed may be a name or a number of a person."),
    Text("찾는 말을 빼고 조건만 저장하십시오.", "Drop the search and keep the filters."), field="q",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tab:
    """A view over the list: built in, own or shared."""

    key: str
    label: Text | str
    url: str
    current: bool
    count: Counted | None = None
    kept: desk.KeptView | None = None


@dataclass(frozen=True, slots=True)
class Chosen:
    """A column in the menu of columns."""

    column: Column
    on: bool
    fixed: bool


def kept_views(request: HttpRequest, keys: list[str]) -> dict[str, list[desk.KeptView]]:
    """The views of these lists that the reader has. One query for a page, whoever asks first."""
    known: dict[str, list[desk.KeptView]] = request.__dict__.setdefault("_nm_views", {})
    staff = staff_of(request)
    missing = [key for key in keys if key not in known]
    if missing:
        known |= {key: [] for key in missing}
        if staff is not None:
            for view in desk.on_desk(staff, missing):
                known[view.list_key].append(view)
    return {key: known[key] for key in keys}


def staff_of(request: HttpRequest) -> int | None:
    user = getattr(request, "user", None)
    return user.actor.staff_id if user is not None and user.is_authenticated else None


def narrowed(request: HttpRequest, listing: Listing, rows: Rows, params: dict[str, str]) -> Rows | None:
    """The rows under these filters when an index answers them all; else None."""
    if "q" in params:
        return None
    wanted = [(choice, params[choice.key]) for choice in listing.filters if choice.key in params]
    if not all(choice.cheap for choice, _ in wanted):
        return None
    for choice, value in wanted:
        if any(value == offered for offered, _ in choice.offered(request)):
            rows = choice.apply(rows, value)
    return rows


def counts(request: HttpRequest, listing: Listing, rows: Rows) -> dict[str, Counted]:
    """How many rows each view of a list shows, where that is cheap: by the key of a built-in tab, or the id of a kept one. One query."""
    known: dict[str, dict[str, Counted]] = request.__dict__.setdefault("_nm_counts", {})
    if listing.key not in known:
        named = [(v.key, dict(v.params)) for v in listing.views]
        named += [(str(v.id), dict(v.params)) for v in kept_views(request, [listing.key])[listing.key]]
        sets = [(key, found) for key, params in named if (found := narrowed(request, listing, rows, params)) is not None]
        known[listing.key] = dict(zip([key for key, _ in sets], bounded_all([found for _, found in sets]), strict=True))
    return known[listing.key]


def address(path: str, view: desk.KeptView) -> str:
    """Where a kept view stands."""
    return f"{path}?{urlencode({**view.params, 'view': view.id})}"


class Desk:
    """The desk of one reader over one list. Built by :func:`numaru.ui.lists.respond`; puts view, columns and density onto the page."""

    def __init__(self, request: HttpRequest, page: Page) -> None:
        self.request, self.page, self.listing = request, page, page.listing
        self.staff = staff_of(request)
        self.wrong: list[Finding] = []
        self.typed: dict[str, str] = {}
        self.opened = ""  # the form that came back
        self.views = kept_views(request, [self.listing.key])[self.listing.key]
        self.view = next((v for v in self.views if str(v.id) == request.GET.get("view")), None)
        arranged = desk.columns_of(self.staff, self.listing.key) if self.staff is not None else {}
        own = arranged.get(self.view.id if self.view else None, ())
        self.arranged = bool(own)
        page.columns = self.listing.kept(own or (self.view.columns if self.view else ()))
        if self.view is not None:
            page.view = str(self.view.id)
            page.usual_density = self.view.density if self.view.density in DENSITIES else "regular"

    # ── what the page shows ─────────────────────────────────────────────
    @property
    def usable(self) -> bool:
        return self.staff is not None

    def tabs(self) -> list[Tab]:
        """Built-in views first, then the own ones; of shared ones only the one that is open (they all stand in the room list)."""
        found = counts(self.request, self.listing, self.page.unfiltered)
        out = [Tab(v.key, v.label, url, on, found.get(v.key)) for v, url, on in self.page.tabs()]
        for view in self.views:
            if view.mine or view == self.view:
                out.append(Tab(str(view.id), view.name, address(self.request.path, view), view == self.view, found.get(str(view.id)), view))
        return out

    @property
    def changed(self) -> bool:
        """The open view is one's own, and what is shown is no longer what it holds."""
        if self.view is None or not self.view.mine:
            return False
        return self.page.params() != dict(self.view.params) or self.arranged or self.page.density != (self.view.density or "regular")

    @property
    def searched(self) -> Finding | None:
        return SEARCHED if self.page.q and self.listing.searches_people else None

    @property
    def unsearched(self) -> str:
        return self.page.address(q=None)

    def columns(self) -> list[Chosen]:
        """The menu of columns: those shown in their order, then the others."""
        shown = list(self.page.columns)
        return [Chosen(c, c in shown, i == 0) for i, c in enumerate([*shown, *(c for c in self.listing.columns if c not in shown)])]

    @property
    def gone(self) -> tuple[int, str] | None:
        """A view that was just deleted and can come back."""
        asked = self.request.GET.get("gone", "")
        if self.staff is None or not asked.isdecimal() or len(asked) > 18:
            return None
        name = desk.dropped(self.staff, int(asked))
        return (int(asked), name) if name else None

    # ── what its forms do ───────────────────────────────────────────────
    def receive(self) -> HttpResponse | None:
        """Do what a form of the desk asks and lead back to the list; None when it was none of ours, or refused (``wrong`` says why)."""
        verb = self.request.POST.get("desk", "")
        one = {
            "save": self._save, "change": self._change, "update": self._update, "drop": self._drop, "restore": self._restore,
            "columns": self._columns, "reset": self._reset,
        }.get(verb)  # fmt: skip
        if one is None or self.staff is None:
            return None
        try:
            return HttpResponseRedirect(one(self.request.user.actor))  # type: ignore[union-attr]
        except Refused as refused:
            if refused.status in (403, 404):
                raise
            self.wrong = refused.findings
            self.opened = verb
            self.typed = {"name": self.request.POST.get("name", "")[:200], "shared": self.request.POST.get("shared", "")}
            return None

    def _save(self, actor: Actor) -> str:
        if self.searched:
            raise Refused(self.searched)
        made = desk.save_view.do(
            actor, list_key=self.listing.key, name=self.request.POST.get("name", ""), params=self._params(), columns=self._keys(),
            density=self.page.density, shared=self.request.POST.get("shared") == "yes",
        )  # fmt: skip
        return f"{self.request.path}?{urlencode({**self._params(), 'view': made})}"

    def _params(self) -> dict[str, str]:
        params = self.page.params()
        return {**params, "q": self.page.q} if self.page.q and not self.listing.searches_people else params

    def _keys(self) -> list[str]:
        """The keys of the columns as they stand, or nothing when they are as the list comes."""
        shown = [c.key for c in self.page.columns]
        return [] if shown == [c.key for c in self.listing.kept(())] else shown

    def _asked(self) -> int:
        text = self.request.POST.get("id", "")
        return int(text) if text.isdecimal() and len(text) < 19 else 0

    def _change(self, actor: Actor) -> str:
        view, shared = self._asked(), self.request.POST.get("shared") == "yes"
        desk.change_view.do(actor, view=view, name=self.request.POST.get("name", ""), shared=shared)
        return self.page.here

    def _update(self, actor: Actor) -> str:
        if self.searched:
            raise Refused(self.searched)
        view = self._asked()
        desk.change_view.do(actor, view=view, params=self._params(), columns=self._keys(), density=self.page.density)
        return f"{self.request.path}?{urlencode({**self._params(), 'view': view})}"

    def _drop(self, actor: Actor) -> str:
        view = self._asked()
        desk.drop_view.do(actor, view=view)
        return f"{self.request.path}?{urlencode({'gone': view})}"

    def _restore(self, actor: Actor) -> str:
        view = self._asked()
        desk.restore_view.do(actor, view=view)
        back = next((v for v in desk.on_desk(self.staff or 0, [self.listing.key]) if v.id == view), None)
        return address(self.request.path, back) if back else self.request.path

    def _columns(self, actor: Actor) -> str:
        wanted = [key for key in self.request.POST.getlist("col") if any(c.key == key for c in self.listing.columns)]
        move, by = self.request.POST.get("up", ""), -1
        if not move:
            move, by = self.request.POST.get("down", ""), 1
        if move in wanted:
            at = wanted.index(move)
            to = min(max(at + by, 0), len(wanted) - 1)
            wanted.insert(to, wanted.pop(at))
        self._arrange(actor, [c.key for c in self.listing.kept([self.listing.columns[0].key, *wanted])])
        return self.page.here

    def _reset(self, actor: Actor) -> str:
        self._arrange(actor, [])
        return self.page.here

    def _arrange(self, actor: Actor, columns: list[str]) -> None:
        under: Any = self.view.id if self.view else None
        desk.arrange.do(actor, list_key=self.listing.key, columns=columns, view=under)
