"""Addresses of the desk."""

from __future__ import annotations

from django.urls import path

from numaru.faces.console.desk import views

app_name = "desk"
urlpatterns = [
    path("downloads/", views.downloads, name="downloads"),
    path("downloads/<str:number>/file/", views.fetch, name="file"),
    path("bulk/", views.bulk_list, name="bulk-list"),
    path("bulk/<str:number>/", views.bulk, name="bulk"),
    path("bulk/<str:number>/rows/", views.rows, name="rows"),
    path("bulk/<str:number>/go/", views.go, name="go"),
    path("bulk/<str:number>/stop/", views.stop, name="stop"),
]
