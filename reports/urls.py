"""Routes of the room."""

from django.urls import include, path

from desk.jobs import progress_route
from reports import views
from reports.models import MonthlyReport

app_name = "reports"

urlpatterns = [
    path("", views.list_reports, name="list"),
    path("request", views.request_month, name="request"),
    path("whatif/", include("reports.whatif.urls")),
    path("<int:pk>", views.show, name="show"),
    progress_route("<int:pk>/status", MonthlyReport, "reports.view", name="status"),
    path("<int:pk>/export", views.export, name="export"),
]
