"""Routes of rosters, under enrollment/."""

from django.urls import path

from desk.listing import list_routes
from enrollment.rosters import collecting, views

urlpatterns = [
    *views.REGISTER_PAGES.routes(),
    *list_routes("collective", collecting.COLLECTIVE, "collective", page=collecting.collective),
    path("collective/pay", collecting.collective_pay, name="collective_pay"),
    path("receipts/run/<int:first>-<int:last>", collecting.receipt_run, name="receipt_run"),
    collecting.ROUTE,
    path("registers/template", views.template, name="register_template"),
]
