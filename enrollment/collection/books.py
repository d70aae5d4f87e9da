"""Receipt books: handed out, passed on, handed back, lost, checked off (核销)."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, Sum

from accounts.audit import snapshot
from accounts.errors import Refusal
from accounts.models import Division, User
from accounts.roles import Role
from desk.changes import all_or_nothing
from enrollment.collection.guards import next_free_number
from enrollment.collection.models import (
    ZERO,
    BookCheckOff,
    BookEvent,
    Receipt,
    ReceiptBook,
    Remittance,
    SponsorUse,
)
from enrollment.collection.workflow import BOOKS
from enrollment.cover.models import Enrollment
from enrollment.people.models import IdentityStatus
from lib.money import told

MAX_NUMBER = 99_999_999  # eight digits are printed on a receipt
BOOK_CODE = re.compile(r"^[0-9A-Za-z-]{2,20}\Z")
BOOK_CODE_RULE = "票据本号为 2 至 20 位字母、数字或短横"
MAX_LISTED = 10  # numbers that a message lists before it says how many more there are


@dataclass(frozen=True)
class BookFigures:
    """A book's numbers and what was written on them. Amounts in yuan."""

    people: int
    payers: int
    wubao_dibao: int
    sponsored: int
    amount: Decimal
    sponsored_amount: Decimal
    valid: int
    void: int
    lost: int
    unused: int
    # Written past but neither receipt nor reported lost: nobody knows where these are.
    missing: tuple[int, ...]
    # Cash on valid receipts that no confirmed remittance covers yet.
    outstanding: Decimal
    outstanding_count: int


def _numbers(book: ReceiptBook) -> tuple[set[int], set[int]]:
    """Numbers written on, and numbers reported lost."""
    written = set(Receipt.objects.filter(book=book).values_list("number", flat=True))
    return written, BookEvent.objects.lost_numbers([book.pk])[book.pk]


def book_figures(book: ReceiptBook) -> BookFigures:
    """Count the book as 注意事项 2 of the township's campaign wants it on its cover."""
    written, lost = _numbers(book)
    receipts = Receipt.objects.filter(book=book)
    sums = receipts.valid().aggregate(
        valid=Count("pk"), amount=Sum("amount"), sponsored=Sum("sponsored_amount")
    )
    people = Enrollment.objects.filter(receipt__in=receipts.valid()).aggregate(
        people=Count("pk"),
        owing=Count("pk", filter=Q(personal_amount__gt=0)),
        wubao_dibao=Count("pk", filter=Q(premium_status__in=IdentityStatus.WUBAO_DIBAO)),
    )
    sponsored = SponsorUse.objects.filter(receipt__in=receipts.valid()).count()
    cash = receipts.valid().filter(channel=Receipt.Channel.CASH)
    outstanding = cash.exclude(remittance__status=Remittance.Status.CONFIRMED).aggregate(
        amount=Sum("amount"), number=Count("pk")
    )
    passed = range((book.carried_through or book.first_number - 1) + 1, book.next_number)
    ahead = range(book.next_number, book.last_number + 1)
    gone_ahead = sum(1 for number in lost | written if number in ahead)
    return BookFigures(
        people=people["people"],
        payers=people["owing"] - sponsored,
        wubao_dibao=people["wubao_dibao"],
        sponsored=sponsored,
        amount=sums["amount"] or ZERO,
        sponsored_amount=sums["sponsored"] or ZERO,
        valid=sums["valid"],
        void=len(written) - sums["valid"],
        lost=len(lost - written),
        unused=len(ahead) - gone_ahead,
        missing=tuple(n for n in passed if n not in written and n not in lost),
        outstanding=outstanding["amount"] or ZERO,
        outstanding_count=outstanding["number"],
    )


@dataclass(frozen=True)
class Said:
    """Of which numbers of a book something is said, by whom, why and of which day."""

    actor: User
    first: int
    last: int
    on: date
    reason: str


def happened(
    book: ReceiptBook,
    kind: BookEvent.Kind,
    said: Said,
    *,
    village: Division | None = None,
    **columns: Any,
) -> BookEvent:
    """The event first: the database lets a book change hands only on the strength of one."""
    step, actor = f"book_{kind}", said.actor
    event = BookEvent(
        book=book,
        kind=kind,
        first_number=said.first,
        last_number=said.last,
        holder=book.clerk,
        new_holder=columns.get("clerk"),
        village=village,
        on=said.on,
        recorded_by=actor,
    )
    event.reason = BOOKS.check(book, step, actor, said.reason)
    event.save(force_insert=True)
    beside = {"first": said.first, "last": said.last}
    BOOKS.take(book, step, actor=actor, reason=event.reason, beside=beside, **columns)
    return event


@all_or_nothing()
def transfer_book(
    *, actor: User, book: ReceiptBook, clerk: User, reason: str, on: date
) -> BookEvent:
    """Give the unused rest of a book, also one handed back, to another clerk of the township."""
    book = BOOKS.lock(book.pk)
    BOOKS.check(book, "book_transfer", actor, reason)
    if clerk.role != Role.TOWNSHIP_CLERK or not clerk.is_active:
        raise Refusal("票据本只能转交给在岗的乡镇经办", "clerk")
    if clerk.division_id != book.township_id:
        raise Refusal("票据本只能在本乡镇内转交；跨乡镇的请交回后另发新本", "clerk")
    if book.status == ReceiptBook.Status.IN_USE and clerk.pk == book.clerk_id:
        raise Refusal("这本票据本就在此人手中", "clerk")
    first = _first_unused(book)
    said = Said(actor, first, book.last_number, on, reason)
    return happened(book, BookEvent.Kind.TRANSFER, said, clerk=clerk)


def _first_unused(book: ReceiptBook) -> int:
    number = next_free_number(book)
    if number is None:
        raise Refusal(f"票据本 {book.code} 已用完，没有空白收据")
    return number


@all_or_nothing()
def hand_back_book(*, actor: User, book: ReceiptBook, reason: str, on: date) -> BookEvent:
    """Take the unused rest back from its clerk. Nobody can write on it until it is passed on."""
    book = BOOKS.lock(book.pk)
    BOOKS.check(book, "book_hand_back", actor, reason)
    if actor.role == Role.TOWNSHIP_CLERK and actor.pk != book.clerk_id:
        raise Refusal("只能交回自己领用的票据本")
    said = Said(actor, _first_unused(book), book.last_number, on, reason)
    return happened(book, BookEvent.Kind.HAND_BACK, said)


@all_or_nothing()
def report_loss(
    *,
    actor: User,
    book: ReceiptBook,
    first_number: int,
    last_number: int,
    lost_on: date,
    reason: str,
    on: date,
    village: Division | None = None,
) -> BookEvent:
    """挂失: these numbers can never be written on. A receipt already written stays valid.

    `village`: where the book was kept when it got lost; its cadre loses the reward's deduction.
    """
    book = BOOKS.lock(book.pk)
    BOOKS.check(book, "book_loss", actor, reason)
    refuse_numbers(book, first_number, last_number, actor, "挂失")
    if village is not None and not (
        village.level == Division.Level.VILLAGE and village.code.startswith(book.township.code)
    ):
        raise Refusal("保管村应是本乡镇的村", "village")
    if lost_on > on:
        raise Refusal("遗失日期不能晚于今天", "lost_on")
    _, lost = _numbers(book)
    again = [number for number in range(first_number, last_number + 1) if number in lost]
    if again:
        raise Refusal(f"{listed(again)} 号已经挂失，请勿重复", "first_number")
    said = Said(actor, first_number, last_number, lost_on, reason)
    return happened(book, BookEvent.Kind.LOSS, said, village=village)


def refuse_numbers(book: ReceiptBook, first: int, last: int, actor: User, act: str) -> None:
    """Refuse numbers of another clerk's book, and such as the book does not have: a million that
    are typed by mistake before they are counted."""
    if actor.role == Role.TOWNSHIP_CLERK and actor.pk != book.clerk_id:
        raise Refusal(f"只能{act}自己领用的收据")
    if not book.first_number <= first <= last <= book.last_number:
        raise Refusal(
            f"号码应在本票据本 {book.first_number} 至 {book.last_number} 号之内，起号不大于止号",
            "first_number",
        )


def listed(numbers: list[int] | tuple[int, ...]) -> str:
    text = "、".join(str(number) for number in numbers[:MAX_LISTED])
    return f"{text} 等 {len(numbers)} 个" if len(numbers) > MAX_LISTED else text


def check_off_problems(book: ReceiptBook, figures: BookFigures) -> list[str]:
    """Why the book cannot be checked off yet, in Chinese; empty when it can."""
    if book.status == ReceiptBook.Status.CHECKED_OFF:
        return ["已经核销"]
    problems = []
    if book.status == ReceiptBook.Status.IN_USE and figures.unused:
        problems.append(f"还有 {figures.unused} 张空白收据在用，请先用完或交回")
    if figures.missing:
        problems.append(f"票号 {listed(figures.missing)} 没有下落，请补录、作废或挂失")
    if figures.outstanding_count:
        problems.append(
            f"还有 {figures.outstanding_count} 张现金收据共 {told(figures.outstanding)} 元"
            "没有缴存入账"
        )
    return problems


@all_or_nothing()
def check_off_book(*, actor: User, book: ReceiptBook, on: date) -> BookCheckOff:
    """核销: every number is accounted for and all cash is in the books. Its figures are final."""
    book = BOOKS.lock(book.pk)
    BOOKS.check(book, "check_off_book", actor)
    figures = book_figures(book)
    if problems := check_off_problems(book, figures):
        raise Refusal(f"票据本 {book.code} 不能核销：" + "；".join(problems))
    names = (
        "people", "payers", "wubao_dibao", "sponsored", "amount", "sponsored_amount", "valid",
        "void", "lost", "unused",
    )  # fmt: skip
    check_off = BookCheckOff.objects.create(
        book=book,
        checked_by=actor,
        checked_on=on,
        **{name: getattr(figures, name) for name in names},
    )
    BOOKS.take(book, "check_off_book", actor=actor, beside=snapshot(check_off))
    return check_off


@all_or_nothing()
def issue_book(
    *,
    actor: User | None,
    clerk: User,
    year: int,
    code: str,
    first_number: int,
    last_number: int,
    carried_through: int | None = None,
) -> ReceiptBook:
    """Hand a range of pre-numbered receipts to a township clerk. `carried_through`: up to which
    number the old system had written on them."""
    if clerk.role != Role.TOWNSHIP_CLERK or not clerk.is_active or clerk.division is None:
        raise Refusal("票据本只能发给在岗的乡镇经办", "clerk")
    if not 1 <= first_number <= last_number <= MAX_NUMBER:
        raise Refusal("起号不能大于止号，号码为 1 至 8 位数字", "last_number")
    if carried_through is not None and not first_number <= carried_through <= last_number:
        raise Refusal("原系统已用至的号码应在起号和止号之间", "carried_through")
    book = ReceiptBook.objects.create(
        township=clerk.division,
        clerk=clerk,
        year=year,
        code=code,
        first_number=first_number,
        last_number=last_number,
        next_number=first_number if carried_through is None else carried_through + 1,
        carried_through=carried_through,
    )
    BOOKS.note(book, "issue_book", actor=actor)
    return book
