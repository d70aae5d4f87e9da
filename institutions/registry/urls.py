"""Routes of changes of what is registered, among the room's."""

from django.urls import path

from desk.listing import list_routes
from institutions.registry import views
from institutions.registry.listings import CHANGES

ROUTES = [
    *list_routes("changes", CHANGES, "changes"),
    path("changes/<int:pk>", views.change, name="change"),
    path("changes/<int:pk>/<slug:event>", views.decide, name="change_act"),
    path("<int:pk>/change", views.new, name="change_new"),
]
