"""What a hospital that closed never claimed, beside what else is asked, deducted, paid and kept.

王强 4,200.00 → (4,200 − 200) × 50 % = 2,000.00; 2,200.00 → 1,000.00.
"""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from accounts.errors import Refusal
from claims.clearing.accounts import prepaid_left
from claims.clearing.models import DepositReturn, Prepayment
from claims.clearing.money import (
    decide_prepayment,
    decide_return,
    propose_prepayment,
    propose_return,
)
from claims.clearing.services import answer, decide, deduct, recall
from claims.clearing.standing import back_key_of, key_of
from claims.dependence.models import Supplement
from claims.dependence.supplements import approve_supplement
from claims.dependence.supplements import key_of as supplement_key
from claims.models import Settlement
from claims.paying.services import key_of as claim_key
from claims.quotas.used import uses_of
from claims.recovery.models import Recovery
from claims.recovery.receiving import receive
from claims.recovery.services import Proposal, propose
from claims.recovery.services import decide as decide_recovery
from claims.services import Cut, cut_and_review
from claims.shares import all_asked_back, is_wholly_back, standing_shares, total
from enrollment.models import Household, Person
from funds.models import PaymentOrder
from funds.payments.checking import payment_problems
from funds.payments.keeping import ask_give_up, give_up
from funds.payments.rooms import problems
from funds.payments.services import (
    Payee,
    checked_payee,
    confirm_payee,
    correct_payee,
    note_return,
    refuse_payee,
)
from institutions.models import Institution
from lib.periods import Month
from policies.services import terms_of
from tests.at_once import at_once
from tests.claims.clearing.conftest import CHECKED, PAID, Month3, adopt, reloaded
from tests.claims.clearing.test_year import JANUARY, PAPERS, balance, subsidise
from tests.claims.conftest import line, stay
from tests.claims.dependence.test_stories import special
from tests.paying import number_of

pytestmark = pytest.mark.django_db
Make = Callable[..., Settlement]
BACK = date(2026, 5, 5)
DECEMBER = Month(2026, 12)


def standing(claim: Settlement) -> Decimal:
    row = Settlement.objects.get(pk=claim.pk)
    return Decimal(total(standing_shares(row, terms_of(row.pack)))) / 100


def bounced(cast: SimpleNamespace, key: str, on: date = BACK) -> PaymentOrder:
    order = PaymentOrder.objects.get(key=key)
    sent = order.transfers.get(outcome="pending")
    note_return(actor=cast.accountant, transfers=[(sent, "账户已销户")], on=on)
    Institution.objects.update(is_active=False)
    return reloaded(order)


def unclaimed(cast: SimpleNamespace, order: PaymentOrder, on: date = BACK) -> None:
    ask_give_up(actor=cast.accountant, order=order, reason="医院已注销，无人承接")
    give_up(actor=cast.approver, order=order, on=on)


def asked(cast: SimpleNamespace, claim: Settlement, **given: Any) -> Recovery:
    """Proposed, reviewed and approved."""
    facts = {"reason": "beyond", "facts": "分解收费", "debtor": "household"}
    row = propose(
        actor=cast.supervisor, settlement=reloaded(claim), proposal=Proposal(**facts | given)
    )
    decide_recovery(actor=cast.reviewer, recovery=row, event="review_recovery", on=BACK)
    return decide_recovery(actor=cast.approver, recovery=row, event="approve_recovery", on=BACK)


@pytest.fixture
def single(approved: Make, month: Month3, cast: SimpleNamespace) -> tuple[Settlement, PaymentOrder]:
    """1,000.00 paid singly before the county cleared, given back by the bank."""
    claim = approved("王强", "2200")
    month.pay(claim_key(claim))
    return claim, bounced(cast, claim_key(claim))


@pytest.fixture
def rule(cast: SimpleNamespace, request: pytest.FixtureRequest) -> Any:
    """No deposit, so that what is paid is what was agreed; singly before May for `single`."""
    if "single" in request.fixturenames:
        return adopt(cast, first_month=date(2026, 5, 1))
    return adopt(cast, deposit_percent=request.param if hasattr(request, "param") else 0)


def test_what_is_asked_from_the_household_is_settled_first(
    single: tuple[Settlement, PaymentOrder], cast: SimpleNamespace
) -> None:
    """1,000.00 lie at the fund and 1,000.00 are asked from the household: given up before that is
    settled, the fund would have both."""
    claim, order = single
    debt = asked(cast, claim)
    ask_give_up(actor=cast.accountant, order=order, reason="医院已注销，无人承接")
    with pytest.raises(Refusal, match=f"还有追回单 {debt} 没有办结"):
        give_up(actor=cast.approver, order=order, on=BACK)


def test_what_was_never_claimed_was_not_asked_back(
    single: tuple[Settlement, PaymentOrder], cast: SimpleNamespace
) -> None:
    """300.00 of 1,000.00 are taken from what came back, usage kept; 700.00 are given up. Nothing is
    left to be asked, and all the same the insured had the benefit: it is not wholly back."""
    claim, order = single
    debt = asked(cast, claim, amounts={"basic": Decimal(300)}, usage="kept")
    receive(actor=cast.cashier, recovery=debt, amount=debt.amount, on=BACK, today=BACK, way="kept")
    unclaimed(cast, reloaded(order))
    claim = Settlement.objects.get(pk=claim.pk)
    assert (standing(claim), all_asked_back(claim), is_wholly_back(claim)) == (0, [], False)
    with pytest.raises(Refusal, match="已没有可追回的金额"):
        asked(cast, claim)


def test_what_was_never_claimed_is_not_used_of_the_quota(
    single: tuple[Settlement, PaymentOrder], cast: SimpleNamespace
) -> None:
    """The township is charged for 1,000.00 while they are under way, and for nothing once the fund
    keeps them."""
    claim, order = single

    def used() -> int:
        return sum(one.fen for one in uses_of(order.area, 2026))

    assert used() == 100_000
    unclaimed(cast, order)
    assert used() == 0
    assert {one.home for one in uses_of(order.area, 2026)} == {claim.division.code[:9]}


def test_an_account_put_right_leaves_the_payment_the_hospital_s(
    month: Month3, single: tuple[Settlement, PaymentOrder], cast: SimpleNamespace
) -> None:
    """1,000.00 came back and go to another account of the hospital, which the bank sends back too:
    given up, nothing of the quota is used, as if the account had never been put right. A number
    that was exchanged since is not paid to."""
    claim, order = single
    code, area = order.payee_code, order.area
    assert code == claim.visit.institution.code
    payee = checked_payee("大足县人民医院", "6228 4800 1234 5678 901", "农业银行")
    row = correct_payee(actor=cast.accountant, order=order, payee=payee, reason="开户许可证")
    assert (row.payee_code, row.account) == (code, "6228480012345678901")
    row = confirm_payee(actor=cast.approver, order=row, account=number_of(row))
    PaymentOrder.objects.filter(pk=row.pk).update(account="6228480099999999999")
    with pytest.raises(Refusal, match="收款账号与提出支付时不符"):
        month.pay(row.key, on=BACK)
    PaymentOrder.objects.filter(pk=row.pk).update(account="6228480012345678901")
    month.pay(row.key, on=BACK)
    assert row.transfers.latest("pk").payee_code == code
    assert sum(one.fen for one in uses_of(area, 2026)) == 100_000
    unclaimed(cast, bounced(cast, row.key))
    assert sum(one.fen for one in uses_of(area, 2026)) == 0
    assert [*problems(area), *payment_problems(area)] == []


def test_a_month_that_was_never_claimed_is_not_used_of_the_quota(
    month: Month3, approved: Make, cast: SimpleNamespace
) -> None:
    """1,000.00 and 2,000.00 of one month, of which nothing was claimed."""
    approved("王强", "2200")
    approved("李梅", "4200")
    clearing = month.confirm(month.issue(month.declare()))
    month.pay(key_of(clearing))
    area = clearing.area
    before = sum(one.fen for one in uses_of(area, 2026))
    assert before == 300_000
    unclaimed(cast, bounced(cast, key_of(clearing)))
    assert sum(one.fen for one in uses_of(area, 2026)) == 0


def test_a_supplement_to_the_household_was_had(
    month: Month3, counter: Callable[..., Settlement], agree: Any, wang: Person,
    cast: SimpleNamespace, book: Any,
) -> None:  # fmt: skip
    """The year's ceiling left the second special visit 50.00 of 690.00. The first is cut to 590.00,
    so the second is due 640.00 more, which its household got; the month of 50.00 is never claimed.
    640.00 may be asked back."""
    first, second = special(counter, wang, 3, "120100"), special(counter, wang, 4)
    agree(second)
    clearing = month.confirm(month.issue(month.declare()))
    month.pay(key_of(clearing))
    cuts = {1: Cut(Decimal("1380.00"), "多收")}
    cut_and_review(actor=cast.reviewer, settlement=first, cuts=cuts, on=CHECKED)
    more = Supplement.objects.get()
    approve_supplement(actor=cast.approver, supplement=more, on=PAID)
    month.pay(supplement_key(more), on=PAID)
    paid = clearing.paid_amount
    assert standing(second) == paid + more.amount
    unclaimed(cast, bounced(cast, key_of(clearing)))
    assert standing(second) == more.amount > 0


def test_what_was_deducted_and_given_back_later_was_had(
    month: Month3, approved: Make, cast: SimpleNamespace
) -> None:
    """1,000.00 less 100.00 deducted: 900.00 are never claimed, the 100.00 given back arrived."""
    claim = approved("王强", "2200")
    clearing = month.declare()
    off = deduct(
        actor=cast.reviewer, claim=clearing.claims.get(), code="over_price", amount=Decimal(100)
    )
    clearing = month.confirm(month.issue(clearing), {off.pk: "物价部门已批准"})
    month.pay(key_of(clearing))
    answer(actor=cast.reviewer, deduction=off, gives_back=True, words="已核对")
    decide(actor=cast.approver, deduction=off, agrees=True, on=PAID)
    month.pay(back_key_of(off))
    unclaimed(cast, bounced(cast, key_of(clearing)))
    assert standing(claim) == Decimal("100.00")
    debt = asked(cast, claim, debtor="institution")
    assert debt.amount == Decimal("100.00")


def brought(cast: SimpleNamespace, claim: Settlement, on: date = BACK, **given: Any) -> Recovery:
    debt = asked(cast, claim, **given)
    receive(actor=cast.cashier, recovery=debt, amount=debt.amount, on=on, today=on, reference="B1")
    return reloaded(debt)


def test_what_the_household_brought_goes_back_to_it(
    month: Month3, approved: Make, cast: SimpleNamespace
) -> None:
    """The household brought 1,000.00 for a claim whose month the hospital never claims: given up,
    the fund would hold both, -1,000.00 of expense. The 1,000.00 go back to the household, whose
    account the township and the county name on the order: expense is 0.00."""
    claim = approved("王强", "2200")
    clearing = month.confirm(month.issue(month.declare()))
    month.pay(key_of(clearing))
    order = bounced(cast, key_of(clearing))
    debt = brought(cast, claim)
    Household.objects.update(bank_account="", bank_account_name="")
    unclaimed(cast, order)
    assert (standing(claim), balance("5001-inpatient")) == (Decimal("-1000.00"), -1000)
    back = PaymentOrder.objects.get(key__startswith=f"brought:{debt.pk}/")
    assert (back.amount, back.event, back.account) == (1000, "recovery_returned", "")
    with pytest.raises(Refusal, match="没有收款账号，请先补登"):
        month.pay(back.key, on=BACK)
    payee = Payee(name="王强", account="6217003760001234567", bank="农商行")
    named = correct_payee(actor=cast.clerk_a, order=back, payee=payee, reason="户主存折")
    named = refuse_payee(actor=cast.approver, order=named, reason="存折不清")
    assert (named.status, named.account) == ("waiting", "")
    named = correct_payee(actor=cast.clerk_a, order=named, payee=payee, reason="户主存折")
    with pytest.raises(Refusal):
        confirm_payee(actor=cast.clerk_a, order=named, account=number_of(named))
    confirm_payee(actor=cast.approver, order=named, account=number_of(named))
    with pytest.raises(Refusal, match="不能"):
        correct_payee(actor=cast.clerk_a, order=named, payee=payee, reason="再改一次")
    month.pay(back.key, on=BACK)
    assert (balance("5001-inpatient"), balance("2001-returned")) == (0, 0)
    with pytest.raises(Refusal, match="已没有可追回的金额"):
        asked(cast, claim, facts="再查")
    assert [*problems(month.area), *payment_problems(month.area)] == []
    # Sent back by the bank and not wanted: it stays in the fund.
    sent = back.transfers.get(outcome="pending")
    note_return(actor=cast.accountant, transfers=[(sent, "户名不符")], on=BACK)
    unclaimed(cast, reloaded(back))
    assert balance("5001-inpatient") == -1000
    assert [*problems(month.area), *payment_problems(month.area)] == []


def test_a_supplement_paid_since_hides_nothing_of_what_was_brought(
    month: Month3, counter: Callable[..., Settlement], agree: Any, wang: Person,
    cast: SimpleNamespace, book: Any,
) -> None:  # fmt: skip
    """As above 50.00 of the month and 640.00 more. Before the first was cut, the household had
    brought 20.00 of the 50.00, usage kept. The hospital never claims the 50.00: the fund never lost
    the 20.00, which go back, although 640.00 stand that the household got."""
    first, second = special(counter, wang, 3, "120100"), special(counter, wang, 4)
    agree(second)
    clearing = month.confirm(month.issue(month.declare()))
    month.pay(key_of(clearing))
    debt = brought(cast, second, amounts={"basic": Decimal(20)}, usage="kept")
    cuts = {1: Cut(Decimal("1380.00"), "多收")}
    cut_and_review(actor=cast.reviewer, settlement=first, cuts=cuts, on=BACK)
    more = Supplement.objects.get()
    approve_supplement(actor=cast.approver, supplement=more, on=BACK)
    month.pay(supplement_key(more), on=BACK)
    assert (clearing.paid_amount, more.amount, standing(second)) == (50, 640, 670)
    unclaimed(cast, bounced(cast, key_of(clearing)))
    assert standing(second) == 620
    assert PaymentOrder.objects.get(key__startswith=f"brought:{debt.pk}/").amount == 20
    assert [*problems(month.area), *payment_problems(month.area)] == []


def test_of_an_earlier_year_it_goes_back_out_of_the_other_income(
    month: Month3, approved: Make, cast: SimpleNamespace
) -> None:
    """300.00 of 1,000.00 brought in January of the next year; what came back is given up there,
    1,000.00 of other income, and 300.00 of that go back."""
    claim = approved("王强", "2200")
    clearing = month.confirm(month.issue(month.declare()))
    month.pay(key_of(clearing))
    order = bounced(cast, key_of(clearing), JANUARY)
    debt = brought(cast, claim, JANUARY, amounts={"basic": Decimal(300)})
    assert balance("4501-recovery") == -300
    unclaimed(cast, order, JANUARY)
    back = PaymentOrder.objects.get(key__startswith=f"brought:{debt.pk}/")
    assert (back.amount, back.event) == (300, "prior_recovery_returned")
    month.pay(back.key, on=JANUARY)
    assert (balance("4501-recovery"), balance("5001-inpatient")) == (-1000, 1000)
    assert [*problems(month.area), *payment_problems(month.area)] == []
    # Sent back by the bank and not wanted: it is the same other income again.
    sent = back.transfers.get(outcome="pending")
    note_return(actor=cast.accountant, transfers=[(sent, "户名不符")], on=JANUARY)
    unclaimed(cast, reloaded(back), JANUARY)
    assert (balance("4501-recovery"), balance("5001-inpatient")) == (-1300, 1000)
    assert [*problems(month.area), *payment_problems(month.area)] == []


@pytest.mark.parametrize("rule", [10], indirect=True)
def test_a_deposit_that_was_never_claimed_is_not_asked_back(
    month: Month3, approved: Make, cast: SimpleNamespace, hospital: Institution
) -> None:
    """200.00 of 2,000.00 kept; 94 points: 12.00 are lost by the assessment, 188.00 never claimed.
    1,812.00 may be asked back: 1,800.00 paid, and the 12.00 that the hospital lost itself. While
    something is asked, what is to go back is not given up."""
    claim = approved("王强", "4200")
    month.pay(key_of(month.confirm(month.issue(month.declare(), CHECKED))))
    row = propose_return(
        actor=cast.supervisor, on=JANUARY, institution=hospital, year=2026, score=94, **PAPERS
    )
    decide_return(actor=cast.approver, row=row, event="approve_deposit_return", on=JANUARY)
    month.pay(f"deposit:{row.pk}", on=JANUARY)
    assert standing(claim) == Decimal("2000.00")
    order = bounced(cast, f"deposit:{row.pk}", JANUARY)
    debt = propose(
        actor=cast.supervisor,
        settlement=reloaded(claim),
        proposal=Proposal(reason="invoice", facts="发票虚假", debtor="institution"),
    )
    ask_give_up(actor=cast.accountant, order=order, reason="医院已注销，无人承接")
    with pytest.raises(Refusal, match=f"还有追回单 {debt} 没有办结"):
        give_up(actor=cast.approver, order=order, on=JANUARY)
    decide_recovery(
        actor=cast.approver, recovery=debt, event="refuse_recovery", reason="再核", on=JANUARY
    )
    give_up(actor=cast.approver, order=order, on=JANUARY)
    assert DepositReturn.objects.get().status == "approved"
    assert standing(claim) == Decimal("1812.00")


@pytest.mark.parametrize("rule", [10], indirect=True)
def test_of_a_year_that_is_over_it_goes_back_as_another_expense_and_is_offered_once(
    month: Month3, approved: Make, cast: SimpleNamespace, hospital: Institution
) -> None:
    """Of 1,000.00, 100.00 are kept back and 900.00 paid, which the hospital never claims; its
    household brought 1,000.00. 900.00 are offered to it, come back from the bank and stay in the
    fund, as two people say. In January the 100.00 of the deposit are given up too: of these, and
    not of the 900.00 again, it is given back 100.00. They lessened the expense of 2026, so they
    are another expense of 2027, whose other income has nothing of them."""
    claim = approved("王强", "2200")
    clearing = month.confirm(month.issue(month.declare(), CHECKED))
    month.pay(key_of(clearing))
    order = bounced(cast, key_of(clearing))
    debt = brought(cast, claim)
    unclaimed(cast, order)
    rows = PaymentOrder.objects.filter(key__startswith=f"brought:{debt.pk}/").order_by("pk")
    back = rows.get()
    assert (back.amount, back.event) == (900, "recovery_returned")
    month.pay(back.key, on=BACK)
    sent = back.transfers.get(outcome="pending")
    note_return(actor=cast.accountant, transfers=[(sent, "账户已销户")], on=BACK)
    unclaimed(cast, reloaded(back))
    row = propose_return(
        actor=cast.supervisor, on=JANUARY, institution=hospital, year=2026, score=100, **PAPERS
    )
    decide_return(actor=cast.approver, row=row, event="approve_deposit_return", on=JANUARY)
    month.pay(f"deposit:{row.pk}", on=JANUARY)
    unclaimed(cast, bounced(cast, f"deposit:{row.pk}", JANUARY), JANUARY)
    kept, more = rows
    assert (kept.status, more.amount, more.event) == ("given_up", 100, "earlier_recovery_returned")
    month.pay(more.key, on=JANUARY)
    assert (balance("4501-recovery"), balance("4501-other"), balance("5401")) == (0, -100, 100)
    assert [*problems(month.area), *payment_problems(month.area)] == []
    # Sent back by the bank and not wanted: it is no expense.
    sent = more.transfers.get(outcome="pending")
    note_return(actor=cast.accountant, transfers=[(sent, "户名不符")], on=JANUARY)
    unclaimed(cast, reloaded(more), JANUARY)
    assert (balance("4501-recovery"), balance("5401"), balance("2001-returned")) == (0, 0, 0)
    assert [*problems(month.area), *payment_problems(month.area)] == []


@pytest.fixture
def advance(
    month: Month3, approved: Make, cast: SimpleNamespace, hospital: Institution
) -> PaymentOrder:
    """166.67 in advance, paid on 6 July; December has a claim of 1,000.50."""
    subsidise(month.area, "50000")
    approved("王强", "4200")
    month.pay(key_of(month.confirm(month.issue(month.declare()))))
    july = date(2026, 7, 6)
    row = propose_prepayment(
        actor=cast.accountant, institution=hospital, amount=Decimal("166.67"), on=july, **PAPERS
    )
    decide_prepayment(actor=cast.approver, row=row, event="approve_prepayment", on=july)
    month.pay(f"prepayment:{row.pk}", on=july)
    approved(
        "李芳", "2201", on=date(2026, 12, 10), visit=stay(date(2026, 12, 1), date(2026, 12, 9))
    )
    return PaymentOrder.objects.get(key=f"prepayment:{row.pk}")


def test_an_advance_that_came_back_is_not_worked_off(
    month: Month3, advance: PaymentOrder, cast: SimpleNamespace, hospital: Institution
) -> None:
    order = bounced(cast, advance.key, date(2026, 7, 8))
    assert prepaid_left(month.area, hospital) == 0
    on = date(2027, 1, 8)
    last = month.issue(month.declare(DECEMBER, on), on)
    assert (last.prepaid_amount, last.paid_amount) == (Decimal(0), Decimal("1000.50"))
    unclaimed(cast, order, on)
    assert (balance("1101-advance"), prepaid_left(month.area, hospital)) == (0, 0)
    assert [*problems(month.area), *payment_problems(month.area)] == []


def test_an_advance_that_a_month_works_off_is_not_given_up(
    month: Month3, advance: PaymentOrder, cast: SimpleNamespace, hospital: Institution
) -> None:
    """Told by the bank after December's statement had worked it off: the statement is taken back
    first, and works off nothing then."""
    on = date(2027, 1, 8)
    last = month.confirm(month.issue(month.declare(DECEMBER, on), on), on=on)
    assert last.prepaid_amount == Decimal("166.67")
    order = bounced(cast, advance.key, on)
    ask_give_up(actor=cast.accountant, order=order, reason="医院已注销，无人承接")
    with pytest.raises(Refusal, match="已在月结中冲抵"):
        give_up(actor=cast.approver, order=order, on=on)
    recall(actor=cast.approver, clearing=last, reason="预付金退汇")
    last = month.issue(reloaded(last), on)
    assert last.prepaid_amount == 0
    give_up(actor=cast.approver, order=order, on=on)
    assert balance("1101-advance") == 0


def test_an_advance_that_a_paid_month_worked_off_is_its_expense_again(
    month: Month3, advance: PaymentOrder, cast: SimpleNamespace, hospital: Institution
) -> None:
    """1,000.50 in December, 166.67 of it worked off and 833.83 paid in January; then the bank gives
    the advance of July back, and the hospital has closed. The 166.67 are no advance any more: they
    are what it never claimed of December. Of 李芳's claim 833.83 may be asked back."""
    li = Settlement.objects.get(visit__person__name="李芳")
    on = date(2027, 1, 8)
    last = month.confirm(month.issue(month.declare(DECEMBER, on), on), on=on)
    month.pay(key_of(last), on=on)
    assert (last.prepaid_amount, balance("1101-advance"), standing(li)) == (
        Decimal("166.67"), 0, Decimal("1000.50"),
    )  # fmt: skip
    order = bounced(cast, advance.key, on)
    debt = propose(
        actor=cast.supervisor,
        settlement=reloaded(li),
        proposal=Proposal(reason="invoice", facts="发票虚假", debtor="institution"),
    )
    ask_give_up(actor=cast.accountant, order=order, reason="医院已注销，无人承接")
    with pytest.raises(Refusal, match=f"还有追回单 {debt} 没有办结"):
        give_up(actor=cast.approver, order=order, on=on)
    decide_recovery(
        actor=cast.approver, recovery=debt, event="refuse_recovery", reason="再核", on=on
    )
    give_up(actor=cast.approver, order=order, on=on)
    assert (balance("1101-advance"), balance("2001-returned")) == (0, 0)
    assert balance("5001-inpatient") == Decimal("3000.50") - Decimal("166.67")
    assert standing(li) == Decimal("833.83")
    assert [*problems(month.area), *payment_problems(month.area)] == []


def test_what_was_brought_for_a_month_that_worked_off_an_advance_goes_back_as_its_expense(
    month: Month3, advance: PaymentOrder, cast: SimpleNamespace
) -> None:
    """The advance of July 2026 was worked off by December, which was paid in January: 李芳's
    1,000.50 are expense of 2027, and so is what she brings back. 166.67 go back to her."""
    li = Settlement.objects.get(visit__person__name="李芳")
    on = date(2027, 1, 8)
    last = month.confirm(month.issue(month.declare(DECEMBER, on), on), on=on)
    month.pay(key_of(last), on=on)
    order = bounced(cast, advance.key, on)
    debt = brought(cast, li, on)
    unclaimed(cast, order, on)
    back = PaymentOrder.objects.get(key__startswith=f"brought:{debt.pk}/")
    assert (back.amount, back.event) == (Decimal("166.67"), "recovery_returned")
    month.pay(back.key, on=on)
    # 王强's 2,000.00 of 2026; of 李芳's 833.83 stay paid, and she brought 1,000.50 for 166.67 back.
    assert (balance("4501-recovery"), balance("5001-inpatient")) == (0, 2000)
    assert [*problems(month.area), *payment_problems(month.area)] == []


def test_two_advances_of_a_month_give_back_no_more_of_a_kind_than_it_booked(
    month: Month3, approved: Make, counter: Make, agree: Any, wang: Person,
    cast: SimpleNamespace, hospital: Institution,
) -> None:  # fmt: skip
    """Two advances of 0.01, of 2025 and 2026, are worked off by a December of 1,000.50 in bed and
    590.00 out of it: 0.01 of each kind. Both come back; of neither kind more than that 0.01 is no
    expense."""
    subsidise(month.area, "50000")
    approved("王强", "4200")
    month.pay(key_of(month.confirm(month.issue(month.declare()))))
    keys = []
    for day in (date(2026, 7, 6), date(2026, 7, 7)):
        row = propose_prepayment(
            actor=cast.accountant, institution=hospital, amount=Decimal("0.01"), on=day, **PAPERS
        )
        decide_prepayment(actor=cast.approver, row=row, event="approve_prepayment", on=day)
        keys.append(f"prepayment:{row.pk}")
        month.pay(keys[-1], on=day)
        Prepayment.objects.filter(proposed_on=date(2026, 7, 6)).update(year=2025)
    approved(
        "李芳", "2201", on=date(2026, 12, 10), visit=stay(date(2026, 12, 1), date(2026, 12, 9))
    )
    dialysis = stay(date(2026, 12, 8), date(2026, 12, 8), care="special", diseases={"dialysis"})
    agree(counter(wang, line("S03", "1", "1380"), visit=dialysis, on=date(2026, 12, 10)))
    on = date(2027, 1, 8)
    last = month.confirm(month.issue(month.declare(DECEMBER, on), on), on=on)
    month.pay(key_of(last), on=on)
    assert last.prepaid_amount == Decimal("0.02")
    for key in keys:
        unclaimed(cast, bounced(cast, key, on), on)
    assert (balance("5001-inpatient"), balance("5001-outpatient")) == (
        Decimal("3000.49"), Decimal("589.99"),
    )  # fmt: skip
    assert (balance("1101-advance"), balance("2001-returned")) == (0, 0)
    assert [*problems(month.area), *payment_problems(month.area)] == []


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_round", range(3))
def test_cash_comes_while_the_month_is_given_up(
    month: Month3, approved: Make, cast: SimpleNamespace, _round: int
) -> None:
    """Whoever comes first: the fund never keeps both, for what was brought goes back."""
    claim = approved("王强", "2200")
    clearing = month.confirm(month.issue(month.declare()))
    month.pay(key_of(clearing))
    order = bounced(cast, key_of(clearing))
    debt = asked(cast, claim)
    ask_give_up(actor=cast.accountant, order=order, reason="医院已注销，无人承接")
    came, given = at_once(
        [
            lambda: receive(
                actor=cast.cashier, recovery=debt, amount=debt.amount, on=BACK, today=BACK,
                reference="B1",
            ),
            lambda: give_up(actor=cast.approver, order=order, on=BACK),
        ]
    )  # fmt: skip
    assert not isinstance(came, Refusal)
    if isinstance(given, Refusal):
        assert "没有办结" in given.message
        give_up(actor=cast.approver, order=reloaded(order), on=BACK)
    assert PaymentOrder.objects.get(key__startswith=f"brought:{debt.pk}/").amount == 1000
    assert [*problems(month.area), *payment_problems(month.area)] == []
