"""All routes. Each view says its permission; tests/accounts/test_matrix.py walks this tree."""

from django.urls import include, path

from config import health

# A room's routes begin with its name, and are called by it: "claims:list".
ROOMS = (
    "policies", "institutions", "funds", "enrollment", "claims", "supervision", "gateway",
    "reports", "moving",
)  # fmt: skip

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("", include("desk.administration.urls")),
    path("me/", include(("insured.urls", "me"))),
    path("fhir/r4/", include(("gateway.fhir.urls", "fhir"))),
    *(path(f"{room}/", include((f"{room}.urls", room))) for room in ROOMS),
]

handler400 = "accounts.views.bad_request"
handler403 = "accounts.views.permission_denied"
handler404 = "accounts.views.page_not_found"
handler500 = "accounts.views.server_error"
