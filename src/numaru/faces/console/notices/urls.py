"""Addresses of notices."""

from __future__ import annotations

from django.urls import path

from numaru.faces.console.notices import views

app_name = "notices"
urlpatterns = [
    path("", views.everything, name="list"),
    path("bell/", views.count, name="bell"),
    path("menu/", views.menu, name="menu"),
    path("read/", views.read, name="read"),
    path("<int:number>/follow/", views.follow, name="follow"),
]
