"""Addresses of boards: one a room that has indicators, one an indicator, and those that people put together."""

from __future__ import annotations

from django.urls import path

from numaru.facilities.indicators.ports import indicators
from numaru.facilities.indicators.web import own_views, views

app_name = "indicators"
urlpatterns = [
    *(path(f"{room}/", views.room, {"room": room}, name=room) for room in sorted({row.room for _, row in indicators})),
    path("", own_views.boards, name="boards"),
    path("new/", own_views.keep, name="new"),
    path("own/<str:number>/", own_views.board, name="board"),
    path("own/<str:number>/change/", own_views.keep, name="change"),
    path("own/<str:number>/drop/", own_views.drop, name="drop"),
    path("own/<str:number>/back/", own_views.back, name="back"),
    path("indicator/<str:key>/", views.indicator, name="indicator"),
]
