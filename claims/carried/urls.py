"""Routes of what a county brings along, under claims/."""

from django.urls import path

from claims.carried import views
from claims.carried.listings import (
    CARRIED_USAGE,
    OLD_SETTLEMENTS,
    PARALLEL,
    RECOUNTS,
)
from claims.carried.models import Recount
from claims.carried.pages import BED_PAGES, CARRIED_PAGES, OLD_PAGES
from desk.jobs import progress_route
from desk.listing import list_routes

urlpatterns = [
    *CARRIED_PAGES.routes(),
    *list_routes("carried/usage", CARRIED_USAGE, "carried_usage"),
    *BED_PAGES.routes(),
    *OLD_PAGES.routes(),
    *list_routes("old/settlements", OLD_SETTLEMENTS, "old_settlements"),
    *list_routes("recounts", RECOUNTS, "recounts", page=views.recounts),
    path("recounts/ask", views.ask, name="recount_ask"),
    *list_routes("recounts/parallel", PARALLEL, "parallel", page=views.parallel),
    path("recounts/<int:pk>", views.show, name="recount"),
    path("recounts/<int:pk>/export", views.export, name="export_recount"),
    progress_route("recounts/<int:pk>/status", Recount, "claims.view_carried", "recount_status"),
    path("recounts/<int:pk>/sign", views.sign, name="recount_sign"),
]
