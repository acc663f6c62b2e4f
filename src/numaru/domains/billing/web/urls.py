"""Addresses of billing in the console."""

from __future__ import annotations

from django.urls import path

from numaru.domains.billing.web import invoice_views, run_views

app_name = "billing"
urlpatterns = [
    path("runs/", run_views.runs, name="runs"),
    path("runs/new/", run_views.new, name="new-run"),
    path("runs/<str:number>/", run_views.run, name="run"),
    path("runs/<str:number>/report.pdf", run_views.report, name="run-report"),
    path("runs/<str:number>/cancel/", run_views.cancel, name="cancel-run"),
    path("runs/<str:number>/parked/<str:account>/", run_views.parked, name="bill-parked"),
    path("runs/<str:number>/<slug:verb>/", run_views.control, name="control-run"),
    path("invoices/", invoice_views.invoices, name="invoices"),
    path("invoices/<str:number>/", invoice_views.invoice, name="invoice"),
    path("invoices/<str:number>/lines/<int:line>/", invoice_views.line, name="invoice-line"),
    path("invoices/<str:number>/pdf", invoice_views.pdf, name="invoice-pdf"),
]
