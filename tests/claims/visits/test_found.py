"""Whoever has cover is found at the desk, by whatever number is at hand, and settled to the fen."""

from collections.abc import Callable
from datetime import date
from types import SimpleNamespace

import pytest

from accounts.fields import blind_index
from accounts.models import Division
from claims.services import find_patients
from enrollment.models import FormerNumber, Person
from tests.claims.conftest import Register
from tests.claims.visits.conftest import Ward, charged, in_bed, yuan

CERTIFICATE = "T500225901"


def renumbered(person: Person, kind: str, number: str) -> str:
    Person.objects.filter(pk=person.pk).update(
        number_kind=kind, resident_id=number, resident_id_index=blind_index(kind, number)
    )
    return number


def newborn(register: Register, village: Division) -> str:
    child = register.person("陈安安", register.household(village), born=date(2026, 1, 20))
    return renumbered(child, "birth_certificate", CERTIFICATE)


def foreigner(register: Register, village: Division) -> str:
    wife = register.person("玛丁", register.household(village))
    return renumbered(wife, "passport", "MB123456")


def former(register: Register, village: Division) -> str:
    """The number that was given up at 换证."""
    person = register.person("李换证", register.household(village))
    FormerNumber.objects.create(
        person=person,
        kind="passport",
        number="E12345678",
        number_index=blind_index("passport", "E12345678"),
        mistaken=False,
        last_day=date(2026, 2, 1),
    )
    return "E12345678"


def on_the_card(register: Register, village: Division) -> str:
    return register.person("周持证", register.household(village)).certificate_number


@pytest.mark.parametrize("who", [newborn, foreigner, former, on_the_card])
def test_found_registered_and_settled(
    ward: Ward,
    cast: SimpleNamespace,
    register: Register,
    village_a: Division,
    who: Callable[[Register, Division], str],
) -> None:
    """(1000 - 200) × 50 % for each of them, of a child 55 %."""
    number = who(register, village_a)
    (found,) = find_patients(actor=cast.hospital_clerk, text=number)
    assert bool(found.former) is (who is former)
    visit = ward.admit(found.person, in_bed(date(2026, 3, 2)))
    ward.bill(visit, charged("X01", "10", "100", 3))
    ward.leave(visit)
    due = yuan("440.00") if who is newborn else yuan("400.00")
    assert ward.settle(visit).fund_amount == due
