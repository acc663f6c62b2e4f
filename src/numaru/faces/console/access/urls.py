"""Addresses of access in the console."""

from __future__ import annotations

from django.urls import path

from numaru.faces.console.access import reviews, views

app_name = "access"
urlpatterns = [
    path("staff/", views.staff_list, name="list"),
    path("staff/add/", views.add, name="add"),
    path("staff/<int:number>/", views.person, name="person"),
    path("staff/<int:number>/roles/", views.give, name="give"),
    path("staff/<int:number>/roles/<int:grant>/end/", views.end_grant, name="end-grant"),
    path("staff/<int:number>/<slug:what>/", views.act, name="act"),
    path("clients/", views.clients, name="clients"),
    path("clients/new/", views.client_new, name="client-new"),
    path("clients/<int:number>/", views.client, name="client"),
    path("clients/<int:number>/<slug:what>/", views.client_act, name="client-act"),
    path("reviews/", reviews.reviews, name="reviews"),
    path("reviews/open/", reviews.open_review, name="review-open"),
    path("reviews/<str:number>/", reviews.review, name="review"),
    path("reviews/<str:number>/<int:item>/", reviews.decide, name="decide"),
]
