"""Routes of vouchers made by hand, inside those of the room."""

from django.urls import path

from desk.listing import list_routes
from funds.drafts import views
from funds.drafts.listings import DRAFTS_LIST

urlpatterns = [
    *list_routes("drafts", DRAFTS_LIST, "drafts"),
    path("drafts/<int:pk>", views.draft, name="draft"),
    path("drafts/<int:pk>/review", views.review, name="review_draft"),
    path("drafts/<int:pk>/approve", views.approve, name="approve_draft"),
    path("drafts/<int:pk>/enter", views.enter, name="enter_draft"),
    path("drafts/<int:pk>/refuse", views.refuse, name="refuse_draft"),
    path("drafts/<int:pk>/refuse-huge", views.refuse_huge, name="refuse_huge_draft"),
    path("drafts/<int:pk>/withdraw", views.withdraw, name="withdraw_draft"),
    path("vouchers/<int:pk>/correct", views.correct, name="correct"),
    path("limits", views.limits, name="limits"),
    path("limits/propose", views.propose, name="propose_limits"),
    path("limits/<int:pk>/<slug:event>", views.limit_act, name="limit_act"),
]
