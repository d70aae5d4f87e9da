"""Routes of the room."""

from desk.listing import list_routes
from institutions.listings import CATALOGUE, INSTITUTIONS
from institutions.pages import (
    AGREEMENT_PAGES,
    CATALOGUE_PAGES,
    HISTORY_PAGES,
    INSTITUTION_PAGES,
    PRACTITIONER_PAGES,
)

urlpatterns = [
    *list_routes("", INSTITUTIONS, "list"),
    *list_routes("catalogue", CATALOGUE, "catalogue"),
    *INSTITUTION_PAGES.routes(),
    *PRACTITIONER_PAGES.routes(),
    *AGREEMENT_PAGES.routes(),
    *CATALOGUE_PAGES.routes(),
    *HISTORY_PAGES.routes(),
]
