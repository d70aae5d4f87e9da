"""住院: 王建国 stays, leaves before or after it is settled, in parts, and every way back."""

from datetime import date
from decimal import Decimal

import pytest

from accounts.models import Division
from claims.models import Settlement, Visit
from claims.visits.services import withdraw_batch
from enrollment.models import Person
from funds.models import Book
from gateway.identifiers import psn_no
from tests.claims.conftest import Register
from tests.gateway.conftest import System
from tests.gateway.hospital import (
    admission,
    discharge,
    inpatient_lines,
    line,
    stay_to_settle,
)
from tests.gateway.test_outpatient import identities

FIRST, LAST = date(2026, 3, 10), date(2026, 3, 16)


@pytest.fixture
def wang(register: Register, village_a: Division, book: Book) -> Person:
    return register.person("王建国", register.household(village_a))


def in_bed(system: System, person: Person) -> str:
    """Admitted, with 6 days of bed at 35 (limit 30) and 600.00 of operation: 810.00."""
    number: str = system.ask("2401", admission(person, FIRST))["result"]["mdtrt_id"]
    told = system.ask(
        "2301",
        inpatient_lines(
            line("1", number, person, "F01", "6", "35.00", FIRST),
            line("2", number, person, "S03", "1", "600.00", FIRST),
        ),
    )
    assert told["result"][0]["overlmt_amt"] == Decimal("30.00")
    assert told["result"][0]["pric_uplmt_amt"] == Decimal(30)
    return number


def test_a_price_above_the_limit_is_told_with_its_line(system: System, wang: Person) -> None:
    """Two of three lines: the bed at 35.00 against 30.00, 6 days; what is taken back is not."""
    number = system.ask("2401", admission(wang, FIRST))["result"]["mdtrt_id"]
    lines = inpatient_lines(
        line("1", number, wang, "F01", "6", "30.00", FIRST),
        line("2", number, wang, "F01", "6", "35.00", FIRST),
    )
    told = system.send(system.message("2301", lines))
    warned = "；".join(one for one in told["warn_msg"].split("；") if "限价" in one)
    assert warned == (
        "超过限价的部分不进政策范围，结算时列入 overlmt_selfpay 由病人负担："
        "feedetail[2].pric F01 普通床位 单价 35 元，限价 30 元，超出 30.00 元"
    )
    back = line("3", number, wang, "F01", "-1", "35.00", FIRST, init_feedetl_sn="2")
    told = system.send(system.message("2301", inpatient_lines(back)))
    assert (told["infcode"], "限价" in told["warn_msg"]) == (0, False)


def stands(number: str) -> Visit:
    return Visit.objects.get(pk=int(number[8:]))


def test_a_stay_of_a_week(system: System, wang: Person) -> None:
    number = in_bed(system, wang)
    trial = system.ask("2303", stay_to_settle(wang, number, "810.00", dscgTime=str(LAST)))
    identities(trial)
    system.ask("2402", discharge(wang, number, LAST))
    told = system.ask("2304", stay_to_settle(wang, number, "810.00"))
    identities(told)
    same = ("setl_id", "medins_setl_id", "setl_time")
    assert {name: value for name, value in told["setlinfo"].items() if name not in same} == {
        name: value for name, value in trial["setlinfo"].items() if name not in same
    }
    # 大足办法 第二十三条(二): county hospital, deductible 200, 60 % of what is above it.
    one = told["setlinfo"]
    assert one["overlmt_selfpay"] == Decimal("30.00")
    assert one["fund_pay_sumamt"] == Settlement.objects.get().fund_amount
    assert "第" in told["setldetail"][0]["setl_proc_info"]


def test_the_settlement_before_the_discharge(system: System, wang: Person) -> None:
    number = in_bed(system, wang)
    words = system.refused("2304", stay_to_settle(wang, number, "810.00"))
    assert words.startswith("data.dscgTime：病人还在住院")
    system.ask("2304", stay_to_settle(wang, number, "810.00", dscgTime=str(LAST)))
    system.ask("2402", discharge(wang, number, LAST))
    assert (stands(number).status, stands(number).ends) == ("settled", LAST)


def test_every_step_is_undone_in_its_order(system: System, wang: Person) -> None:
    number = in_bed(system, wang)
    of = {"data": {"mdtrt_id": number, "psn_no": psn_no(wang)}}
    system.ask("2402", discharge(wang, number, LAST))
    assert "请先撤销出院登记" in system.refused("2404", of)
    told = system.ask("2304", stay_to_settle(wang, number, "810.00"))
    assert "撤回" in system.refused("2405", of) or "结算" in system.refused("2405", of)
    row = of["data"] | {"setl_id": told["setlinfo"]["setl_id"]}
    back = system.ask("2305", {"data": row})
    identities(back)
    assert back["setlinfo"]["fund_pay_sumamt"] == -told["setlinfo"]["fund_pay_sumamt"]
    system.ask("2405", of)
    assert "费用" in system.refused("2404", of)
    system.ask("2302", {"data": [of["data"] | {"feedetl_sn": "0000"}]})
    system.ask("2404", of)
    assert stands(number).status == "void"


def test_a_long_stay_is_settled_in_parts(system: System, wang: Person) -> None:
    number = in_bed(system, wang)
    part = stay_to_settle(wang, number, "810.00", mid_setl_flag="1", dscgTime="2026-03-15")
    first = system.ask("2304", part)["setlinfo"]
    system.ask("2301", inpatient_lines(line("3", number, wang, "S03", "1", "200.00", LAST)))
    system.ask("2402", discharge(wang, number, LAST))
    last = system.ask("2304", stay_to_settle(wang, number, "200.00"))["setlinfo"]
    assert first["medfee_sumamt"] + last["medfee_sumamt"] == Decimal("1010.00")
    assert [one.part for one in Settlement.objects.order_by("part")] == [1, 2]


def test_an_admission_is_changed_and_corrected(system: System, wang: Person) -> None:
    message = system.message("2401", admission(wang, FIRST))
    number = system.send(message)["output"]["result"]["mdtrt_id"]
    row = {
        "mdtrt_id": number, "psn_no": psn_no(wang), "begntime": "2026-03-11 08:00:00",
        "mdtrt_cert_type": "02", "med_type": "2101", "ipt_otp_no": "ZY0002",
        "atddr_no": "D1", "chfpdr_name": "医师", "adm_diag_dscr": "肺炎",
        "adm_dept_codg": "NK01", "adm_dept_name": "内科", "adm_bed": "1",
        "dscg_maindiag_code": "J18.9", "dscg_maindiag_name": "肺炎",
    }  # fmt: skip
    found = admission(wang, FIRST)["diseinfo"][0] | {"mdtrt_id": number}
    system.ask("2403", {"adminfo": row, "diseinfo": [found]})
    assert stands(number).starts == date(2026, 3, 11)
    correction = {"psn_no": psn_no(wang), "omsgid": message["msgid"], "oinfno": "2401"}
    system.ask("2601", {"data": correction})
    assert stands(number).status == "void"


def test_a_day_of_bed_is_taken_back_and_given_again(system: System, wang: Person) -> None:
    """6 days of bed at 35.00 and an operation of 600.00; a day less is 775.00."""
    number = in_bed(system, wang)
    back = line("9", number, wang, "F01", "-1", "35.00", FIRST, init_feedetl_sn="1")
    told = system.ask("2301", inpatient_lines(back))
    assert [row["cnt"] for row in told["result"]] == [Decimal(-1)]
    assert told["result"][0]["overlmt_amt"] == Decimal("-5.00")
    again = system.ask("2301", inpatient_lines(back))
    assert again == told
    # The first line sent once more says what it said: nothing is new.
    system.ask("2301", inpatient_lines(line("1", number, wang, "F01", "6", "35.00", FIRST)))
    end = {"dscgTime": str(LAST)}
    system.ask("2303", stay_to_settle(wang, number, "775.00", **end))
    beyond = line("10", number, wang, "F01", "-6", "35.00", FIRST, init_feedetl_sn="1")
    assert "只剩 5" in system.refused("2301", inpatient_lines(beyond))
    all_back = line("11", number, wang, "F01", "-5", "35.00", FIRST, init_feedetl_sn="1")
    system.ask("2301", inpatient_lines(all_back))
    one = system.ask("2303", stay_to_settle(wang, number, "600.00", **end))["setlinfo"]
    assert one["overlmt_selfpay"] == 0
    # What was taken back last is withdrawn on the page: five days stand again.
    last = stands(number).batches.order_by("-pk")[0]
    withdraw_batch(actor=system.client.user, batch=last, reason="退错")
    system.ask("2303", stay_to_settle(wang, number, "775.00", **end))
    of = {"mdtrt_id": number, "psn_no": psn_no(wang)}
    words = system.refused("2302", {"data": [of | {"feedetl_sn": "1"}]})
    assert words.startswith("data.feedetl_sn：")
    system.ask("2302", {"data": [of | {"feedetl_sn": "0000"}]})
    assert not stands(number).lines.filter(is_live=True).exists()
    # All of it gone, the numbers are free again.
    system.ask("2301", inpatient_lines(line("1", number, wang, "F01", "2", "35.00", FIRST)))
    system.ask("2303", stay_to_settle(wang, number, "70.00", **end))


def test_a_charge_and_what_is_taken_back_come_together(system: System, wang: Person) -> None:
    number: str = system.ask("2401", admission(wang, FIRST))["result"]["mdtrt_id"]
    told = system.ask(
        "2301",
        inpatient_lines(
            line("1", number, wang, "F01", "6", "30.00", FIRST),
            line("2", number, wang, "F01", "-1", "30.00", FIRST, init_feedetl_sn="1"),
        ),
    )
    assert [row["det_item_fee_sumamt"] for row in told["result"]] == [180, -30]
    system.ask("2303", stay_to_settle(wang, number, "150.00", dscgTime=str(LAST)))
