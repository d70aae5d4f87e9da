"""The day's takings: receipts = slip = bank = voucher, to the fen."""

from datetime import date
from decimal import Decimal

import pytest

from accounts.errors import Refusal
from accounts.roles import Role
from desk.worklist import find
from enrollment.collection.receipts import take_payment, void_receipt
from enrollment.collection.remittances import confirm_remittance, remit, return_remittance
from enrollment.cover.enrolling import save_entry
from enrollment.models import Receipt, Remittance
from funds.models import Posting, Voucher
from tests.conftest import in_duty
from tests.enrollment.conftest import OCTOBER, member, resident_id, the_chens

pytestmark = pytest.mark.django_db


@pytest.fixture
def takings(cast, books, entry_of):
    """The Chens on the second tier (450), Wang Qiang on the first (20)."""
    for members, tier in (
        (the_chens(), "tier2"),
        ([member(0, "王强", resident_id("19790909"), "0")], "tier1"),
    ):
        saved = save_entry(actor=cast.clerk_a, entry=entry_of(members, tier=tier), on=OCTOBER)
        take_payment(
            actor=cast.clerk_a, household=saved.household, received=Decimal(500), on=OCTOBER
        )
    return list(Receipt.objects.order_by("number"))


def hand_in(cast, campaign, **changes):
    facts = {
        "actor": cast.clerk_a,
        "campaign": campaign,
        "slip_number": "20251015-0001",
        "slip_date": OCTOBER,
        "amount": Decimal(470),
        "on": OCTOBER,
    } | changes
    return remit(**facts)


def test_the_takings_reach_the_ledger_by_tier(cast, campaign, takings):
    remittance = hand_in(cast, campaign)
    assert (remittance.receipt_count, remittance.amount) == (2, 470)
    assert not Receipt.objects.unremitted().exists()

    confirmed = confirm_remittance(
        actor=cast.accountant, remittance=remittance, bank_amount=Decimal("470.00"), on=OCTOBER
    )
    assert confirmed.status == "confirmed"
    assert confirmed.confirmed_by == cast.accountant
    voucher = Voucher.objects.get()
    assert confirmed.voucher_number == voucher.label == "2025-10-0001"
    behind = [(hit.what, hit.title) for hit in find(cast.accountant, voucher.label, 10)]
    assert behind == [
        ("凭证", voucher.summary),
        ("缴款单", "20251015-0001"),
        *(("收据", receipt.full_number) for receipt in takings),
    ]
    income = Posting.objects.filter(voucher=voucher, credit__gt=0, account__code__startswith="4001")
    assert sorted(income.values_list("tier", "credit")) == [("tier1", 20), ("tier2", 450)]
    assert set(income.values_list("township__name", "policy_year")) == {("龙水镇", 2026)}
    with pytest.raises(Refusal, match="已入账"):
        confirm_remittance(
            actor=cast.accountant, remittance=remittance, bank_amount=Decimal(470), on=OCTOBER
        )
    assert Voucher.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"amount": Decimal("469.99")}, "amount", "相差 0.01 元"),
        ({"slip_date": date(2025, 10, 16)}, "slip_date", "不晚于今天"),
        ({"slip_date": date(2025, 10, 14)}, "slip_date", "最早一张"),
    ],
)
def test_a_slip_that_does_not_fit_is_refused(cast, campaign, takings, changes, field, words):
    with pytest.raises(Refusal, match=words) as refused:
        hand_in(cast, campaign, **changes)
    assert refused.value.field == field
    assert not Remittance.objects.exists()
    assert Receipt.objects.unremitted().count() == 2


def test_a_clerk_hands_in_only_the_own_receipts(cast, campaign, takings):
    with pytest.raises(Refusal, match="没有待缴存"):
        hand_in(cast, campaign, actor=cast.clerk_a2)


def test_a_slip_number_serves_once(cast, campaign, takings, entry_of):
    hand_in(cast, campaign)
    saved = save_entry(
        actor=cast.clerk_a,
        entry=entry_of([member(0, "赵六", resident_id("19690606"), "0")]),
        on=OCTOBER,
    )
    take_payment(actor=cast.clerk_a, household=saved.household, received=Decimal(120), on=OCTOBER)
    with pytest.raises(Refusal, match="缴款单号已用过") as refused:
        hand_in(cast, campaign, amount=Decimal(120))
    assert refused.value.field == "slip_number"


def test_bank_and_slip_must_agree(cast, campaign, takings):
    remittance = hand_in(cast, campaign)
    with pytest.raises(Refusal, match="相差 70"):
        confirm_remittance(
            actor=cast.accountant, remittance=remittance, bank_amount=Decimal(400), on=OCTOBER
        )
    for actor, words in (
        (cast.clerk_a, "您的角色不能办理"),
        (in_duty(cast.clerk_a, Role.ACCOUNTANT), "缴存、确认必须由不同的人办理"),
    ):
        with pytest.raises(Refusal, match=words):
            confirm_remittance(
                actor=actor, remittance=remittance, bank_amount=Decimal(470), on=OCTOBER
            )
    assert not Voucher.objects.exists()


def test_a_returned_remittance_can_be_mended_and_handed_in_again(cast, campaign, takings):
    remittance = hand_in(cast, campaign)
    with pytest.raises(Refusal, match="已缴存"):
        void_receipt(actor=cast.clerk_a, receipt=takings[1], reason="开错", on=OCTOBER)
    with pytest.raises(Refusal, match="退回原因"):
        return_remittance(actor=cast.accountant, remittance=remittance, reason="")
    return_remittance(actor=cast.accountant, remittance=remittance, reason="少缴 20 元")
    void_receipt(actor=cast.clerk_a, receipt=takings[1], reason="开错", on=OCTOBER)
    again = hand_in(cast, campaign, amount=Decimal(450))  # the same slip number is free again
    confirm_remittance(
        actor=cast.accountant, remittance=again, bank_amount=Decimal(450), on=OCTOBER
    )
    assert list(Remittance.objects.order_by("pk").values_list("status", "amount")) == [
        ("returned", 470),
        ("confirmed", 450),
    ]
