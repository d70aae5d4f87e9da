"""Routes of what the old system left unpaid, under claims/unpaid/."""

from django.urls import path

from claims.unpaid import views
from claims.unpaid.listings import OLD_CLAIM_LIST
from desk.listing import list_routes

urlpatterns = [
    *list_routes("", OLD_CLAIM_LIST, "old_claims"),
    *views.PAGES.routes(),
    path("<int:pk>", views.show, name="old_claim"),
    path("<int:pk>/withdraw", views.withdraw, name="old_claim_withdraw"),
]
