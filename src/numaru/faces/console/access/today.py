"""Access on the first page: the review of who may do what, and API keys that are about to end."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Count, Q
from django.urls import reverse

from numaru.faces.console.access.rooms import CLIENTS, REVIEWS
from numaru.kernel import clock
from numaru.kernel.models import ApiClient
from numaru.kernel.staff import api as staff
from numaru.ui import today
from numaru.ui.first_steps import Step
from numaru.ui.first_steps import steps as first_steps
from numaru.ui.help import Chapter
from numaru.ui.today import Item, Reader
from numaru.values.text import Text

may = staff.permissions
AHEAD = timedelta(days=30)


@today.finder("access.review", room="shared", word=REVIEWS, permission=may.REVIEW_HOLD)
def review(reader: Reader) -> list[Item]:
    """The review that is open, with what is left of it; else, when the time has come, that one is to be begun."""
    if not reader.may(may.REVIEW_HOLD):
        return []
    left = Count("items", filter=Q(items__decision="") & ~Q(items__grant__staff=reader.staff))
    found = staff.reviews().filter(closed_at__isnull=True).annotate(left=left).first()
    if found is not None:
        if not found.left:  # only the reader's own grants wait: a colleague decides about those
            return []
        title = Text("접근 점검에 {n}개 역할이 남았습니다", "The access review has {n} grants left").fill(n=found.left)
        why = Text("{n} · {d} 시작", "{n} · begun {d}").fill(n=found.number, d=today.short_when(found.opened_at))
        url = reverse("access:review", args=[found.number])
        return [Item(f"access.review:{found.number}", "people", title, why, Text("점검", "Review"), url, found.due_on, weight=found.left)]
    if not staff.next_due():
        return []
    title = Text("접근 권한을 점검할 때입니다", "It is time to review access")
    why = Text("모든 역할을 한 사람씩 확인합니다", "every grant is looked at by a person")
    return [Item("access.review:new", "people", title, why, Text("점검 열기", "Begin"), reverse("access:reviews"))]


@today.finder("access.clients", room="shared", word=CLIENTS, permission=may.CLIENT_CHANGE)
def clients(reader: Reader) -> list[Item]:
    """Keys of programs that end within thirty days: from then on the program is refused. One that has ended stays a week."""
    if not reader.may(may.CLIENT_CHANGE):
        return []
    now = clock.now()
    rows = ApiClient.objects.filter(active=True, expires_at__lte=now + AHEAD, expires_at__gt=now - timedelta(days=7)).order_by(
        "expires_at", "pk"
    )
    items = []
    for row in rows[:100]:
        title = Text("API 키 ‘{n}’의 기한이 끝납니다", "The API key “{n}” ends").fill(n=row.name)
        used = today.short_when(row.last_used_at) if row.last_used_at else Text("쓴 적 없음", "never")
        why = Text("{p}… · 마지막 사용 {u}", "{p}… · last used {u}").fill(p=row.prefix, u=used)
        url = reverse("access:client", args=[row.pk])
        items.append(Item(f"access.client:{row.pk}", "clock", title, why, Text("교체", "Rotate"), url, row.expires_at, owner=row.owner_id))

    def rest(n: int) -> Item:
        title = Text("곧 끝나는 API 키가 {n}개 더 있습니다", "{n} more API keys end soon").fill(n=n)
        return Item(
            "access.client:more",
            "clock",
            title,
            CLIENTS,
            Text("모두 보기", "See all"),
            reverse("access:clients"),
            clock.today() + AHEAD,
            rest=n,
        )

    return today.limited(items, rest)


first_steps.add(
    "staff",
    Step(
        50, may.PERSON_ADD, Text("두 번째 사람을 둡니다", "Let a second person in"),
        Text("역할을 주거나 청구를 거두는 일은 다른 사람이 승인합니다.", "Giving roles and taking bills back need somebody else's approval."),
        Text("직원 추가", "Add staff"), lambda: reverse("access:add"), lambda request: staff.several(), Chapter("access", "who-joins"),
    ),
)  # fmt: skip
