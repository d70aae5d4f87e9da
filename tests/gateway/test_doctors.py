"""Lines of a doctor whom the fund does not pay for, from the day of the suspension on."""

from collections.abc import Callable
from datetime import date
from types import SimpleNamespace

import pytest

from accounts.models import Division
from accounts.roles import Role
from claims.models import BillLine, Visit
from enrollment.models import Person
from funds.models import Book
from institutions.models import Eligibility, Institution, Practitioner
from institutions.points.services import (
    answer_appeal,
    decide_appeal,
    decide_points,
    lodge_appeal,
    propose_points,
    propose_terms,
)
from institutions.points.workflow import TERMS
from tests.claims.conftest import Register
from tests.conftest import make_user
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


def test_an_unknown_doctor_is_told_where_the_county_keeps_those_of_the_hospital(
    system: System, wang: Person, hospital: Institution, township_hospital: Institution
) -> None:
    """Of a hospital of whose doctors none is registered nothing is said; the lines are taken."""
    number = registered(system, wang)

    def told(sn: str) -> str:
        row = line(sn, number, wang, "X01", "1", "13.00", DAY, orders_dr_code=YAN)
        answer = system.send(system.message("2204", outpatient_lines(f"SF{sn}", row)))
        assert answer["infcode"] == 0
        warned: str = answer["warn_msg"]
        return warned

    Practitioner.objects.create(code="D7", name="马医生", institution=township_hospital)
    assert "医师" not in told("1")
    Practitioner.objects.create(code=HAN, name="韩永康", institution=hospital)
    words = (
        f"县里没有登记的医师：feedetail[1].orders_dr_code {YAN}，明细照收；"
        "请用【5102】核对编码，确是本院医师的请县医保局登记"
    )
    assert words in told("2")
    Practitioner.objects.create(code=YAN, name="严医生", institution=township_hospital)
    assert "医师" not in told("3")


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


def test_a_doctor_with_no_place_of_practice_here_is_refused_unless_it_is_an_emergency(
    system: System, wang: Person, township_hospital: Institution
) -> None:
    """韩永康 is registered at the township hospital alone."""
    Practitioner.objects.create(
        code=HAN, name="韩永康", institution=township_hospital, licence="110500225000017",
        licence_until=date(2026, 12, 31),
    )  # fmt: skip
    number = registered(system, wang)
    row = line("1", number, wang, "X01", "2", "13.00", DAY)
    told = system.refused("2204", outpatient_lines("SF1", row))
    assert told.startswith(f"feedetail[1].bilg_dr_codg：医师 {HAN} {DAY} 在")
    assert not BillLine.objects.exists()
    Visit.objects.update(facts=["emergency"])
    taken = system.send(system.message("2204", outpatient_lines("SF1", row)))
    assert taken["infcode"] == 0
    assert taken["warn_msg"].startswith(f"按急诊、抢救受理：医师 {HAN} ")


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


def test_a_doctor_suspended_by_points_is_refused_at_another_institution_until_the_appeal(
    system: System, wang: Person, cast: SimpleNamespace, township_hospital: Institution
) -> None:
    """韩永康 is registered at the township hospital, which gave him 9 points."""
    Practitioner.objects.create(code=HAN, name="韩永康", institution=township_hospital)
    terms = propose_terms(
        actor=cast.supervisor, reminded_from=6, months_nine=6, months_ten=6, months_eleven=6,
        days_to_appeal=10, max_course=0, evidence="大医保〔2026〕1号", reason="施行记分", on=DAY,
    )  # fmt: skip
    TERMS.decide(terms, "approve_point_terms", actor=cast.approver, on=DAY)
    record = propose_points(
        actor=cast.supervisor, code=HAN, ground="for_another", degree="main",
        handled_paper="大医保〔2026〕8号", handled_on=DAY, evidence="大医保〔2026〕9号",
        reason="冒名结算", on=DAY,
    )  # fmt: skip
    record = decide_points(actor=cast.approver, row=record, event="approve_points", on=DAY)
    number = registered(system, wang)
    row = line("1", number, wang, "X01", "2", "13.00", DAY)
    told = system.refused("2204", outpatient_lines("SF1", row))
    assert told == f"feedetail[1].bilg_dr_codg：{WORDS}"
    township_clerk = make_user("yao", "姚敏", Role.INSTITUTION_CLERK, None, township_hospital.code)
    appeal = lodge_appeal(
        actor=township_clerk, record=record, kind="appeal", asked_back=3, reason="有误", on=DAY
    )
    appeal = answer_appeal(actor=cast.supervisor, appeal=appeal, points_back=3, answer="属实")
    decide_appeal(actor=cast.approver, row=appeal, event="decide_point_appeal", on=DAY)
    system.ask("2204", outpatient_lines("SF1", row))
    assert BillLine.objects.get().doctor_code == HAN
