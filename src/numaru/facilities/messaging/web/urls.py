"""Addresses of messaging."""

from __future__ import annotations

from django.urls import path

from numaru.facilities.messaging.web import batches, message_page, outbox

app_name = "messaging"
urlpatterns = [
    path("messages/outbox/", outbox.outbox, name="outbox"),
    path("messages/outbox/<str:key>/", outbox.held, name="held"),
    path("batches/", batches.batches, name="batches"),
    path("batches/<str:number>/", batches.batch, name="batch"),
    path("batches/<str:number>/<str:verb>/", batches.act, name="act"),
    path("messages/", batches.messages, name="messages"),
    path("messages/<str:number>/", message_page.message, name="message"),
    path("messages/<str:number>/open/", message_page.opened, name="open"),
    path("messages/<str:number>/prove/", message_page.prove, name="prove"),
    path("messages/<str:number>/<str:verb>/", message_page.decide, name="decide"),
]
