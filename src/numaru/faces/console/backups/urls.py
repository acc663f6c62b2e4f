"""Addresses of backups in the console."""

from __future__ import annotations

from django.urls import path

from numaru.faces.console.backups import views

app_name = "backups"
urlpatterns = [
    path("", views.overview, name="overview"),
    path("now/", views.now, name="now"),
    path("check/", views.check, name="check"),
    path("restored/", views.restored, name="restored"),
]
