"""All routes. Each view says its permission; tests/accounts/test_matrix.py walks this tree."""

from django.urls import include, path

from config import health

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("", include("desk.administration.urls")),
    path("policies/", include("policies.urls")),
    path("institutions/", include("institutions.urls")),
    path("funds/", include("funds.urls")),
    path("enrollment/", include("enrollment.urls")),
    path("claims/", include("claims.urls")),
    path("supervision/", include("supervision.urls")),
    path("reports/", include("reports.urls")),
]

handler400 = "accounts.views.bad_request"
handler403 = "accounts.views.permission_denied"
handler404 = "accounts.views.page_not_found"
handler500 = "accounts.views.server_error"
