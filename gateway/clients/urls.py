"""Routes of clients, inside those of the room."""

from django.urls import path

from desk.listing import list_routes
from gateway.clients import views
from gateway.clients.listings import CLIENTS, FAILURES, OWN

urlpatterns = [
    *list_routes("clients", CLIENTS, "clients"),
    *list_routes("failures", FAILURES, "failures"),
    path("clients/new", views.new, name="client_new"),
    path("clients/<int:pk>", views.client, name="client"),
    path("clients/<int:pk>/change", views.change, name="client_change"),
    path("clients/<int:pk>/rotate", views.rotate, name="client_rotate"),
    path("clients/<int:pk>/stop", views.switch, {"event": "stop"}, name="client_stop"),
    path("clients/<int:pk>/start", views.switch, {"event": "start"}, name="client_start"),
    path("clients/secrets/<int:pk>/revoke", views.revoke, name="secret_revoke"),
    *list_routes("own", OWN, "own"),
    path("own/<int:pk>", views.own_client, name="own_client"),
]
