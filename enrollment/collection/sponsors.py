"""Funds of village collectives and donors: registered, filled, booked as they are used."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from accounts.audit import record, snapshot
from accounts.errors import Refusal
from accounts.models import Division, User
from desk.changes import all_or_nothing
from desk.reasons import given_reason
from enrollment.collection.amounts import township_of
from enrollment.collection.models import SponsorFund, SponsorMoney, SponsorUse
from enrollment.cover.models import Campaign
from enrollment.people.models import Person
from funds.models import Voucher
from funds.services import EventLine, post_event
from lib.divisions import lies_inside

# Whom, and for what: 资助老人.
MIN_PURPOSE = 4


@all_or_nothing()
def open_sponsor_fund(
    *,
    actor: User,
    campaign: Campaign,
    name: str,
    kind: str,
    division: Division,
    purpose: str,
    status: str = "",
    people: Sequence[Person] = (),
) -> SponsorFund:
    """Write down who sponsors whom, in the sponsor's own words. Raises Refusal."""
    purpose = given_reason(
        purpose, asks="资助约定，如“资助桥亭村低保户”", least=MIN_PURPOSE, at=("purpose",)
    )
    if not lies_inside(division.code, campaign.area.code) and division != campaign.area:
        raise Refusal("资助范围应在本统筹区内", "division")
    fund = SponsorFund.objects.create(
        campaign=campaign,
        name=name.strip(),
        kind=kind,
        division=division,
        status=status,
        purpose=purpose,
        recorded_by=actor,
    )
    fund.people.set(people)
    record(
        actor=actor,
        action="enrollment.open_sponsor_fund",
        subject=fund,
        after=snapshot(fund) | {"people": [person.pk for person in people]},
    )
    return fund


@all_or_nothing()
def receive_sponsor_money(
    *,
    actor: User,
    fund: SponsorFund,
    amount: Decimal,
    received_on: date,
    reference: str,
    on: date,
) -> SponsorMoney:
    """Book money that a sponsor paid into the collection account; until used it is owed."""
    if amount <= 0:
        raise Refusal("金额应大于零", "amount")
    if received_on > on:
        raise Refusal("到账日期不能晚于今天", "received_on")
    # The fund's row stands for its balance, a sum over other rows that no constraint can hold.
    fund = SponsorFund.objects.select_for_update(no_key=True).get(pk=fund.pk)
    campaign = Campaign.objects.select_related("area").get(pk=fund.campaign_id)
    money = SponsorMoney.objects.create(
        fund=fund, amount=amount, received_on=received_on, reference=reference, recorded_by=actor
    )
    voucher = post_event(
        event="sponsor_received",
        area=campaign.area,
        on=on,
        key=f"sponsor-money:{money.pk}",
        source=f"银行流水 {reference}",
        actor=actor,
        lines=[EventLine(amount=amount, policy_year=campaign.year, funding_level="other")],
        summary=f"收到{fund.name}资助{campaign.year}年度参保资金"[:200],
    )
    money.voucher_number = voucher.label
    money.save(update_fields=["voucher_number"])
    record(
        actor=actor,
        action="enrollment.receive_sponsor_money",
        subject=money,
        division_code=campaign.area.code,
        after=snapshot(money),
    )
    return money


@all_or_nothing()
def book_sponsor_uses(*, actor: User, fund: SponsorFund, on: date) -> Voucher:
    """Turn what the fund paid since the last time into premium income (资助代缴), one voucher."""
    fund = SponsorFund.objects.select_for_update(no_key=True).get(pk=fund.pk)
    campaign = Campaign.objects.select_related("area").get(pk=fund.campaign_id)
    uses = list(
        SponsorUse.objects.select_for_update(no_key=True, of=("self",))
        .filter(fund=fund, released_on=None, voucher_number="")
        .select_related("enrollment__division")
        .order_by("pk")
    )
    if not uses:
        raise Refusal("没有待入账的资助代缴")
    towns: dict[str, Division] = {}
    lines = []
    for use in uses:
        code = use.enrollment.division.township_code
        if code not in towns:
            towns[code] = township_of(use.enrollment.division)
        lines.append(
            EventLine(
                amount=use.amount,
                township=towns[code],
                tier=use.enrollment.tier,
                policy_year=use.enrollment.year,
                funding_level="other",
            )
        )
    voucher = post_event(
        event="sponsor_used",
        area=campaign.area,
        on=on,
        key=f"sponsor-uses:{fund.pk}:{uses[0].pk}",
        source=f"资助资金 {fund.pk} 号",
        actor=actor,
        lines=lines,
        summary=f"{fund.name}资助{len(uses)}人参加{campaign.year}年度医疗保险"[:200],
    )
    SponsorUse.objects.filter(pk__in=[use.pk for use in uses]).update(voucher_number=voucher.label)
    record(
        actor=actor,
        action="enrollment.book_sponsor_uses",
        subject=fund,
        division_code=campaign.area.code,
        after={"voucher": voucher.label, "uses": [use.pk for use in uses]},
    )
    return voucher
