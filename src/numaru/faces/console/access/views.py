"""Pages of access: staff, one person, roles, API keys."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse

from numaru.faces.console.access import acts, states
from numaru.faces.console.access.forms import Joiner, NewClient, NewGrant, Reason
from numaru.faces.console.access.rooms import CLIENTS, STAFF
from numaru.kernel import clock
from numaru.kernel.access import ROLES, permissions
from numaru.kernel.errors import NotAllowed, NotFound, Refused
from numaru.kernel.models import AuditRecord, Staff
from numaru.kernel.staff import api as staff
from numaru.ui import asking, detail, lists
from numaru.ui.detail import Fact
from numaru.ui.forms import refuse
from numaru.ui.lists import Choice, Column, Listing, Sort
from numaru.ui.pages import actor_of, page
from numaru.ui.shell import Crumb
from numaru.ui.states import State
from numaru.ui.timeline import Entry, days
from numaru.values.text import Text

may = staff.permissions


def need(request: HttpRequest, permission: str) -> None:
    """Raises NotAllowed for a reader without ``permission`` for all services: access belongs to the whole house."""
    if not actor_of(request).may(permission):
        raise NotAllowed.for_permission(permission)


def face(person: Staff, locked: bool, bare: bool) -> State:
    if not person.is_active:
        return states.LEFT
    return states.LOCKED if locked else states.BARE if bare else states.ACTIVE


def _faces(rows: list[Any]) -> None:
    locked = staff.throttle.locked({r.pk: r.login for r in rows})
    bare = staff.factors.without([r.pk for r in rows])
    for row in rows:
        row.face = face(row, row.pk in locked, row.pk in bare)
        row.role_words = ", ".join(str(ROLES.get(g.role, g.role)) for g in row.grants.all() if g.ended_at is None)


LISTING = Listing(
    key="staff",
    name=STAFF,
    unit=("명", "person", "people"),
    columns=(
        Column("name", Text("이름", "Name"), lambda r: r.name, url=lambda r: reverse("access:person", args=[r.pk])),
        Column("login", Text("아이디", "Log-in name"), lambda r: r.login),
        Column("state", Text("상태", "State"), lambda r: r.face, "state"),
        Column("roles", Text("역할", "Roles"), lambda r: r.role_words),
        Column("last", Text("마지막 로그인", "Last sign-in"), lambda r: r.last_login, "when"),
        Column("since", Text("만든 날", "Since"), lambda r: r.created_at, "when"),
    ),
    sorts=(
        Sort("name", Text("이름 순", "By name"), ("name",)),
        Sort("new", Text("최근 순", "Newest first"), ("pk",), descending=True),
    ),
    filters=(
        Choice(
            "state", Text("상태", "State"), [("active", Text("사용 중", "Active")), ("left", Text("차단됨", "Cut off"))],
            lambda rows, v: rows.filter(is_active=v == "active"),
        ),
        Choice(
            "factor", Text("2단계 인증", "Second factor"), [("none", Text("없음", "None")), ("some", Text("있음", "Has one"))],
            lambda rows, v: staff.with_factor(rows, v == "some"),
        ),
        Choice(
            "role", Text("역할", "Role"), list(ROLES.items()),
            lambda rows, v: rows.filter(pk__in=staff.holders(v)),
        ),
    ),
    search=lambda rows, q: rows.filter(login__icontains=q) | rows.filter(name__icontains=q),
    placeholder=Text("이름, 아이디", "Name, log-in name"),
    prepare=_faces,
)  # fmt: skip


def staff_list(request: HttpRequest) -> HttpResponseBase:
    """Everybody who has or had an account."""
    need(request, may.PERSON_VIEW)
    rows = staff.staff_rows().prefetch_related("grants")
    context = {"may_add": actor_of(request).may(may.PERSON_ADD)}
    return lists.respond(request, LISTING, rows, "console/access/list.html", context, room="shared", place="staff", crumbs=[Crumb(STAFF)])


def add(request: HttpRequest) -> HttpResponse:
    """Make an account. Its first password is shown this once and must be changed at the first sign-in."""
    need(request, may.PERSON_ADD)
    form = Joiner(request.POST or None)
    crumbs = [Crumb(STAFF, reverse("access:list")), Crumb(Text("직원 추가", "Add staff"))]
    if request.method == "POST" and form.is_valid():
        try:
            made = staff.add_staff.do(actor_of(request), **form.cleaned_data)
        except Refused as refused:
            refuse(form, refused)
        else:
            context = {"person": made.staff, "secret": made.password, "kind": "password"}
            return page(request, "console/access/once.html", context, room="shared", place="staff", crumbs=crumbs)
    status = 422 if request.method == "POST" else 200
    return page(request, "console/access/add.html", {"form": form}, room="shared", place="staff", crumbs=crumbs, status=status)


def person(request: HttpRequest, number: int) -> HttpResponse:
    """One person: roles with their history, sessions, factors, keys, and what was done to the account."""
    need(request, may.PERSON_VIEW)
    who, actor = staff.person(number), actor_of(request)
    rows = staff.grants(number)
    approved = staff.approvers(rows)
    for row in rows:
        row.over = row.ended_at is not None or (row.until is not None and row.until <= clock.now())  # type: ignore[attr-defined]
        row.approved = approved.get(row.approval or 0)  # type: ignore[attr-defined]
    happened = staff.history(number)
    held = staff.own_factors(number)
    locked = staff.locked(who)
    context = {
        "person": who,
        "face": face(who, locked, not any(f.kind in staff.factors.REAL for f in held)),
        "locked": locked,
        "now": [r for r in rows if not r.over],  # type: ignore[attr-defined]
        "before": [r for r in rows if r.over],  # type: ignore[attr-defined]
        "pending": staff.pending(number),
        "factors": held,
        "sessions": staff.sessions(number),
        "clients": staff.client_rows().filter(owner=number).order_by("-pk"),
        "attempts": staff.attempts(number),
        "days": days(_told(record) for record in happened),
        "facts": detail.facts(
            Fact(Text("마지막 로그인", "Last sign-in"), who.last_login),
            Fact(Text("만든 때", "Since"), who.created_at),
            Fact(Text("차단한 때", "Cut off"), who.left_at) if who.left_at else None,
            Fact(Text("2단계 인증 기한", "Second factor by"), who.factor_by) if who.factor_by else None,
        ),
        "mine": actor.staff_id == number,
        "may_grant": who.is_active and actor.may(may.GRANT_CHANGE),
        "may_reset": who.is_active and actor.may(may.PASSWORD_ISSUE),
        "may_leave": who.is_active and actor.may(may.PERSON_LEAVE) and actor.staff_id != number,
    }
    crumbs = [Crumb(STAFF, reverse("access:list")), Crumb(who.name)]
    return page(request, "console/access/person.html", context, room="shared", place="staff", crumbs=crumbs)


def _told(record: AuditRecord) -> Entry:
    """A record of what was done to an account as a line of its history."""
    known = permissions.get(record.action)
    what = known.text if known else Text(record.action, record.action)
    by = Text(record.actor_name, record.actor_name) if record.actor_name else Text("시스템", "the house")
    why = Text("{a} · {r}", "{a} · {r}").fill(a=by, r=record.reason) if record.reason else by
    return Entry(record.at, "user", what, why)


def give(request: HttpRequest, number: int) -> HttpResponse:
    """Ask for a role for somebody, or give it where nobody else could approve it."""
    need(request, may.GRANT_CHANGE)
    who, actor = staff.person(number), actor_of(request)
    form = NewGrant(request.POST or None)
    second = asking.need(actor, staff.grant, staff=number)
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        try:
            outcome = asking.carry_out(actor, staff.grant, reason=data.pop("reason"), staff=number, **data)
        except Refused as refused:
            refuse(form, refused)
        else:
            return asking.follow(outcome, "access:person", number)
    crumbs = [
        Crumb(STAFF, reverse("access:list")),
        Crumb(who.name, reverse("access:person", args=[number])),
        Crumb(Text("역할 주기", "Give a role")),
    ]
    context = {"form": form, "person": who, "second": second}
    status = 422 if request.method == "POST" else 200
    return page(request, "console/access/give.html", context, room="shared", place="staff", crumbs=crumbs, status=status)


def _step(request: HttpRequest, step: acts.Step, value: int, name: str, back_to: str, place: str, crumbs: list[Crumb]) -> HttpResponse:
    """The page of one act: what will happen, why, and the button. A secret that comes of it is shown this once."""
    need(request, step.action.permission)
    actor = actor_of(request)
    arguments: dict[str, Any] = {step.argument: value}
    form, blocked, effects = Reason(request.POST or None), None, []
    try:
        effects = step.action.plan(actor, **arguments).effects
    except Refused as refused:
        blocked = refused.findings[0]
    if request.method == "POST" and form.is_valid() and blocked is None:
        try:
            outcome = asking.carry_out(actor, step.action, reason=form.cleaned_data["reason"], **arguments)
        except Refused as refused:
            refuse(form, refused)
        else:
            if isinstance(outcome.result, staff.Ticket):
                url = request.build_absolute_uri(reverse("account_link", args=[outcome.result.secret]))
                context = {"name": name, "secret": url, "kind": "link", "until": outcome.result.expires_at, "back": back_to}
                return page(request, "console/access/once.html", context, room="shared", place=place, crumbs=crumbs)
            if isinstance(outcome.result, staff.NewClient):
                context = {
                    "name": name,
                    "secret": outcome.result.token,
                    "kind": "token",
                    "until": outcome.result.client.expires_at,
                    "back": back_to,
                }
                return page(request, "console/access/once.html", context, room="shared", place=place, crumbs=crumbs)
            return asking.follow(outcome, back_to)
    second = asking.need(actor, step.action, **arguments)
    context = {"form": form, "step": step, "name": name, "effects": effects, "blocked": blocked, "second": second, "back": back_to}
    status = 422 if request.method == "POST" else 409 if blocked else 200
    return page(request, "console/access/act.html", context, room="shared", place=place, crumbs=[*crumbs, Crumb(step.title)], status=status)


def act(request: HttpRequest, number: int, what: str) -> HttpResponse:
    """Do something to an account."""
    step = acts.PERSON.get(what)
    if step is None:
        raise NotFound.named(Text("동작", "act"), what)
    need(request, step.action.permission)
    who = staff.person(number)
    here = reverse("access:person", args=[number])
    return _step(request, step, number, who.name, here, "staff", [Crumb(STAFF, reverse("access:list")), Crumb(who.name, here)])


def end_grant(request: HttpRequest, number: int, grant: int) -> HttpResponse:
    """End one role of somebody."""
    need(request, may.GRANT_CHANGE)
    who = staff.person(number)
    row = next((g for g in staff.grants(number) if g.pk == grant), None)
    if row is None:
        raise NotFound.named(Text("역할", "grant"), grant)
    here = reverse("access:person", args=[number])
    name = f"{who.name} · {ROLES.get(row.role, row.role)}"
    return _step(request, acts.GRANT, grant, name, here, "staff", [Crumb(STAFF, reverse("access:list")), Crumb(who.name, here)])


# ── API keys ──


def client_face(client: Any) -> State:
    if not client.active:
        return states.REVOKED
    return states.EXPIRED if client.expires_at and client.expires_at <= clock.now() else states.LIVE


def _client_faces(rows: list[Any]) -> None:
    for row in rows:
        row.face = client_face(row)


CLIENT_LISTING = Listing(
    key="clients",
    name=CLIENTS,
    unit=("개", "key", "keys"),
    columns=(
        Column("name", Text("이름", "Name"), lambda r: r.name, url=lambda r: reverse("access:client", args=[r.pk])),
        Column("state", Text("상태", "State"), lambda r: r.face, "state"),
        Column("prefix", Text("앞자리", "Begins with"), lambda r: f"{r.prefix}…" if r.prefix else "–"),
        Column("roles", Text("역할", "Roles"), lambda r: ", ".join(str(ROLES.get(x, x)) for x in r.roles)),
        Column("service", Text("서비스", "Service"), lambda r: r.service or Text("모든 서비스", "All services")),
        Column("owner", Text("소유자", "Owner"), lambda r: r.owner.name if r.owner else "–"),
        Column("used", Text("마지막 사용", "Last used"), lambda r: r.last_used_at, "when"),
        Column("expires", Text("기한", "Expires"), lambda r: r.expires_at, "when"),
    ),
    sorts=(Sort("new", Text("최근 순", "Newest first"), ("pk",), descending=True), Sort("name", Text("이름 순", "By name"), ("name",))),
    filters=(
        Choice(
            "state", Text("상태", "State"), [("live", Text("사용 중", "Live")), ("revoked", Text("폐기됨", "Revoked"))],
            lambda rows, v: rows.filter(active=v == "live"),
        ),
    ),
    prepare=_client_faces,
)  # fmt: skip


def clients(request: HttpRequest) -> HttpResponseBase:
    """Every API key that there is or was."""
    need(request, may.CLIENT_ADD)
    crumbs = [Crumb(CLIENTS)]
    return lists.respond(
        request, CLIENT_LISTING, staff.client_rows(), "console/access/clients.html", {}, room="shared", place="clients", crumbs=crumbs
    )


def client_new(request: HttpRequest) -> HttpResponse:
    """Ask for an API key, or make it where nobody else could approve it."""
    need(request, may.CLIENT_ADD)
    form, actor = NewClient(request.POST or None), actor_of(request)
    crumbs = [Crumb(CLIENTS, reverse("access:clients")), Crumb(Text("새 API 키", "New API key"))]
    second = asking.need(actor, staff.make_client, name="?", roles=["basic"])
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            outcome = asking.carry_out(
                actor, staff.make_client, reason=data["reason"], name=data["name"], roles=[data["role"]], scope=data["scope"]
            )
        except Refused as refused:
            refuse(form, refused)
        else:
            if outcome.number:
                return asking.follow(outcome)
            made = outcome.result
            context = {
                "name": made.client.name, "secret": made.token, "kind": "token", "until": made.client.expires_at,
                "back": reverse("access:client", args=[made.client.pk]),
            }  # fmt: skip
            return page(request, "console/access/once.html", context, room="shared", place="clients", crumbs=crumbs)
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "second": second}
    return page(request, "console/access/client_new.html", context, room="shared", place="clients", crumbs=crumbs, status=status)


def client(request: HttpRequest, number: int) -> HttpResponse:
    """One API key."""
    need(request, may.CLIENT_ADD)
    row = staff.client(number)
    context = {
        "client": row,
        "face": client_face(row),
        "roles": ", ".join(str(ROLES.get(x, x)) for x in row.roles),
        "two": row.previous_until is not None and row.previous_until > clock.now(),
        "may_change": row.active and actor_of(request).may(may.CLIENT_CHANGE),
    }
    crumbs = [Crumb(CLIENTS, reverse("access:clients")), Crumb(row.name)]
    return page(request, "console/access/client.html", context, room="shared", place="clients", crumbs=crumbs)


def client_act(request: HttpRequest, number: int, what: str) -> HttpResponse:
    """Rotate or revoke an API key."""
    step = acts.CLIENT.get(what)
    if step is None:
        raise NotFound.named(Text("동작", "act"), what)
    need(request, step.action.permission)
    row = staff.client(number)
    here = reverse("access:client", args=[number])
    return _step(request, step, number, row.name, here, "clients", [Crumb(CLIENTS, reverse("access:clients")), Crumb(row.name, here)])
