"""Addresses of the console that belong to no room: the door, the first page, the reader's preferences."""

from __future__ import annotations

from django.urls import path

from numaru.faces.console import views
from numaru.faces.console.account.views import SignIn

app_name = "console"
urlpatterns = [
    path("", views.home, name="home"),
    path("sign-in/", SignIn.as_view(), name="sign-in"),
    path("sign-out/", views.SignOut.as_view(), name="sign-out"),
    path("preferences/", views.prefer, name="prefer"),
]
