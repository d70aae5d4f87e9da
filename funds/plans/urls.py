"""Routes of funding plans, inside those of the room."""

from django.urls import path

from desk.listing import list_routes
from funds.plans import papers, views
from funds.plans.listings import PLANS_LIST

urlpatterns = [
    *list_routes("plans", PLANS_LIST, "plans"),
    path("plans/new", views.plan_new, name="plan_new"),
    path("plans/<int:pk>", views.plan, name="plan"),
    path("plans/<int:pk>/change", views.plan_change, name="plan_change"),
    path("plans/<int:pk>/send", views.plan_send, name="plan_send"),
    path("plans/<int:pk>/grant", views.plan_grant, name="plan_grant"),
    *papers.ROUTES,
    path("plans/<int:pk>/<slug:event>", views.plan_act, name="plan_act"),
]
