"""Addresses of work."""

from __future__ import annotations

from django.urls import path

from numaru.facilities.work.web import calendar, processes, views

app_name = "work"
urlpatterns = [
    path("tasks/mine/", views.mine, name="mine"),
    path("tasks/", views.everything, name="tasks"),
    path("tasks/new/", views.new, name="new"),
    path("tasks/<str:number>/", views.task, name="task"),
    path("tasks/<str:number>/begin/", views.begin, name="begin"),
    path("tasks/<str:number>/take/", views.take, name="take"),
    path("tasks/<str:number>/accept/", views.accept, name="accept"),
    path("tasks/<str:number>/withdraw/", views.withdraw, name="withdraw"),
    path("tasks/<str:number>/comment/", views.comment, name="comment"),
    path("tasks/<str:number>/points/<int:ordinal>/", views.tick, name="tick"),
    path("tasks/<str:number>/finish/", views.finish, name="finish"),
    path("tasks/<str:number>/hand/", views.hand, name="hand"),
    path("tasks/<str:number>/assign/", views.assign, name="assign"),
    path("tasks/<str:number>/change/", views.change, name="change"),
    path("tasks/<str:number>/ask/<str:verb>/", views.reasoned, name="ask"),
    path("tasks/<str:number>/step/", processes.step, name="step"),
    path("processes/", processes.everything, name="processes"),
    path("processes/start/", processes.start, name="start"),
    path("processes/definitions/", processes.definitions, name="definitions"),
    path("processes/definitions/new/", processes.define, name="define"),
    path("processes/definitions/<slug:key>/", processes.definition, name="definition"),
    path("processes/definitions/<slug:key>/change/", processes.define, name="redefine"),
    path("processes/<str:number>/", processes.process, name="process"),
    path("processes/<str:number>/cancel/", processes.cancel, name="cancel-process"),
    path("calendar/", calendar.calendar, name="calendar"),
    path("calendar/new/", calendar.plan, name="plan"),
    path("calendar/address/", calendar.address, name="address"),
    path("calendar/file/", calendar.bring, name="bring"),
    path("calendar/file/<str:number>/", calendar.file, name="file"),
    path("calendar/feed/<str:token>.ics", calendar.feed, name="feed"),
    path("calendar/<str:number>/", calendar.window, name="window"),
    path("calendar/<str:number>/change/", calendar.plan, name="replan"),
    path("calendar/<str:number>/cancel/", calendar.cancel, name="cancel-window"),
]
