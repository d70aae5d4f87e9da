"""大足县人民医院 files for 王建国 what the county then decides."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from django.urls import reverse

from accounts.errors import Refusal
from accounts.models import Division
from claims.filings.models import Filing
from claims.filings.services import decide_filing, propose_filing
from enrollment.models import Person
from enrollment.people.lifecycle import record_death
from gateway.clients.models import Client
from gateway.identifiers import psn_no
from gateway.transactions.filings import TRANSACTIONS, WAITS
from institutions.models import Institution
from policies.models import Pack
from tests.claims.conftest import wang
from tests.gateway.by_hand import answered, program
from tests.gateway.conftest import System

__all__ = ["wang"]

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 20)


@pytest.fixture
def his(cast: SimpleNamespace, hospital: Institution, pack: Pack) -> Client:
    return program(hospital)


def referral(person: Person, **facts: Any) -> dict[str, Any]:
    return {
        "psn_no": psn_no(person), "diag_code": "I25.103", "diag_name": "冠心病",
        "reflin_medins_no": "H50010300012", "reflin_medins_name": "重庆市第一人民医院",
        "mdtrtarea_admdvs": "500103", "refl_type": "1", "refl_date": TODAY,
        "refl_rea": "需行冠脉造影", "refl_opnn": "同意转上级医院",
    } | facts  # fmt: skip


def disease(person: Person, **facts: Any) -> dict[str, Any]:
    return {
        "psn_no": psn_no(person), "insutype": "390", "opsp_dise_code": "M01600",
        "opsp_dise_name": "糖尿病", "insu_optins": "500225", "ide_fixmedins_no": "H50022500001",
        "ide_fixmedins_name": "大足县人民医院", "hosp_ide_date": date(2026, 3, 18),
        "diag_dr_codg": "D500225000001", "diag_dr_name": "赵国强", "begndate": TODAY,
        "enddate": date(2028, 3, 19),
    } | facts  # fmt: skip


def choice(person: Person, **facts: Any) -> dict[str, Any]:
    return {
        "psn_no": psn_no(person), "biz_appy_type": "03", "begndate": date(2026, 1, 1),
        "enddate": date(2026, 12, 31), "fix_srt_no": "1", "fixmedins_code": "H50022500101",
        "fixmedins_name": "龙水镇卫生院",
    } | facts  # fmt: skip


def accident(person: Person, **facts: Any) -> dict[str, Any]:
    return {
        "dcla_souc": "01", "psn_no": psn_no(person), "psn_cert_type": "01",
        "certno": person.resident_id, "psn_name": person.name, "insu_admdvs": "500225",
        "trum_time": date(2026, 3, 19), "trum_site": "桥亭村路口", "trum_rea": "骑车摔伤右踝",
        "chk_pay_flag": "0", "begndate": date(2026, 3, 19),
    } | facts  # fmt: skip


NODES = {"2501": "refmedin"}


def ask(his: Client, infno: str, row: dict[str, Any]) -> tuple[Any, list[str]]:
    return answered(TRANSACTIONS, his, infno, NODES.get(infno, "data"), row, TODAY)


def back(filing: Filing, **facts: str) -> dict[str, str]:
    return {
        "trt_dcla_detl_sn": filing.number, "psn_no": psn_no(filing.person), "memo": "录错了人",
    } | facts  # fmt: skip


def test_a_referral_waits_for_the_county(his: Client, wang: Person, cast: SimpleNamespace) -> None:
    answer, told = ask(his, "2501", referral(wang))
    filing = Filing.objects.get()
    assert answer == {"result": {"trt_dcla_detl_sn": "5002252026B000001"}} and told == [WAITS]
    assert (filing.status, filing.kind, filing.about, filing.place, filing.code) == (
        "proposed", "referral", "冠心病", "重庆市第一人民医院", "H50010300012",
    )  # fmt: skip
    assert (filing.institution, filing.starts, filing.ends) == (his.institution, TODAY, None)
    assert not Filing.objects.holding(wang.pk, TODAY).exists()
    with pytest.raises(Refusal, match="您的角色"):
        decide_filing(actor=his.user, filing=filing, event="approve_filing", on=TODAY)
    decide_filing(actor=cast.reviewer, filing=filing, event="approve_filing", on=TODAY)
    assert Filing.objects.holding(wang.pk, TODAY).get() == filing
    with pytest.raises(Refusal, match="不必重复备案") as refused:
        ask(his, "2501", referral(wang))
    assert refused.value.at == ("refmedin", "diag_name")


def test_what_waits_is_taken_back_and_what_holds_is_asked_to_end(
    his: Client, wang: Person, cast: SimpleNamespace
) -> None:
    ask(his, "2501", referral(wang))
    filing = Filing.objects.get()
    assert ask(his, "2502", back(filing)) == ({}, [])
    filing.refresh_from_db()
    assert filing.status == "withdrawn"
    ask(his, "2501", referral(wang))
    second = Filing.objects.latest("pk")
    decide_filing(actor=cast.reviewer, filing=second, event="approve_filing", on=TODAY)
    _, told = ask(his, "2502", back(second))
    assert told == ["备案已经同意，撤销已申请，待医保经办机构同意后生效"]
    assert Filing.objects.holding(wang.pk, TODAY).get() == second  # still
    with pytest.raises(Refusal, match="已申请终止"):
        ask(his, "2502", back(second))
    decide_filing(actor=cast.approver, filing=second, event="end_filing", on=TODAY)
    second.refresh_from_db()
    assert (second.status, second.ended_from, second.ending_reason) == (
        "approved", TODAY, "录错了人",
    )  # fmt: skip
    assert not Filing.objects.holding(wang.pk, TODAY).exists()


def test_a_chronic_disease_names_its_doctor_and_its_end(his: Client, wang: Person) -> None:
    answer, _ = ask(his, "2503", disease(wang, exp_content="26-01-05"))
    filing = Filing.objects.get()
    assert answer["result"] == {"trt_dcla_detl_sn": filing.number, "exp_content": "26-01-05"}
    assert (filing.kind, filing.about, filing.code, filing.expert, filing.ends) == (
        "chronic", "糖尿病", "M01600", "赵国强", date(2028, 3, 19),
    )  # fmt: skip
    assert filing.evidence == "大足县人民医院 2026-03-18 鉴定"
    open_end = disease(wang, opsp_dise_name="高血压")
    del open_end["enddate"]
    _, told = ask(his, "2503", open_end)
    assert told[0] == "未填有效期止日，暂按一年登记到 2027-03-19，由医保经办机构核定"
    assert Filing.objects.latest("pk").ends == date(2027, 3, 19)
    ask(his, "2504", back(filing))
    filing.refresh_from_db()
    assert filing.status == "withdrawn"


def test_one_first_institution_for_a_year(
    his: Client, wang: Person, township_hospital: Institution, cast: SimpleNamespace
) -> None:
    """第二十一条: 住院首诊定点医院一经选定,一年内不得变更."""
    ask(his, "2505", choice(wang))
    filing = Filing.objects.get()
    assert (filing.kind, filing.place, filing.code) == ("first", "龙水镇卫生院", "H50022500101")
    decide_filing(actor=cast.reviewer, filing=filing, event="approve_filing", on=TODAY)
    other = choice(
        wang, fixmedins_code="H50022500001", fixmedins_name="大足县人民医院", begndate=TODAY
    )
    with pytest.raises(Refusal, match="首诊机构选定"):
        ask(his, "2505", other)
    cases = [
        ({"biz_appy_type": "01"}, "业务申请类型应为 03", "biz_appy_type"),
        ({"fixmedins_code": "H50022600001"}, "没有这家定点医药机构", "fixmedins_code"),
        ({"fixmedins_name": "龙水卫生院"}, "登记的名称是“龙水镇卫生院”", "fixmedins_name"),
    ]
    for facts, words, field in cases:
        with pytest.raises(Refusal, match=words) as refused:
            ask(his, "2505", choice(wang, **facts))
        assert refused.value.at == ("data", field)
    held = "自 2026-01-01 选定，12 个月内不得变更，2027-01-01 起可以变更（第二十一条）"
    with pytest.raises(Refusal) as refused:
        ask(his, "2506", back(filing))
    assert held in refused.value.message
    assert refused.value.at == ("data", "trt_dcla_detl_sn")
    record_death(actor=cast.clerk_a, person=wang, effective_on=TODAY, on=TODAY)
    _, told = ask(his, "2506", back(filing))
    assert "撤销已申请" in told[0]


def test_of_an_accident_liability_stays_open(his: Client, wang: Person) -> None:
    ask(his, "2507", accident(wang))
    filing = Filing.objects.get()
    assert (filing.kind, filing.liable, filing.proof, filing.about, filing.place) == (
        "accident", "open", "none", "骑车摔伤右踝", "桥亭村路口",
    )  # fmt: skip
    assert filing.evidence == "大足县人民医院申报，受伤 2026-03-19"
    cases = [
        ({"psn_name": "王建民"}, "姓名与人员编号", "psn_name"),
        ({"certno": "500225197005010029"}, "证件号码与人员编号不是同一人", "certno"),
        ({"trum_time": date(2026, 3, 21)}, "今天以后", "trum_time"),
    ]
    for facts, words, field in cases:
        with pytest.raises(Refusal, match=words) as refused:
            ask(his, "2507", accident(wang, **facts))
        assert refused.value.at == ("data", field)


def test_an_accident_of_which_the_cause_is_not_told(his: Client, wang: Person) -> None:
    row = accident(wang)
    del row["trum_rea"]
    _, told = ask(his, "2507", row)
    assert told == ["没有致伤原因，医保经办机构将向病人核实何时何地怎样受的伤", WAITS]
    assert Filing.objects.get().about == "意外伤害，致伤原因未报"


def test_without_proof_nobody_is_found_liable_or_free(wang: Person, cast: SimpleNamespace) -> None:
    with pytest.raises(Refusal, match="责任未定"):
        propose_filing(
            actor=cast.clerk_a, person=wang, kind="accident", about="摔伤", starts=TODAY,
            ends=None, evidence="自述", on=TODAY, liable="nobody", proof="none",
        )  # fmt: skip


def test_another_hospital_and_county_have_nothing_of_it(
    his: Client,
    wang: Person,
    township_hospital: Institution,
    other_county: Division,
    cast: SimpleNamespace,
) -> None:
    ask(his, "2501", referral(wang))
    filing = Filing.objects.get()
    other = program(township_hospital)
    with pytest.raises(Refusal, match="本机构没有为此人申报过") as refused:
        ask(other, "2502", back(filing))
    assert refused.value.at == ("data", "trt_dcla_detl_sn")
    assert not Filing.objects.visible_to(other.user).exists()
    abroad = Institution.objects.create(
        code="H50022600001", name="荣昌县人民医院", level="county", division=other_county
    )
    with pytest.raises(Refusal, match="没有这个人员编号") as refused:
        ask(program(abroad), "2501", referral(wang))
    assert refused.value.at == ("refmedin", "psn_no")
    with pytest.raises(Refusal, match="不在本县参保"):
        propose_filing(
            actor=program(abroad, "b").user, person=wang, kind="referral", about="冠心病",
            starts=TODAY, ends=None, evidence="表", on=TODAY,
        )  # fmt: skip


def test_its_clerk_files_and_reads_on_the_page_as_its_program_does(
    his: Client, wang: Person, cast: SimpleNamespace, as_user: Any, settings: Any,
    township_hospital: Institution,
) -> None:  # fmt: skip
    settings.TODAY = TODAY
    ask(his, "2501", referral(wang))
    filing = Filing.objects.get()
    clerk = as_user(cast.hospital_clerk)
    assert filing.number in clerk.get(reverse("claims:filings")).content.decode()
    page = clerk.get(reverse("claims:filing", args=[filing.pk])).content.decode()
    assert "申报机构" in page and "重庆市第一人民医院" in page
    form = {
        "number": wang.resident_id, "kind": "chronic", "about": "糖尿病", "starts": "2026-03-20",
        "ends": "2028-03-19", "evidence": "鉴定表 3 号", "expert": "赵国强",
    }  # fmt: skip
    assert clerk.post(reverse("claims:filing_new"), form).status_code == 302
    assert Filing.objects.latest("pk").institution == his.institution
    stranger = as_user(program(township_hospital).user)
    assert stranger.get(reverse("claims:filing", args=[filing.pk])).status_code == 404


def test_through_the_door(system: System, wang: Person, pack: Pack) -> None:
    """The same as JSON comes and goes."""
    row = referral(wang) | {"refl_date": "2026-03-20"}
    told = system.send(system.message("2501", {"refmedin": row}))
    assert (told["infcode"], told["warn_msg"]) == (0, WAITS)
    number = told["output"]["result"]["trt_dcla_detl_sn"]
    assert Filing.objects.get().number == number
    words = system.refused("2501", {"refmedin": row})
    assert words.startswith("refmedin.diag_name：此人已有转诊转院审批")
    gone = {"trt_dcla_detl_sn": number, "psn_no": psn_no(wang), "memo": "录错了人"}
    assert system.ask("2502", {"data": gone}) == {}
    assert Filing.objects.get().status == "withdrawn"


def test_through_the_door_a_chosen_institution_is_held(
    system: System, wang: Person, pack: Pack, township_hospital: Institution, cast: SimpleNamespace
) -> None:
    row = choice(wang) | {"begndate": "2026-01-01", "enddate": "2026-12-31"}
    number = system.ask("2505", {"data": row})["result"]["trt_dcla_detl_sn"]
    filing = Filing.objects.get(number=number)
    decide_filing(actor=cast.reviewer, filing=filing, event="approve_filing", on=TODAY)
    words = system.refused("2506", {"data": back(filing, memo="想换一家")})
    assert words.startswith(
        "data.trt_dcla_detl_sn：首诊机构自 2026-01-01 选定，12 个月内不得变更，"
        "2027-01-01 起可以变更（第二十一条）"
    )
    filing.refresh_from_db()
    assert filing.ending_from is None
