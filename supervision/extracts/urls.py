"""Routes of the extracts, inside those of the room."""

from django.urls import path

from desk.listing import list_routes
from supervision.extracts import views
from supervision.extracts.listings import EXTRACTS

urlpatterns = [
    *list_routes("extracts", EXTRACTS, "extracts", page=views.extracts),
    path("extracts/ask", views.ask, name="ask_extract"),
    path("extracts/<int:pk>", views.take, name="take_extract"),
]
