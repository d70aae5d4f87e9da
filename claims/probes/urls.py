"""Routes of the probes, inside those of the room."""

from django.urls import path

from claims.probes import views
from claims.probes.models import Probe
from desk.jobs import progress_route

urlpatterns = [
    path("draft/<int:pk>", views.probe_draft, name="probe_draft"),
    path("pack/<int:pk>", views.probe_pack, name="probe_pack"),
    path("<int:pk>", views.show, name="probe"),
    path("<int:pk>/mark", views.mark, name="mark_finding"),
    path("<int:pk>/unmark/<int:mark>", views.unmark, name="unmark_finding"),
    progress_route("<int:pk>/status", Probe, "policies.view_simulations", name="probe_status"),
]
