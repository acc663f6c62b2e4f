"""Addresses of messaging."""

from __future__ import annotations

from django.urls import path

from numaru.facilities.messaging.web import outbox

app_name = "messaging"
urlpatterns = [
    path("messages/outbox/", outbox.outbox, name="outbox"),
    path("messages/outbox/<str:key>/", outbox.held, name="held"),
]
