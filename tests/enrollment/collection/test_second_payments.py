"""Paid at the window and to the tax bureau: the second payment goes back, the cover stays."""

import random
from datetime import date
from decimal import Decimal

import pytest

from accounts.errors import Refusal
from enrollment.collection.receipts import void_receipt
from enrollment.collection.reconciling import channel_rows
from enrollment.collection.refunds import (
    grant_refund,
    pay_refund,
    refuse_refund,
    request_refund,
    stop_refund,
    why_not,
)
from enrollment.collection.tax import match_tax_file
from enrollment.models import Enrollment, Refund, TaxRow
from enrollment.people.lifecycle import record_death
from funds.models import Voucher
from tests.at_once import at_once
from tests.enrollment.collection.conftest import (
    NAMES,
    confirm,
    hand_in,
    ledger,
    person_id,
    workbook,
)
from tests.enrollment.collection.taxes import import_tax_file
from tests.enrollment.conftest import OCTOBER, text_of
from tests.paying import PLENTY

pytestmark = pytest.mark.django_db
HEAD = ["证件号码", "缴费人姓名", "实缴金额", "缴费日期", "电子税票号码"]
LATER = date(2025, 10, 25)
JANUARY = date(2026, 1, 12)


@pytest.fixture
def twice(cast, campaign, books, paid):
    """twice(sequence, …): each paid 120 at the window and once more to the tax bureau."""

    def go(*sequences, amount=120):
        covers = [paid(cast.clerk_a, n).enrollments.get() for n in sequences]
        rows = [[person_id(n), NAMES[n], amount, "2025-10-18", f"T{n}"] for n in sequences]
        import_tax_file(
            actor=cast.accountant, campaign=campaign, file_name="sw.xlsx",
            content=workbook([HEAD, *rows]), on=date(2025, 10, 20),
        )  # fmt: skip
        return covers

    return go


def ask(cast, cover, *, on=LATER, **changes):
    facts = {
        "ground": "double", "ground_date": date(2025, 10, 18), "evidence": "电子税票 T1",
        "payee": "", "bank_account": "6222020200012345678", "on": on,
    } | changes  # fmt: skip
    return request_refund(actor=cast.clerk_a, enrollment=cover, **facts)


@pytest.mark.usefixtures("provided")
def test_three_people_give_the_second_payment_back(cast, campaign, twice):
    (cover,) = twice(1)
    assert (ledger("1005"), ledger("2001-unidentified")) == (120, -120)
    refund = ask(cast, cover)
    assert (refund.amount, refund.sponsor_amount, refund.payee) == (120, 0, NAMES[1])
    with pytest.raises(Refusal, match="您的角色不能办理"):
        grant_refund(actor=cast.clerk_a, refund=refund, on=LATER)
    grant_refund(actor=cast.accountant, refund=refund, on=LATER)
    cover.refresh_from_db()
    assert cover.status == "active"
    done = pay_refund(actor=cast.cashier, refund=refund, on=LATER, today=LATER)
    voucher = Voucher.objects.get(event="suspense_returned")
    assert (done.status, done.voucher_number, voucher.amount) == ("paid", voucher.label, 120)
    assert (ledger("2001-unidentified"), ledger("1004") - PLENTY, ledger("1005")) == (0, -120, 120)
    cover.refresh_from_db()
    assert (cover.status, cover.receipt_id is not None) == ("active", True)
    assert [row.agrees for row in channel_rows(campaign)][3] is True
    assert not TaxRow.objects.open().exists()
    assert match_tax_file(actor=cast.accountant, file=TaxRow.objects.get().file, on=LATER) == 0


@pytest.mark.usefixtures("provided")
def test_it_goes_back_after_cover_has_begun_too(cast, twice):
    """The premium does not (第十六条), the second payment was never one."""
    (cover,) = twice(1)
    refund = ask(cast, cover, on=JANUARY)
    grant_refund(actor=cast.accountant, refund=refund, on=JANUARY)
    pay_refund(actor=cast.cashier, refund=refund, on=JANUARY, today=JANUARY)
    assert "待遇期已于 2026-01-01 开始" in why_not(cover, JANUARY)
    with pytest.raises(Refusal, match="不再退回"):
        ask(cast, cover, on=JANUARY)
    assert ledger("1004") - PLENTY == -120


def test_the_ways_back_before_it_is_paid(cast, campaign, twice):
    (cover,) = twice(1)
    refund = ask(cast, cover)
    # While it is asked back it is matched to nobody.
    assert match_tax_file(actor=cast.accountant, file=TaxRow.objects.get().file, on=LATER) == 0
    with pytest.raises(Refusal, match="保费还没有入账"):  # the window's 120 is not booked
        ask(cast, cover)
    grant_refund(actor=cast.accountant, refund=refund, on=LATER)
    with pytest.raises(Refusal, match="撤回审批的原因"):
        stop_refund(actor=cast.accountant, refund=refund, reason="", on=LATER)
    stop_refund(actor=cast.accountant, refund=refund, reason="账号有误", on=LATER)
    with pytest.raises(Refusal, match="不能办理“支付”"):
        pay_refund(actor=cast.cashier, refund=refund, on=LATER, today=LATER)
    again = ask(cast, cover)
    refuse_refund(actor=cast.accountant, refund=again, reason="材料不全", on=LATER)
    assert ask(cast, cover).status == "requested"
    assert ledger("2001-unidentified") == -120


@pytest.mark.usefixtures("in_october")
def test_the_page_offers_what_would_be_granted_and_says_why_not(cast, twice, as_user, paid):
    (cover,) = twice(1)
    other = paid(cast.clerk_a, 2).enrollments.get()
    clerk = as_user(cast.clerk_a)
    page = text_of(clerk.get(f"/enrollment/treasury/households/{cover.household_id}/refunds"))
    assert "退还重复缴费 120.00" in page
    page = text_of(clerk.get(f"/enrollment/treasury/households/{other.household_id}/refunds"))
    assert "保费还没有入账" in page
    assert "申请退费 " not in page.split("保费还没有入账")[1][:12]
    form = text_of(clerk.get(f"/enrollment/treasury/enrollments/{cover.pk}/refund"))
    assert "税票 T1（2025-10-18，120.00 元）是同一年度的第二次缴费" in form


def test_a_payment_with_anothers_number_is_not_offered_to_them(cast, campaign, books, paid):
    """张勇's 120 yuan, typed with 李刚's number: nobody's until it is cleared up, not 李刚's."""
    cover = paid(cast.clerk_a, 1).enrollments.get()
    rows = [
        [person_id(1), NAMES[2], 120, "2025-10-18", "T1"],
        [person_id(1), "", 120, "2025-10-19", "T2"],
    ]
    import_tax_file(
        actor=cast.accountant, campaign=campaign, file_name="sw.xlsx",
        content=workbook([HEAD, *rows]), on=date(2025, 10, 20),
    )  # fmt: skip
    told = TaxRow.objects.order_by("line").values_list("duplicate_of", flat=True)
    assert list(told) == [None, cover.pk]


@pytest.mark.usefixtures("provided")
@pytest.mark.usefixtures("in_october")
def test_a_second_payment_goes_back_after_the_cover_has_ended(
    cast, campaign, books, twice, as_user
):
    """李刚 dies before cover begins: his premium went back; the 120 paid twice are still owed."""
    (cover,) = twice(1)
    file = TaxRow.objects.get().file
    page = f"/enrollment/treasury/households/{cover.household_id}/refunds"
    record_death(actor=cast.clerk_a, person=cover.person, effective_on=date(2025, 10, 19), on=LATER)
    confirm(cast.accountant, hand_in(cast.clerk_a, campaign, "D1", 120))
    first = ask(cast, cover, ground="death", ground_date=date(2025, 10, 19), evidence="死亡证明")
    grant_refund(actor=cast.accountant, refund=first, on=LATER)
    assert Enrollment.objects.get().status == "cancelled"
    match_tax_file(actor=cast.accountant, file=file, on=LATER)
    row = TaxRow.objects.get()
    assert row.duplicate_of == cover
    assert "退还这一笔" in row.problem
    assert "退还重复缴费 120.00" in text_of(as_user(cast.clerk_a).get(page))
    second = ask(cast, cover)
    assert "退还重复缴费" not in text_of(as_user(cast.clerk_a).get(page))
    grant_refund(actor=cast.accountant, refund=second, on=LATER)
    pay_refund(actor=cast.cashier, refund=second, on=LATER, today=LATER)
    assert ledger("2001-unidentified") == 0


def test_the_first_payment_undone_makes_the_second_the_only_one(cast, twice):
    """The window's receipt is void: the bureau's 120 pay the cover, nothing goes back."""
    (cover,) = twice(1)
    file = TaxRow.objects.get().file
    void_receipt(actor=cast.clerk_a, receipt=cover.receipt, reason="写错", on=OCTOBER)
    assert match_tax_file(actor=cast.accountant, file=file, on=LATER) == 1
    assert TaxRow.objects.get().duplicate_of is None


@pytest.mark.usefixtures("provided")
@pytest.mark.parametrize("seed", range(3))
def test_every_fen_is_owed_or_given_back(cast, campaign, twice, seed):
    """Whatever is asked, refused, granted, stopped, paid: suspense = what is still open."""
    chance = random.Random(seed)
    covers = twice(1, 2, 3, amount=Decimal("120.37"))
    acts = {
        "requested": [
            lambda r: grant_refund(actor=cast.accountant, refund=r, on=LATER),
            lambda r: refuse_refund(actor=cast.accountant, refund=r, reason="材料不全", on=LATER),
        ],
        "granted": [
            lambda r: pay_refund(actor=cast.cashier, refund=r, on=LATER, today=LATER),
            lambda r: stop_refund(actor=cast.accountant, refund=r, reason="账号错", on=LATER),
        ],
    }
    for _ in range(20):
        cover = chance.choice(covers)
        live = Refund.objects.filter(enrollment=cover, status__in=acts).first()
        if live:
            chance.choice(acts[live.status])(live)
        elif not Refund.objects.filter(enrollment=cover, status="paid").exists():
            ask(cast, cover)
        paid_back = sum(Refund.objects.filter(status="paid").values_list("amount", flat=True))
        assert ledger("2001-unidentified") == paid_back - 3 * Decimal("120.37")
        assert ledger("1004") - PLENTY == -paid_back
        assert channel_rows(campaign)[3].agrees
    assert Enrollment.objects.active().count() == 3


@pytest.mark.usefixtures("provided")
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("no_worker")
def test_asked_and_paid_once_by_two_at_once(cast, twice):
    (cover,) = twice(1)
    asked = at_once([lambda: ask(cast, cover)] * 2)
    assert sum(isinstance(one, Refusal) for one in asked) == 1
    refund = Refund.objects.get()
    grant_refund(actor=cast.accountant, refund=refund, on=LATER)
    file = TaxRow.objects.get().file
    done = at_once(
        [
            lambda: pay_refund(actor=cast.cashier, refund=refund, on=LATER, today=LATER),
            lambda: pay_refund(actor=cast.cashier, refund=refund, on=LATER, today=LATER),
            lambda: match_tax_file(actor=cast.accountant, file=file, on=LATER),
        ]
    )
    assert sum(isinstance(one, Refusal) for one in done) == 1
    assert (ledger("2001-unidentified"), ledger("1004") - PLENTY) == (0, -120)
