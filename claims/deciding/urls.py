"""Routes of deciding, inside those of the room."""

from django.urls import path

from claims.deciding import views
from claims.deciding.listings import RULE_LIST
from desk.listing import list_routes

urlpatterns = [
    *list_routes("rules", RULE_LIST, "rules"),
    path("rules/new", views.rule_new, name="rule_new"),
    path("rules/<int:pk>", views.rule, name="rule"),
    path("rules/<int:pk>/<slug:event>", views.rule_act, name="rule_act"),
    path("batches/draw", views.batch_draw, name="batch_draw"),
    path("batches/<int:pk>", views.batch, name="batch"),
    path("batches/<int:pk>/approve", views.batch_approve, name="batch_approve"),
]
