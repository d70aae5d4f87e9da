"""Asked of a day whose measures know other words than those of today: told, never a fault."""

from datetime import date
from decimal import Decimal

import pytest

from claims.why.asking import Question, ask_why

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("care", "level"), [("homecare", "county"), ("inpatient", "moon"), ("homecare", "moon")]
)
def test_words_that_the_measures_of_the_day_do_not_know(cast, wang, catalogue, care, level):
    answer = ask_why(
        Question(
            who=wang.resident_id, day=date(2026, 3, 9), item="X01", care=care, level=level,
            price=Decimal(100),
        ),
        actor=cast.reviewer,
    )  # fmt: skip
    last = answer.said[-1]
    assert last.against and last.title in {"计算", "不予支付"}, last
