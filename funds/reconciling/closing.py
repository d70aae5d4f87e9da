"""Which bank accounts have no reviewed adjustment table (settings.ROOMS_OF_CLOSING)."""

from collections.abc import Iterator
from datetime import date

from funds.balances import account_balances
from funds.closing.found import Found, page_of
from funds.models import Book
from funds.reconciling.models import Adjustment
from funds.reconciling.table import bank_accounts
from lib.periods import Month


def still_open(book: Book, month: Month, on: date) -> Iterator[Found]:
    """Of accounts that moved in the month or stand at something."""
    rows = account_balances(area=book.area, through=month.last, fund_type=book.fund_type)
    used = {one.code for one in rows if not one.is_idle}
    reviewed = Adjustment.objects.filter(
        account__book=book, month=month.first, status=Adjustment.Status.REVIEWED
    )
    done = set(reviewed.values_list("account__code", flat=True))
    names = [one.name for one in bank_accounts(book) if one.code in used and one.code not in done]
    yield Found(
        what="银行存款余额调节表已复核",
        count=len(names),
        unit="户",
        words=f"{'、'.join(names)}还没有复核的余额调节表" if names else "",
        address=page_of("funds:adjustments", book=book.pk, month=month),
    )
