"""Addresses of documents of consent and of the proof."""

from __future__ import annotations

from django.urls import path

from numaru.faces.console.consents import proof, views

app_name = "consents"
urlpatterns = [
    path("", views.documents, name="list"),
    path("new/", views.new, name="new"),
    path("people/<str:number>/", proof.proof, name="proof"),
    path("documents/<str:key>/", views.document, name="document"),
    path("documents/<str:key>/write/", views.write, name="write"),
    path("documents/<str:key>/publish/", views.publish, name="publish"),
    path("documents/<str:key>/retire/", views.retire, name="retire"),
]
