"""What a hospital's programmer hears who does not know the portal: what it is about, what to do."""

from datetime import date
from decimal import Decimal

import pytest

from claims.models import Settlement, Visit
from enrollment.models import Person
from funds.models import Book
from gateway.identifiers import psn_no
from gateway.messages.models import Message
from gateway.transactions import settling
from tests.claims.conftest import Register
from tests.gateway.conftest import System
from tests.gateway.hospital import (
    admission,
    diagnosis,
    inpatient_lines,
    line,
    outpatient_lines,
    parts_of,
    registration,
    seen,
    stay_to_settle,
    to_settle,
)
from tests.gateway.test_inpatient import FIRST, LAST, in_bed
from tests.gateway.test_outpatient import DAY, billed, registered


@pytest.fixture
def wang(register: Register, village_a: object, book: Book) -> Person:
    return register.person("王建国", register.household(village_a))  # type: ignore[arg-type]


def test_a_second_settlement_names_the_first(system: System, wang: Person) -> None:
    """Who obeyed "upload first" would bill everything twice."""
    number = billed(system, wang)
    trial = system.ask("2206", to_settle(wang, number, "56.00", "SF1"))["setlinfo"]
    asked = to_settle(wang, number, "56.00", "SF1", **parts_of(trial))
    first = system.message("2207", asked)
    one = system.send(first)["output"]["setlinfo"]["setl_id"]
    words = system.refused("2207", asked)
    assert words.startswith(
        f"data.mdtrt_id：这次就诊已经结算：结算 ID {one}，报文 {first['msgid']}"
    )
    stay = in_bed_and_settled(system, wang)
    assert "已经结算" in system.refused("2304", stay_to_settle(wang, stay, "810.00"))


def test_what_is_taken_back_meanwhile_is_settled_and_not_asked_for_anew(
    system: System, wang: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reversal comes between the two looks of the second settlement."""
    number = billed(system, wang)
    trial = system.ask("2206", to_settle(wang, number, "56.00", "SF1"))["setlinfo"]
    asked = to_settle(wang, number, "56.00", "SF1", **parts_of(trial))
    one = system.ask("2207", asked)["setlinfo"]["setl_id"]
    look = settling._refuse_settled

    def taken_back(visit: Visit) -> None:
        monkeypatch.undo()
        of = {"mdtrt_id": number, "psn_no": psn_no(wang), "setl_id": one}
        system.ask("2208", {"data": of})
        look(visit)

    monkeypatch.setattr(settling, "_refuse_settled", taken_back)
    other = system.ask("2207", asked)["setlinfo"]["setl_id"]
    (standing,) = Settlement.objects.exclude(status=Settlement.Status.WITHDRAWN)
    assert standing.number == other != one


def in_bed_and_settled(system: System, person: Person) -> str:
    number = in_bed(system, person)
    system.ask("2304", stay_to_settle(person, number, "810.00", dscgTime=str(LAST)))
    return number


def test_a_correction_says_what_it_did(system: System, wang: Person) -> None:
    """A slip in the number must not look like a reversal."""
    number = billed(system, wang)
    trial = system.ask("2206", to_settle(wang, number, "56.00", "SF1"))["setlinfo"]
    bill = to_settle(wang, number, "56.00", "SF1", **parts_of(trial))
    first = system.message("2207", bill)
    one = system.send(first)["output"]["setlinfo"]["setl_id"]

    def corrected(msgid: str) -> str:
        asked = {"data": {"psn_no": psn_no(wang), "omsgid": msgid, "oinfno": "2207"}}
        told = system.send(system.message("2601", asked))
        assert told["infcode"] == 0
        warned: str = told["warn_msg"]
        return warned

    assert corrected(f"{first['msgid'][:-1]}X").startswith("原报文没有到过")
    assert Settlement.objects.get().status == "submitted"
    assert corrected(first["msgid"]) == f"已撤销结算 {one}"
    assert corrected(first["msgid"]) == "原报文此前已经冲正"
    refused = system.message("2207", to_settle(wang, number, "1.00", "SF1", **parts_of(trial)))
    system.send(refused)
    assert corrected(refused["msgid"]) == "原报文已被拒绝，没有办成，无须冲正"
    again = {"data": {"setl_id": one, "mdtrt_id": number, "psn_no": psn_no(wang)}}
    assert system.refused("2208", again) == "data.setl_id：这笔结算已经撤销，不用再撤"
    # Settled once more and taken back by 2208: both stay in both books, so nothing is marked.
    anew = system.message("2207", to_settle(wang, number, "56.00", "SF1", **parts_of(trial)))
    two = system.send(anew)["output"]["setlinfo"]["setl_id"]
    system.ask("2208", {"data": {"setl_id": two, "mdtrt_id": number, "psn_no": psn_no(wang)}})
    assert corrected(anew["msgid"]).startswith(f"原报文的结算 {two} 此前已经撤销，没有再冲正")
    assert Message.objects.get(msgid=anew["msgid"]).reversed_by is None


def test_the_kind_of_care_is_one(system: System, wang: Person) -> None:
    asked = admission(wang, FIRST, exp_content='{"care": "chronic"}')
    words = system.refused("2401", asked)
    assert words.startswith("mdtrtinfo.exp_content：care 为 chronic（慢性病门诊）")
    number = billed(system, wang)
    words = system.refused("2206", to_settle(wang, number, "56.00", "SF1", med_type="2101"))
    assert words == "data.med_type：这次就诊登记的医疗类别是 11，报文是 2101，请核对"
    words = system.refused("2206", to_settle(wang, number, "56.00", "SF1", insutype="310"))
    assert words.startswith("data.insutype：本平台只办理 390")
    words = system.refused("2201", registration(wang, DAY, insutype="310"))
    assert words.startswith("data.insutype：本平台只办理 390")


def test_a_resembling_visit_is_told_with_the_trial_and_explained_at_the_end(
    system: System, wang: Person
) -> None:
    first = billed(system, wang)
    trial = system.ask("2206", to_settle(wang, first, "56.00", "SF1"))["setlinfo"]
    system.ask("2207", to_settle(wang, first, "56.00", "SF1", **parts_of(trial)))
    system.on = date(2026, 3, 22)
    began = date(2026, 3, 18)
    stay = system.ask("2401", admission(wang, began))["result"]["mdtrt_id"]
    system.ask("2301", inpatient_lines(line("1", stay, wang, "S03", "1", "600.00", began)))
    end = {"dscgTime": "2026-03-22"}
    warned = system.send(system.message("2303", stay_to_settle(wang, stay, "600.00", **end)))
    assert "alike_reason" in warned["warn_msg"]
    told = system.refused("2304", stay_to_settle(wang, stay, "600.00", **end))
    assert told.endswith("（说明写在 exp_content 的 alike_reason 里）")
    why = '{"alike_reason": "门诊之后病情加重，当日收住院"}'
    system.ask("2304", stay_to_settle(wang, stay, "600.00", exp_content=why, **end))
    assert "病情加重" in Visit.objects.get(pk=int(stay[8:])).alike_reason


def test_where_no_fund_pays_the_first_row_says_why(system: System, wang: Person) -> None:
    number = system.ask("2401", admission(wang, FIRST))["result"]["mdtrt_id"]
    system.ask("2301", inpatient_lines(line("1", number, wang, "S03", "1", "20.00", FIRST)))
    told = system.ask("2303", stay_to_settle(wang, number, "20.00", dscgTime=str(LAST)))
    (row,) = told["setldetail"]
    assert (row["fund_pay_type"], row["fund_payamt"]) == ("390100", Decimal("0.00"))
    assert "起付" in row["setl_proc_info"]
    assert "（）" not in row["setl_proc_info"]


def test_all_missing_fields_of_a_message_are_named(system: System, wang: Person) -> None:
    asked = registration(wang, DAY)
    for name in ("certno", "psn_type", "psn_name", "dept_code", "caty"):
        del asked["data"][name]
    words = system.refused("2201", asked)
    assert words.startswith("data.certno") or "certno" in words.split("：")[0]
    assert all(name in words for name in ("psn_type", "psn_name", "dept_code", "caty"))
    assert len(words) <= 200


def test_a_field_under_a_wrong_name_is_told_with_the_refusal(system: System, wang: Person) -> None:
    asked = registration(wang, DAY)
    asked["data"]["iptotpno"] = asked["data"].pop("ipt_otp_no")
    told = system.send(system.message("2201", asked))
    assert "ipt_otp_no" in told["err_msg"]
    assert told["warn_msg"] == "没有读取的字段：data.iptotpno"


def test_of_several_faults_each_is_named_with_its_node(system: System, wang: Person) -> None:
    """What is missing altogether comes first and whole, wherever it stands."""
    number = registered(system, wang)
    asked = seen(wang, number, DAY)
    asked["mdtrtinfo"]["med_type"] = "999"
    asked["diseinfo"] = []
    words = system.refused("2203", asked)
    assert words == (
        "diseinfo（诊断信息）：传了空节点，一行也没有，请至少补一行，写作 [{…}]，"
        "必填 diag_type、diag_srt_no、diag_code、diag_name、diag_dept 等 9 项"
        "（另有 1 处：mdtrtinfo.med_type）"
    )
    lines = outpatient_lines("SF1", *({} for _ in range(9)))
    words = system.refused("2204", lines)
    assert words.startswith("feedetail[1].feedetl_sn（费用明细列表第 1 行 费用明细流水号）：未填写")
    assert "（另有至少 19 处：feedetail[1].mdtrt_id、feedetail[1].psn_no、" in words
    assert words.endswith("…）") and len(words) <= 200


def test_a_line_that_is_said_twice_and_signs_that_differ(system: System, wang: Person) -> None:
    number = registered(system, wang)
    one = line("1", number, wang, "X01", "1", "13.00", DAY)
    told = system.send(system.message("2204", outpatient_lines("SF1", one, one)))
    assert "明细流水号 1 在报文中出现多次" in told["warn_msg"]
    stay = system.ask("2401", admission(wang, FIRST))["result"]["mdtrt_id"]
    system.ask("2301", inpatient_lines(line("1", stay, wang, "F01", "2", "30.00", FIRST)))
    wrong = line("2", stay, wang, "F01", "-1", "30.00", FIRST, init_feedetl_sn="1")
    wrong["det_item_fee_sumamt"] = Decimal(30)
    words = system.refused("2301", inpatient_lines(wrong))
    assert words == "feedetail[1].det_item_fee_sumamt：退费的数量和金额都应为负数"


def test_what_the_measures_ask_is_written_as_it_should_be(system: System, wang: Person) -> None:
    for text, words in (
        ('{"consent_signed": "1"}', "consent_signed 应为true 或 false"),
        ('{"diseases": "diabetes"}', "diseases 应为字符串数组"),
        ('{"facts": ["x"]}', "x 不是本地办法的代码"),
    ):
        assert words in system.refused("2201", registration(wang, DAY, exp_content=text))


def test_a_diagnosis_may_be_told_later(system: System, wang: Person) -> None:
    """2203 with its diagnosis marked as not valid leaves what was known."""
    number = system.ask("2201", registration(wang, DAY))["data"]["mdtrt_id"]
    told = seen(wang, number, DAY)
    told["diseinfo"] = [
        {k: v for k, v in diagnosis(DAY, vali_flag="0").items() if k != "maindiag_flag"}
    ]
    system.ask("2203", told)
    assert Visit.objects.get(pk=int(number[8:])).diagnosis == ""
