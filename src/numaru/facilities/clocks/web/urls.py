"""Addresses of clocks and business calendars."""

from __future__ import annotations

from django.urls import path

from numaru.facilities.clocks.web import views

app_name = "clocks"
urlpatterns = [
    path("clocks/", views.everything, name="list"),
    path("clocks/<int:pk>/", views.one, name="clock"),
    path("calendars/", views.book, name="calendars"),
    path("calendars/new/", views.new, name="new"),
    path("calendars/<slug:key>/", views.calendar, name="calendar"),
    path("calendars/<slug:key>/change/", views.change, name="change"),
]
