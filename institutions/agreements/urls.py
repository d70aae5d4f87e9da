"""Routes of agreements, among the room's."""

from django.urls import path

from desk.listing import list_routes
from institutions.agreements import views
from institutions.agreements.listings import RENEWALS, SIGNINGS, STEPS

ROUTES = [
    *list_routes("agreements/signings", SIGNINGS, "signings", page=views.signings),
    path("agreements/signings/approve", views.approve, name="signings_approve"),
    path("agreements/signings/<int:pk>", views.signing, name="signing"),
    path("agreements/signings/<int:pk>/<slug:event>", views.signing_act, name="signing_act"),
    *list_routes("agreements/renewals", RENEWALS, "renewals", page=views.renewals),
    path("agreements/renewals/propose", views.renew, name="renew"),
    *list_routes("agreements/steps", STEPS, "agreement_steps"),
    path("agreements/steps/<int:pk>/<slug:event>", views.step_act, name="agreement_step_act"),
    path("agreements/<int:pk>", views.agreement, name="agreement"),
    path("agreements/<int:pk>/step", views.step, name="agreement_step"),
    path("<int:pk>/sign", views.sign, name="sign"),
]
