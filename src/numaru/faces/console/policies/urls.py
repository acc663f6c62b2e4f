"""Addresses of policies in the console."""

from __future__ import annotations

from django.urls import path

from numaru.faces.console.policies import views

app_name = "policies"
urlpatterns = [
    path("", views.table, name="list"),
    path("<str:key>/", views.one, name="policy"),
    path("<str:key>/change/", views.change, name="change"),
]
