"""Whose premium a sponsor's fund pays, and what is left of it.

Taking a payment asks here.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from decimal import Decimal

from django.db.models import Q, Sum

from accounts.errors import Refusal
from enrollment.collection.models import ZERO, Receipt, SponsorFund, SponsorMoney, SponsorUse
from enrollment.cover.models import Enrollment
from enrollment.people.models import IdentityStatus
from lib.money import told


def received(fund: SponsorFund) -> Decimal:
    total: Decimal | None = SponsorMoney.objects.filter(fund=fund).aggregate(s=Sum("amount"))["s"]
    return total or ZERO


def used(fund: SponsorFund) -> Decimal:
    rows = SponsorUse.objects.filter(fund=fund, released_on=None)
    total: Decimal | None = rows.aggregate(s=Sum("amount"))["s"]
    return total or ZERO


def balance(fund: SponsorFund) -> Decimal:
    """Yuan that may still be used."""
    return received(fund) - used(fund)


def eligible(fund: SponsorFund, rows: Iterable[Enrollment], on: date) -> list[Enrollment]:
    """Those of the enrolments that the sponsor's words cover and that cost something.

    `rows` come with `division` loaded.
    """
    candidates = [
        row
        for row in rows
        if row.personal_amount > 0
        and row.campaign_id == fund.campaign_id
        and row.division.code.startswith(fund.division.code)
    ]
    people = {row.person_id for row in candidates}
    if fund.status:
        people &= _with_status(people, fund.status, on)
    named = set(fund.people.values_list("pk", flat=True))
    if named:
        people &= named
    return [row for row in candidates if row.person_id in people]


def _with_status(people: Collection[int], status: str, on: date) -> set[int]:
    rows = IdentityStatus.objects.filter(person__in=people, code=status, first_day__lte=on)
    rows = rows.filter(Q(last_day=None) | Q(last_day__gte=on))
    return set(rows.values_list("person_id", flat=True))


def draw(fund: SponsorFund, rows: Sequence[Enrollment], on: date) -> list[Enrollment]:
    """Lock the fund and choose whom it pays for. Raises Refusal: out of scope, or too little."""
    fund = (
        # Held until the commit: eight windows may draw on the last hundred yuan at once.
        SponsorFund.objects.select_for_update(no_key=True, of=("self",))
        .select_related("division")
        .get(pk=fund.pk)
    )
    chosen = eligible(fund, rows, on)
    if not chosen:
        raise Refusal(f"“{fund.name}”的资助约定不包括本户待缴费的成员（{fund.purpose}）", "sponsor")
    wanted = sum((row.personal_amount for row in chosen), ZERO)
    left = balance(fund)
    if left < wanted:
        raise Refusal(
            f"“{fund.name}”资助资金余额 {told(left)} 元，不足本户所需 {told(wanted)} 元，"
            "请改收现金或待资助款到账",
            "sponsor",
        )
    return chosen


def keep_uses(fund: SponsorFund, receipt: Receipt, rows: Iterable[Enrollment]) -> None:
    """Write down that the fund pays these."""
    SponsorUse.objects.bulk_create(
        SponsorUse(fund=fund, receipt=receipt, enrollment=row, amount=row.personal_amount)
        for row in rows
    )


def release_uses(receipt: Receipt, on: date) -> None:
    """A void receipt gives the money back to the fund. Raises Refusal once it is in the books."""
    # Against book_sponsor_uses: what is in the books does not go back to the fund.
    uses = SponsorUse.objects.select_for_update(no_key=True).filter(
        receipt=receipt, released_on=None
    )
    if any(use.voucher_number for use in uses):
        raise Refusal("这张收据的资助款已入账，不能作废；请按退费办理")
    uses.update(released_on=on)
