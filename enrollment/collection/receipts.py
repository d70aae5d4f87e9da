"""Receipts: the next number under lock, one per household and payment, void but never erased."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django.db.models import F
from django.utils import timezone

from accounts.audit import audited, record
from accounts.errors import Refusal
from accounts.models import User
from desk.changes import all_or_nothing, change
from desk.reasons import given_reason
from enrollment.collection.cash import is_doubtful
from enrollment.collection.guards import (
    claim_number,
    next_free_number,
    refuse_checked_off,
    refuse_closed_day,
)
from enrollment.collection.models import Receipt, ReceiptBook, SponsorFund
from enrollment.collection.settled import Kind, key_of
from enrollment.collection.sponsored import draw, keep_uses, release_uses
from enrollment.cover.models import Campaign, Enrollment, all_late
from enrollment.cover.reassessing import assess_pending
from enrollment.cover.workflow import COVERS
from enrollment.people.models import Household, Person
from funds.banking.models import BankLine
from lib.money import told

ZERO = Decimal(0)


def _take_number(clerk: User, year: int, on: date) -> tuple[ReceiptBook, int]:
    """The clerk's book and the number to write on, taken.

    All open books are locked, always in one order. Raises Refusal.
    """
    books = (
        # By code, as collection.guards.lock_books: two windows of one clerk never wait crosswise.
        ReceiptBook.objects.select_for_update(no_key=True)
        .filter(
            clerk=clerk,
            # A newborn's first year is paid when it is over, and its books are handed back.
            year__in=[year, on.year] if on.year > year else [year],
            next_number__lte=F("last_number"),
            status=ReceiptBook.Status.IN_USE,
        )
        .order_by("code")
    )
    for book in books:
        if claim_number(book, book.next_number, clerk, on):
            return book, book.next_number
        refuse_closed_day(clerk, on)
        number = next_free_number(book)
        if number is not None and claim_number(book, number, clerk, on):
            return book, number
    raise Refusal(f"您没有可用的 {year} 年度票据本，请先到县经办中心领取票据本")


def _pending(household: Household, on: date) -> tuple[Campaign, list[Enrollment]]:
    """What the household has to pay for, locked. Raises Refusal when there is nothing to pay."""
    rows = list(
        # Covers first, then the fund, then the books: whoever collects takes them in this order.
        Enrollment.objects.select_for_update(no_key=True, of=("self",))
        .filter(household=household, status=Enrollment.Status.PENDING)
        .select_related("person", "campaign", "division")
        .order_by("pk")
    )
    if not rows:
        raise Refusal("本户没有待缴费的参保登记，可能已在另一窗口收款，请刷新后核对")
    campaign = min((row.campaign for row in rows), key=lambda one: one.year)
    oldest = [row for row in rows if row.campaign_id == campaign.pk]
    if len(oldest) < len(rows) and not all_late([row.pk for row in oldest]):
        raise Refusal("本户有不同年度的待缴费登记，请先撤销往年未缴费的登记")
    rows = oldest  # a newborn's two years: one receipt for each, the earlier year first
    if on > campaign.last_day and not all_late([row.pk for row in rows]):
        raise Refusal(
            f"{campaign.year} 年度缴费期已于 {campaign.last_day:%Y-%m-%d} 截止，过期不再收取；"
            "请撤销这次登记"
        )
    return campaign, rows


def _channel(channel: str, due: Decimal, sponsored: Decimal, reference: str) -> str:
    """Where nothing is collected the receipt says why; a transfer names its bank serial."""
    if not due:
        return Receipt.Channel.SPONSOR if sponsored else Receipt.Channel.AID
    if channel not in {Receipt.Channel.CASH, Receipt.Channel.BANK}:
        raise Refusal("窗口只收现金或银行转账", "channel")
    if channel == Receipt.Channel.BANK and not reference:
        raise Refusal("请填写转账回单上的流水号", "reference")
    return channel


def payer_of(rows: Sequence[Enrollment]) -> str:
    """The head's name, or the first member's."""
    people = sorted((row.person for row in rows), key=lambda person: person.member_number)
    heads = [person for person in people if person.relationship == Person.Relationship.HEAD]
    return (heads or people)[0].name


@all_or_nothing()
def take_payment(
    *,
    actor: User,
    household: Household,
    received: Decimal,
    on: date,
    channel: str = Receipt.Channel.CASH,
    reference: str = "",
    sponsor: SponsorFund | None = None,
    is_sure: bool = True,
) -> tuple[Receipt, Decimal]:
    """Take the money for everything the household has pending; the receipt and the change due.

    `channel`: cash, or bank with the transfer's serial as `reference`. `sponsor`: pays for the
    members it is meant for, the household pays the rest. Who owes nothing gets a receipt without
    cash (AID, or SPONSOR). `is_sure`: cash of which a whole note would go back was counted again.
    Locks the pending rows, the fund, then the books. Raises Refusal; then no number is used.
    """
    campaign, rows = _pending(household, on)
    paid_for = draw(sponsor, rows, on) if sponsor else []
    sponsored = sum((row.personal_amount for row in paid_for), ZERO)
    due = sum((row.personal_amount for row in rows), ZERO) - sponsored
    channel = _channel(channel, due, sponsored, reference)
    if not is_sure and channel == Receipt.Channel.CASH and is_doubtful(received, due):
        raise Refusal(
            f"实收 {told(received)} 元，要找零 {told(received - due)} 元，多出一张百元钞以上："
            "请再点一遍现金，确实无误的勾选“已复点”再开票",
            "sure",
        )
    if received < due:
        raise Refusal(
            f"实收 {told(received)} 元不足应收 {told(due)} 元，请收足后再开票", "received"
        )
    if channel == Receipt.Channel.BANK and received != due:
        raise Refusal(f"转账金额应为 {told(due)} 元，多转的请退回后按应缴金额办理", "received")
    book, number = _take_number(actor, campaign.year, on)
    receipt = Receipt.objects.create(
        book=book,
        number=number,
        household=household,
        division=rows[0].division,
        campaign=campaign,
        channel=channel,
        amount=due,
        sponsored_amount=sponsored,
        reference=reference if channel == Receipt.Channel.BANK else "",
        payer_name=payer_of(rows),
        issued_by=actor,
        issued_on=on,
    )
    if sponsor:
        keep_uses(sponsor, receipt, paid_for)
    COVERS.take_many(rows, "take_payment", actor=actor, receipt=receipt)
    record(
        actor=actor,
        action="enrollment.take_payment",
        subject=receipt,
        division_code=rows[0].division.code,
        after=audited(receipt) | {"enrollments": [row.pk for row in rows]},
    )
    return receipt, received - due


def _refuse_booked(receipt: Receipt) -> None:
    """What came through bank or tax bureau and is in the books goes back as a refund."""
    if receipt.channel == Receipt.Channel.TAX:
        raise Refusal("税务征收的收据不能作废，请按退费办理")
    if BankLine.objects.filter(settles=key_of(Kind.RECEIPT, receipt.pk)).exists():
        raise Refusal("这张收据的转账款已入账，不能作废；请按退费办理")


def _refuse_void(receipt: Receipt, rows: Sequence[Enrollment], actor: User, on: date) -> None:
    """Raises Refusal when the locked receipt may not be voided. Locks its book."""
    if receipt.voided_at is not None:
        raise Refusal("这张收据已经作废，不能再次作废")
    if receipt.issued_by_id != actor.pk:
        raise Refusal("只能作废自己开出的收据，请由开票人办理")
    if receipt.remittance_id is not None:
        raise Refusal("这张收据已缴存，不能作废；请先由会计退回缴款单")
    _refuse_booked(receipt)
    if any(row.cover_first_day <= on for row in rows):
        raise Refusal("参保待遇已经开始，不能作废收据；请联系县经办中心按退费办理")
    refuse_checked_off(ReceiptBook.objects.select_for_update(no_key=True).get(pk=receipt.book_id))
    refuse_closed_day(actor, on)


@all_or_nothing()
def void_receipt(*, actor: User, receipt: Receipt, reason: str, on: date) -> Receipt:
    """Void one's own receipt that is not yet remitted. Its number stays used.

    The cover waits for payment again, by the statuses that hold now: a new receipt may follow, or
    cancel_pending. One that a merger of records has ended cost nothing, or the receipt would be in
    the books, and stays ended.
    """
    reason = given_reason(reason, asks="作废原因")
    rows = list(
        # Covers first, then the receipt, then its book, as when the money was taken.
        Enrollment.objects.select_for_update(no_key=True).filter(receipt=receipt).order_by("pk")
    )
    beside = {"enrollments": [row.pk for row in rows]}
    with change(
        Receipt.objects.select_related("book", "division"),
        receipt.pk,
        actor=actor,
        action="enrollment.void_receipt",
        reason=reason,
        beside=beside,
    ) as voided:
        _refuse_void(voided, rows, actor, on)
        release_uses(voided, on)
        voided.voided_by, voided.voided_at, voided.voided_on = actor, timezone.now(), on
        voided.void_reason = reason
    held = [row for row in rows if row.status == Enrollment.Status.ACTIVE]
    COVERS.take_many(held, "void_receipt", actor=actor, receipt=None)
    assess_pending(actor, [row.person_id for row in held], on)
    return voided
