"""4101A: the list of a settlement, kept once and changed until its month is cleared."""

from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from accounts.models import AuditLine, Division
from claims.clearing.services import declare
from claims.models import Settlement, SettlementFund
from enrollment.models import Person
from funds.models import Book
from gateway.identifiers import mdtrt_id, psn_no
from gateway.lists.models import SettlementList
from institutions.models import Institution
from lib.periods import Month
from tests.claims.clearing.conftest import adopt
from tests.claims.conftest import Register, agree  # noqa: F401 - fixture
from tests.gateway.conftest import System
from tests.gateway.hospital import (
    admission,
    discharge,
    inpatient_lines,
    line,
    parts_of,
    stay_to_settle,
)

FIRST, LAST = date(2026, 3, 12), date(2026, 3, 18)
pytestmark = pytest.mark.django_db


@pytest.fixture
def wang(register: Register, village_a: Division, book: Book) -> Person:
    return register.person("王建国", register.household(village_a))


@pytest.fixture
def settlement(system: System, wang: Person) -> Settlement:
    """A stay of 1,300.00, of which the county hospital's deductible of 200.00 is borne."""
    number = system.ask("2401", admission(wang, FIRST))["result"]["mdtrt_id"]
    system.ask("2301", inpatient_lines(line("1", number, wang, "X01", "100", "13.00", FIRST)))
    system.ask("2402", discharge(wang, number, LAST))
    asked = stay_to_settle(wang, number, "1300.00")
    asked["data"] |= parts_of(system.ask("2303", asked)["setlinfo"])
    system.ask("2304", asked)
    return Settlement.objects.get()


def listed(
    settlement: Settlement, mdtrt_id: str, fund: str = "550.00", **given: Any
) -> dict[str, Any]:
    """As a hospital sends it, with what must be there."""
    person = settlement.visit.person
    paid = SettlementFund.objects.get(settlement=settlement)
    row = {
        "psn_no": psn_no(person), "mdtrt_id": mdtrt_id, "setl_id": settlement.number,
        "ntly": "CHN", "prfs": "27", "dscg_caty": "A03", "bill_code": "50060126",
        "bill_no": "0001", "biz_sn": "1", "setl_begn_date": f"{FIRST}", "setl_end_date": f"{LAST}",
        "medins_fill_dept": "医保科", "medins_fill_psn": "韩梅", "curr_addr": "桥亭村 3 组",
    } | given  # fmt: skip
    return {
        "setlinfo": row,
        "diseinfo": [
            {"diag_type": "1", "diag_code": "J18.9", "diag_name": "肺炎", "adm_cond_type": "1",
             "maindiag_flag": "1"}
        ],
        "payinfo": [{"fund_pay_type": paid.fund_pay_type, "fund_payamt": Decimal(fund)}],
    }  # fmt: skip


def number_of(settlement: Settlement) -> str:

    return mdtrt_id(settlement.visit)


@pytest.mark.usefixtures("as_application")
def test_the_list_is_kept_once_and_sealed(system: System, settlement: Settlement) -> None:
    asked = listed(settlement, number_of(settlement))
    told = system.send(system.message("4101A", asked))
    assert told["infcode"] == 0, told["err_msg"]
    number = told["output"]["data"]["setl_list_id"]
    kept = SettlementList.objects.get()
    assert number == f"{kept.pk:09d}"
    assert (kept.diagnoses, kept.operations, kept.times) == (1, 0, 1)
    assert "桥亭村 3 组" in kept.content
    # The same again changes nothing, something else is the list from now on.
    assert system.ask("4101A", asked)["data"]["setl_list_id"] == number
    asked["setlinfo"]["curr_addr"] = "桥亭村 4 组"
    assert system.ask("4101A", asked)["data"]["setl_list_id"] == number
    kept.refresh_from_db()
    assert kept.times == 2 and "4 组" in kept.content
    assert AuditLine.objects.filter(action="gateway.send_list").count() == 1


def test_other_sums_are_refused_fund_by_fund(system: System, settlement: Settlement) -> None:
    told = system.refused("4101A", listed(settlement, number_of(settlement), "549.99"))
    assert "清单 549.99 元，结算 550.00 元" in told
    assert told.startswith("payinfo.fund_payamt：")
    assert not SettlementList.objects.exists()
    none = listed(settlement, number_of(settlement))
    del none["payinfo"]
    told = system.send(system.message("4101A", none))
    assert (told["infcode"], told["warn_msg"]) == (0, "没有基金支付信息（payinfo），没有核对金额")


def test_what_is_nobody_s_money_is_told(system: System, settlement: Settlement) -> None:
    asked = listed(settlement, number_of(settlement), setl_end_date="2026-03-19")
    asked["diseinfo"][0]["diag_code"] = "J18.0"
    told = system.send(system.message("4101A", asked))
    assert told["infcode"] == 0
    assert "setl_end_date 为 2026-03-19，就诊登记为 2026-03-18" in told["warn_msg"]
    assert "主诊断为 J18.0，就诊登记为 J18.9" in told["warn_msg"]


def test_once_the_month_is_declared_it_stays(
    system: System,
    settlement: Settlement,
    cast: SimpleNamespace,
    hospital: Institution,
    agree: Any,  # noqa: F811
) -> None:
    asked = listed(settlement, number_of(settlement))
    adopt(cast)
    agree(settlement)
    system.ask("4101A", asked)
    clearing = declare(
        actor=cast.hospital_clerk, institution=hospital, month=Month(2026, 3), on=date(2026, 4, 8)
    )
    asked["setlinfo"]["curr_addr"] = "桥亭村 4 组"
    told = system.refused("4101A", asked)
    assert f"已列入 2026年3月月结（{clearing.number}），清单不能再改" in told


def test_of_what_was_taken_back_no_list_is_taken(
    system: System, settlement: Settlement, wang: Person
) -> None:
    number = number_of(settlement)
    asked = listed(settlement, number)
    system.ask(
        "2305",
        {"data": {"mdtrt_id": number, "setl_id": settlement.number, "psn_no": psn_no(wang)}},
    )
    assert "已撤销或不予支付" in system.refused("4101A", asked)
    assert "没有这个结算 ID" in system.refused("4101A", listed(settlement, number, setl_id="X"))
