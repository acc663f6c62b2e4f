"""Addresses of the destruction log."""

from __future__ import annotations

from django.urls import path

from numaru.faces.console.privacy.destruction import views

app_name = "destruction"
urlpatterns = [
    path("destruction/", views.log, name="list"),
    path("destruction/new/", views.new, name="new"),
    path("destruction/<str:number>/", views.one, name="one"),
    path("destruction/<str:number>/certificate.pdf", views.paper, name="paper"),
]
