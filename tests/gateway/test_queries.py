"""The county hospital asks about its own visits, and about nobody else's."""

import logging
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Division
from claims.models import Settlement, Visit
from claims.services import withdraw
from enrollment.models import Person
from funds.models import Book
from gateway.identifiers import psn_no
from gateway.transactions import queries
from institutions.models import Institution
from tests.claims.conftest import Register
from tests.gateway.conftest import System, client_of
from tests.gateway.hospital import (
    admission,
    discharge,
    inpatient_lines,
    line,
    outpatient_lines,
    registration,
    seen,
    stay_to_settle,
)
from tests.gateway.test_filed import of, settled_stay

SPAN = {"begntime": "2026-03-01 00:00:00", "endtime": "2026-03-31 23:59:59"}


@pytest.fixture
def wang(register: Register, village_a: Division, book: Book) -> Person:
    return register.person("王建国", register.household(village_a))


@pytest.fixture
def elsewhere(township_hospital: Institution) -> System:
    return System(client_of(township_hospital))


def of_visit(person: Person, number: str, **given: Any) -> dict[str, Any]:
    return of(person, mdtrt_id=number, **given)


def filled(row: dict[str, Any]) -> dict[str, Any]:
    """What of a row is not empty."""
    return {name: value for name, value in row.items() if value not in ("", 0)}


def test_a_stay_is_told_whole(system: System, wang: Person) -> None:
    number = settled_stay(system, wang)
    (row,) = system.ask("5201", of(wang, med_type="2101", **SPAN))["mdtrtinfo"]
    entered = row.pop("opt_time")
    assert entered.startswith("20")
    assert filled(row) == {
        "mdtrt_id": number,
        "psn_no": psn_no(wang),
        "psn_cert_type": "01",
        "certno": wang.resident_id,
        "psn_name": "王建国",
        "gend": wang.sex,
        "naty": "1",
        "brdy": "1970-05-01",
        "age": Decimal("55.8"),
        "insutype": "390",
        "psn_type": "15",
        "cvlserv_flag": "0",
        "insu_optins": "500225",
        "begntime": "2026-03-10 00:00:00",
        "endtime": "2026-03-16 00:00:00",
        "med_type": "2101",
        "ipt_otp_no": "ZY0001",
        "dscg_maindiag_code": "J18.9",
        "dscg_maindiag_name": "肺炎",
        "dise_codg": "J18.9",
        "dise_name": "肺炎",
        "inhosp_stas": "0",
        "ipt_days": 6,
        "opter_id": str(system.client.user_id),
        "opter_name": "医院信息系统",
    }
    for none in ({"med_type": "11"}, {"med_type": "2101", "begntime": "2026-03-11 00:00:00"}):
        assert system.ask("5201", of(wang, **SPAN | none)) == {"mdtrtinfo": []}
    one = of(wang, med_type="2101", mdtrt_id=number, **SPAN)
    assert len(system.ask("5201", one)["mdtrtinfo"]) == 1
    swapped = {"begntime": SPAN["endtime"], "endtime": SPAN["begntime"]}
    words = system.refused("5201", of(wang, med_type="2101", **swapped))
    assert words.startswith("data.endtime：结束时间早于开始时间")


def test_the_diagnosis_of_admission_and_of_discharge(system: System, wang: Person) -> None:
    number = system.ask("2401", admission(wang, date(2026, 3, 10)))["result"]["mdtrt_id"]
    (row,) = system.ask("5202", of_visit(wang, number))["diseinfo"]
    assert (row["inout_diag_type"], row["diag_code"], row["diag_name"]) == ("1", "J18.9", "肺炎")
    assert (row["maindiag_flag"], row["diag_info_id"]) == ("1", f"{number}01")
    system.ask("2402", discharge(wang, number, date(2026, 3, 16)))
    (row,) = system.ask("5202", of_visit(wang, number))["diseinfo"]
    assert (row["inout_diag_type"], row["diag_time"]) == ("2", "2026-03-16 00:00:00")


def test_who_lies_in_a_bed_here(system: System, wang: Person, register: Register) -> None:
    li = register.person("李秀兰", wang.household)
    number = system.ask("2401", admission(wang, date(2026, 3, 10)))["result"]["mdtrt_id"]
    settled_stay(system, li)
    found = system.ask("5303", {"data": SPAN})["data"]
    assert [filled(row) for row in found] == [
        {
            "mdtrt_id": number,
            "psn_no": psn_no(wang),
            "psn_cert_type": "01",
            "certno": wang.resident_id,
            "psn_name": "王建国",
            "gend": wang.sex,
            "brdy": "1970-05-01",
            "age": Decimal("55.8"),
            "insutype": "390",
            "begndate": "2026-03-10",
            "med_type": "2101",
            "ipt_otp_no": "ZY0001",
            "out_flag": "0",
        }
    ]
    assert system.ask("5303", {"data": SPAN | {"psn_no": psn_no(li)}}) == {"data": []}


def test_a_settlement_is_told_as_it_was_answered(system: System, wang: Person) -> None:
    number = settled_stay(system, wang)
    one = Settlement.objects.get()
    asked = of_visit(wang, number, setl_id=one.number)
    told = system.ask("5203", asked)
    head = told["setlinfo"]
    amounts = {name: value for name, value in filled(head).items() if isinstance(value, Decimal)}
    assert amounts == {
        "age": Decimal("55.8"),
        "medfee_sumamt": Decimal("810.00"),
        "overlmt_selfpay": Decimal("30.00"),
        "inscp_scp_amt": Decimal("780.00"),
        "act_pay_dedc": Decimal("200.00"),
        "pool_prop_selfpay": Decimal("0.5000"),
        "hifp_pay": Decimal("290.00"),
        "fund_pay_sumamt": Decimal("290.00"),
        "psn_pay": Decimal("520.00"),
        "cash_payamt": Decimal("520.00"),
    }
    assert head["fund_pay_sumamt"] == sum(row["fund_payamt"] for row in told["setldetail"])
    assert {
        name: head[name]
        for name in ("setl_id", "mdtrt_id", "psn_name", "pay_loc", "fixmedins_code", "hosp_lv",
                     "begndate", "enddate", "med_type", "clr_type", "refd_setl_flag", "year",
                     "dise_codg", "dise_name")
    } == {
        "setl_id": one.number,
        "mdtrt_id": number,
        "psn_name": "王建国",
        "pay_loc": "2",
        "fixmedins_code": "H50022500001",
        "hosp_lv": "13",
        "begndate": "2026-03-10",
        "enddate": "2026-03-16",
        "med_type": "2101",
        "clr_type": "21",
        "refd_setl_flag": "0",
        "year": "2026",
        "dise_codg": "J18.9",
        "dise_name": "肺炎",
    }  # fmt: skip
    assert head["medins_setl_id"].startswith("H50022500001202603")
    withdraw(actor=system.client.user, settlement=one, reason="录错")
    assert system.ask("5203", asked)["setlinfo"]["refd_setl_flag"] == "1"
    asked["data"]["setl_id"] += "R"  # as a line of 3202's file tells the reversal
    assert system.ask("5203", asked)["setlinfo"]["refd_setl_flag"] == "1"


def test_its_lines_sum_to_it(system: System, wang: Person) -> None:
    number = settled_stay(system, wang)
    one = Settlement.objects.get()
    bed, surgery = system.ask("5204", of_visit(wang, number, setl_id=one.number))
    for row in (bed, surgery):
        row.pop("opt_time")
    assert filled(bed) == {
        "mdtrt_id": number,
        "setl_id": one.number,
        "feedetl_sn": "1",
        "med_type": "2101",
        "fee_ocur_time": "2026-03-10 00:00:00",
        "bilg_dr_codg": "D500225000001",
        "cnt": Decimal("6.0000"),
        "pric": Decimal("35.000000"),
        "det_item_fee_sumamt": Decimal("210.00"),
        "pric_uplmt_amt": Decimal("30.000000"),
        "overlmt_amt": Decimal("30.00"),
        "inscp_scp_amt": Decimal("180.00"),
        "chrgitm_lv": "01",
        "hilist_code": "F01",
        "hilist_name": "普通床位",
        "list_type": "201",
        "med_list_codg": "F01",
        "medins_list_codg": "F01",
        "medins_list_name": "普通床位",
        "med_chrgitm_type": "01",
        "bas_medn_flag": "0",
        "lmt_used_flag": "0",
        "opter_id": str(system.client.user_id),
        "opter_name": "医院信息系统",
    }
    assert surgery["inscp_scp_amt"] + bed["inscp_scp_amt"] == one.in_scope_amount
    assert surgery["det_item_fee_sumamt"] + bed["det_item_fee_sumamt"] == one.total_amount


def test_medicines_for_a_chronic_disease(system: System, wang: Person) -> None:
    day = date(2026, 3, 18)
    care = '{"care": "chronic"}'
    number = system.ask("2201", registration(wang, day))["data"]["mdtrt_id"]
    system.ask("2203", seen(wang, number, day, "14", exp_content=care))
    rows = (
        line("1", number, wang, "X01", "2", "12.50", day),
        line("2", number, wang, "S01", "1", "200.00", day),
    )
    system.ask("2204", outpatient_lines("B1", *rows))
    found = system.ask("5205", of(wang, begntime="2026-03-01 00:00:00"))["feedetail"]
    assert [filled(row) for row in found] == [
        {
            "feedetl_sn": "1",
            "fixmedins_code": "H50022500001",
            "fixmedins_name": "大足县人民医院",
            "psn_no": psn_no(wang),
            "med_type": "14",
            "fee_ocur_time": "2026-03-18 00:00:00",
            "cnt": Decimal("2.0000"),
            "pric": Decimal("12.500000"),
            "chrgitm_lv": "01",
            "hilist_code": "X01",
            "hilist_name": "阿莫西林胶囊",
            "list_type": "101",
            "med_list_codg": "X01",
            "medins_list_codg": "X01",
            "medins_list_name": "阿莫西林胶囊",
            "med_chrgitm_type": "09",
            "spec": "盒",
        }
    ]


def test_another_institution_sees_none_of_it(
    system: System, elsewhere: System, wang: Person, caplog: pytest.LogCaptureFixture
) -> None:
    number = settled_stay(system, wang)
    setl = Settlement.objects.get().number
    with caplog.at_level(logging.INFO):
        assert elsewhere.ask("5201", of(wang, med_type="2101", **SPAN)) == {"mdtrtinfo": []}
        assert elsewhere.ask("5303", {"data": SPAN}) == {"data": []}
        none = elsewhere.ask("5205", of(wang, begntime="2026-03-01 00:00:00"))
        assert none == {"feedetail": []}
        assert "没有这个就诊 ID" in elsewhere.refused("5202", of_visit(wang, number))
        for infno in ("5203", "5204"):
            asked = of_visit(wang, number, setl_id=setl)
            assert "没有这个就诊 ID" in elsewhere.refused(infno, asked)
    assert "王建国" not in caplog.text and wang.resident_id not in caplog.text


def test_statements_do_not_grow_with_the_rows(
    system: System, wang: Person, register: Register
) -> None:
    def counted(infno: str, asked: dict[str, Any]) -> int:
        with CaptureQueriesContext(connection) as found:
            system.ask(infno, asked)
        return len(found)

    day = date(2026, 3, 10)

    def admitted(person: Person, lines: int) -> tuple[str, str]:
        number = system.ask("2401", admission(person, day))["result"]["mdtrt_id"]
        rows = [line(str(n), number, person, "S03", "1", "10.00", day) for n in range(lines)]
        system.ask("2301", inpatient_lines(*rows))
        system.ask("2402", discharge(person, number, date(2026, 3, 12)))
        total = f"{10 * lines}.00"
        told = system.ask("2304", stay_to_settle(person, number, total))
        return number, told["setlinfo"]["setl_id"]

    li = register.person("李秀兰", wang.household)
    number, setl = admitted(wang, 1)
    more, setl_more = admitted(li, 12)
    for infno in ("5203", "5204"):
        few = counted(infno, of_visit(wang, number, setl_id=setl))
        assert counted(infno, of_visit(li, more, setl_id=setl_more)) == few <= 30
    system.ask("2401", admission(register.person("甲等", wang.household), day))
    beds = counted("5303", {"data": SPAN})
    for name in ("甲某", "乙某", "丙某"):
        person = register.person(name, wang.household)
        system.ask("2401", admission(person, day))
    assert counted("5303", {"data": SPAN}) == beds <= 12
    one = counted("5201", of(li, med_type="2101", **SPAN))
    for day_of in (13, 14, 15):
        visit = registration(li, date(2026, 3, day_of))
        system.ask("2201", visit)
    assert Visit.objects.filter(person=li).count() == 4
    assert counted("5201", of(li, med_type="2101", **SPAN)) == one <= 16


def test_what_is_too_much_for_one_answer_is_told(
    system: System, wang: Person, register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "MAX_ROWS", 1)
    for person in (wang, register.person("李秀兰", wang.household)):
        system.ask("2401", admission(person, date(2026, 3, 10)))
    told = system.send(system.message("5303", {"data": SPAN}))
    assert len(told["output"]["data"]) == 1 and "只返回前 1 条" in told["warn_msg"]
