"""Routes of what a county brings along, under claims/."""

from django.urls import path

from accounts.permissions import shows
from claims.carried.listings import CARRIED_USAGE
from claims.carried.pages import CARRIED_PAGES, template
from desk.listing import list_routes

urlpatterns = [
    *CARRIED_PAGES.routes(),
    path("carried/template", shows("claims.load_carried")(template), name="carried_template"),
    *list_routes("carried/usage", CARRIED_USAGE, "carried_usage"),
]
