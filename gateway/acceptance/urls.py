"""Routes of the acceptance, inside those of the room."""

from django.urls import path

from desk.listing import list_routes
from gateway.acceptance import views
from gateway.acceptance.listings import ACCEPTANCES

urlpatterns = [
    path("self-test", views.self_test, name="self_test"),
    *list_routes("acceptance", ACCEPTANCES, "acceptances"),
    path("acceptance/<int:pk>", views.acceptance, name="acceptance"),
]
