"""大足县人民医院 tells the county of its departments."""

from datetime import date, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts.errors import Refusal
from accounts.models import AuditLine
from gateway.clients.models import Client
from gateway.transactions.departments import TRANSACTIONS
from institutions.models import Department, Institution
from tests.gateway.by_hand import answered, program
from tests.gateway.conftest import System

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 20)


@pytest.fixture
def his(cast: SimpleNamespace, hospital: Institution) -> Client:
    return program(hospital)


def moment(year: int) -> datetime:
    return timezone.make_aware(datetime(year, 1, 1, 8))  # noqa: DTZ001


def row(code: str = "NK01", **facts: Any) -> dict[str, Any]:
    return {
        "hosp_dept_codg": code,
        "caty": "A03",
        "hosp_dept_name": "心血管内科",
        "begntime": moment(2020),
        "itro": "心血管疾病诊治",
        "dept_resper_name": "赵国强",
        "dept_resper_tel": "13800000001",
        "dept_estbdat": moment(1998),
        "aprv_bed_cnt": Decimal(40),
        "hi_crtf_bed_cnt": Decimal(36),
        "poolarea_no": "500225",
        "dr_psncnt": Decimal(12),
        "phar_psncnt": Decimal(0),
        "nurs_psncnt": Decimal(20),
        "tecn_psncnt": Decimal(2),
    } | facts


def ask(his: Client, infno: str, rows: Any, node: str = "deptinfo") -> None:
    assert answered(TRANSACTIONS, his, infno, node, rows, TODAY) == ({}, [])


def test_a_department_is_sent_changed_and_withdrawn(his: Client) -> None:
    ask(his, "3401", row())
    one = Department.objects.get()
    assert (one.name, one.beds, one.insured_beds, one.doctors, one.nurses) == (
        "心血管内科", 40, 36, 12, 20,
    )  # fmt: skip
    assert (one.head_phone, one.founded_on) == ("13800000001", date(1998, 1, 1))
    with connection.cursor() as cursor:
        cursor.execute("SELECT head_phone FROM institutions_department")
        assert "138" not in cursor.fetchone()[0]
    ask(his, "3402", row(aprv_bed_cnt=Decimal(52), hosp_dept_name="心内科"))
    one.refresh_from_db()
    assert (one.beds, one.name) == (52, "心内科")
    line = AuditLine.objects.get(action="institutions.change_department")
    assert (line.before["beds"], line.after["beds"]) == (40, 52)
    gone = {"hosp_dept_codg": "NK01", "hosp_dept_name": "心血管内科", "begntime": TODAY}
    with pytest.raises(Refusal, match="登记的名称是“心内科”") as refused:
        ask(his, "3403", gone, "data")
    assert refused.value.at == ("data", "hosp_dept_name")
    ask(his, "3403", gone | {"hosp_dept_name": "心内科"}, "data")
    one.refresh_from_db()
    assert one.withdrawn_by == his.user
    ask(his, "3401", row())  # the same code again, another row
    assert Department.objects.count() == 2


def test_a_batch_is_taken_whole_or_not_at_all(his: Client) -> None:
    ask(his, "3401A", [row("NK01"), row("WK01", hosp_dept_name="普外科")])
    cases = [
        ([row("NK02"), row("NK01")], "已经登记", (1, "hosp_dept_codg")),
        ([row("NK02"), row("NK02")], "已经登记", (1, "hosp_dept_codg")),
        ([row("NK02", hi_crtf_bed_cnt=Decimal(41))], "多于批准床位数", (0, "hi_crtf_bed_cnt")),
        ([row("NK02", endtime=moment(2019))], "早于开始时间", (0, "endtime")),
        ([row("NK02", poolarea_no="500226")], "统筹区 500225", (0, "poolarea_no")),
        ([row("NK02", dr_psncnt=Decimal("1.5"))], "整数", (0, "dr_psncnt")),
    ]
    for rows, words, at in cases:
        with pytest.raises(Refusal, match=words) as refused:
            ask(his, "3401A", rows)
        assert refused.value.at == ("deptinfo", *at)
    assert Department.objects.count() == 2


def test_another_hospital_changes_nothing_here(
    his: Client, township_hospital: Institution, cast: SimpleNamespace
) -> None:
    ask(his, "3401", row())
    other = program(township_hospital)
    for infno in ("3402",):
        with pytest.raises(Refusal, match="没有登记科室编码 NK01") as refused:
            ask(other, infno, row(hosp_dept_name="冒名科"))
        assert refused.value.at == ("deptinfo", "hosp_dept_codg")
    assert Department.objects.get().name == "心血管内科"
    assert Department.objects.visible_to(other.user).count() == 0
    assert Department.objects.visible_to(cast.supervisor).count() == 1
    assert Department.objects.visible_to(cast.other_officer).count() == 0


def test_through_the_door(system: System) -> None:
    """The same as JSON comes and goes."""
    sent = row() | {
        "begntime": "2020-01-01 08:00:00", "dept_estbdat": "1998-05-01 00:00:00",
        "aprv_bed_cnt": 40, "hi_crtf_bed_cnt": "36", "dr_psncnt": 12, "phar_psncnt": 0,
        "nurs_psncnt": 20, "tecn_psncnt": 2,
    }  # fmt: skip
    assert system.ask("3401", {"deptinfo": sent}) == {}
    one = Department.objects.get()
    assert (one.beds, one.insured_beds, one.founded_on) == (40, 36, date(1998, 5, 1))
    assert timezone.localtime(one.starts_at).hour == 8
    assert system.refused("3401A", {"deptinfo": [sent]}) == (
        "deptinfo[1].hosp_dept_codg：科室编码 NK01 已经登记，内容有变的请办理科室信息变更"
    )
    gone = {"hosp_dept_codg": "NK01", "hosp_dept_name": "心血管内科", "begntime": "2020-01-01"}
    assert system.ask("3403", {"data": gone}) == {}
