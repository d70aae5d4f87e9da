"""The day's takings into the collection account, and the accountant's confirmation."""

from datetime import date
from decimal import Decimal

from accounts.errors import Refusal
from accounts.models import User
from desk.changes import all_or_nothing
from enrollment.collection.amounts import paid_by_tier, personal_lines
from enrollment.collection.models import Receipt, Remittance
from enrollment.collection.workflow import REMITTANCES
from enrollment.cover.models import Campaign
from funds.services import post_event
from lib.money import told


@all_or_nothing()
def remit(
    *,
    actor: User,
    campaign: Campaign,
    slip_number: str,
    slip_date: date,
    amount: Decimal,
    on: date,
) -> Remittance:
    """Hand in all of the clerk's unremitted cash receipts with one bank slip.

    `amount` is what the slip says: it must equal the receipts. Raises Refusal.
    """
    if actor.division is None:
        raise Refusal("您的账号没有所属乡镇，不能缴存")
    receipts = list(
        # A receipt is paid in once: two windows that hand in the same takings, the second is
        # refused.
        Receipt.objects.select_for_update(no_key=True)
        .unremitted()
        .filter(issued_by=actor, campaign=campaign)
        .order_by("pk")
    )
    if not receipts:
        raise Refusal("没有待缴存的收据")
    if slip_date > on or slip_date < min(receipt.issued_on for receipt in receipts):
        raise Refusal("缴款日期应在最早一张收据开票之后、不晚于今天，请核对缴款单", "slip_date")
    total = sum((receipt.amount for receipt in receipts), Decimal(0))
    if amount != total:
        raise Refusal(
            f"缴款单金额 {told(amount)} 元与 {len(receipts)} 张待缴收据合计 {told(total)} 元"
            f"相差 {told(abs(amount - total))} 元，请核对现金、收据后再缴存",
            "amount",
        )
    taken = [receipt.pk for receipt in receipts]
    remittance = REMITTANCES.create(
        "remit",
        actor=actor,
        noted={"beside": {"receipts": taken}},
        township=actor.division,
        campaign=campaign,
        clerk=actor,
        slip_number=slip_number,
        slip_date=slip_date,
        receipt_count=len(receipts),
        amount=total,
    )
    Receipt.objects.filter(pk__in=taken).update(remittance=remittance)
    return remittance


def _receipts(remittance: Remittance) -> list[Receipt]:
    """Locked after their remittance."""
    receipts = Receipt.objects.select_for_update(no_key=True).filter(remittance=remittance)
    return list(receipts.order_by("pk"))


@all_or_nothing()
def confirm_remittance(
    *, actor: User, remittance: Remittance, bank_amount: Decimal, on: date
) -> Remittance:
    """The accountant saw the money on the bank statement: book it (E01), by tier and township.

    Raises Refusal when bank, slip and receipts are not the same amount.
    """
    remittance = REMITTANCES.lock(remittance.pk)
    REMITTANCES.check(remittance, "confirm_remittance", actor)
    receipts = _receipts(remittance)
    if bank_amount != remittance.amount:
        raise Refusal(
            f"银行到账 {told(bank_amount)} 元与缴款单 {told(remittance.amount)} 元相差 "
            f"{told(abs(bank_amount - remittance.amount))} 元，请核对；不符的应退回缴款单",
            "bank_amount",
        )
    by_tier = paid_by_tier([receipt.pk for receipt in receipts])
    total = sum((receipt.amount for receipt in receipts), Decimal(0))
    if not remittance.amount == total == sum(part.amount for part in by_tier):
        raise Refusal(
            f"收据合计 {told(total)} 元与缴款单 {told(remittance.amount)} 元或参保登记不符，"
            "请退回乡镇核对"
        )
    voucher = post_event(
        event="premium_collected",
        area=remittance.campaign.area,
        on=on,
        key=f"remittance:{remittance.pk}",
        source=f"缴款单 {remittance.slip_number}",
        actor=actor,
        lines=personal_lines(by_tier, remittance.township),
        summary=f"{remittance.township.name}{remittance.campaign.year}年度个人缴费"
        f"{remittance.receipt_count}张",
    )
    return REMITTANCES.take(
        remittance, "confirm_remittance", actor=actor, voucher_number=voucher.label
    )


@all_or_nothing()
def return_remittance(*, actor: User, remittance: Remittance, reason: str) -> Remittance:
    """Send a remittance back: its receipts are unremitted again, the slip number is free."""
    remittance = REMITTANCES.lock(remittance.pk)
    REMITTANCES.check(remittance, "return_remittance", actor, reason)
    beside = {"receipts": [receipt.pk for receipt in _receipts(remittance)]}
    Receipt.objects.filter(remittance=remittance).update(remittance=None)
    return REMITTANCES.take(
        remittance, "return_remittance", actor=actor, reason=reason, beside=beside
    )
