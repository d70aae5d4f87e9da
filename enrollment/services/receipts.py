"""Receipts: the next number under lock, one per household and payment, void but never erased."""

from datetime import date
from decimal import Decimal

from django.db.models import F
from django.utils import timezone

from accounts.audit import record, snapshot
from accounts.errors import Refusal
from accounts.models import User
from enrollment.models import Enrollment, Household, Person, Receipt, ReceiptBook
from enrollment.services.transactions import all_or_nothing


def _next_in_book(clerk: User, year: int) -> ReceiptBook:
    """The clerk's book to write on, locked. All open books are locked, always in one order."""
    books = (
        ReceiptBook.objects.select_for_update(no_key=True)
        .filter(clerk=clerk, year=year, next_number__lte=F("last_number"))
        .order_by("code")
    )
    for book in books:
        return book
    raise Refusal(f"您没有可用的 {year} 年度收据本，请先到县经办中心领取收据本")


@all_or_nothing()
def take_payment(
    *, actor: User, household: Household, received: Decimal, on: date
) -> tuple[Receipt, Decimal]:
    """Take the cash for everything the household has pending; the receipt and the change due.

    Who owes nothing gets a receipt without cash (AID). Locks the pending rows, then the book.
    Raises Refusal; then no number is used.
    """
    rows = list(
        Enrollment.objects.select_for_update(no_key=True, of=("self",))
        .filter(household=household, status=Enrollment.Status.PENDING)
        .select_related("person", "campaign", "division")
        .order_by("pk")
    )
    if not rows:
        raise Refusal("本户没有待缴费的参保登记，可能已在另一窗口收款，请刷新后核对")
    campaign = rows[0].campaign
    if any(row.campaign_id != campaign.pk for row in rows):
        raise Refusal("本户有不同年度的待缴费登记，请先撤销往年未缴费的登记")
    if on > campaign.last_day:
        raise Refusal(
            f"{campaign.year} 年度缴费期已于 {campaign.last_day:%Y-%m-%d} 截止，过期不再收取；"
            "请撤销这次登记"
        )
    amount = sum((row.personal_amount for row in rows), Decimal(0))
    if received < amount:
        raise Refusal(f"实收 {received:.2f} 元不足应收 {amount:.2f} 元，请收足后再开票", "received")
    people = sorted((row.person for row in rows), key=lambda person: person.member_number)
    heads = [person for person in people if person.relationship == Person.Relationship.HEAD]
    book = _next_in_book(actor, campaign.year)
    receipt = Receipt.objects.create(
        book=book,
        number=book.next_number,
        household=household,
        division=rows[0].division,
        campaign=campaign,
        channel=Receipt.Channel.CASH if amount else Receipt.Channel.AID,
        amount=amount,
        payer_name=(heads or people)[0].name,
        issued_by=actor,
        issued_on=on,
    )
    ReceiptBook.objects.filter(pk=book.pk).update(next_number=book.next_number + 1)
    Enrollment.objects.filter(pk__in=[row.pk for row in rows]).update(
        status=Enrollment.Status.ACTIVE, receipt=receipt
    )
    record(
        actor=actor,
        action="enrollment.take_payment",
        subject=receipt,
        division_code=rows[0].division.code,
        after=snapshot(receipt) | {"enrollments": [row.pk for row in rows]},
    )
    return receipt, received - amount


@all_or_nothing()
def void_receipt(*, actor: User, receipt: Receipt, reason: str, on: date) -> Receipt:
    """Void one's own receipt that is not yet remitted. Its number stays used.

    The cover waits for payment again: a new receipt may follow, or cancel_pending.
    """
    reason = reason.strip()
    if len(reason) < 2:
        raise Refusal("请写明作废原因", "reason")
    rows = list(
        Enrollment.objects.select_for_update(no_key=True).filter(receipt=receipt).order_by("pk")
    )
    receipt = (
        Receipt.objects.select_for_update(no_key=True, of=("self",))
        .select_related("book", "division")
        .get(pk=receipt.pk)
    )
    if receipt.voided_at is not None:
        raise Refusal("这张收据已经作废，不能再次作废")
    if receipt.issued_by_id != actor.pk:
        raise Refusal("只能作废自己开出的收据，请由开票人办理")
    if receipt.remittance_id is not None:
        raise Refusal("这张收据已缴存，不能作废；请先由会计退回缴款单")
    if any(row.cover_first_day <= on for row in rows):
        raise Refusal("参保待遇已经开始，不能作废收据；请联系县经办中心按退费办理")
    before = snapshot(receipt)
    receipt.voided_by, receipt.voided_at = actor, timezone.now()
    receipt.void_reason = reason[:200]
    receipt.save(update_fields=["voided_by", "voided_at", "void_reason"])
    Enrollment.objects.filter(pk__in=[row.pk for row in rows]).update(
        status=Enrollment.Status.PENDING, receipt=None
    )
    record(
        actor=actor,
        action="enrollment.void_receipt",
        subject=receipt,
        division_code=receipt.division.code,
        before=before,
        after=snapshot(receipt) | {"enrollments": [row.pk for row in rows]},
        reason=receipt.void_reason,
    )
    return receipt
