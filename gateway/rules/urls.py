"""Routes of the rules, inside those of the room."""

from django.urls import path

from desk.listing import list_routes
from gateway.rules import views
from gateway.rules.listings import RULE_LIST

urlpatterns = [
    *list_routes("rules", RULE_LIST, "rules"),
    path("rules/new", views.new, name="rule_new"),
    path("rules/<int:pk>", views.rule, name="rule"),
    path("rules/<int:pk>/<slug:event>", views.act, name="rule_act"),
]
