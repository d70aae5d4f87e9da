"""Routes of the room."""

from django.urls import include, path

from enrollment.views import entry, households, money, preparation
from enrollment.watch.views import progress

app_name = "enrollment"

urlpatterns = [
    path("", households.household_list, name="household_list"),
    path("households/new", entry.household_new, name="household_new"),
    path("households/<int:pk>", households.household_detail, name="household_detail"),
    path("households/<int:pk>/edit", households.household_edit, name="household_edit"),
    path("households/<int:pk>/reveal", households.reveal, name="reveal"),
    path("households/<int:pk>/renew", entry.renew, name="renew"),
    path("households/<int:pk>/payment", entry.payment, name="payment"),
    path("households/<int:pk>/cancel", entry.cancel, name="cancel"),
    path("people/<int:pk>/edit", households.person_edit, name="person_edit"),
    path("receipts", money.receipts, name="receipts"),
    path("receipts/<int:pk>", entry.receipt, name="receipt"),
    path("receipts/<int:pk>/void", money.receipt_void, name="receipt_void"),
    path("remittances", money.remittances, name="remittances"),
    path("remittances/hand-in/<int:pk>", money.remittance_new, name="remittance_new"),
    path("remittances/<int:pk>/confirm", money.remittance_confirm, name="remittance_confirm"),
    path("remittances/<int:pk>/return", money.remittance_return, name="remittance_return"),
    path("progress", progress.progress_board, name="progress"),
    path("prepare", preparation.prepare, name="prepare"),
    path("prepare/campaign", preparation.campaign_new, name="campaign_new"),
    path("prepare/book", preparation.book_new, name="book_new"),
    path("registers/", include("enrollment.registers.urls")),
    path("treasury/", include("enrollment.treasury.urls")),
    path("changes/", include("enrollment.people.urls")),
    path("lists/", include("enrollment.lists.urls")),
    path("watch/", include("enrollment.watch.urls")),
]
