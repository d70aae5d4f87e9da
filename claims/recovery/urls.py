"""Routes of recovery and of what is computed anew, inside those of the room."""

from django.urls import path

from claims.dependence import views as supplements
from claims.dependence.listings import DEPENDENTS, SUPPLEMENTS
from claims.recovery import papers, views
from claims.recovery.listings import RECOVERIES
from desk.listing import list_routes

urlpatterns = [
    *list_routes("", RECOVERIES, "recoveries"),
    *list_routes("dependents", DEPENDENTS, "dependents"),
    *list_routes("supplements", SUPPLEMENTS, "supplements"),
    path("supplements/<int:pk>", supplements.supplement, name="supplement"),
    path("supplements/<int:pk>/payee", supplements.payee, name="supplement_payee"),
    path("supplements/<int:pk>/approve", supplements.approve, name="supplement_approve"),
    path("of/<int:pk>", views.propose, name="recovery_new"),
    path("<int:pk>", views.recovery, name="recovery"),
    path("<int:pk>/take", views.take, name="recovery_take"),
    *papers.ROUTES,
    path("<int:pk>/<slug:event>", views.decide, name="recovery_act"),
]
