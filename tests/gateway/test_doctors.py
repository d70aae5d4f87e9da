"""Lines of a doctor whom the fund does not pay for, from the day of the suspension on."""

from collections.abc import Callable
from datetime import date
from types import SimpleNamespace

import pytest

from accounts.models import Division
from claims.models import BillLine, Visit
from enrollment.models import Person
from funds.models import Book
from institutions.models import Eligibility, Institution, Practitioner
from tests.claims.conftest import Register
from tests.gateway.conftest import System
from tests.gateway.hospital import admission, inpatient_lines, line, outpatient_lines
from tests.gateway.test_outpatient import registered

DAY = date(2026, 3, 20)
HAN, YAN = "D500225000001", "D500225000002"
WORDS = (
    "医师韩永康自 2026-03-20 起暂停医保支付资格至 2026-09-19（大医保〔2026〕9号），"
    "2026-03-20 的费用医保不予支付，急诊、抢救除外"
)
pytestmark = pytest.mark.django_db
Suspend = Callable[[date], None]


@pytest.fixture
def wang(register: Register, village_a: Division, book: Book) -> Person:
    return register.person("王建国", register.household(village_a))


@pytest.fixture
def suspend(cast: SimpleNamespace, township_hospital: Institution) -> Suspend:
    """韩永康, registered at another institution: the state is one wherever he works."""
    who = Practitioner.objects.create(code=HAN, name="韩永康", institution=township_hospital)

    def from_day(first: date) -> None:
        Eligibility.objects.create(
            practitioner=who, state="suspended", first_day=first,
            last_day=date(2026, 9, 19), evidence="大医保〔2026〕9号", reason="年度记 9 分",
            status="approved", proposed_by=cast.supervisor, proposed_on=first,
            decided_by=cast.approver, decided_on=first,
        )  # fmt: skip

    return from_day


def test_the_line_is_refused_with_doctor_and_day_and_nothing_is_written(
    system: System, wang: Person, suspend: Suspend
) -> None:
    suspend(DAY)
    number = registered(system, wang)
    told = system.refused(
        "2204",
        outpatient_lines(
            "SF1",
            line("1", number, wang, "X01", "2", "13.00", DAY, bilg_dr_codg=YAN),
            line("2", number, wang, "X02", "1", "30.00", DAY),
        ),
    )
    assert told == f"feedetail[2].bilg_dr_codg：{WORDS}"
    assert not BillLine.objects.exists()


def test_who_takes_the_order_on_is_asked_too(
    system: System, wang: Person, suspend: Suspend
) -> None:
    suspend(DAY)
    number = registered(system, wang)
    row = line("1", number, wang, "X01", "2", "13.00", DAY, bilg_dr_codg=YAN, orders_dr_code=HAN)
    told = system.refused("2204", outpatient_lines("SF1", row))
    assert told.startswith("feedetail[1].orders_dr_code：医师韩永康")


def test_the_day_before_is_paid_although_the_line_comes_later(
    system: System, wang: Person, suspend: Suspend
) -> None:
    suspend(date(2026, 3, 21))
    number = registered(system, wang)
    row = line("1", number, wang, "X01", "2", "13.00", DAY)
    system.on = date(2026, 3, 25)
    system.ask("2204", outpatient_lines("SF1", row))
    assert BillLine.objects.get().doctor_code == HAN


def test_an_emergency_is_taken_and_told(system: System, wang: Person, suspend: Suspend) -> None:
    suspend(DAY)
    number = registered(system, wang)
    Visit.objects.update(facts=["emergency"])
    row = line("1", number, wang, "X01", "2", "13.00", DAY)
    told = system.send(system.message("2204", outpatient_lines("SF1", row)))
    assert told["infcode"] == 0
    assert told["warn_msg"].startswith(f"按急诊、抢救受理：{WORDS}")
    assert BillLine.objects.get().doctor_code == HAN


def test_the_bill_of_a_stay_is_asked_as_well(
    system: System, wang: Person, suspend: Suspend
) -> None:
    suspend(DAY)
    told = system.ask("2401", admission(wang, DAY))
    number = told["result"]["mdtrt_id"]
    words = system.refused(
        "2301", inpatient_lines(line("1", number, wang, "X01", "2", "13.00", DAY))
    )
    assert words == f"feedetail[1].bilg_dr_codg：{WORDS}"
