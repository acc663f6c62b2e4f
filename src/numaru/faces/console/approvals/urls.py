"""Addresses of approvals in the console."""

from __future__ import annotations

from django.urls import path

from numaru.faces.console.approvals import views

app_name = "approvals"
urlpatterns = [
    path("", views.requests, name="list"),
    path("<str:number>/", views.request_page, name="request"),
    path("<str:number>/approve/", views.approve, name="approve"),
    path("<str:number>/refuse/", views.refuse, name="refuse"),
    path("<str:number>/withdraw/", views.withdraw, name="withdraw"),
]
