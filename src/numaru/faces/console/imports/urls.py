"""Addresses of imports in the console."""

from __future__ import annotations

from django.urls import path

from numaru.faces.console.imports import views

app_name = "imports"
urlpatterns = [
    path("", views.imports_list, name="list"),
    path("new/", views.new, name="new"),
    path("<str:number>/", views.run, name="run"),
    path("<str:number>/findings.csv", views.findings, name="findings"),
    path("<str:number>/go/", views.go, name="go"),
    path("<str:number>/stop/", views.stop, name="stop"),
]
