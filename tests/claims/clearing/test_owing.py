"""How long the residents' fund lasts counts its own part of what institutions are owed.

5,000.00 of a 低保 household: (5,000 − 200) × 50 % = 2,400.00 by the residents' fund, 70 % of the
other 2,600.00 = 1,820.00 by the assistance book, paid with the claim.
"""

from collections.abc import Callable
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from claims.models import Settlement
from enrollment.models import Person
from funds.payments.owing import lasting_of, owed
from tests.claims.assistance.conftest import aid_book, lists
from tests.claims.assistance.test_one_stop import pack
from tests.claims.clearing.conftest import Month3
from tests.claims.conftest import line

__all__ = ["aid_book", "pack"]
pytestmark = pytest.mark.django_db


def test_what_the_assistance_book_pays_is_not_owed_by_the_residents_fund(
    month: Month3, counter: Callable[..., Settlement], agree: Any, wang: Person,
    cast: SimpleNamespace, aid_book: Any,
) -> None:  # fmt: skip
    lists(wang)
    agree(counter(wang, line("S03", "1", "5000")))

    def told() -> tuple[Decimal | None, Decimal]:
        tiles = owed(cast.accountant)
        return tiles[0].amount, lasting_of(month.area, tiles, cast.accountant).owed

    both = (Decimal("4220.00"), Decimal("2400.00"))
    assert told() == both
    clearing = month.declare()
    assert told() == both
    month.confirm(month.issue(clearing))  # 240.00 kept back: the order pays 2,160.00 and 1,820.00
    assert told() == (Decimal("3980.00"), Decimal("2160.00"))
