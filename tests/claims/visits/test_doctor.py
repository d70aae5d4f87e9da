"""A line of a bill says who ordered it, for as long as the line stands."""

from dataclasses import replace

import pytest

from accounts.errors import Refusal
from enrollment.models import Person
from tests.claims.visits.conftest import Ward, charged

DOCTOR = "D500111000001"


@pytest.mark.django_db
def test_a_line_keeps_the_code_of_its_doctor(ward: Ward, wang: Person) -> None:
    visit = ward.admit(wang)
    ward.bill(
        visit,
        replace(charged("X01", "2", "10", 2, "甲1"), doctor_code=DOCTOR),
        charged("F01", "1", "35", 2, "甲2"),
    )
    told = dict(visit.lines.values_list("sender_number", "doctor_code"))
    assert told == {"甲1": DOCTOR, "甲2": ""}


@pytest.mark.django_db
def test_the_same_number_by_another_doctor_is_another_line(ward: Ward, wang: Person) -> None:
    visit = ward.admit(wang)
    first = replace(charged("X01", "2", "10", 2, "甲1"), doctor_code=DOCTOR)
    batch = ward.bill(visit, first)
    assert ward.bill(visit, first) == batch
    with pytest.raises(Refusal) as refused:
        ward.bill(visit, replace(first, doctor_code="D500111000002"))
    assert "明细号 甲1 已用于" in refused.value.message
    assert visit.lines.count() == 1
