"""Routes of the what-if, inside those of the room."""

from django.urls import path

from desk.jobs import progress_route
from desk.listing import list_routes
from reports.listings import SIMULATIONS
from reports.whatif import views
from reports.whatif.models import Simulation

urlpatterns = [
    *list_routes("", SIMULATIONS, "whatif_list", page=views.list_simulations),
    path("request", views.request_simulation, name="whatif_request"),
    path("<int:pk>", views.show, name="whatif_show"),
    progress_route(
        "<int:pk>/status", Simulation, "policies.view_simulations", name="whatif_status"
    ),
    path("<int:pk>/export", views.export, name="whatif_export"),
]
