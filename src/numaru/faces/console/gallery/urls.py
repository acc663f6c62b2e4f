"""The address of the gallery."""

from __future__ import annotations

from django.urls import path

from numaru.faces.console.gallery import views

app_name = "gallery"
urlpatterns = [path("", views.gallery, name="parts")]
