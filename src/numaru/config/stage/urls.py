"""Addresses of the faces. They answer 404 wherever the gate is shut."""

from __future__ import annotations

from django.urls import path

from numaru.config.stage import views

app_name = "faces"
urlpatterns = [
    path("", views.index, name="index"),
    path("put-on/", views.put_on, name="put-on"),
    path("phone/", views.take_phone, name="phone"),
]
