"""Addresses of master data. ``key`` names a table, ``row`` one of its rows."""

from __future__ import annotations

from django.urls import path

from numaru.faces.console.records import views

app_name = "records"
urlpatterns = [
    path("", views.index, name="index"),
    path("new/<slug:key>/", views.add, name="add"),
    path("<slug:key>/", views.rows, name="list"),
    path("<slug:key>/<str:row>/", views.one, name="one"),
    path("<slug:key>/<str:row>/change/", views.change, name="change"),
    path("<slug:key>/<str:row>/retire/", views.turn, {"retire": True}, name="retire"),
    path("<slug:key>/<str:row>/restore/", views.turn, {"retire": False}, name="restore"),
]
