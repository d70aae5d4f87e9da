"""Routes of the exports of the ledgers, inside those of the room."""

from django.urls import path

from desk.listing import list_routes
from funds.handing_out import views
from funds.handing_out.listings import EXPORTS

urlpatterns = [
    *list_routes("exports", EXPORTS, "exports", page=views.exports),
    path("exports/ask", views.ask, name="ask_export"),
    path("exports/<int:pk>", views.take, name="take_export"),
]
