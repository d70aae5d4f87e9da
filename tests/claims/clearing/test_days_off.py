"""A month is paid within 20 working days, holidays not counted."""

from collections.abc import Callable
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from claims.models import Settlement
from desk.models import SpecialDay
from tests.claims.clearing.conftest import Month3


@pytest.mark.django_db
def test_labour_day_moves_the_day_of_payment(
    month: Month3, approved: Callable[..., Settlement], cast: SimpleNamespace, as_user: Any
) -> None:
    """From 10 April by 8 May; with 1, 4 and 5 May off and Saturday the 9th worked by 12 May."""
    for day, kind in ((1, "off"), (4, "off"), (5, "off"), (9, "work")):
        SpecialDay.objects.create(day=date(2026, 5, day), kind=kind, name="劳动节")
    approved("王强", "4200")
    assert month.declare().pay_by == date(2026, 5, 12)
