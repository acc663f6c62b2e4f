"""Addresses of audit in the console."""

from __future__ import annotations

from django.urls import path

from numaru.faces.console.audit import views

app_name = "audit"
urlpatterns = [
    path("", views.records, name="records"),
    path("records/<int:pk>/", views.record, name="record"),
    path("openings/", views.openings, name="openings"),
    path("findings/", views.findings, name="findings"),
    path("findings/<str:number>/", views.finding, name="finding"),
    path("findings/<str:number>/decide/", views.decide, name="decide"),
    path("reviews/", views.reviews, name="reviews"),
    path("reviews/<int:year>-<int:month>/", views.review, name="review"),
]
