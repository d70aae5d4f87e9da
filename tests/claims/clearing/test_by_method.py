"""March at 大足县人民医院 by each payment method, by hand, and from the decision to the recovery.

By items (tests/claims/clearing/test_story.py): 王 4,200.00 → 2,000.00, 李 2,201.00 → 1,000.50,
张 1,000.90 → 400.45: 3,400.95. 王 lay 8 days with pneumonia (J18.9), 李 5 with her appendix
(K35.9), 张 came and went on one day (O80.0).
"""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Sum
from hypothesis import given
from hypothesis import strategies as st

from accounts.errors import Refusal
from accounts.models import Division
from claims.clearing.methods import Case
from claims.clearing.models import Clearing, PaymentMethod
from claims.clearing.money import decide_method, propose_method
from claims.clearing.papers import statement_facts
from claims.clearing.rooms import settle_without_money
from claims.clearing.services import answer, check, decide, deduct, withdraw
from claims.clearing.standing import back_key_of, key_of
from claims.clearing.told import methods_told
from claims.clearing.worth import bed_days, worth
from claims.dependence.models import Supplement
from claims.models import Settlement, UsageEntry
from claims.recovery.models import Recovery
from claims.recovery.services import Proposal
from claims.recovery.services import propose as ask_back
from claims.services import stop
from claims.shares import ACCOUNT, Share, total, worth_shares
from funds.models import Book, PaymentOrder, Posting
from funds.payments.checking import payment_problems
from funds.payments.keeping import ask_give_up, give_up
from funds.payments.rooms import problems
from funds.payments.services import note_return
from institutions.models import Institution
from lib.periods import Month
from tests.claims.clearing.conftest import DECLARED, PAID, Month3, reloaded
from tests.claims.conftest import Register, line, stay
from tests.claims.recovery.conftest import take

__all__ = ["take"]

Make = Callable[..., Settlement]
Decide = Callable[..., PaymentMethod]
PRICES = {"J18": "1800.00", "K35": "1200.00"}
POINTS = {"J18": "100", "K35": "150.50", "O80": "60"}
APRIL = Month(2026, 4)


@pytest.fixture
def three(rule: Any, approved: Make) -> list[Settlement]:
    first = date(2026, 3, 1)
    return [
        approved("王强", "4200"),
        approved("李芳", "2201", visit=stay(first, date(2026, 3, 6), diagnosis_code="K35.9")),
        approved("张军", "1000.90", visit=stay(first, first, diagnosis_code="O80.0")),
    ]


@pytest.fixture
def by(cast: SimpleNamespace, hospital: Institution, rule: Any) -> Decide:
    """The supervisor proposes, the approver agrees: inpatient care from January on."""

    def decided(way: str, **numbers: Any) -> PaymentMethod:
        return agree(cast, propose(cast, hospital, way, **numbers))

    return decided


def propose(
    cast: SimpleNamespace, hospital: Institution, way: str, **numbers: Any
) -> PaymentMethod:
    facts: dict[str, Any] = {
        "care": "inpatient", "first_month": date(2026, 1, 1), "rate": None, "heads": None,
        "budget": None, "prices": {}, "evidence": "大医协〔2026〕7号", "reason": "年度协议",
    }  # fmt: skip
    return propose_method(
        actor=cast.supervisor, institution=hospital, way=way, on=date(2026, 1, 6), **facts | numbers
    )


def agree(cast: SimpleNamespace, method: PaymentMethod) -> PaymentMethod:
    event = "approve_payment_method"
    return decide_method(actor=cast.approver, row=method, event=event, on=date(2026, 1, 7))


def worths(clearing: Clearing) -> list[str]:
    rows = clearing.claims.live().order_by("settlement_id")
    return [f"{row.worth}" for row in rows]


def expense() -> Decimal:
    rows = Posting.objects.filter(account__code="5001-inpatient")
    return sum((row.debit - row.credit for row in rows), Decimal(0))


def usage_of(claim: Settlement) -> set[int]:
    rows = UsageEntry.objects.filter(person=claim.visit.person).values("counter")
    return {row["total"] for row in rows.annotate(total=Sum("amount"))}


# 3,000.00 by head over 3,400.95: 1,764.2129, 882.5475, 353.2395; the two fen to 张 and 李.
# 2,000.00 of a budget: 1,176.1419, 588.3650, 235.4930; the fen to 李.
BY_HAND = [
    ("item", {}, ["2000.00", "1000.50", "400.45"], "0.00"),
    ("head", {"rate": Decimal(5), "heads": 600}, ["1764.21", "882.55", "353.24"], "-400.95"),
    ("bed_day", {"rate": Decimal(200)}, ["1600.00", "1000.00", "200.00"], "-600.95"),
    ("disease", {"prices": PRICES}, ["1800.00", "1200.00", "400.45"], "-0.50"),
    ("budget", {"budget": Decimal(2000)}, ["1176.14", "588.37", "235.49"], "-1400.95"),
    ("budget", {"budget": Decimal(9000)}, ["2000.00", "1000.50", "400.45"], "0.00"),
    ("points", {"rate": Decimal(10), "prices": POINTS}, ["1000.00", "1505.00", "600.00"],
     "-295.95"),
]  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize(("way", "numbers", "shares", "gain"), BY_HAND)
def test_a_month_by_hand(
    month: Month3, three: list[Settlement], by: Decide,
    way: str, numbers: dict[str, Any], shares: list[str], gain: str,
) -> None:  # fmt: skip
    """What is declared stays by items; worth and gain are the method's, 10 % of the worth is kept.
    No settlement changes: what the patients paid and used stands."""
    by(way, **numbers)
    before = list(Settlement.objects.order_by("pk").values())
    used = UsageEntry.objects.totals()
    clearing = month.issue(month.declare())
    assert clearing.claimed_amount == Decimal("3400.95")
    assert (worths(clearing), clearing.gain_amount) == (shares, Decimal(gain))
    whole = clearing.worth
    assert sum(map(Decimal, shares)) == whole == clearing.deposit_amount + clearing.paid_amount
    assert abs(clearing.deposit_amount - whole / 10) < Decimal("0.01")
    assert (list(Settlement.objects.order_by("pk").values()), UsageEntry.objects.totals()) == (
        before,
        used,
    )


@pytest.mark.django_db
def test_without_a_decision_a_month_is_by_item(month: Month3, three: list[Settlement]) -> None:
    clearing = month.declare()
    assert (clearing.gain_amount, clearing.worth) == (0, Decimal("3400.95"))
    assert not clearing.claims.filter(method__isnull=False).exists()
    assert statement_facts(clearing)["worths"] == []
    assert methods_told(clearing)[0][1].startswith("按项目付费")


@pytest.mark.django_db
def test_by_bed_day_from_the_decision_to_the_recovery(
    month: Month3,
    three: list[Settlement],
    by: Decide,
    cast: SimpleNamespace,
    ask: Callable[..., Recovery],
    take: Any,
) -> None:
    """200.00 a day: 1,600.00, 1,000.00, 200.00. 100.45 off 王: 2,699.55 agreed, 269.96 (269.955)
    kept, 2,429.59 paid. The hospital bears 600.95. 王 was false: of 2,000.00 by items the month
    gave 1,600.00 less 100.45, 1,499.55 may be asked back; with it all of his usage goes back, and
    1,200.00 are left as expense."""
    by("bed_day", rate=Decimal(200))
    clearing = month.declare()
    assert clearing.paid_amount == Decimal("2800.00")
    claim = clearing.claims.order_by("settlement_id").first()
    assert claim is not None
    over: dict[str, Any] = {"actor": cast.reviewer, "claim": claim, "code": "over_price"}
    with pytest.raises(Refusal, match=r"不超过这笔还剩的 1,600\.00 元"):
        deduct(amount=Decimal("1600.01"), **over)
    deduct(amount=Decimal("100.45"), **over)
    clearing = month.issue(clearing)
    assert (clearing.deducted_amount, clearing.deposit_amount, clearing.paid_amount) == (
        Decimal("100.45"), Decimal("269.96"), Decimal("2429.59"),
    )  # fmt: skip
    facts = statement_facts(clearing)
    assert facts["payment"][0] == [
        "住院",
        "按床日付费：每床日 200.00 元（协议 大医协〔2026〕7号，自 2026-01 起）；"
        "3 笔按项目 3,400.95 元，按付费方式 2,800.00 元，超支自担 600.95 元",
    ]
    assert [row[2:] for row in facts["worths"]] == [
        ["2,000.00", "1,600.00", "-400.00"], ["1,000.50", "1,000.00", "-0.50"],
        ["400.45", "200.00", "-200.45"],
    ]  # fmt: skip
    clearing = month.confirm(clearing)
    order = PaymentOrder.objects.get()
    assert order.amount == Decimal("2429.59")
    month.pay(key_of(clearing))
    assert reloaded(clearing).status == "paid"
    assert expense() == Decimal("2699.55")
    assert [*problems(month.area), *payment_problems(month.area)] == []

    debt = ask(reloaded(three[0]), PAID, debtor="institution")
    assert (debt.amount, debt.is_whole) == (Decimal("1499.55"), True)
    take(debt, "1499.55", PAID)
    assert expense() == Decimal("1200.00")
    assert usage_of(three[0]) == {0}
    assert [*problems(month.area), *payment_problems(month.area)] == []


@pytest.mark.django_db
def test_by_disease_from_the_decision_to_the_recovery(
    month: Month3,
    three: list[Settlement],
    by: Decide,
    cast: SimpleNamespace,
    ask: Callable[..., Recovery],
    take: Any,
) -> None:
    """1,800.00 and 1,200.00 and 400.45 by items. 50.00 off 李, disputed and given back: 3,350.45
    agreed, 335.05 (335.045) kept, 3,015.40 paid, 50.00 paid later. Half of what the month gave for
    李 (600.00 of 1,200.00, not of 1,000.50) comes back: half of her usage of money goes with it.
    Then the rest of it."""
    by("disease", prices=PRICES)
    clearing = month.declare()
    li = clearing.claims.get(settlement=three[1])
    off = deduct(actor=cast.reviewer, claim=li, code="over_price", amount=Decimal("50.00"))
    clearing = month.confirm(month.issue(clearing), {off.pk: "物价部门已批准"})
    assert (clearing.deposit_amount, clearing.paid_amount) == (
        Decimal("335.05"), Decimal("3015.40"),
    )  # fmt: skip
    month.pay(key_of(clearing))
    answer(actor=cast.reviewer, deduction=off, gives_back=True, words="属实")
    decide(actor=cast.approver, deduction=off, agrees=True, on=PAID)
    month.pay(back_key_of(off))
    assert expense() == Decimal("3400.45")
    assert [*problems(month.area), *payment_problems(month.area)] == []

    layer = three[1].funds.get().layer
    half = ask(reloaded(three[1]), PAID, debtor="institution", amounts={layer: Decimal(600)})
    take(half, "600", PAID)
    back = UsageEntry.objects.filter(person=three[1].visit.person, amount__lt=0)
    assert -50_025 in set(back.values_list("amount", flat=True))  # fen
    rest = ask(reloaded(three[1]), PAID, debtor="institution", facts="其余部分也不实")
    assert rest.amount == Decimal("600.00")
    take(rest, "600", PAID)
    assert expense() == Decimal("2200.45")
    assert [*problems(month.area), *payment_problems(month.area)] == []


@pytest.mark.django_db
def test_a_claim_that_falls_leaves_its_share_to_the_others(
    month: Month3, three: list[Settlement], by: Decide, cast: SimpleNamespace
) -> None:
    """3,000.00 by head over 2,000.00 and 400.45: 2,499.5313 → 2,499.53 and 500.47; 300.00 kept."""
    by("head", rate=Decimal(5), heads=600)
    clearing = month.confirm(month.issue(month.declare()))
    stop(actor=cast.approver, settlement=three[1], reason="患者举报没有住院")
    clearing = reloaded(clearing)
    assert (clearing.status, clearing.gain_amount) == ("declared", Decimal("599.55"))
    assert worths(clearing) == ["2499.53", "500.47"]
    clearing = month.confirm(month.issue(clearing))
    assert clearing.paid_amount == Decimal("2700.00")
    month.pay(key_of(clearing))
    assert expense() == Decimal("3000.00")
    assert [*problems(month.area), *payment_problems(month.area)] == []


@pytest.mark.django_db
def test_a_budget_that_is_used_up_gives_nothing_more(
    month: Month3, three: list[Settlement], by: Decide, cast: SimpleNamespace, approved: Make
) -> None:
    """3,500.00 a year: March's 3,400.95 are paid, April's 1,000.00 get the 99.05 that are left.
    Without March all of April is paid; and once all is used, a month pays nothing, is closed by the
    cashier, and nothing of it can be asked back."""
    by("budget", budget=Decimal(3500))
    march = month.declare()
    approved("赵云", "2200", on=date(2026, 4, 20))
    may = date(2026, 5, 6)
    april = month.declare(APRIL, may)
    assert (march.gain_amount, worths(april)) == (0, ["99.05"])
    withdraw(actor=cast.hospital_clerk, clearing=march, reason="重新申报")
    check(actor=cast.reviewer, clearing=april, on=may)
    assert worths(reloaded(april)) == ["1000.00"]
    # Declared anew, March finds 2,500.00 left.
    march = month.declare(on=may)
    assert march.worth == Decimal("2500.00")
    late = approved("孙明", "1200", on=date(2026, 5, 20))
    june = date(2026, 6, 3)
    nothing = month.confirm(month.issue(month.declare(Month(2026, 5), june), june), on=june)
    assert (nothing.claimed_amount, nothing.worth, nothing.paid_amount) == (500, 0, 0)
    settle_without_money(actor=cast.cashier, clearing=nothing, on=june, today=june)
    assert reloaded(late).status == "paid"
    assert [*problems(month.area), *payment_problems(month.area)] == []


@pytest.mark.django_db
def test_refusals_name_the_field_and_the_remedy(
    month: Month3,
    three: list[Settlement],
    by: Decide,
    cast: SimpleNamespace,
    hospital: Institution,
) -> None:
    for way, numbers, field, words in (
        ("bed_day", {}, "rate", "按床日付费要填写“标准（元）”"),
        ("head", {"rate": Decimal(5)}, "heads", "按人头付费要填写“人数”"),
        ("item", {"rate": Decimal(5)}, "rate", "不用“标准（元）”，请清空"),
        ("bed_day", {"rate": Decimal(0)}, "rate", "应大于 0"),
        ("disease", {"prices": {"J18": "1.234"}}, "prices", "J18 1.234"),
        ("budget", {"budget": Decimal(-1)}, "budget", "不能小于 0"),
        ("item", {"care": "nowhere"}, "care", "没有这一就医类别"),
        ("item", {"first_month": date(2025, 12, 1)}, "", "没有"),
    ):
        with pytest.raises(Refusal, match=words) as refused:
            propose(cast, hospital, way, **numbers)
        if field:
            assert refused.value.at == (field,)
    # DIP without points for a group of the month.
    by("points", rate=Decimal(10), prices={"J18": "100"})
    with pytest.raises(Refusal, match=r"分组 K35\.9 没有分值：请先在“付费方式”补充"):
        month.declare()
    method = propose(cast, hospital, "bed_day", rate=Decimal(200))
    with pytest.raises(Refusal):
        decide_method(
            actor=cast.supervisor, row=method, event="approve_payment_method", on=DECLARED
        )
    with pytest.raises(Refusal, match="待审批"):
        propose(cast, hospital, "item")
    agree(cast, method)
    month.declare()
    # What a month was declared by stands.
    with pytest.raises(Refusal, match=r"2026年03月已经申报，付费方式请自其后的月份起"):
        propose(cast, hospital, "item")
    assert propose(cast, hospital, "item", first_month=date(2026, 4, 1)).status == "proposed"


@pytest.mark.django_db
def test_a_month_by_head_without_a_claim_says_so(month: Month3, pack: Any, by: Decide) -> None:
    """3,000.00 by head and nobody came: there is no claim to carry it."""
    by("head", rate=Decimal(5), heads=600)
    with pytest.raises(Refusal, match=r"按人头的定额 3,000\.00 元没有结算单可列.*把这笔并入标准"):
        month.declare()


@pytest.mark.django_db
def test_a_statement_says_what_no_claim_carries(
    month: Month3, three: list[Settlement], by: Decide
) -> None:
    by("head", care="outpatient", rate=Decimal("1.50"), heads=1000)
    told = methods_told(month.declare())
    assert told[0][1].startswith("按项目付费")
    assert "1,500.00 元没有结算单可列" in told[1][1]


@pytest.mark.django_db
def test_a_new_year_is_by_item_until_it_has_its_agreement(
    month: Month3, pack: Any, by: Decide, hospital: Institution
) -> None:
    first, later = by("bed_day", rate=Decimal(200)), by("disease", prices=PRICES)
    held = PaymentMethod.objects.in_force
    assert first != later == held(hospital, date(2026, 3, 1))["inpatient"]
    assert held(hospital, date(2027, 1, 1)) == {}
    assert held(hospital, date(2025, 12, 1)) == {}


@pytest.mark.django_db
def test_the_database_keeps_what_was_decided_and_given(
    month: Month3, three: list[Settlement], by: Decide
) -> None:
    method = by("bed_day", rate=Decimal(200))
    clearing = month.confirm(month.issue(month.declare()))
    claim = clearing.claims.order_by("settlement_id").first()
    assert claim is not None
    month.pay(key_of(clearing))
    for words in (
        f"UPDATE claims_paymentmethod SET rate = 300 WHERE id = {method.pk}",
        f"UPDATE claims_clearingclaim SET gain = 0 WHERE id = {claim.pk}",
        f"UPDATE claims_clearing SET gain_amount = 0, paid_amount = paid_amount + 600.95"
        f" WHERE id = {clearing.pk}",
        f"DELETE FROM claims_paymentmethod WHERE id = {method.pk}",
    ):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(words)
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_days_in_bed() -> None:
    """A day is one, a night is one; 8 nights are 8. A stay in parts: 5 of the first, 4 of the last
    of 9."""

    def visit(ends: date) -> Any:
        return SimpleNamespace(pk=1, bed=True, starts=date(2026, 3, 1), ends=ends)

    def part(pk: int, of: Any, to: date | None = None) -> Any:
        return SimpleNamespace(pk=pk, visit=of, charged_to=to)

    for ends, days in ((1, 1), (2, 1), (9, 8)):
        assert bed_days(part(1, visit(date(2026, 3, ends))), {}) == days
    whole = visit(date(2026, 3, 10))
    first = part(1, whole, date(2026, 3, 6))
    assert bed_days(first, {1: [first]}) == 5
    assert bed_days(part(2, whole), {1: [first]}) == 4
    outside = SimpleNamespace(pk=2, bed=False, starts=date(2026, 3, 1), ends=date(2026, 3, 1))
    assert bed_days(part(3, outside), {}) == 0


BASE = SimpleNamespace(
    base_layer=SimpleNamespace(code="basic", payer=SimpleNamespace(book="resident", booked_as="")),
    cares={"inpatient": SimpleNamespace(booked_as="inpatient")},
)


def test_other_funds_and_balances_pay_as_settled() -> None:
    """1,000.00 and 500.00 of the residents' fund, 200.00 of assistance, 100.00 out of the household
    account. 300.00 less: 800.00 and 400.00. All 1,500.00 less: the others alone. 880.00 where the
    fund paid nothing are the base layer's."""
    terms: Any = BASE
    shares = {
        "basic": Share("resident", "inpatient", 100_000),
        "serious": Share("resident", "own", 50_000),
        "aid": Share("assistance", "inpatient", 20_000),
        ACCOUNT: Share("resident", "other", 10_000),
    }
    for gain, left in ((-30_000, [80_000, 40_000]), (3, [100_002, 50_001]), (-150_000, [])):
        found = worth_shares(shares, gain, "inpatient", terms)
        assert [one.fen for one in found.values()] == [*left, 20_000, 10_000]
        assert total(found) == total(shares) + gain
    account = {ACCOUNT: shares[ACCOUNT]}
    found = worth_shares(account, 88_000, "inpatient", terms)
    assert found == account | {"basic": Share("resident", "inpatient", 88_000)}


CASES = st.tuples(st.integers(0, 10**8), st.integers(0, 60), st.sampled_from(["J18", "K35"]))


@given(
    st.lists(CASES, min_size=1, max_size=8),
    st.sampled_from([way for way, *_ in BY_HAND]),
    st.integers(0, 10**9),
)
def test_shares_sum_to_the_month_whatever_the_order(
    typed: list[tuple[int, int, str]], way: str, fen: int
) -> None:
    """No share is negative; a month by head is heads times rate, by budget never more than is left,
    by points the sum of the points; the order of the claims moves no fen."""
    method = PaymentMethod(
        way=way, rate=Decimal(fen).scaleb(-2), heads=3, prices=dict.fromkeys(POINTS, "1.25")
    )
    cases = {
        number: Case(items, days=days, disease=code, group=code)
        for number, (items, days, code) in enumerate(typed)
    }
    given = worth(method, cases, fen)
    assert worth(method, dict(reversed(cases.items())), fen) == given
    assert min(given.values()) >= 0
    items = sum(case.items for case in cases.values())
    if way == "head":
        assert sum(given.values()) == 3 * fen
    elif way == "budget":
        assert sum(given.values()) == min(items, fen)
    elif way == "points":
        assert abs(4 * sum(given.values()) - 5 * fen * len(cases)) <= 2
    elif way == "item":
        assert sum(given.values()) == items


@pytest.mark.django_db
def test_what_is_computed_anew_stays_by_items(
    month: Month3,
    by: Decide,
    pack: Any,
    book: Book,
    counter: Make,
    agree: Callable[[Settlement], Settlement],
    register: Register,
    village_a: Division,
    ask: Callable[..., Recovery],
    take: Any,
) -> None:
    """王's stays of 100,000.00 draw 49,900.00 and the 10,100.00 that the year's cap leaves; the
    hospital gets 1,600.00 for each. When the first falls, the second is due 49,900.00: the
    39,800.00 are his, by items. Of the second the hospital can be asked for its 1,600.00 alone."""
    by("bed_day", rate=Decimal(200))
    person = register.person("王强", register.household(village_a))
    later = stay(date(2026, 3, 10), date(2026, 3, 18))
    first = agree(counter(person, line("S03", "1", "100000")))
    second = agree(counter(person, line("S03", "1", "100000"), visit=later))
    clearing = month.confirm(month.issue(month.declare()))
    month.pay(key_of(clearing))
    assert (clearing.claimed_amount, clearing.worth) == (Decimal("60000.00"), Decimal("3200.00"))
    debt = ask(reloaded(first), PAID, debtor="institution")
    assert debt.amount == Decimal("1600.00")
    take(debt, "1600", PAID)
    assert Supplement.objects.get(settlement=second).amount == Decimal("39800.00")
    other = ask(reloaded(second), PAID, debtor="institution")
    assert (other.amount, other.is_whole) == (Decimal("1600.00"), True)
    assert [*problems(month.area), *payment_problems(month.area)] == []


@pytest.mark.django_db
def test_what_a_closed_hospital_never_claims_of_its_bed_days(
    month: Month3, three: list[Settlement], by: Decide, cast: SimpleNamespace
) -> None:
    """2,800.00 less 280.00 kept: 2,520.00 come back from the bank and are given up. Of 王's
    1,600.00 the hospital had 160.00."""
    by("bed_day", rate=Decimal(200))
    clearing = month.confirm(month.issue(month.declare()))
    month.pay(key_of(clearing))
    order = PaymentOrder.objects.get()
    sent = order.transfers.get(outcome="pending")
    note_return(actor=cast.accountant, transfers=[(sent, "账户已销户")], on=PAID)
    Institution.objects.filter(pk=month.hospital.pk).update(is_active=False)
    order = reloaded(order)
    ask_give_up(actor=cast.accountant, order=order, reason="医院已注销，无人承接")
    give_up(actor=cast.approver, order=order, on=PAID)
    assert expense() == Decimal("280.00")
    assert [*problems(month.area), *payment_problems(month.area)] == []
    whole = Proposal(reason="invoice", facts="发票虚假", debtor="institution")
    debt = ask_back(actor=cast.supervisor, settlement=reloaded(three[0]), proposal=whole)
    assert (debt.amount, debt.is_whole) == (Decimal("160.00"), True)
