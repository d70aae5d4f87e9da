"""The Chens of 桥亭村 and the Zhaos of 石庙村, in the spring after the campaign."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from accounts.models import Division
from enrollment.models import Household, Person
from enrollment.people.register import MemberEntry, add_person, register_household
from tests.enrollment.conftest import (  # noqa: F401 - fixtures
    books,
    campaign,
    entry_of,
    resident_id,
)

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
def register(cast: SimpleNamespace) -> Any:
    """Put a household with (name, birth, relationship) into a village."""

    def put(village: Division, *family: tuple[str, str, str]) -> Household:
        household = register_household(actor=cast.clerk_a, division=village, on=MARCH)
        for name, born, relationship in family:
            male = relationship in {"0", "2"}
            number = resident_id(born, int(born[-2:]), male=male)
            entry = MemberEntry(
                position=0, name=name, resident_id=number, relationship=relationship
            )
            add_person(actor=cast.clerk_a, household=household, entry=entry, on=MARCH)
        return household

    return put


@pytest.fixture
def chens(register: Any, village_a: Division) -> Household:
    return register(
        village_a,
        ("陈国强", "19780512", "0"),
        ("李桂芳", "19800103", "1"),
        ("陈小明", "20020901", "2"),
        ("陈小红", "20050415", "3"),
    )


@pytest.fixture
def zhaos(register: Any, village_b: Division) -> Household:
    return register(village_b, ("赵文斌", "19790707", "0"), ("赵志远", "20010311", "2"))
