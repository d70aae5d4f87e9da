"""Routes of cases, inside those of the room."""

from django.urls import path

from desk.listing import list_routes
from supervision.cases import archive_views, papers, views
from supervision.cases.archive_views import CASE_ARCHIVES
from supervision.cases.listings import CASE_LIST
from supervision.cases.scan_models import EvidenceScan
from supervision.photo_pages import photo_routes

urlpatterns = [
    *list_routes("cases", CASE_LIST, "cases"),
    path("cases/new", views.new, name="case_new"),
    path("cases/of/<int:pk>", views.from_alert, name="case_of_alert"),
    path("cases/handed/<int:pk>", views.from_handover, name="case_of_handover"),
    *list_routes("cases/archives", CASE_ARCHIVES, "case_archives"),
    path("cases/archives/<int:pk>", archive_views.shown, name="case_archive"),
    path("cases/<int:pk>/archive", archive_views.archive, name="case_archiving"),
    *archive_views.ROUTES,
    path("cases/evidence/<int:pk>", views.scans, name="evidence_scans"),
    *photo_routes("cases/evidence/scans", EvidenceScan, views.VIEW, "evidence_scan", noted=True),
    path("cases/recover/<int:pk>", views.recover, name="case_recover"),
    path("cases/parts/<int:pk>/<slug:what>", views.part, name="case_part"),
    path("cases/pauses/<int:pk>/end", views.pause_end, name="case_pause_end"),
    path("cases/pauses/<int:pk>/<slug:event>", views.pause_step, name="case_pause"),
    path("cases/<int:pk>", views.case, name="case"),
    path("cases/<int:pk>/ask/<slug:event>", views.ask, name="case_ask"),
    path("cases/<int:pk>/add/<slug:what>", views.add, name="case_add"),
    *papers.ROUTES,
    path("cases/<int:pk>/<slug:event>", views.step, name="case_step"),
]
