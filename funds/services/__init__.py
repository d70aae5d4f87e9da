"""What may be done with the ledger. Every write to it goes through one of these."""

from funds.balances import AccountBalance, account_balances, book_of
from funds.services.books import open_book
from funds.services.closing import close_period, close_year, closing_problems
from funds.services.posting import EventLine, post_event, reverse_voucher
from funds.services.sealing import seal_vouchers

__all__ = [
    "AccountBalance",
    "EventLine",
    "account_balances",
    "book_of",
    "close_period",
    "close_year",
    "closing_problems",
    "open_book",
    "post_event",
    "reverse_voucher",
    "seal_vouchers",
]
