"""Addresses of the console that belong to no room: the door, the first page, the reader's preferences, finding."""

from __future__ import annotations

from django.urls import path

from numaru.faces.console import views
from numaru.faces.console.account.views import SignIn
from numaru.faces.console.find import views as finding
from numaru.faces.console.today import views as today

app_name = "console"
urlpatterns = [
    path("", today.home, name="home"),
    path("today/seen/", today.seen, name="seen"),
    path("sign-in/", SignIn.as_view(), name="sign-in"),
    path("sign-out/", views.SignOut.as_view(), name="sign-out"),
    path("stay/", views.stay, name="stay"),
    path("preferences/", views.prefer, name="prefer"),
    path("find/", finding.find, name="find"),
    path("find/<str:kind>/<str:number>/", finding.glance, name="peek"),
]
