"""Routes of the room."""

from django.urls import include, path

from accounts.permissions import require
from claims import papers
from claims.api import SettlementDetail, SettlementList
from claims.listings import APPROVAL, CLAIMS, PAYMENT, REVIEW
from claims.views import entry, listing, progress
from desk.listing import list_routes

app_name = "claims"

urlpatterns = [
    *list_routes("", CLAIMS, "list"),
    path("enter/counter", entry.enter_counter, name="enter_counter"),
    path("enter/counter/line", entry.line_shown, name="line_shown"),
    path("enter/counter/suggest", entry.suggest, name="suggest"),
    path("enter/paper", entry.enter_paper, name="enter_paper"),
    *list_routes("review", REVIEW, "review_queue"),
    *list_routes("approval", APPROVAL, "approval_queue"),
    *list_routes("payment", PAYMENT, "payment_queue", page=progress.payment_queue),
    path("api/settlements", require("claims.view")(SettlementList.as_view()), name="api_list"),
    path(
        "api/settlements/<str:number>",
        require("claims.view")(SettlementDetail.as_view()),
        name="api_detail",
    ),
    path("probes/", include("claims.probes.urls")),
    path("<int:pk>", listing.claim, name="claim"),
    *papers.ROUTES,
    path("<int:pk>/cut", progress.cut, name="cut"),
    path("<int:pk>/<slug:event>", progress.act, name="act"),
]
