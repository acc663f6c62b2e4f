"""Each cell of docs/roles.md is tried: a role held for one service, or for all, against that service, another, and the whole house."""

from __future__ import annotations

import pytest

from numaru.kernel.access import ROLES, Actor
from tests.architecture.test_roles import written

HEAD, CELLS = written()
PERSONAL = [name for name in CELLS if name in ("parties.contact.open",) or name.startswith(("privacy.", "leaks."))]


@pytest.mark.parametrize("role", list(ROLES))
@pytest.mark.parametrize("name", sorted(CELLS))
def test_a_role_may_what_its_cell_says_where_it_was_given(name: str, role: str) -> None:
    has = CELLS[name][2 + HEAD.index(role)] == "●"
    everywhere, here = Actor("staff", 1, "x", ((role, None),)), Actor("staff", 1, "x", ((role, "video"),))
    client = Actor("client", 1, "p", ((role, "video"),))
    assert [everywhere.may(name, "video"), everywhere.may(name, "books"), everywhere.may(name)] == [has] * 3
    for scoped in (here, client):
        assert [scoped.may(name, "video"), scoped.may(name, "books"), scoped.may(name)] == [has, False, False]
        assert scoped.may_somewhere(name) is has and scoped.services(name) == (frozenset({"video"}) if has else frozenset())


@pytest.mark.parametrize("name", PERSONAL)
def test_neither_support_nor_an_administrator_opens_personal_data_by_role(name: str) -> None:
    cell = dict(zip(HEAD, CELLS[name][2:], strict=True))
    assert cell["support_engineer"] == "" and cell["basic"] == ""


def test_an_administrator_does_not_open_contact_data() -> None:
    assert dict(zip(HEAD, CELLS["parties.contact.open"][2:], strict=True))["administrator"] == ""


def test_support_and_joiners_see_no_list_of_people() -> None:
    for role in ("support_engineer", "basic"):
        assert not Actor("staff", 1, "x", ((role, None),)).may_somewhere("subscribers.subscriber.view")
