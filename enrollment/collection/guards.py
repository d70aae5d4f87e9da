"""What every receipt must respect: closed days, lost numbers, checked-off books.

The same rules are triggers in the database.
"""

from collections.abc import Iterable
from datetime import date

from django.db.models import Exists, F, OuterRef

from accounts.errors import Refusal
from accounts.models import User
from enrollment.collection.models import BookEvent, DayClose, Receipt, ReceiptBook, ReceiptRun


def refuse_closed_day(clerk: User, on: date) -> None:
    """Raises Refusal when the clerk has counted the cash of this day, or of a later one.

    Call it with one of the clerk's books locked: closing a day locks them all.
    """
    latest = DayClose.objects.standing().filter(clerk=clerk, day__gte=on).order_by("-day").first()
    if latest is not None:
        raise Refusal(f"您 {latest.day:%Y-%m-%d} 已日结，不能再开具或作废当日收据，请从次日起办理")


def lock_books(clerk: User) -> None:
    """All receipt books of the clerk, in the one order in which everybody locks them: by code."""
    list(ReceiptBook.objects.select_for_update(no_key=True).filter(clerk=clerk).order_by("code"))


def begin_run(*, clerk: User, key: str, on: date) -> None:
    """Receipts are about to be written on the clerk's name until `end_run`. In a transaction.

    Waits for a close of the day in another window, and is waited for: both lock the books.
    """
    lock_books(clerk)
    ReceiptRun.objects.create(clerk=clerk, key=key, began_on=on)


def end_run(key: str) -> None:
    """The last receipt of the run is written."""
    ReceiptRun.objects.filter(key=key).delete()


def claim_number(book: ReceiptBook, number: int, clerk: User, on: date) -> bool:
    """Move the locked book past `number`, unless that is lost or the clerk's day is closed.

    One statement, so that a receipt costs no more than it did without these rules.
    """
    lost = BookEvent.objects.covering(number).filter(book=OuterRef("pk"))
    # Numbers that were found again stand before numbers that are written on.
    written = Receipt.objects.filter(book=OuterRef("pk"), number=number)
    closed = DayClose.objects.standing().filter(clerk=clerk, day__gte=on)
    free = ReceiptBook.objects.filter(~Exists(lost), ~Exists(closed), ~Exists(written), pk=book.pk)
    return bool(free.update(next_number=number + 1))


def next_free_number(book: ReceiptBook) -> int | None:
    """The next number to write on, past those lost or written; None when the book is finished."""
    return next_free_numbers([book])[book.pk]


def next_free_numbers(books: Iterable[ReceiptBook]) -> dict[int, int | None]:
    """The same of many books, by key. Two statements."""
    rows = {book.pk: book for book in books}
    taken = BookEvent.objects.lost_numbers(rows)
    ahead = Receipt.objects.filter(book__in=rows, number__gte=F("book__next_number"))
    for pk, number in ahead.values_list("book", "number"):
        taken[pk].add(number)
    return {
        pk: next(
            (one for one in range(book.next_number, book.last_number + 1) if one not in taken[pk]),
            None,
        )
        for pk, book in rows.items()
    }


def refuse_checked_off(book: ReceiptBook) -> None:
    """A checked-off book's figures are final."""
    if book.status == ReceiptBook.Status.CHECKED_OFF:
        raise Refusal(f"票据本 {book.code} 已核销，不能再作废其中的收据；请按退费办理")
