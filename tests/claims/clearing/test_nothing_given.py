"""A claim for which its month gave nothing, and which should not have been: no money is owed, for
the fund lost none (条例 第三十八条、第四十条: 造成基金损失的，责令退回), but it counts no more.

王建国's special outpatient visits of 1,380.00: the first of the year bears the deductible, (1,380 −
200) × 50 % = 590.00, the next 1,380 × 50 % = 690.00.
"""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from accounts.errors import Refusal
from accounts.models import User
from claims.clearing.models import Clearing
from claims.clearing.rooms import settle_without_money
from claims.clearing.services import answer, decide, deduct
from claims.clearing.standing import back_key_of, key_of
from claims.dependence.models import Dependent
from claims.models import Settlement
from claims.recovery.models import Recovery
from claims.recovery.receiving import end_without_money
from claims.recovery.services import Proposal, propose, why_nothing
from claims.recovery.services import decide as decide_recovery
from enrollment.models import Enrollment, Person
from funds.models import Book, PaymentOrder, Voucher
from funds.payments.checking import payment_problems
from funds.payments.rooms import problems
from institutions.models import Institution
from tests.at_once import at_once
from tests.claims.clearing import test_by_method as by_method
from tests.claims.clearing.conftest import PAID, Month3, reloaded
from tests.claims.dependence.test_stories import special, used

pytestmark = pytest.mark.django_db
Make = Callable[..., Settlement]
APRIL_2 = date(2026, 4, 2)


@pytest.fixture
def nothing(
    month: Month3, counter: Make, agree: Any, wang: Person, cast: SimpleNamespace,
    hospital: Institution, book: Book,
) -> Settlement:  # fmt: skip
    """590.00 by items; the year's budget for special care is used up, so March gives 0.00."""
    by_method.agree(
        cast,
        by_method.propose(cast, hospital, "budget", care="special", budget=Decimal(0)),
    )
    claim = agree(special(counter, wang, 3))
    clearing = month.confirm(month.issue(month.declare()))
    assert (clearing.claimed_amount, clearing.worth) == (Decimal("590.00"), Decimal(0))
    settle_without_money(actor=cast.cashier, clearing=clearing, on=PAID, today=PAID)
    return reloaded(claim)


def asked(cast: SimpleNamespace, claim: Settlement, **given: Any) -> Recovery:
    """Proposed by the supervisor and reviewed."""
    facts = {"reason": "invented", "facts": "本人没有就诊", "debtor": "institution"}
    row = propose(
        actor=cast.supervisor, settlement=reloaded(claim), proposal=Proposal(**facts | given)
    )
    return decide_recovery(actor=cast.reviewer, recovery=row, event="review_recovery", on=PAID)


def test_nothing_is_owed_and_the_year_counts_it_no_more(
    nothing: Settlement, counter: Make, wang: Person, cast: SimpleNamespace, month: Month3
) -> None:
    """The next visit was settled as the second, 690.00. The first falls: 0.00 are asked of nobody,
    and the next is the first of the year, 590.00."""
    later = special(counter, wang, 4)
    assert later.payable_amount == Decimal("690.00")
    vouchers = Voucher.objects.count()
    assert "按付费方式没有给付这一笔（按项目 590.00 元，给付 0.00 元）" in why_nothing(nothing)
    with pytest.raises(Refusal, match="没有款项可追，年度累计也不退还"):
        asked(cast, nothing, usage="kept")
    debt = asked(cast, nothing)
    assert (debt.amount, debt.is_whole, debt.parts.count()) == (0, True, 0)
    with pytest.raises(Refusal, match="撤销待遇"):
        decide_recovery(actor=cast.approver, recovery=debt, event="approve_recovery", on=PAID)
    with pytest.raises(Refusal, match="已没有可追回的金额"):
        asked(cast, nothing, facts="又提一次")
    end_without_money(actor=cast.approver, recovery=debt)

    assert reloaded(debt).status == "received"
    assert not Settlement.objects.counted().filter(pk=nothing.pk).exists()
    anew = Dependent.objects.get(settlement=later).anew
    assert anew is not None and anew.payable_amount == Decimal("590.00")
    assert used(wang) == {"annual_paid": 59_000, "special_deductible": 20_000}
    cover = Enrollment.objects.get(person=wang)
    assert (cover.drawn_claims, cover.drawn_amount, cover.drawn_first) == (1, 590, anew.number)
    assert Voucher.objects.count() == vouchers
    assert [*problems(month.area), *payment_problems(month.area)] == []


def test_until_it_is_approved_it_may_be_dropped_and_asked_anew(
    nothing: Settlement, cast: SimpleNamespace, wang: Person
) -> None:
    debt = asked(cast, nothing)
    decide_recovery(
        actor=cast.approver, recovery=debt, event="refuse_recovery", reason="就诊属实", on=PAID
    )
    assert used(wang) == {"annual_paid": 59_000, "special_deductible": 20_000}
    end_without_money(actor=cast.approver, recovery=asked(cast, nothing, facts="再查不实"))
    assert set(used(wang).values()) <= {0}


def test_of_a_claim_that_was_paid_something_is_asked(
    month: Month3, approved: Make, cast: SimpleNamespace
) -> None:
    claim = approved("王强", "4200")
    month.pay(key_of(month.confirm(month.issue(month.declare()))))
    assert why_nothing(reloaded(claim)) == ""
    debt = asked(cast, claim, amounts={"basic": Decimal("1.00")})
    with pytest.raises(Refusal, match=r"应追回 1\.00 元，收齐以后才办结"):
        end_without_money(actor=cast.approver, recovery=debt)


def _all_deducted(month: Month3, cast: SimpleNamespace, claim: Settlement) -> Clearing:
    clearing = month.declare()
    mine = clearing.claims.get(settlement=claim)
    off = deduct(actor=cast.reviewer, claim=mine, code="over_price", amount=mine.amount)
    clearing = month.confirm(month.issue(clearing), {off.pk: "物价部门已批准"})
    month.pay(key_of(clearing))
    return clearing


def test_what_a_dispute_gave_back_of_it_is_not_paid_any_more(
    month: Month3, approved: Make, cast: SimpleNamespace
) -> None:
    """2,000.00 of 王强 were deducted whole, 1,000.50 of 李芳 paid. The 2,000.00 are to be given
    back, and not paid yet, when the stay turns out to be invented."""
    wang = approved("王强", "4200")
    approved("李芳", "2201")
    clearing = _all_deducted(month, cast, wang)
    assert "核对时已全部扣减" in why_nothing(reloaded(wang))
    off = clearing.claims.get(settlement=wang).deductions.get()
    answer(actor=cast.reviewer, deduction=off, gives_back=True, words="已核对")
    decide(actor=cast.approver, deduction=off, agrees=True, on=PAID)
    end_without_money(actor=cast.approver, recovery=asked(cast, wang))
    assert PaymentOrder.objects.get(key=back_key_of(off)).status == "cancelled"
    assert by_method.usage_of(wang) == {0}
    assert [*problems(month.area), *payment_problems(month.area)] == []


def test_what_is_paid_meanwhile_is_asked_with_its_amount(
    month: Month3, approved: Make, cast: SimpleNamespace
) -> None:
    wang = approved("王强", "4200")
    approved("李芳", "2201")
    clearing = _all_deducted(month, cast, wang)
    debt = asked(cast, wang)
    off = clearing.claims.get(settlement=wang).deductions.get()
    answer(actor=cast.reviewer, deduction=off, gives_back=True, words="已核对")
    with pytest.raises(Refusal, match=f"已提出全部追回（{debt}）"):
        decide(actor=cast.approver, deduction=off, agrees=True, on=PAID)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_round", range(3))
def test_it_ends_once_while_the_next_is_settled(
    nothing: Settlement, counter: Make, wang: Person, cast: SimpleNamespace, _round: int
) -> None:
    """Whoever comes first: one of two approvers ends it, and the next visit bears the deductible
    once."""
    debt = asked(cast, nothing)
    fields = {"role": cast.approver.role, "division": cast.approver.division}
    second = User.objects.create(username="approver9", name="罗平", **fields)
    outcomes = at_once(
        [
            lambda: end_without_money(actor=cast.approver, recovery=debt),
            lambda: end_without_money(actor=second, recovery=debt),
            lambda: special(counter, wang, 4),
        ]
    )
    assert sum(isinstance(one, Refusal) for one in outcomes) == 1
    assert used(wang) == {"annual_paid": 59_000, "special_deductible": 20_000}
    assert Settlement.objects.counted().get().payable_amount == Decimal("590.00")
