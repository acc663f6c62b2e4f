"""Addresses of the system's state."""

from __future__ import annotations

from django.urls import path

from numaru.faces.console.system import views

app_name = "system"
urlpatterns = [path("", views.parts, name="parts"), path("again/", views.again, name="again")]
