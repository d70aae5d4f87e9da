"""What stopping or ending an agreement does to what is paid, from its day on, worked out by hand.

A stay of 1200 yuan at the county hospital, all in scope, second tier: (1200 - 200) × 50 % = 500.00
(大足办法 第二十三条). What arises while the agreement is stopped is not settled (国家医疗保障局令
第2号); a visit is judged by its first day. On paper it was at no designated hospital: nothing
(第二十五条(一)), an emergency excepted.
"""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from accounts.errors import Refusal
from claims.clearing.models import Clearing
from claims.entries import Hospital
from claims.models import Settlement
from enrollment.models import Person
from funds.models import Book
from institutions.models import Agreement, Institution
from supervision.gathering import columns_of
from tests.claims.clearing.conftest import DECLARED, MARCH, Month3, adopt, reloaded
from tests.claims.conftest import Register, invoice, line, stay
from tests.institutions.test_agreements import stopped

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("as_application")]
Enter = Callable[..., Settlement]
HERE = Hospital(name="大足县人民医院", level="county", place="local")
LATER = date(2026, 5, 20)


@pytest.fixture
def suspended(cast: SimpleNamespace, hospital: Institution) -> Agreement:
    """From 10 March to 9 April."""
    agreement = Agreement.objects.get(institution=hospital)
    stopped(cast, agreement)
    return agreement


@pytest.mark.parametrize(
    ("first", "last", "settles"),
    [
        (date(2026, 3, 1), date(2026, 3, 9), True),
        (date(2026, 3, 9), date(2026, 3, 25), True),  # admitted on the eve: to the discharge
        (date(2026, 3, 10), date(2026, 3, 12), False),
        (date(2026, 4, 9), date(2026, 4, 20), False),  # and so is who came on its last day
        (date(2026, 4, 10), date(2026, 4, 20), True),
    ],
)
def test_the_counter_is_judged_by_the_first_day(
    counter: Enter, wang: Person, suspended: Agreement, first: date, last: date, settles: bool
) -> None:
    bill, visit = line("S03", "1", "1200"), stay(first, last)
    if settles:
        assert counter(wang, bill, visit=visit, on=LATER).fund_amount == Decimal("500.00")
        return
    with pytest.raises(Refusal, match=f"在 {first} 没有有效的定点协议") as refused:
        counter(wang, bill, visit=visit, on=LATER)
    assert refused.value.at == ("starts",)
    assert not Settlement.objects.exists()


@pytest.mark.parametrize(
    ("first", "facts", "fund", "refusal"),
    [
        (date(2026, 3, 9), set[str](), "500.00", ""),
        (date(2026, 3, 10), set[str](), "0.00", "non_contracted"),
        (date(2026, 3, 10), {"emergency"}, "500.00", ""),
        (date(2026, 4, 10), set[str](), "500.00", ""),
    ],
)
def test_on_paper_it_was_no_designated_hospital(
    paper: Enter, wang: Person, suspended: Agreement,
    first: date, facts: set[str], fund: str, refusal: str,
) -> None:  # fmt: skip
    settlement = paper(
        wang, "1200.00", hospital=HERE, visit=stay(first, date(2026, 4, 15), facts=facts),
        on=LATER, invoices=[invoice("NO1", "1200.00")],
    )  # fmt: skip
    assert (settlement.fund_amount, settlement.refusal_code or "") == (Decimal(fund), refusal)


def test_what_was_settled_before_stays_and_is_nobody_undesignated(
    counter: Enter, wang: Person, cast: SimpleNamespace, hospital: Institution
) -> None:
    before = counter(wang, line("S03", "1", "1200"))
    agreement = Agreement.objects.get(institution=hospital)
    stopped(cast, agreement, on=date(2026, 3, 9))
    assert reloaded(before).fund_amount == Decimal("500.00")
    (row,) = columns_of(Settlement.objects.all())
    assert row["designated"]
    stopped(cast, agreement, state="ended", first_day=date(2026, 4, 1), last_day=None)
    with pytest.raises(Refusal, match="没有有效的定点协议"):
        counter(wang, line("S03", "1", "1200"), visit=stay(LATER, LATER), on=LATER)


@pytest.fixture
def declared(
    cast: SimpleNamespace, hospital: Institution, counter: Enter, agree: Any, book: Book,
    register: Register, village_a: Any, county: Any,
) -> Callable[[], Clearing]:  # fmt: skip
    """March's statement of one claim over (4201 - 200) × 50 % = 2 000.50, 10 % by the county's
    rule."""
    adopt(cast)

    def make() -> Clearing:
        person = register.person("王强", register.household(village_a))
        agree(counter(person, line("S03", "1", "4201")))
        month = Month3(cast, hospital, county)
        clearing: Clearing = reloaded(month.issue(month.declare(MARCH, DECLARED)))
        return clearing

    return make


@pytest.mark.parametrize(
    ("terms", "percent", "deposit", "paid"),
    [
        ({}, 10, "200.05", "1800.45"),
        ({"deposit": 500}, 5, "100.03", "1900.47"),  # 100.025 rounds up
        ({"deposit": 0}, 0, "0.00", "2000.50"),
    ],
)
def test_the_agreements_deposit_goes_before_the_countys(
    declared: Callable[[], Clearing], hospital: Institution,
    terms: dict[str, int], percent: int, deposit: str, paid: str,
) -> None:  # fmt: skip
    """质量保证金 5 % of 2 000.50 is 100.025."""
    Agreement.objects.filter(institution=hospital).update(terms=terms)
    clearing = declared()
    assert clearing.deposit_percent == percent
    assert (clearing.deposit_amount, clearing.paid_amount) == (Decimal(deposit), Decimal(paid))
