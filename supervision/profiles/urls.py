"""Routes of profiles, among the room's."""

from django.urls import path

from supervision.profiles import views

ROUTES = [
    path("profiles", views.peers, name="profiles"),
    path("profiles/<int:pk>", views.one, name="profile"),
]
