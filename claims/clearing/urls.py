"""Routes of the clearing with institutions, inside those of the room."""

from django.urls import path

from claims.clearing import papers, views
from claims.clearing.decisions import METHOD, PREPAYMENT, RETURN, RULE
from claims.clearing.listings import CLEARINGS, DISPUTES
from desk.listing import list_routes

urlpatterns = [
    *list_routes("", CLEARINGS, "clearings", page=views.clearings),
    path("declare", views.declare, name="clearing_declare"),
    *list_routes("disputes", DISPUTES, "disputes"),
    *RULE.routes("rules"),
    *METHOD.routes("methods"),
    *PREPAYMENT.routes("prepayments"),
    *RETURN.routes("deposits"),
    path("deductions/<int:pk>/undo", views.undo, name="deduction_undo"),
    path("deductions/<int:pk>/answer", views.answer, name="deduction_answer"),
    path("deductions/<int:pk>/decide/<slug:what>", views.decide, name="deduction_decide"),
    path("<int:pk>", views.clearing, name="clearing"),
    path("<int:pk>/deduct", views.deduct, name="clearing_deduct"),
    path("<int:pk>/confirm", views.confirm, name="clearing_confirm"),
    path("<int:pk>/settle", views.settle, name="clearing_settle"),
    *papers.ROUTES,
    path("<int:pk>/<slug:event>", views.act, name="clearing_act"),
]
