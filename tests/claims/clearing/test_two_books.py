"""What a closed hospital never claimed of a month that two books paid.

5,000.00 of a 低保 household: (5,000 − 200) × 50 % = 2,400.00 by the residents' fund, 70 % of the
other 2,600.00 = 1,820.00 by the assistance book, paid with the claim.
"""

from collections.abc import Callable
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from claims.clearing.services import deduct
from claims.clearing.standing import key_of
from claims.models import Settlement
from claims.shares import standing_shares
from enrollment.models import Person
from funds.payments.keeping import keep
from funds.payments.services import Part
from policies.services import terms_of
from tests.claims.assistance.conftest import aid_book, lists
from tests.claims.assistance.test_one_stop import pack
from tests.claims.clearing.conftest import Month3, adopt
from tests.claims.clearing.test_unclaimed import BACK, bounced, standing
from tests.claims.conftest import line

__all__ = ["aid_book", "pack"]
pytestmark = pytest.mark.django_db
Make = Callable[..., Settlement]


@pytest.fixture
def rule(cast: SimpleNamespace) -> Any:
    """No deposit."""
    return adopt(cast, deposit_percent=0)


def test_what_is_never_claimed_of_a_month_is_told_by_book(
    month: Month3, approved: Make, counter: Callable[..., Settlement], agree: Any, wang: Person,
    cast: SimpleNamespace, aid_book: Any,
) -> None:  # fmt: skip
    """王强 2,000.00 of the residents' fund, of which 1,000.00 are deducted; 王建国 2,400.00 of it
    and 1,820.00 of assistance: 3,400.00 and 1,820.00 are paid. Half of the assistance is never
    claimed: all of that is 王建国's, and nothing of anybody's residents' fund."""
    other = approved("王强", "4200")
    lists(wang)
    claim = agree(counter(wang, line("S03", "1", "5000")))
    clearing = month.declare()
    mine = clearing.claims.get(settlement=other)
    deduct(actor=cast.reviewer, claim=mine, code="over_price", amount=Decimal(1000))
    month.pay(key_of(month.confirm(month.issue(clearing))))
    assert standing(claim) == Decimal("4220.00")
    order = bounced(cast, key_of(clearing))
    keep(
        actor=cast.approver, order=order, on=BACK, key=f"{order.key}:unclaimed", source="一部分",
        parts=[Part(amount=Decimal("910.00"), fund_type="assistance", purpose="inpatient")],
    )  # fmt: skip
    row = Settlement.objects.get(pk=claim.pk)
    left = standing_shares(row, terms_of(row.pack))
    assert {one.book: one.fen for one in left.values()} == {
        "resident": 240_000, "assistance": 91_000,
    }  # fmt: skip
    assert standing(other) == Decimal("1000.00")
