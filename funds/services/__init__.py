"""What may be done with the ledger. Every write to it goes through one of these."""

from funds.balances import AccountBalance, account_balances, book_of
from funds.services.books import open_book
from funds.services.closing import close_period, close_year, closing_problems
from funds.services.posting import EventLine, post_event, reverse_voucher
from funds.services.reserves import carry_surplus, draw_reserve, recognise_advances
from funds.services.sealing import seal_vouchers

__all__ = [
    "AccountBalance",
    "EventLine",
    "account_balances",
    "book_of",
    "carry_surplus",
    "close_period",
    "close_year",
    "closing_problems",
    "draw_reserve",
    "open_book",
    "post_event",
    "recognise_advances",
    "reverse_voucher",
    "seal_vouchers",
]
