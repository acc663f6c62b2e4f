"""Addresses of letters in the console."""

from __future__ import annotations

from django.urls import path

from numaru.faces.console.letters import views

app_name = "letters"
urlpatterns = [
    path("", views.home, name="home"),
    path("make/", views.make, name="make"),
    path("returns/", views.returns, name="returns"),
    path("address/", views.address, name="address"),
    path("<str:number>/pdf", views.pdf, name="pdf"),
    path("<str:number>/list.csv", views.sheet, name="list"),
    path("<str:number>/sent/", views.sent, name="sent"),
]
