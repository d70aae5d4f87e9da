"""Routes of filings, inside those of the room."""

from django.urls import path

from claims.filings import papers, views
from claims.filings.listings import FILING_LIST
from desk.listing import list_routes

urlpatterns = [
    *list_routes("", FILING_LIST, "filings"),
    *views.CARRIED_PAGES.routes(),
    path("new", views.new, name="filing_new"),
    path("<int:pk>", views.filing, name="filing"),
    path("<int:pk>/end", views.end, name="filing_end"),
    *papers.ROUTES,
    path("<int:pk>/<slug:event>", views.decide, name="filing_decide"),
]
