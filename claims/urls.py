"""Routes of the room."""

from django.urls import include, path

from accounts.permissions import require
from claims import papers
from claims.api import SettlementDetail, SettlementList
from claims.listings import APPROVAL, CLAIMS, REVIEW
from claims.paying import views as paying
from claims.refunds import views as refunds
from claims.refunds.listings import REFUNDS
from claims.views import entry, listing, progress
from claims.why.views import why
from desk.listing import list_routes

urlpatterns = [
    *list_routes("", CLAIMS, "list"),
    path("enter/counter", entry.enter_counter, name="enter_counter"),
    path("enter/counter/line", entry.line_shown, name="line_shown"),
    path("enter/counter/suggest", entry.suggest, name="suggest"),
    path("enter/paper", entry.enter_paper, name="enter_paper"),
    *list_routes("review", REVIEW, "review_queue"),
    *list_routes("approval", APPROVAL, "approval_queue"),
    path("api/settlements", require("claims.view")(SettlementList.as_view()), name="api_list"),
    path(
        "api/settlements/<str:number>",
        require("claims.view")(SettlementDetail.as_view()),
        name="api_detail",
    ),
    path("", include("claims.deciding.urls")),
    *list_routes("refunds", REFUNDS, "refunds"),
    path("refunds/<int:pk>", refunds.given, name="refund"),
    path("probes/", include("claims.probes.urls")),
    path("", include("claims.carried.urls")),
    path("clearings/", include("claims.clearing.urls")),
    path("unpaid/", include("claims.unpaid.urls")),
    path("visits/", include("claims.visits.urls")),
    path("recoveries/", include("claims.recovery.urls")),
    path("why", why, name="why"),
    path("aid/", include("claims.assistance.urls")),
    path("second/", include("claims.second.urls")),
    path("quotas/", include("claims.quotas.urls")),
    path("<int:pk>", listing.claim, name="claim"),
    path("households/<int:pk>", listing.of_household, name="household"),
    path("filings/", include("claims.filings.urls")),
    path("<int:pk>/papers/", include("claims.paper_intake.urls")),
    *papers.ROUTES,
    path("<int:pk>/refuse", progress.refuse, name="refuse"),
    path("<int:pk>/cut/tried", progress.cut_tried, name="cut_tried"),
    path("<int:pk>/cut", progress.cut, name="cut"),
    path("<int:pk>/payee", paying.change, name="change_payee"),
    path("<int:pk>/<slug:event>", progress.act, name="act"),
]
