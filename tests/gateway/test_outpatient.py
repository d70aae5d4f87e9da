"""门诊: a visit of 王建国 at the county hospital, from the registration to the money and back."""

from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Division
from claims.models import Settlement, Visit
from enrollment.models import Person
from funds.models import Book
from gateway.identifiers import psn_no
from gateway.rules.services import propose_rules
from gateway.rules.workflow import RULES
from institutions.models import CatalogueItem
from tests.claims.conftest import Register
from tests.gateway.conftest import System
from tests.gateway.hospital import (
    line,
    outpatient_lines,
    parts_of,
    registration,
    seen,
    to_settle,
)

DAY = date(2026, 3, 20)


@pytest.fixture
def wang(register: Register, village_a: Division, book: Book) -> Person:
    return register.person("王建国", register.household(village_a))


def registered(system: System, person: Person) -> str:
    """Registered and seen; the visit's number."""
    answer = system.ask("2201", registration(person, DAY))
    number: str = answer["data"]["mdtrt_id"]
    system.ask("2203", seen(person, number, DAY))
    return number


def billed(system: System, person: Person) -> str:
    """With 56.00 of medicine, 30.00 of which is of class B (20 % paid first)."""
    number = registered(system, person)
    answer = system.ask(
        "2204",
        outpatient_lines(
            "SF1",
            line("1", number, person, "X01", "2", "13.00", DAY),
            line("2", number, person, "X02", "1", "30.00", DAY),
        ),
    )
    assert [row["chrgitm_lv"] for row in answer["result"]] == ["01", "02"]
    return number


def identities(told: dict[str, Any]) -> None:
    """What must hold in every answer about money."""
    one, rows = told["setlinfo"], told["setldetail"]
    parts = ("fulamt_ownpay_amt", "overlmt_selfpay", "preselfpay_amt", "inscp_scp_amt")
    assert one["medfee_sumamt"] == sum(one[name] for name in parts)
    funds = ("hifp_pay", "cvlserv_pay", "hifes_pay", "hifmi_pay", "hifob_pay", "maf_pay",
             "hifdm_pay", "oth_pay")  # fmt: skip
    assert one["fund_pay_sumamt"] == sum(one[name] for name in funds)
    assert one["fund_pay_sumamt"] == sum(row["fund_payamt"] for row in rows)
    rest = one["fund_pay_sumamt"] + one["psn_part_amt"] + one["hosp_part_amt"]
    assert one["medfee_sumamt"] == rest
    cash = one.get("psn_cash_pay", one.get("pdn_cash_pay"))
    assert one["psn_part_amt"] == cash + one["acct_pay"] + one["acct_mulaid_pay"]


def test_a_visit_is_settled_and_taken_back(system: System, wang: Person) -> None:
    number = billed(system, wang)
    trial = system.ask("2206", to_settle(wang, number, "56.00", "SF1"))
    identities(trial)
    assert Settlement.objects.count() == 0
    told = system.ask(
        "2207", to_settle(wang, number, "56.00", "SF1", **parts_of(trial["setlinfo"]))
    )
    identities(told)
    one = told["setlinfo"]
    assert (one["medfee_sumamt"], one["psn_no"]) == (Decimal("56.00"), psn_no(wang))
    claim = Settlement.objects.get(number=one["setl_id"])
    assert claim.total_amount == Decimal("56.00")
    assert claim.entered_by == system.client.user
    back = system.ask(
        "2208",
        {"data": {"setl_id": one["setl_id"], "mdtrt_id": number, "psn_no": psn_no(wang)}},
    )
    identities(back)
    assert back["setlinfo"]["medfee_sumamt"] == Decimal("-56.00")
    claim.refresh_from_db()
    assert claim.status == Settlement.Status.WITHDRAWN
    again = system.ask(
        "2207", to_settle(wang, number, "56.00", "SF1", **parts_of(trial["setlinfo"]))
    )
    assert again["setlinfo"]["setl_id"] != one["setl_id"]


def test_what_a_visit_costs(system: System, wang: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each message reads the measures once, and neither household nor division anew for its answer.

    The second visit: the first one of a year makes the year's numbers.
    """
    visited(system, wang, DAY - timedelta(days=1))
    costs, real = {}, system.ask

    def ask(infno: str, asked: Any) -> Any:
        with CaptureQueriesContext(connection) as captured:
            answer = real(infno, asked)
        texts = [one["sql"] for one in captured.captured_queries]
        texts = [text for text in texts if "SAVEPOINT" not in text]
        measures = [text for text in texts if 'FROM "policies_pack"' in text]
        assert len(measures) == (infno != "9001"), infno
        alone = ('FROM "enrollment_household" WHERE "enrollment_household"."id" =',
                 'FROM "accounts_division" WHERE "accounts_division"."id" =',
                 'FROM "enrollment_person" WHERE "enrollment_person"."id" =')  # fmt: skip
        assert not [text for text in texts if any(one in text for one in alone)], infno
        costs[infno] = len(texts)
        return answer

    monkeypatch.setattr(system, "ask", ask)
    visited(system, wang, DAY)
    assert costs == {"2201": 12, "2203": 16, "2204": 22, "2206": 14, "2207": 32}


def visited(system: System, person: Person, day: date) -> None:
    """A whole visit: 26.00 of medicine."""
    number = system.ask("2201", registration(person, day))["data"]["mdtrt_id"]
    system.ask("2203", seen(person, number, day))
    medicine = line("1", number, person, "X01", "2", "13.00", day)
    system.ask("2204", outpatient_lines("SF1", medicine))
    trial = system.ask("2206", to_settle(person, number, "26.00", "SF1"))["setlinfo"]
    system.ask("2207", to_settle(person, number, "26.00", "SF1", **parts_of(trial)))


def test_a_price_above_the_limit_is_warned_of(system: System, wang: Person) -> None:
    """Two boxes at 13.00 of what the county limits to 9.90: 6.20 the patient pays alone."""
    CatalogueItem.objects.filter(code="X01").update(price_limit=Decimal("9.90"))
    number = registered(system, wang)
    dear = line("1", number, wang, "X01", "2", "13.00", DAY)
    sent = system.message("2204", outpatient_lines("SF1", dear))
    told = system.send(sent)
    name = CatalogueItem.objects.get(code="X01").name
    assert f"feedetail[1].pric X01 {name} 单价 13 元，限价 9.9 元，超出 6.20 元" in told["warn_msg"]
    trial = system.ask("2206", to_settle(wang, number, "26.00", "SF1"))["setlinfo"]
    assert trial["overlmt_selfpay"] == Decimal("6.20")


def test_what_was_taken_back_is_seen_anew_or_cancelled(system: System, wang: Person) -> None:
    """2208, then 2203 with another diagnosis, or 2205 and 2202: the patient gives the fee back."""
    number = billed(system, wang)
    of = {"mdtrt_id": number, "psn_no": psn_no(wang)}
    trial = system.ask("2206", to_settle(wang, number, "56.00", "SF1"))["setlinfo"]
    asked = to_settle(wang, number, "56.00", "SF1", **parts_of(trial))
    for _ in range(2):
        told = system.ask("2207", asked)["setlinfo"]
        system.ask("2208", {"data": of | {"setl_id": told["setl_id"]}})
        system.ask("2203", seen(wang, number, DAY))
    told = system.ask("2207", asked)["setlinfo"]
    system.ask("2208", {"data": of | {"setl_id": told["setl_id"]}})
    system.ask("2205", {"data": of | {"chrg_bchno": "SF1"}})
    system.ask("2202", {"data": of | {"ipt_otp_no": "MZ0001"}})
    assert Visit.objects.get().status == "void"


def test_an_outpatient_gets_back_by_the_batch(system: System, wang: Person) -> None:
    number = billed(system, wang)
    back = outpatient_lines("SF1", line("3", number, wang, "X01", "-1", "13.00", DAY))
    words = system.refused("2204", back)
    assert words.startswith("feedetail[1].cnt：门诊没有负数明细")


def test_another_total_than_was_sent_in_is_refused(system: System, wang: Person) -> None:
    number = billed(system, wang)
    words = system.refused("2206", to_settle(wang, number, "57.00", "SF1"))
    assert words == (
        "data.medfee_sumamt：医疗费总额 57.00 元，与已上传未结算的明细合计 56.00 元不符，请核对"
    )


def test_parts_that_were_not_told_settle_nothing(system: System, wang: Person) -> None:
    number = billed(system, wang)
    trial = system.ask("2206", to_settle(wang, number, "56.00", "SF1"))["setlinfo"]
    wrong = parts_of(trial) | {"preselfpay_amt": trial["preselfpay_amt"] + 1}
    words = system.refused("2207", to_settle(wang, number, "56.00", "SF1", **wrong))
    assert words.startswith("data.preselfpay_amt：")
    assert not Settlement.objects.exists()


def test_a_card_of_somebody_else(
    system: System, wang: Person, register: Register, village_a: Division
) -> None:
    other = register.person("李秀兰", register.household(village_a))
    asked = registration(wang, DAY)
    asked["data"]["certno"] = other.resident_id
    assert system.refused("2201", asked) == "data.certno：证件号码与人员编号不是同一人，请核对证件"
    assert not Visit.objects.exists()


def test_the_same_message_twice_is_one_visit(system: System, wang: Person) -> None:
    message = system.message("2201", registration(wang, DAY))
    first, second = system.send(message), system.send(message)
    assert first == second
    assert Visit.objects.count() == 1
    other = message | {"input": registration(wang, DAY, ipt_otp_no="MZ0002")}
    assert system.send(other)["err_msg"] == "这个发送方报文 ID 已用于另一内容，请换新的报文 ID"


def test_a_lost_answer_is_corrected_before_and_after_it_came(system: System, wang: Person) -> None:
    number = billed(system, wang)
    trial = system.ask("2206", to_settle(wang, number, "56.00", "SF1"))["setlinfo"]
    asked = to_settle(wang, number, "56.00", "SF1", **parts_of(trial))
    lost = system.message("2207", asked)
    system.send(lost)
    correction = {"data": {"psn_no": psn_no(wang), "omsgid": lost["msgid"], "oinfno": "2207"}}
    system.ask("2601", correction)
    system.ask("2601", correction)
    assert [one.status for one in Settlement.objects.all()] == ["withdrawn"]
    assert "已经冲正" in system.send(lost)["err_msg"]
    late = system.message("2207", asked)
    system.ask(
        "2601", {"data": {"psn_no": psn_no(wang), "omsgid": late["msgid"], "oinfno": "2207"}}
    )
    assert "已经冲正" in system.send(late)["err_msg"]
    assert Settlement.objects.count() == 1
    assert system.ask("2207", asked)["setlinfo"]["medfee_sumamt"] == Decimal("56.00")


@pytest.mark.parametrize("by", ["2208", "2601"])
def test_what_was_settled_anew_goes_back_under_the_number_that_was_told(
    system: System, wang: Person, by: str
) -> None:
    """104.00 use up the day's 40.00, so 13.00 more get nothing; when the 104.00 go back, the 13.00
    are settled anew and paid whole, under a number that the hospital has not heard."""
    (long, told), (short, other) = (
        settled_of(system, wang, batch, quantity) for batch, quantity in (("1", 8), ("2", 1))
    )
    system.ask("2208", back_of(wang, long, told["output"]["setlinfo"]["setl_id"]))
    (anew,) = Settlement.objects.exclude(status=Settlement.Status.WITHDRAWN)
    number = other["output"]["setlinfo"]["setl_id"]
    assert (anew.fund_amount, anew.number != number) == (Decimal("13.00"), True)
    row = {"psn_no": psn_no(wang), "omsgid": other["inf_refmsgid"], "oinfno": "2207"}
    asked = back_of(wang, short, number) if by == "2208" else {"data": row}
    answer = system.send(system.message(by, asked))
    assert answer["infcode"] == 0, answer
    assert (
        f"结算 {number} 因前一笔变动已重新结算为 {anew.number}，撤销的是后者" in answer["warn_msg"]
    )
    assert not Settlement.objects.exclude(status=Settlement.Status.WITHDRAWN).exists()
    assert "已经撤销" in system.refused("2208", back_of(wang, short, number))


def back_of(person: Person, number: str, settlement: str) -> dict[str, Any]:
    return {"data": {"mdtrt_id": number, "psn_no": psn_no(person), "setl_id": settlement}}


def settled_of(
    system: System, person: Person, batch: str, quantity: int
) -> tuple[str, dict[str, Any]]:
    """A visit with so many of X01 at 13.00, settled: its number and the answer. `inf_refmsgid` is
    here the number of the message."""
    number, total = registered(system, person), f"{13 * quantity}.00"
    row = line(f"{batch}1", number, person, "X01", str(quantity), "13.00", DAY)
    system.ask("2204", outpatient_lines(batch, row))
    trial = system.ask("2206", to_settle(person, number, total, batch))["setlinfo"]
    message = system.message("2207", to_settle(person, number, total, batch, **parts_of(trial)))
    answer = system.send(message)
    assert answer["infcode"] == 0, answer
    return number, answer | {"inf_refmsgid": message["msgid"]}


def test_the_county_asks_for_mappings_and_trace_codes(
    system: System, wang: Person, cast: SimpleNamespace, county: Division
) -> None:
    """First told, from the day that two people set refused."""
    number = registered(system, wang)
    sent = outpatient_lines("SF1", line("1", number, wang, "X01", "2", "13.00", DAY))
    warned = system.send(system.message("2204", sent))["warn_msg"]
    assert warned.startswith("没有对照的机构编码 1 个：OWN-X01")
    rule = propose_rules(
        actor=cast.supervisor, area=county, on=DAY, mapped_from=DAY, traced_from=DAY,
        evidence="医保办〔2026〕3号", reason="规范编码",
    )  # fmt: skip
    RULES.decide(rule, "approve_rules", actor=cast.approver, on=DAY)
    again = outpatient_lines("SF1", line("2", number, wang, "X01", "1", "13.00", DAY))
    words = system.refused("2204", again)
    assert words.startswith("feedetail[1].medins_list_codg：")
    trial = system.ask("2206", to_settle(wang, number, "26.00", "SF1"))["setlinfo"]
    bill = to_settle(wang, number, "26.00", "SF1", **parts_of(trial))
    assert system.refused("2207", bill).startswith("data.mdtrt_id：阿莫西林胶囊 没有上传追溯码")
