"""Routes of a book's opening balances, inside those of the room."""

from django.urls import path

from desk.master_pages import MasterPages
from funds.opening import papers, views
from funds.opening.forms import OpeningUploadForm
from funds.opening.resources import OpeningResource

PAGES = MasterPages(
    OpeningResource,
    space="funds",
    route="opening/load",
    name="load_opening",
    back="funds:opening",
    form=OpeningUploadForm,
)
urlpatterns = [
    path("opening", views.opening, name="opening"),
    path("opening/new", views.propose, name="propose_opening"),
    *PAGES.routes(),
    *papers.ROUTES,
    path("opening/<int:pk>/<slug:event>", views.opening_act, name="opening_act"),
]
