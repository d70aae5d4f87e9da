"""Routes of collection, under enrollment/."""

from django.urls import path

from desk.listing import list_routes
from enrollment.collection import papers
from enrollment.collection.listings import (
    BANK_LINES,
    BOOKS,
    DAY_CLOSES,
    RECEIPTS,
    REFUNDS,
    REMITTANCES,
    SPONSORS,
)
from enrollment.collection.views import (
    bank,
    books,
    days,
    payment,
    preparation,
    receipts,
    refunds,
    remittances,
    sponsors,
    subsidies,
    tax,
)

urlpatterns = [
    *papers.ROUTES,
    path("households/<int:pk>/payment", payment.payment, name="payment"),
    *list_routes("receipts", RECEIPTS, "receipts", page=receipts.receipts),
    path("receipts/<int:pk>/void", receipts.receipt_void, name="receipt_void"),
    *list_routes("remittances", REMITTANCES, "remittances", page=remittances.remittances),
    path("remittances/<int:pk>", remittances.remittance, name="remittance"),
    path("remittances/hand-in/<int:pk>", remittances.remittance_new, name="remittance_new"),
    path("remittances/<int:pk>/confirm", remittances.remittance_confirm, name="remittance_confirm"),
    path("remittances/<int:pk>/return", remittances.remittance_return, name="remittance_return"),
    path("prepare", preparation.prepare, name="prepare"),
    path("prepare/campaign", preparation.campaign_new, name="campaign_new"),
    path("prepare/book", preparation.book_new, name="book_new"),
    *preparation.BOOK_PAGES.routes(),
    *list_routes("treasury/books", BOOKS, "books"),
    path("treasury/books/<int:pk>", books.book_detail, name="book"),
    path("treasury/books/<int:pk>/loss", books.loss, name="book_loss"),
    path("treasury/books/<int:pk>/hand-back", books.hand_back, name="book_hand_back"),
    path("treasury/books/<int:pk>/transfer", books.transfer, name="book_transfer"),
    path("treasury/books/<int:pk>/check-off", books.check_off, name="book_check_off"),
    path("treasury/books/<int:pk>/found", books.found, name="book_found"),
    path("treasury/found/<int:pk>/confirm", books.found_confirm, name="found_confirm"),
    path("treasury/found/<int:pk>/refuse", books.found_refuse, name="found_refuse"),
    path("treasury/day", days.day, name="day"),
    path("treasury/days/<int:pk>/ask", days.ask, name="day_ask"),
    path("treasury/days/<int:pk>/reopen", days.reopen, name="day_reopen"),
    path("treasury/days/<int:pk>/refuse", days.refuse, name="day_refuse"),
    *list_routes("treasury/days", DAY_CLOSES, "day_closes", page=days.day_closes),
    path("treasury/campaigns/<int:pk>/cash-days", days.cash_days, name="cash_days"),
    path("treasury/reconciliation", bank.reconciliation, name="reconciliation"),
    path("treasury/reconciliation/run", bank.run, name="reconcile"),
    *bank.STATEMENT_PAGES.routes(),
    *list_routes("treasury/bank-lines", BANK_LINES, "bank_lines"),
    path("treasury/bank-lines/<int:pk>", bank.line_detail, name="bank_line"),
    path("treasury/bank-lines/<int:pk>/book", bank.line_book, name="bank_line_book"),
    path(
        "treasury/bank-lines/<int:pk>/link/<int:remittance>", bank.line_link, name="bank_line_link"
    ),
    path(
        "treasury/bank-lines/<int:pk>/offset/<int:other>", bank.line_offset, name="bank_line_offset"
    ),
    *tax.TAX_PAGES.routes(),
    path("treasury/tax/<int:pk>/match", tax.tax_match, name="tax_match"),
    *list_routes("treasury/sponsors", SPONSORS, "sponsors", page=sponsors.sponsor_list),
    path("treasury/sponsors/new", sponsors.sponsor_new, name="sponsor_new"),
    path("treasury/sponsors/<int:pk>", sponsors.sponsor_detail, name="sponsor"),
    path("treasury/sponsors/<int:pk>/money", sponsors.money, name="sponsor_money"),
    path("treasury/sponsors/<int:pk>/book", sponsors.book, name="sponsor_book"),
    path("treasury/households/<int:pk>/payment", sponsors.other_payment, name="other_payment"),
    *list_routes("treasury/refunds", REFUNDS, "refunds", page=refunds.refund_list),
    path("treasury/households/<int:pk>/refunds", refunds.household, name="household_refunds"),
    path("treasury/enrollments/<int:pk>/refund", refunds.refund_new, name="refund_new"),
    path("treasury/refunds/<int:pk>/grant", refunds.grant, name="refund_grant"),
    path("treasury/refunds/<int:pk>/pay", refunds.pay, name="refund_pay"),
    path("treasury/refunds/<int:pk>/refuse", refunds.refuse, name="refund_refuse"),
    path("treasury/refunds/<int:pk>/stop", refunds.stop, name="refund_stop"),
    path("treasury/subsidies", subsidies.subsidies, name="subsidies"),
    path("treasury/subsidies/export", subsidies.export, name="subsidies_export"),
]
