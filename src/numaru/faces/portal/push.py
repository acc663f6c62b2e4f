"""알림: a browser of the reader subscribes to pushes, and ends it. What comes as a push is a title; the message itself stands under 메시지."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from numaru.adapters import drivers
from numaru.adapters.push import devices
from numaru.adapters.push.models import PushDevice
from numaru.faces.portal.guard import open_door, signed_in

PLACE = Path(__file__).parents[2] / "ui" / "static" / "ui" / "worker.js"


@dataclass(frozen=True, slots=True)
class Standing:
    """What the page of one's own data needs: the house's public key with its version, and the devices; no key where no pushes are sent."""

    version: int
    key: str
    devices: list[PushDevice]


def standing(person: int) -> Standing:
    version, key = drivers.push_key()
    return Standing(version, key, devices.own(person) if key else [])


@require_POST
def subscribe(request: HttpRequest) -> HttpResponse:
    """Take what ``PushManager.subscribe`` gave."""
    if not drivers.push_key()[1]:
        raise Http404
    version = request.POST.get("version", "")
    devices.subscribe.do(
        signed_in(request).actor, endpoint=request.POST.get("endpoint", ""), p256dh=request.POST.get("p256dh", ""), auth=request.POST.get("auth", ""),
        version=int(version) if version.isascii() and version.isdigit() and len(version) < 6 else 0, agent=request.headers.get("User-Agent", ""),
        more=drivers.push_hosts(),
    )  # fmt: skip
    return JsonResponse({"next": reverse("portal:me") + "?done=push#push"})


@require_POST
def end(request: HttpRequest) -> HttpResponse:
    """End one device's subscription."""
    number = request.POST.get("device", "")
    devices.unsubscribe.do(
        signed_in(request).actor, device=int(number) if number.isascii() and number.isdigit() and len(number) < 18 else 0
    )
    return redirect(reverse("portal:me") + "?done=push-end#push")


@open_door
@require_GET
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker, at an address within the portal so that it serves the portal alone."""
    return HttpResponse(PLACE.read_bytes(), content_type="text/javascript; charset=utf-8", headers={"Cache-Control": "no-store"})
