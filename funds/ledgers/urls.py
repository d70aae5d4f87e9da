"""Routes of the account books, inside those of the room."""

from django.urls import path

from funds.ledgers import views

urlpatterns = [
    path("ledgers/general", views.general_ledger, name="general_ledger"),
    path("ledgers/account", views.account_ledger, name="account_ledger"),
    path("ledgers/subsidiary", views.subsidiary_ledger, name="subsidiary_ledger"),
    path("vouchers/<int:pk>/behind", views.voucher_behind, name="voucher_behind"),
]
