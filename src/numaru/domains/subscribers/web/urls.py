"""Addresses of the subscribers room in the console."""

from __future__ import annotations

from django.urls import path

from numaru.domains.subscribers.web import portal, views

app_name = "subscribers"
urlpatterns = [
    path("", views.subscribers, name="list"),
    path("<str:number>/", views.subscriber, name="subscriber"),
    path("<str:number>/correct/", views.correct, name="correct"),
    path("<str:number>/portal/", portal.manage, name="portal"),
    path("<str:number>/portal/end/", portal.end, name="portal-end"),
    path("<str:number>/open/<slug:kind>/", views.open_contact, name="open"),
]
