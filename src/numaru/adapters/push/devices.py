"""Subscribing, unsubscribing, and addresses that are gone."""

from __future__ import annotations

import hmac
import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256
from typing import Any

from numaru.adapters.push import vapid
from numaru.adapters.push.models import PushDevice
from numaru.adapters.push.permissions import PUSH_GIVE_UP, PUSH_USE
from numaru.adapters.push.sealing import public, unb64
from numaru.adapters.push.services import callable_
from numaru.facilities.parties import api as parties
from numaru.kernel import clock
from numaru.kernel.actions import Act, action
from numaru.kernel.errors import Invalid, NotFound
from numaru.kernel.staff.devices import device as named
from numaru.kernel.vault import ring
from numaru.values.text import Text

MOST = 10  # browsers of one person; the one that was used longest ago makes room
WRONG = Text("이 브라우저의 알림 주소를 받을 수 없습니다.", "The push address of this browser can’t be taken.")
HELP = Text("Chrome, Edge, Firefox, Safari의 최신 판에서 다시 하십시오.", "Try a current Chrome, Edge, Firefox or Safari.")


def marks(endpoint: str) -> list[str]:
    """The keyed hashes of an address, the one under the present key first."""
    return [hmac.digest(ring.derived(k.key, b"push address"), endpoint.encode(), sha256).hex() for k in ring.house("mark")]


def checked(endpoint: str, p256dh: str, auth: str, more: tuple[str, ...]) -> None:
    """Raises Invalid for what is no subscription at a service that the house calls."""
    try:
        public(unb64(p256dh))
        good = len(unb64(auth)) == 16 and callable_(endpoint, more)
    except ValueError:
        good = False
    if not good:
        raise Invalid.because("push.address", WRONG, HELP)


@action(PUSH_USE)
def subscribe(act: Act, *, endpoint: str, p256dh: str, auth: str, version: int, agent: str = "", more: Sequence[str] = ()) -> int:
    """Take a browser's subscription for whoever acts. One that another person had on this browser is theirs no longer."""
    checked(endpoint, p256dh, auth, tuple(more))
    if act.actor.person is None or version not in vapid.signers():
        raise Invalid.because("push.address", WRONG, HELP)
    now, found = clock.now(), marks(endpoint)
    PushDevice.objects.filter(mark__in=found).delete()
    row = PushDevice.objects.create(
        party=act.actor.person, mark=found[0], content=json.dumps({"endpoint": endpoint, "p256dh": p256dh, "auth": auth}), version=version,
        device=named(agent)[:40], made_at=now, used_at=now,
    )  # fmt: skip
    kept = PushDevice.objects.filter(party=act.actor.person).order_by("-used_at", "-pk").values_list("pk", flat=True)[:MOST]
    PushDevice.objects.filter(party=act.actor.person).exclude(pk__in=list(kept)).delete()
    act.record("push.device", str(row.pk), after={"device": row.device, "version": version})
    return row.pk


@action(PUSH_USE)
def unsubscribe(act: Act, *, device: int = 0, endpoint: str = "") -> None:
    """End one of one's own subscriptions, by its number or by its address. Raises NotFound for another's, as for none."""
    rows = PushDevice.objects.filter(party=act.actor.person or 0)
    row = (rows.filter(mark__in=marks(endpoint)) if endpoint else rows.filter(pk=device)).first()
    if row is None:
        raise NotFound.named(Text("기기", "device"), str(device))
    act.record("push.device", str(row.pk), before={"device": row.device}, after={})
    row.delete()


@action(PUSH_GIVE_UP)
def give_up(act: Act, *, devices: Sequence[int], code: str) -> int:
    """Delete subscriptions that their push service says are gone; returns how many."""
    gone = list(PushDevice.objects.filter(pk__in=list(devices)).values_list("pk", flat=True))
    PushDevice.objects.filter(pk__in=gone).delete()
    for pk in gone:
        act.record("push.device", str(pk), after={"gone": code})
    return len(gone)


def noted(taken: Sequence[int]) -> None:
    """These browsers took a push: kept once a day, as long as their row is. A heartbeat, no act of a person."""
    now = clock.now()
    PushDevice.objects.filter(pk__in=list(taken), used_at__lt=now - timedelta(days=1)).update(used_at=now)


def own(party: int) -> list[PushDevice]:
    """The browsers of a person, without their addresses."""
    return list(PushDevice.objects.filter(party=party).defer("content").order_by("-used_at", "-pk"))


def addresses(who: Sequence[int]) -> dict[int, str]:
    """The subscriptions of people who may enter the portal, as a carrier takes them: JSON, opened."""
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in PushDevice.objects.filter(party__in=known(who)).order_by("pk"):
        found[row.party].append({"id": row.pk, "version": row.version, **json.loads(row.content)})
    return {party: json.dumps(rows) for party, rows in found.items()}


def known(who: Sequence[int]) -> set[int]:
    """Those of ``who`` with a subscription and a way into the portal, where a push leads."""
    have = set(PushDevice.objects.filter(party__in=list(who)).values_list("party", flat=True))
    return have & set(parties.portal_users(sorted(have))) if have else have
