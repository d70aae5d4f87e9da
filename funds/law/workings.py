"""Every event that is worked out from the measures, and how."""

from collections.abc import Callable
from datetime import date

from accounts.errors import Refusal
from funds.law import advances, overpaid, overspends, reserves, year_end
from funds.law.working import Working
from funds.models import Book

WORKINGS: dict[str, Callable[[Book, int, date], Working]] = {
    "reserve_drawn": reserves.set_aside,
    "reserve_refilled": reserves.refill,
    "accounts_carried": year_end.carry_accounts,
    "accounts_released": year_end.release_accounts,
    "surplus_reserved": year_end.share_surplus,
    "overspend_charged": overspends.charge,
    "overspend_returned": overpaid.give_back,
    "earlier_overspend_returned": overpaid.give_back_earlier,
    "advance_recognised": advances.recognise,
}


def work_out(event: str, book: Book, year: int, on: date) -> Working:
    """By the books and registers as they are. Raises Refusal without measures for it, and for the
    books of other funds, of which these measures say nothing."""
    if book.fund_type != Book.FundType.RESIDENT:
        raise Refusal(f"{book}不按居民医保办法提取风险基金、分配结余")
    return WORKINGS[event](book, year, on)
