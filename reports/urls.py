"""Routes of the room."""

from django.urls import include, path

from reports import views

app_name = "reports"

urlpatterns = [
    path("", views.list_reports, name="list"),
    path("request", views.request_month, name="request"),
    path("whatif/", include("reports.whatif.urls")),
    path("<int:pk>", views.show, name="show"),
    path("<int:pk>/status", views.status, name="status"),
    path("<int:pk>/export", views.export, name="export"),
]
