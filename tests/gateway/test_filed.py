"""What is counted and filed for 王建国, and the county's institutions."""

from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Division, User
from claims.filings.models import Filing
from claims.filings.services import decide_filing, propose_filing
from enrollment.models import Person
from funds.models import Book
from gateway.identifiers import psn_no
from institutions.models import Institution
from policies.models import Pack
from tests.claims.conftest import Register
from tests.gateway.conftest import System, client_of
from tests.gateway.hospital import admission, discharge, inpatient_lines, line, stay_to_settle
from tests.gateway.test_people import shows

ON = date(2026, 3, 20)


@pytest.fixture
def wang(register: Register, village_a: Division, book: Book) -> Person:
    return register.person("王建国", register.household(village_a))


def filed(cast: SimpleNamespace, person: Person, kind: str, about: str, **given: Any) -> Filing:
    facts: dict[str, Any] = {"starts": date(2026, 1, 1), "ends": date(2026, 12, 31)}
    if kind == Filing.Kind.CHRONIC:
        facts["expert"] = "专家"
    asked = propose_filing(
        actor=cast.clerk_a, person=person, kind=kind, about=about, evidence="病历", on=ON,
        **facts | given,
    )  # fmt: skip
    return decide_filing(actor=cast.reviewer, filing=asked, event="approve_filing", on=ON)


def of(person: Person, **given: Any) -> dict[str, Any]:
    return {"data": {"psn_no": psn_no(person)} | given}


def settled_stay(system: System, person: Person) -> str:
    """Seven days, 810.00 of which 30.00 above the limit; its number."""
    first, last = date(2026, 3, 10), date(2026, 3, 16)
    number: str = system.ask("2401", admission(person, first))["result"]["mdtrt_id"]
    lines = (
        line("1", number, person, "F01", "6", "35.00", first),
        line("2", number, person, "S03", "1", "600.00", first),
    )
    system.ask("2301", inpatient_lines(*lines))
    system.ask("2402", discharge(person, number, last))
    system.ask("2304", stay_to_settle(person, number, "810.00"))
    return number


def test_who_was_not_there_is_nobody_s_to_ask_about(
    system: System, wang: Person, township_hospital: Institution
) -> None:
    """A number that only counts people opens nothing, and a card read elsewhere neither."""
    for infno in ("5206", "5301"):
        assert "请先用【1101】读取凭证" in system.refused(infno, of(wang))
    assert "请先用【1101】" in system.refused("5302", of(wang, biz_appy_type="03"))
    span = {"begntime": "2026-01-01 00:00:00"}
    assert "请先用【1101】" in system.refused("5304", of(wang, **span))
    system.ask("1101", shows(wang))
    assert system.ask("5301", of(wang)) == {"feedetail": []}
    other = System(client_of(township_hospital))
    assert "请先用【1101】" in other.refused("5301", of(wang))
    system.at = timezone.localtime() + timedelta(days=8)  # the trail goes by the real clock
    assert "请先用【1101】" in system.refused("5301", of(wang))


def test_the_year_s_totals(system: System, wang: Person) -> None:
    settled_stay(system, wang)
    rows = system.ask("5206", of(wang))["cuminfo"]
    assert {(row["insutype"], row["year"], row["cum_ym"]) for row in rows} == {
        ("390", "2026", "202603")
    }
    told = {row["cum_type_code"]: row["cum"] for row in rows}
    # 780 within the scope, less 200, by 50 %.
    assert told == {
        "MEDFEE": Decimal("810.00"),
        "INSCP": Decimal("780.00"),
        "DEDC": Decimal("200.00"),
        "FUND": Decimal("290.00"),
        "PSN": Decimal("520.00"),
        "ACCT": Decimal("0.00"),
        "CASH": Decimal("520.00"),
        "IPT_CNT": Decimal(1),
        "OTP_CNT": Decimal(0),
        "390100": Decimal("290.00"),
    }
    assert system.ask("5206", of(wang, cum_ym="202602")) == {"cuminfo": []}
    march = system.ask("5206", of(wang, cum_ym="202603"))["cuminfo"]
    assert [row["cum"] for row in march] == [row["cum"] for row in rows]
    assert "yyyyMM" in system.refused("5206", of(wang, cum_ym="202613"))


def test_chronic_diseases_first_contact_and_referrals(
    system: System,
    wang: Person,
    cast: SimpleNamespace,
    township_hospital: Institution,
) -> None:
    filed(cast, wang, "chronic", "糖尿病")
    filed(cast, wang, "chronic", "肝硬化", ends=date(2026, 3, 1))
    filed(cast, wang, "referral", "肺部肿瘤", place="重庆市第一医院", starts=date(2026, 3, 1))
    system.ask("1101", shows(wang))
    assert system.ask("5301", of(wang))["feedetail"] == [
        {
            "opsp_dise_code": "diabetes",
            "opsp_dise_name": "糖尿病",
            "begndate": "2026-01-01",
            "enddate": "2026-12-31",
        }
    ]
    (row,) = system.ask("5304", of(wang, begntime="2026-03-15 00:00:00"))["refmedin"]
    assert row == {
        "insutype": "390",
        "dcla_souc": "02",
        "psn_no": psn_no(wang),
        "psn_cert_type": "01",
        "certno": wang.resident_id,
        "psn_name": "王建国",
        "gend": wang.sex,
        "brdy": "1970-05-01",
        "tel": "",
        "addr": "",
        "insu_optins": "500225",
        "emp_name": "",
        "diag_code": "",
        "diag_name": "",
        "dise_cond_dscr": "",
        "reflin_medins_no": "",
        "reflin_medins_name": "重庆市第一医院",
        "out_flag": "1",
        "refl_date": "2026-03-01",
        "refl_rea": "肺部肿瘤",
        "begndate": "2026-03-01",
        "enddate": "2026-12-31",
        "hosp_agre_refl_flag": "1",
        "opter_id": str(cast.clerk_a.pk),
        "opter_name": "陈秀英",
        "opt_time": "2026-03-20 00:00:00",
    }
    none = of(wang, begntime="2026-01-01 00:00:00", endtime="2026-02-01 00:00:00")
    assert system.ask("5304", none) == {"refmedin": []}


def test_where_he_goes_first(
    system: System, wang: Person, cast: SimpleNamespace, township_hospital: Institution, pack: Pack
) -> None:
    Filing.objects.create(
        number="F1",
        person=wang,
        division=wang.household.division,
        kind="first",
        about="首诊机构",
        place=township_hospital.name,
        starts=date(2026, 1, 1),
        status="approved",
        evidence="本人选定",
        reason="本人选定",
        proposed_by=cast.clerk_a,
        proposed_on=ON,
        decided_by=cast.reviewer,
        decided_on=ON,
    )
    system.ask("1101", shows(wang))
    (row,) = system.ask("5302", of(wang, biz_appy_type="03"))["psnfixmedin"]
    assert row == {
        "psn_no": psn_no(wang),
        "insutype": "390",
        "fix_srt_no": "1",
        "fixmedins_code": "H50022500101",
        "fixmedins_name": "龙水镇卫生院",
        "begndate": "2026-01-01",
        "enddate": "",
        "memo": "F1",
    }
    other = system.send(system.message("5302", of(wang, biz_appy_type="08")))
    assert other["output"] == {"psnfixmedin": []} and "只登记首诊机构" in other["warn_msg"]


def test_institutions_of_the_county_alone(
    system: System, township_hospital: Institution, other_county: Division, cast: User
) -> None:
    Institution.objects.create(
        code="H50022600001", name="荣昌县人民医院", level="county", division=other_county
    )

    def one(**given: str) -> dict[str, Any]:
        row = {"fixmedins_type": "1"} | given
        return {"medinsinfo": row}

    told = system.ask("1201", one(fixmedins_code="H50022500101"))["medinsinfo"]
    assert told == {
        "fixmedins_code": "H50022500101",
        "fixmedins_name": "龙水镇卫生院",
        "uscc": "",
        "fixmedins_type": "1",
        "hosp_lv": "14",
        "exp_content": "",
    }
    assert system.ask("1201", one(fixmedins_name="人民医院"))["medinsinfo"]["fixmedins_code"] == (
        "H50022500001"
    )
    assert "请填编号" in system.refused("1201", one(fixmedins_name="院"))
    assert "没有这家" in system.refused("1201", one(fixmedins_code="H50022600001"))
    assert "没有这家" in system.refused(
        "1201", one(fixmedins_type="2", fixmedins_code="H50022500101")
    )
    assert system.ask("1201", one())["medinsinfo"]["fixmedins_code"] == "H50022500001"
