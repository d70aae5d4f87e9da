"""Routes of the room."""

from desk.listing import list_routes
from institutions.listings import CATALOGUE, INSTITUTIONS

app_name = "institutions"

urlpatterns = [
    *list_routes("", INSTITUTIONS, "list"),
    *list_routes("catalogue", CATALOGUE, "catalogue"),
]
