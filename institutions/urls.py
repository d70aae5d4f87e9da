"""Routes of the room."""

from django.urls import path

from desk.listing import list_routes
from institutions import views
from institutions.listings import CATALOGUE, ELIGIBILITIES, INSTITUTIONS
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
    *list_routes("eligibility", ELIGIBILITIES, "eligibilities", page=views.eligibilities),
    path("eligibility/new", views.propose, name="eligibility_new"),
    path("eligibility/<int:pk>", views.eligibility, name="eligibility"),
    path("eligibility/<int:pk>/<slug:event>", views.decide, name="eligibility_act"),
    *INSTITUTION_PAGES.routes(),
    *PRACTITIONER_PAGES.routes(),
    *AGREEMENT_PAGES.routes(),
    *CATALOGUE_PAGES.routes(),
    *HISTORY_PAGES.routes(),
]
