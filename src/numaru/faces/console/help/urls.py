"""Addresses of the help."""

from __future__ import annotations

from django.urls import path

from numaru.faces.console.help import views

app_name = "help"
urlpatterns = [
    path("", views.index, name="index"),
    path("first-steps/", views.steps, name="first-steps"),
    path("background/<path:name>/", views.background, name="background"),
    path("<slug:name>/", views.chapter, name="page"),
]
