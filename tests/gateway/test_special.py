"""大足县人民医院 marks a visit of 王建国, and reads its marks."""

from types import SimpleNamespace
from typing import Any

import pytest

from accounts.models import Division
from enrollment.models import Person
from gateway.identifiers import psn_no
from gateway.special.models import VisitMark
from institutions.models import Institution
from moving.on_request.held import held
from tests.claims.conftest import Register
from tests.gateway.conftest import System, client_of
from tests.gateway.test_outpatient import registered, wang

__all__ = ["wang"]
pytestmark = pytest.mark.django_db


def marked(person: Person, number: str, **facts: Any) -> dict[str, Any]:
    row = {
        "mdtrt_id": number, "psn_no": psn_no(person), "psn_cert_type": "01",
        "certno": person.resident_id, "psn_name": person.name, "ipt_otp_no": "MZ0001",
        "ipt_psn_sp_flag_type": "01", "ipt_psn_sp_flag": "1", "memo": "外伤",
    }  # fmt: skip
    return {"data": row | facts}


def read(system: System, **facts: Any) -> list[dict[str, Any]]:
    asked = {"data": {"page_num": 1, "page_size": 20} | facts}
    told: list[dict[str, Any]] = system.ask("2407", asked)["IptPsnSpFlagReg"]
    return told


def test_a_mark_is_kept_and_read(system: System, wang: Person, cast: SimpleNamespace) -> None:
    number = registered(system, wang)
    told = system.ask("2406", marked(wang, number))
    one = VisitMark.objects.get()
    key = told["IptPsnSpFlagRegOut"]["ipt_psn_sp_flag_detl_id"]
    assert (key, one.kind, one.value, one.note) == (one.number, "01", "1", "外伤")
    system.ask("2406", marked(wang, number, ipt_psn_sp_flag_type="02"))
    rows = read(system)
    assert [row["ipt_psn_sp_flag_type"] for row in rows] == ["02", "01"]
    assert (rows[1]["ipt_psn_sp_flag_detl_id"], rows[1]["mdtrt_id"], rows[1]["psn_name"]) == (
        key, number, "王建国",
    )  # fmt: skip
    for facts, many in (
        ({"ipt_psn_sp_flag_detl_id": key}, 1),
        ({"ipt_psn_sp_flag_detl_id": "TS1"}, 0),
        ({"mdtrt_id": number}, 2),
        ({"psn_no": psn_no(wang)}, 2),
        ({"certno": wang.resident_id}, 2),
        ({"certno": "110105194912310021"}, 0),
        ({"ipt_psn_sp_flag": "9"}, 0),
        ({"page_num": 2, "page_size": 1}, 1),
        ({"page_num": 3, "page_size": 1}, 0),
    ):
        assert len(read(system, **facts)) == many, facts
    assert "就医特殊属性" in str(held(wang))


def test_what_does_not_fit_is_refused_at_its_field(
    system: System, wang: Person, register: Register, village_a: Division,
    township_hospital: Institution,
) -> None:  # fmt: skip
    number = registered(system, wang)
    other = register.person("李秀兰", register.household(village_a))
    cases = [
        ({"psn_name": "王建民"}, "data.psn_name：姓名与人员编号"),
        ({"certno": other.resident_id}, "data.certno：证件号码与人员编号"),
        ({"psn_no": psn_no(other)}, "data.psn_no：就诊 ID 与人员编号"),
        ({"ipt_otp_no": "MZ0002"}, "data.ipt_otp_no：这次就诊登记的是 MZ0001"),
    ]
    for facts, words in cases:
        assert system.refused("2406", marked(wang, number, **facts)).startswith(words)
    town = System(client_of(township_hospital))
    assert town.refused("2406", marked(wang, number)).startswith("data.mdtrt_id：本机构没有")
    system.ask("2406", marked(wang, number))
    assert read(town) == [] and VisitMark.objects.count() == 1
