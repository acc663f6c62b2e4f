"""Addresses of what people ask about their data."""

from __future__ import annotations

from django.urls import path

from numaru.faces.console.privacy.subject import views

app_name = "subject"
urlpatterns = [
    path("requests/", views.requests, name="list"),
    path("requests/new/", views.new, name="new"),
    path("requests/<str:number>/", views.one, name="one"),
    path("requests/<str:number>/package.zip", views.package, name="package"),
    path("requests/<str:number>/<str:step>/", views.step, name="step"),
]
