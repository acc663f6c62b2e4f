"""Addresses of leak cases in the console."""

from __future__ import annotations

from django.urls import path

from numaru.faces.console.leaks import steps, texts, views

app_name = "leaks"
urlpatterns = [
    path("", views.cases, name="list"),
    path("new/", views.new, name="new"),
    path("<str:number>/", views.case, name="case"),
    path("<str:number>/facts/", steps.describe, name="describe"),
    path("<str:number>/people/", steps.affected, name="affected"),
    path("<str:number>/people/<int:version>/", views.people, name="people"),
    path("<str:number>/texts/<str:kind>/", texts.text, name="text"),
    path("<str:number>/texts/<str:kind>/write/", texts.write, name="write"),
    path("<str:number>/texts/<str:kind>/edit/", texts.edit, name="edit"),
    path("<str:number>/texts/<str:kind>/approve/", texts.approve, name="approve"),
    path("<str:number>/texts/<str:kind>/<str:lang>.pdf", texts.paper_of, name="paper"),
    path("<str:number>/texts/<str:kind>/<str:lang>.txt", texts.plain, name="plain"),
    path("<str:number>/hand-over/", steps.hand_over, name="hand-over"),
    path("<str:number>/hand-over/<str:handover>.zip", views.handover_file, name="handover-file"),
    path("<str:number>/contacts/", steps.contacts, name="contacts"),
    path("<str:number>/proof/", steps.proof, name="proof"),
    path("<str:number>/public/", steps.public, name="public"),
    path("<str:number>/report/<str:key>/", steps.report, name="report"),
    path("<str:number>/exempt/<str:key>/", steps.exempt, name="exempt"),
    path("<str:number>/close/", steps.close, name="close"),
    path("<str:number>/take-over/", steps.take_over, name="take-over"),
]
