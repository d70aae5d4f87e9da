"""The county hospital asks for its own departments and doctors."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from institutions.models import Eligibility, Institution, Practitioner
from tests.gateway.conftest import System, client_of

ON = date(2026, 3, 20)


def sent(code: str, **given: Any) -> dict[str, Any]:
    row = {
        "hosp_dept_codg": code,
        "caty": "A03",
        "hosp_dept_name": "心血管内科",
        "begntime": "2020-01-01 08:00:00",
        "itro": "心血管疾病诊治",
        "dept_resper_name": "赵国强",
        "dept_resper_tel": "13800000001",
        "dept_estbdat": "1998-05-01 00:00:00",
        "aprv_bed_cnt": 40,
        "hi_crtf_bed_cnt": 36,
        "poolarea_no": "500225",
        "dr_psncnt": 12,
        "phar_psncnt": 0,
        "nurs_psncnt": 20,
        "tecn_psncnt": 2,
    }
    return {"deptinfo": row | given}


def departments(system: System, **given: str) -> dict[str, Any]:
    """5101 repeats its own head."""
    message = system.message("5101", {})
    names = ("infno", "msgid", "mdtrtarea_admvs", "insuplc_admdvs", "recer_sys_code", "infver",
             "opter_type", "opter", "opter_name", "inf_time", "fixmedins_code")  # fmt: skip
    return {"data": {name: message[name] for name in names} | given}


@pytest.fixture
def elsewhere(township_hospital: Institution) -> System:
    return System(client_of(township_hospital))


def test_departments_as_they_were_sent(system: System, elsewhere: System) -> None:
    system.ask("3401", sent("NK01"))
    system.ask("3401", sent("WK01", hosp_dept_name="普外科"))
    gone = {"hosp_dept_codg": "WK01", "hosp_dept_name": "普外科", "begntime": "2020-01-01"}
    system.ask("3403", {"data": gone})
    (row,) = system.ask("5101", departments(system))["feedetail"]
    assert row == {
        "hosp_dept_codg": "NK01",
        "hosp_dept_name": "心血管内科",
        "begntime": "2020-01-01 08:00:00",
        "endtime": "",
        "itro": "心血管疾病诊治",
        "dept_resper_name": "赵国强",
        "dept_resper_tel": "13800000001",
        "dept_med_serv_scp": "",
        "caty": "A03",
        "dept_estbdat": "1998-05-01 00:00:00",
        "aprv_bed_cnt": 40,
        "hi_crtf_bed_cnt": 36,
        "poolarea_no": "500225",
        "dr_psncnt": 12,
        "phar_psncnt": 0,
        "nurs_psncnt": 20,
        "tecn_psncnt": 2,
        "memo": "",
    }
    assert elsewhere.ask("5101", departments(elsewhere)) == {"feedetail": []}
    words = elsewhere.refused("5101", departments(elsewhere, fixmedins_code="H50022500001"))
    assert words.startswith("data.fixmedins_code：只能查询本机构的科室")


def test_doctors_and_whether_they_are_paid_for(
    system: System, elsewhere: System, hospital: Institution, cast: SimpleNamespace
) -> None:
    for number, name in (("D500225000001", "何医生"), ("D500225000002", "马医生")):
        Practitioner.objects.create(code=number, name=name, institution=hospital)
    Eligibility.objects.create(
        practitioner=Practitioner.objects.get(name="马医生"),
        state="suspended",
        first_day=date(2026, 3, 1),
        last_day=date(2026, 5, 31),
        status="approved",
        evidence="〔2026〕3号",
        reason="记满九分",
        proposed_by=cast.supervisor,
        proposed_on=ON,
        decided_by=cast.approver,
        decided_on=ON,
    )
    rows = system.ask("5102", {"data": {"prac_psn_type": "1"}})["feedetail"]
    told = [(row["prac_psn_code"], row["prac_psn_name"], row["hi_dr_flag"]) for row in rows]
    assert told == [("D500225000001", "何医生", "1"), ("D500225000002", "马医生", "0")]
    assert rows[0]["chg_rea"] == "" and "暂停医保支付资格至 2026-05-31" in rows[1]["chg_rea"]
    one = {"prac_psn_type": "1", "prac_psn_code": "D500225000001"}
    assert len(system.ask("5102", {"data": one})["feedetail"]) == 1
    assert elsewhere.ask("5102", {"data": one}) == {"feedetail": []}
    nurses = system.send(system.message("5102", {"data": {"prac_psn_type": "2"}}))
    assert nurses["output"] == {"feedetail": []} and "只登记医师" in nurses["warn_msg"]
