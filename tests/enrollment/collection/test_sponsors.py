"""村集体 and donors: their money is used as they say, once, and never beyond its balance."""

from decimal import Decimal

import pytest

from accounts.errors import Refusal
from enrollment.collection.receipts import take_payment, void_receipt
from enrollment.collection.sponsored import balance
from enrollment.collection.sponsors import (
    book_sponsor_uses,
    open_sponsor_fund,
    receive_sponsor_money,
)
from enrollment.cover.enrolling import save_entry
from enrollment.models import Receipt, SponsorUse
from funds.models import Voucher
from tests.enrollment.collection.conftest import confirm, hand_in, ledger, person_of
from tests.enrollment.conftest import OCTOBER, the_chens

pytestmark = pytest.mark.django_db


@pytest.fixture
def sponsor(cast, campaign, village_a, books):
    """sponsor(amount, …): a fund with money in it."""
    count = 0

    def make(amount, **facts):
        nonlocal count
        count += 1
        defaults = {
            "name": f"爱心企业{count}",
            "kind": "donor",
            "division": village_a,
            "purpose": "资助桥亭村村民参保",
        }
        fund = open_sponsor_fund(actor=cast.accountant, campaign=campaign, **defaults | facts)
        receive_sponsor_money(
            actor=cast.accountant,
            fund=fund,
            amount=Decimal(amount),
            received_on=OCTOBER,
            reference=f"JZ-{count:04}",
            on=OCTOBER,
        )
        return fund

    return make


def pay(clerk, household, received, fund):
    return take_payment(
        actor=clerk, household=household, received=Decimal(received), on=OCTOBER, sponsor=fund
    )


def test_money_is_owed_until_a_premium_is_paid_with_it(cast, sponsor, single):
    fund = sponsor(300)
    assert (ledger("1002"), ledger("2001-sponsor"), ledger("4001-aid")) == (300, -300, 0)
    receipt, change = pay(cast.clerk_a, single(cast.clerk_a, 1), 0, fund)
    assert (receipt.channel, receipt.amount, receipt.sponsored_amount) == ("sponsor", 0, 120)
    assert change == 0
    assert balance(fund) == 180
    voucher = book_sponsor_uses(actor=cast.accountant, fund=fund, on=OCTOBER)
    assert (ledger("2001-sponsor"), ledger("4001-aid")) == (-180, -120)
    assert SponsorUse.objects.get().voucher_number == voucher.label
    with pytest.raises(Refusal, match="没有待入账"):
        book_sponsor_uses(actor=cast.accountant, fund=fund, on=OCTOBER)


def test_a_sponsor_of_the_poor_pays_for_the_poor_and_the_family_for_the_rest(
    cast, campaign, sponsor, entry_of
):
    """Only the father is on 低保: the fund pays his 110, the family 340 of the 450."""
    fund = sponsor(1000, status="dibao", purpose="资助桥亭村低保户")
    household = save_entry(actor=cast.clerk_a, entry=entry_of(the_chens()), on=OCTOBER).household
    receipt, change = pay(cast.clerk_a, household, 400, fund)
    assert (receipt.channel, receipt.amount, receipt.sponsored_amount, change) == (
        "cash",
        340,
        110,
        60,
    )
    assert receipt.enrollments.count() == 4
    assert SponsorUse.objects.get().enrollment.person.name == "陈国强"
    # What is handed in, confirmed and booked is the cash, by tier.
    confirm(cast.accountant, hand_in(cast.clerk_a, campaign, "JK-0001", 340))
    book_sponsor_uses(actor=cast.accountant, fund=fund, on=OCTOBER)
    assert (ledger("4001-personal"), ledger("4001-aid")) == (-340, -110)


def test_it_pays_for_nobody_whom_the_sponsor_did_not_mean(
    cast, sponsor, single, village_b, village_a
):
    other_village = single(cast.clerk_b, 1, division=village_b)
    own = single(cast.clerk_a, 2)
    named = sponsor(1000, people=[person_of(own)], purpose="只资助李刚")
    elsewhere = sponsor(1000, division=village_b, purpose="资助石庙村")
    with pytest.raises(Refusal, match="不包括本户") as refused:
        pay(cast.clerk_b, other_village, 0, named)
    assert refused.value.field == "sponsor"
    with pytest.raises(Refusal, match="不包括本户"):
        pay(cast.clerk_a, own, 0, elsewhere)
    assert not Receipt.objects.exists()
    assert pay(cast.clerk_a, own, 0, named)[0].sponsored_amount == 120


def test_never_more_than_there_is(cast, sponsor, single):
    fund = sponsor(200)
    pay(cast.clerk_a, single(cast.clerk_a, 1), 0, fund)
    second = single(cast.clerk_a, 2)
    with pytest.raises(Refusal, match=r"余额 80\.00 元，不足本户所需 120\.00 元"):
        pay(cast.clerk_a, second, 0, fund)
    assert balance(fund) == 80
    assert Receipt.objects.count() == 1


def test_a_void_receipt_gives_the_money_back_unless_it_is_booked(cast, sponsor, single):
    fund = sponsor(240)
    first, _ = pay(cast.clerk_a, single(cast.clerk_a, 1), 0, fund)
    void_receipt(actor=cast.clerk_a, receipt=first, reason="名字写错", on=OCTOBER)
    assert balance(fund) == 240
    second, _ = pay(cast.clerk_a, single(cast.clerk_a, 2), 0, fund)
    book_sponsor_uses(actor=cast.accountant, fund=fund, on=OCTOBER)
    with pytest.raises(Refusal, match="资助款已入账"):
        void_receipt(actor=cast.clerk_a, receipt=second, reason="名字写错", on=OCTOBER)
    assert (balance(fund), Voucher.objects.count()) == (120, 2)


def test_a_sponsor_says_what_for_and_money_counts_once(cast, campaign, sponsor, village_a):
    with pytest.raises(Refusal, match="资助约定"):
        sponsor(100, purpose="好")
    fund = sponsor(100)
    facts = {"actor": cast.accountant, "fund": fund, "on": OCTOBER, "received_on": OCTOBER}
    with pytest.raises(Refusal, match="已经登记"):
        receive_sponsor_money(amount=Decimal(5), reference="JZ-0002", **facts)
    with pytest.raises(Refusal, match="大于零"):
        receive_sponsor_money(amount=Decimal(0), reference="JZ-0009", **facts)
    assert ledger("1002") == 100
