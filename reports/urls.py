"""Routes of the room."""

from django.urls import include, path

from desk.jobs import progress_route
from desk.listing import list_routes
from reports import views
from reports.analysis import views as analysis
from reports.bulletins.urls import urlpatterns as bulletins
from reports.listings import ACCOUNT_USE, CLAIMS, COVERS, POSTINGS, REPORTS
from reports.models import MonthlyReport
from reports.statements import views as statements

urlpatterns = [
    *list_routes("", REPORTS, "list", page=views.list_reports),
    *list_routes("claims", CLAIMS, "claims"),
    *list_routes("covers", COVERS, "covers"),
    *list_routes("account-use", ACCOUNT_USE, "account_use"),
    path("analysis", analysis.show, name="analysis"),
    path("analysis/export", analysis.export, name="export_analysis"),
    path("analysis/views", analysis.keep, name="keep_view"),
    path("analysis/views/<int:pk>/rename", analysis.rename, name="rename_view"),
    path("analysis/views/<int:pk>/remove", analysis.remove, name="remove_view"),
    *list_routes("postings", POSTINGS, "postings"),
    *bulletins,
    path("request", views.request_month, name="request"),
    path("statements", statements.list_statements, name="statements"),
    path("statements/<slug:code>", statements.show_statement, name="statement"),
    path("statements/<slug:code>/export", statements.export_statement, name="export_statement"),
    path("whatif/", include("reports.whatif.urls")),
    path("<int:pk>", views.show, name="show"),
    progress_route("<int:pk>/status", MonthlyReport, "reports.view", name="status"),
    path("<int:pk>/differences", views.show_differences, name="differences"),
    path("<int:pk>/recompute", views.recompute, name="recompute"),
    path("<int:pk>/export", views.export, name="export"),
]
