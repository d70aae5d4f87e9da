"""Pages of the room, and the address of the interface."""

from django.urls import include, path

from desk.listing import list_routes
from gateway import views
from gateway.traces.listings import AGAIN, NO_CODE
from gateway.traces.resources import NO_CODE_PAGES
from gateway.unmapped import UNMAPPED

urlpatterns = [
    # With or without the last stroke: systems that are set up by hand leave it out or put it in.
    path("api", views.take),
    path("api/", views.take, name="call"),
    path("api/<str:infno>", views.take, name="take"),
    path("api/<str:infno>/", views.take),
    path("", include("gateway.clients.urls")),
    path("", include("gateway.acceptance.urls")),
    path("", include("gateway.openapi.urls")),
    path("", include("gateway.rules.urls")),
    *list_routes("unmapped", UNMAPPED, "unmapped"),
    *list_routes("codes", AGAIN, "codes"),
    *list_routes("no-code", NO_CODE, "no_code"),
    *NO_CODE_PAGES.routes(),
]
