"""The Chens of 桥亭村 and the Zhaos of 石庙村, in the spring after the campaign."""

from datetime import date
from typing import Any

import pytest

from accounts.models import Division
from enrollment.models import Household, Person

MARCH = date(2026, 3, 10)


def people_of(household: Household) -> list[str]:
    """Name, relationship and certificate ending of everybody registered in the household."""
    return [
        f"{one.name} {one.get_relationship_display()} {one.certificate_number[16:]}"
        for one in household.members.order_by("member_number")
    ]


def named(name: str) -> Person:
    return Person.objects.get(name=name)


@pytest.fixture
def chens(register: Any, village_a: Division) -> Household:
    return register(
        village_a,
        ("陈国强", "19780512", "0"),
        ("李桂芳", "19800103", "1"),
        ("陈小明", "20020901", "2"),
        ("陈小红", "20050415", "3"),
    )
