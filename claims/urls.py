"""Routes of the room."""

from django.urls import path

from accounts.permissions import require
from claims import papers
from claims.api import SettlementDetail, SettlementList
from claims.views import entry, listing, progress

app_name = "claims"

urlpatterns = [
    path("", listing.claim_list, name="list"),
    path("enter/counter", entry.enter_counter, name="enter_counter"),
    path("enter/counter/line", entry.line_told, name="line_told"),
    path("enter/counter/suggest", entry.suggest, name="suggest"),
    path("enter/paper", entry.enter_paper, name="enter_paper"),
    path("review", progress.review_queue, name="review_queue"),
    path("approval", progress.approval_queue, name="approval_queue"),
    path("payment", progress.payment_queue, name="payment_queue"),
    path("api/settlements", require("claims.view")(SettlementList.as_view()), name="api_list"),
    path(
        "api/settlements/<str:number>",
        require("claims.view")(SettlementDetail.as_view()),
        name="api_detail",
    ),
    path("<int:pk>", listing.claim, name="claim"),
    *papers.ROUTES,
    path("<int:pk>/cut", progress.cut, name="cut"),
    path("<int:pk>/<slug:event>", progress.act, name="act"),
]
