"""Addresses of what is kept and until when."""

from __future__ import annotations

from django.urls import path

from numaru.faces.console.privacy.retention import views

app_name = "retention"
urlpatterns = [
    path("retention/", views.calendar, name="calendar"),
    path("retention/count/", views.recount, name="count"),
    path("retention/<str:key>/", views.one, name="class"),
    path("retention/<str:key>/run/", views.run, name="run"),
    path("holds/", views.holds, name="holds"),
    path("holds/new/", views.new_hold, name="hold"),
    path("holds/<str:number>/lift/", views.lift, name="lift"),
]
