"""找回: numbers that were reported lost are there again, or were never gone."""

from datetime import date

from accounts.errors import Refusal
from accounts.models import User
from desk.changes import all_or_nothing
from enrollment.collection.books import Said, happened, listed, refuse_numbers
from enrollment.collection.models import BookEvent, FoundNumbers, ReceiptBook
from enrollment.collection.workflow import BOOKS, FOUND, IN_HAND


def _refuse_not_lost(book: ReceiptBook, first_number: int, last_number: int) -> None:
    if book.status not in IN_HAND:
        raise Refusal(f"票据本 {book.code} 现为“{book.get_status_display()}”，号码不能再恢复")
    if first_number > last_number:
        raise Refusal("起号不大于止号", "first_number")
    lost = BookEvent.objects.lost_numbers([book.pk])[book.pk]
    there = [n for n in range(first_number, last_number + 1) if n not in lost]
    if there:
        raise Refusal(f"{listed(there)} 号没有挂失，只能填已挂失的号码", "first_number")


@all_or_nothing()
def ask_found(
    *,
    actor: User,
    book: ReceiptBook,
    first_number: int,
    last_number: int,
    found_on: date,
    reason: str,
    on: date,
) -> FoundNumbers:
    """Say that lost numbers are there again. They stay lost until a second person confirms."""
    book = BOOKS.lock(book.pk)
    one = FoundNumbers(
        book=book,
        first_number=first_number,
        last_number=last_number,
        found_on=found_on,
        asked_by=actor,
    )
    one.reason = FOUND.check(one, "ask_found", actor, reason)
    refuse_numbers(book, first_number, last_number, actor, "申报")
    if found_on > on:
        raise Refusal("找回日期不能晚于今天", "found_on")
    _refuse_not_lost(book, first_number, last_number)
    asked = book.finds.filter(
        status=FoundNumbers.Status.ASKED,
        first_number__lte=last_number,
        last_number__gte=first_number,
    ).first()
    if asked is not None:
        raise Refusal(
            f"{asked.first_number} 至 {asked.last_number} 号已申报找回，待会计确认", "first_number"
        )
    one.save(force_insert=True)
    FOUND.note(one, "ask_found", actor=actor, reason=one.reason)
    return one


@all_or_nothing()
def confirm_found(*, actor: User, found: FoundNumbers) -> FoundNumbers:
    """The second person saw them: exactly these numbers can be written on again, the lowest first.

    Those that bear a receipt keep it. Raises Refusal.
    """
    book = BOOKS.lock(found.book_id)
    found = FOUND.lock(found.pk)
    FOUND.check(found, "confirm_found", actor)
    _refuse_not_lost(book, found.first_number, found.last_number)
    said = Said(actor, found.first_number, found.last_number, found.found_on, found.reason)
    # The next number goes back to the first of them; those behind it that bear receipts are passed.
    back_to = min(book.next_number, found.first_number)
    happened(book, BookEvent.Kind.FOUND, said, next_number=back_to)
    return FOUND.take(found, "confirm_found", actor=actor)


@all_or_nothing()
def refuse_found(*, actor: User, found: FoundNumbers, reason: str) -> FoundNumbers:
    """They stay lost."""
    return FOUND.move(found.pk, "refuse_found", actor=actor, reason=reason)
