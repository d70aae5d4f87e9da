"""Routes of the room."""

from django.urls import path

from desk.master_pages import MasterPages
from moving.beginning import views as beginning
from moving.keeping.pages import health
from moving.on_request import papers as on_request
from moving.on_request.pages import ask, one_person
from moving.totals import papers, views
from moving.totals.forms import TotalsUploadForm
from moving.totals.resources import TotalsResource

TOTALS_PAGES = MasterPages(
    TotalsResource,
    space="moving",
    route="totals/load",
    name="load_totals",
    back="moving:totals",
    form=TotalsUploadForm,
)
urlpatterns = [
    path("health", health, name="health"),
    path("person", one_person, name="one_person"),
    path("person/<int:pk>/ask", ask, name="ask_about_person"),
    *on_request.ROUTES,
    path("beginning", beginning.beginning, name="beginning"),
    path("beginning/declare", beginning.declare, name="declare"),
    path("beginning/<int:pk>/<slug:event>", beginning.end_act, name="end_act"),
    path("totals", views.totals, name="totals"),
    *TOTALS_PAGES.routes(),
    path("totals/new", views.new, name="totals_new"),
    *papers.ROUTES,
    path("totals/<int:pk>/<slug:event>", views.totals_act, name="totals_act"),
]
