"""What stands before and after a row in the list that led to it: the page of an object goes on along the list, its order and its filters.

The links of a list carry ``?from=`` (its filters and order) to the pages of its rows; without it the usual order of all rows holds. Two queries
of one row each, by the same index as the list.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.db.models.fields.tuple_lookups import TupleGreaterThan, TupleLessThan
from django.http import HttpRequest

from numaru.ui.lists import Listing, Page, Rows


@dataclass(frozen=True, slots=True)
class Beside:
    """Addresses of the neighbours (empty at the ends), and of the list that led here."""

    before: str
    after: str
    back: str


def beside(request: HttpRequest, listing: Listing, rows: Rows, row: Any, url: Callable[[Any], str], home: str) -> Beside:
    """The neighbours of ``row`` in ``listing`` over ``rows``. ``url`` is the page of a row, ``home`` that of the list. A row that the filters no
    longer hold still has neighbours: those between which it would stand. What stands in ``?from=`` is read as the list reads its address."""
    trail = request.GET.get("from", "")[:2_000]
    try:
        given = dict(parse_qsl(trail, max_num_fields=40))
    except ValueError:  # somebody wrote it by hand
        given = {}
    page = Page(request, listing, rows, given, read=False)
    if given.get("view", "").isdecimal():
        page.view = given["view"][:18]
    carried = f"?{urlencode({'from': page.trail})}" if page.trail else ""
    found = []
    for backwards in (True, False):
        ordered, columns = page.ordered(backwards=backwards)
        beyond = TupleLessThan if page.sort.descending != backwards else TupleGreaterThan
        next_one = ordered.filter(beyond(tuple(columns), tuple(getattr(row, name) for name in page.names()))).first()
        found.append(f"{url(next_one)}{carried}" if next_one is not None else "")
    return Beside(found[0], found[1], f"{home}?{page.trail}" if page.trail else home)
