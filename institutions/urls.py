"""Routes of the room."""

from django.urls import path

from desk.listing import list_routes
from institutions import history_views, institution_views, mapping_views
from institutions.agreements.urls import ROUTES as AGREEMENT_ROUTES
from institutions.bank_accounts.pages import ACCOUNT_PAGES
from institutions.listings import CATALOGUE, DEPARTMENTS, INSTITUTIONS
from institutions.mapping_listings import MAPPING_LIST
from institutions.pages import (
    AGREEMENT_PAGES,
    CATALOGUE_PAGES,
    HISTORY_PAGES,
    INSTITUTION_PAGES,
    MAPPING_PAGES,
    PRACTITIONER_PAGES,
)
from institutions.points import urls as points
from institutions.practice.pages import PLACE_PAGES
from institutions.registry.urls import ROUTES as CHANGE_ROUTES
from institutions.trust.pages import BANDS_PAGES, GRADE_PAGES
from institutions.views import ELIGIBILITY_PAGES

urlpatterns = [
    *list_routes("", INSTITUTIONS, "list"),
    path("<int:pk>", institution_views.institution, name="institution"),
    *AGREEMENT_ROUTES,
    *CHANGE_ROUTES,
    *list_routes("catalogue", CATALOGUE, "catalogue"),
    *ELIGIBILITY_PAGES.routes("eligibility"),
    path("catalogue/items/<int:pk>", history_views.item, name="item"),
    path("mappings/<int:pk>", history_views.mapping, name="mapping"),
    *ACCOUNT_PAGES.routes("accounts"),
    *PLACE_PAGES.routes("practice"),
    *BANDS_PAGES.routes("trust/bands"),
    *GRADE_PAGES.routes("trust"),
    *points.urlpatterns,
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
