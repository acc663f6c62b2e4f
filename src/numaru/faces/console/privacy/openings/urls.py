"""Addresses of bulk openings."""

from __future__ import annotations

from django.urls import path

from numaru.faces.console.privacy.openings import views

app_name = "exports"
urlpatterns = [
    path("", views.exports, name="list"),
    path("new/", views.new, name="new"),
    path("<str:number>/", views.export, name="export"),
    path("<str:number>/file/", views.fetch, name="file"),
    path("<str:number>/passphrase/", views.passphrase, name="passphrase"),
]
