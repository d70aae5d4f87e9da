"""Routes of the room."""

from django.urls import include, path

from desk.jobs import progress_route
from desk.listing import list_routes
from reports import views
from reports.listings import REPORTS
from reports.models import MonthlyReport

app_name = "reports"

urlpatterns = [
    *list_routes("", REPORTS, "list", page=views.list_reports),
    path("request", views.request_month, name="request"),
    path("whatif/", include("reports.whatif.urls")),
    path("<int:pk>", views.show, name="show"),
    progress_route("<int:pk>/status", MonthlyReport, "reports.view", name="status"),
    path("<int:pk>/export", views.export, name="export"),
]
