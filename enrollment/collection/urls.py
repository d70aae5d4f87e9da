"""Routes of the treasury, under enrollment/treasury/."""

from django.urls import path

from enrollment.treasury.views import bank, books, days, refunds, sponsors, subsidies, tax

urlpatterns = [
    path("books", books.book_list, name="books"),
    path("books/<int:pk>", books.book_detail, name="book"),
    path("books/<int:pk>/loss", books.loss, name="book_loss"),
    path("books/<int:pk>/hand-back", books.hand_back, name="book_hand_back"),
    path("books/<int:pk>/transfer", books.transfer, name="book_transfer"),
    path("books/<int:pk>/check-off", books.check_off, name="book_check_off"),
    path("books/<int:pk>/sheet", books.sheet, name="book_sheet"),
    path("day", days.day, name="day"),
    path("days", days.day_closes, name="day_closes"),
    path("campaigns/<int:pk>/cash-days", days.cash_days, name="cash_days"),
    path("reconciliation", bank.reconciliation, name="reconciliation"),
    path("reconciliation/run", bank.run, name="reconcile"),
    path("statements/new", bank.statement_new, name="statement_new"),
    path("bank-lines", bank.lines, name="bank_lines"),
    path("bank-lines/<int:pk>", bank.line_detail, name="bank_line"),
    path("bank-lines/<int:pk>/book", bank.line_book, name="bank_line_book"),
    path("bank-lines/<int:pk>/link/<int:remittance>", bank.line_link, name="bank_line_link"),
    path("bank-lines/<int:pk>/offset/<int:other>", bank.line_offset, name="bank_line_offset"),
    path("tax", tax.tax_files, name="tax_files"),
    path("tax/new", tax.tax_new, name="tax_new"),
    path("tax/<int:pk>", tax.tax_file, name="tax_file"),
    path("tax/<int:pk>/match", tax.tax_match, name="tax_match"),
    path("sponsors", sponsors.sponsor_list, name="sponsors"),
    path("sponsors/new", sponsors.sponsor_new, name="sponsor_new"),
    path("sponsors/<int:pk>", sponsors.sponsor_detail, name="sponsor"),
    path("sponsors/<int:pk>/money", sponsors.money, name="sponsor_money"),
    path("sponsors/<int:pk>/book", sponsors.book, name="sponsor_book"),
    path("households/<int:pk>/payment", sponsors.other_payment, name="other_payment"),
    path("refunds", refunds.refund_list, name="refunds"),
    path("households/<int:pk>/refunds", refunds.household, name="household_refunds"),
    path("enrollments/<int:pk>/refund", refunds.refund_new, name="refund_new"),
    path("refunds/<int:pk>/grant", refunds.grant, name="refund_grant"),
    path("refunds/<int:pk>/pay", refunds.pay, name="refund_pay"),
    path("refunds/<int:pk>/refuse", refunds.refuse, name="refund_refuse"),
    path("subsidies", subsidies.subsidies, name="subsidies"),
    path("subsidies/export", subsidies.export, name="subsidies_export"),
]
