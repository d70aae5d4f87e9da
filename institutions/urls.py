"""Routes of the room."""

from django.urls import path

from desk.listing import list_routes
from institutions import mapping_views, views
from institutions.listings import CATALOGUE, DEPARTMENTS, ELIGIBILITIES, INSTITUTIONS
from institutions.mapping_listings import MAPPING_LIST
from institutions.pages import (
    AGREEMENT_PAGES,
    CATALOGUE_PAGES,
    HISTORY_PAGES,
    INSTITUTION_PAGES,
    MAPPING_PAGES,
    PRACTITIONER_PAGES,
)

urlpatterns = [
    *list_routes("", INSTITUTIONS, "list"),
    *list_routes("catalogue", CATALOGUE, "catalogue"),
    *list_routes("eligibility", ELIGIBILITIES, "eligibilities", page=views.eligibilities),
    path("eligibility/new", views.propose, name="eligibility_new"),
    path("eligibility/<int:pk>", views.eligibility, name="eligibility"),
    path("eligibility/<int:pk>/<slug:event>", views.decide, name="eligibility_act"),
    *list_routes("mappings", MAPPING_LIST, "mappings"),
    path("mappings/agree", mapping_views.agree, name="mappings_agree"),
    path("mappings/refuse", mapping_views.refuse, name="mappings_refuse"),
    path("mappings/end", mapping_views.end, name="mappings_end"),
    path("mappings/withdraw", mapping_views.withdraw, name="mappings_withdraw"),
    *list_routes("departments", DEPARTMENTS, "departments"),
    *MAPPING_PAGES.routes(),
    *INSTITUTION_PAGES.routes(),
    *PRACTITIONER_PAGES.routes(),
    *AGREEMENT_PAGES.routes(),
    *CATALOGUE_PAGES.routes(),
    *HISTORY_PAGES.routes(),
]
