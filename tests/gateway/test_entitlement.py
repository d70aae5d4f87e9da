"""2001: what each fund would pay 王建国 for on which days, and why not."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Division, User
from enrollment.cover.models import LateEntry
from enrollment.models import Enrollment, Person
from gateway.identifiers import psn_no
from institutions.models import Agreement, Institution
from policies.models import Pack
from policies.services import adopt_pack, propose_pack
from tests.claims.conftest import Register
from tests.conftest import PACKS, past_the_guards
from tests.gateway.conftest import System
from tests.gateway.test_people import shows
from tests.institutions.test_agreements import stopped

Rows = list[dict[str, Any]]


@pytest.fixture
def wang(register: Register, village_a: Division) -> Person:
    return register.person("王建国", register.household(village_a))


def asked(person: Person, **given: Any) -> dict[str, Any]:
    row = {
        "psn_no": psn_no(person),
        "insutype": "390",
        "fixmedins_code": "H50022500001",
        "med_type": "2101",
        "begntime": "2026-03-20 10:00:00",
    }
    return {"data": row | given}


def rows(system: System, person: Person, **given: Any) -> Rows:
    found: Rows = system.ask("2001", asked(person, **given))["trtinfo"]
    return found


def spans(found: Rows, fund: str = "390100") -> list[tuple[str, str, str, str]]:
    return [
        (row["begndate"], row["enddate"], row["trt_enjymnt_flag"], row["trt_chk_rslt"])
        for row in found
        if row["fund_pay_type"] == fund
    ]


def test_a_stay_is_paid_by_the_pool_and_not_from_the_family_s_account(
    system: System, wang: Person
) -> None:
    system.ask("1101", shows(wang))
    pool, account = rows(system, wang)
    assert pool == {
        "psn_no": psn_no(wang),
        "trt_chk_type": "01",
        "fund_pay_type": "390100",
        "trt_enjymnt_flag": "1",
        "begndate": "2026-03-20",
        "enddate": "2026-03-20",
        "trt_chk_rslt": "",
        "exp_content": "",
    }
    assert (account["fund_pay_type"], account["trt_enjymnt_flag"]) == ("390500", "0")
    assert account["trt_chk_rslt"].startswith("住院没有由这项基金支付的待遇")


def test_a_span_is_cut_where_the_cover_and_the_agreement_end(system: System, wang: Person) -> None:
    system.ask("1101", shows(wang))
    found = rows(system, wang, begntime="2025-12-20 00:00:00", endtime="2027-01-10 00:00:00")
    assert spans(found) == [
        (
            "2025-12-20",
            "2025-12-31",
            "0",
            "没有 2025 年度的参保缴费记录（第十八条、第十九条、第二十五条(二)）",
        ),
        ("2026-01-01", "2026-12-31", "1", ""),
        (
            "2027-01-01",
            "2027-01-10",
            "0",
            "没有 2027 年度的参保缴费记录（第十八条、第十九条、第二十五条(二)）",
        ),
    ]


def test_who_waits_is_told_until_when_and_by_which_rule(
    system: System, register: Register, village_a: Division
) -> None:
    zhao = register.person("赵等待", register.household(village_a), covered=False)
    cover = register.cover(zhao)
    past_the_guards(Enrollment.objects.filter(pk=cover.pk), cover_first_day=date(2026, 5, 1))
    LateEntry.objects.create(
        enrollment=cover,
        ground="late",
        source="国办发〔2024〕38号",
        waiting_until=date(2026, 4, 30),
    )
    system.ask("1101", shows(zhao))
    found = rows(system, zhao, begntime="2026-04-20 00:00:00", endtime="2026-05-02 00:00:00")
    assert spans(found) == [
        ("2026-04-20", "2026-04-30", "0", "在等待期内，待遇自 2026-05-01 起（国办发〔2024〕38号）"),
        ("2026-05-01", "2026-05-02", "1", ""),
    ]


def test_unpaid_and_dead(system: System, wang: Person) -> None:
    system.ask("1101", shows(wang))
    Person.objects.filter(pk=wang.pk).update(death_date=date(2026, 3, 21))
    found = rows(system, wang, endtime="2026-03-25 00:00:00")
    assert spans(found) == [
        ("2026-03-20", "2026-03-21", "1", ""),
        ("2026-03-22", "2026-03-25", "0", "登记的死亡日期是 2026-03-21，此后不享受待遇"),
    ]
    past_the_guards(Enrollment.objects.filter(person=wang), status="pending", receipt=None)
    ((_, _, flag, why),) = spans(rows(system, wang))
    assert flag == "0" and why.startswith("2026 年度已登记参保、尚未缴费")


def test_an_institution_without_agreement_is_told(
    system: System, wang: Person, hospital: Institution
) -> None:
    system.ask("1101", shows(wang))
    Agreement.objects.filter(institution=hospital).update(status=Agreement.Status.SUSPENDED)
    assert spans(rows(system, wang))[0][2:] == ("0", "机构的定点协议暂停，期间费用不予支付")
    Agreement.objects.filter(institution=hospital).update(
        status=Agreement.Status.SIGNED, first_day=date(2026, 3, 21)
    )
    found = rows(system, wang, endtime="2026-03-22 00:00:00")
    assert spans(found) == [
        ("2026-03-20", "2026-03-20", "0", "机构在这些天没有定点协议，费用不予支付"),
        ("2026-03-21", "2026-03-22", "1", ""),
    ]
    assert spans(rows(system, wang, fixmedins_code="H50022600001"))[0][2:] == (
        "0",
        "H50022600001 不是本县登记的定点机构",
    )


def test_a_suspended_agreement_is_told_by_its_days(
    system: System, wang: Person, hospital: Institution, cast: SimpleNamespace
) -> None:
    system.ask("1101", shows(wang))
    stopped(cast, Agreement.objects.get(institution=hospital), first_day=date(2026, 3, 22),
            last_day=date(2026, 3, 24))  # fmt: skip
    found = rows(system, wang, endtime="2026-03-31 00:00:00")
    assert spans(found) == [
        ("2026-03-20", "2026-03-21", "1", ""),
        ("2026-03-22", "2026-03-24", "0", "机构的定点协议暂停，期间费用不予支付"),
        ("2026-03-25", "2026-03-31", "1", ""),
    ]


def test_unknown_kinds_of_care_and_of_insurance(system: System, wang: Person) -> None:
    system.ask("1101", shows(wang))
    assert "本地办法没有医疗类别 41" in spans(rows(system, wang, med_type="41"))[0][3]
    several = spans(rows(system, wang, med_type="14"))[0]
    assert several[2] == "0" and "请在 exp_content 中用 care 写明" in several[3]
    chronic = rows(system, wang, med_type="14", exp_content='{"care": "chronic"}')
    assert spans(chronic)[0][2] == "1"
    assert "只办理城乡居民基本医疗保险" in spans(rows(system, wang, insutype="310"))[0][3]
    words = system.refused("2001", asked(wang, endtime="2026-03-01 00:00:00"))
    assert words.startswith("data.endtime：结束时间应不早于开始时间")


def test_layers_say_for_whom_they_are(
    system: System,
    wang: Person,
    register: Register,
    cast: Any,
    county: Division,
) -> None:
    """The measures of today: serious illness for all, assistance for those on a list."""
    source = (PACKS / "resident-2025.yaml").read_text(encoding="utf-8")
    source = source.replace('code: "360199"', 'code: "500225"', 1)
    past_the_guards(Pack.objects.all(), status="replaced")
    proposed = propose_pack(actor=cast.supervisor, area=county, source=source)
    adopt_pack(actor=cast.approver, pack=proposed, approval="府发〔2026〕2号")
    poor = register.person("李特困", wang.household, statuses=["dibao"])
    for person in (wang, poor):
        system.ask("1101", shows(person))
    found = rows(system, wang)
    assert {row["fund_pay_type"]: row["trt_enjymnt_flag"] for row in found} == {
        "390100": "1",
        "390102": "0",  # 门诊统筹
        "390200": "1",
        "610100": "0",
    }
    assert spans(found, "610100")[0][3] == "医疗救助：人员身份不符合（国办发〔2021〕42号）"
    assert spans(rows(system, poor), "610100")[0][2:] == ("1", "")


def test_statements_do_not_grow_with_the_span(
    system: System, wang: Person, register: Register
) -> None:
    system.ask("1101", shows(wang))

    def counted(until: str) -> int:
        with CaptureQueriesContext(connection) as found:
            rows(system, wang, endtime=until)
        return len(found)

    short = counted("2026-03-20 00:00:00")
    register.cover(wang, year=2025)
    assert counted("2026-12-31 00:00:00") == short
    assert short <= 30


def test_a_stranger_is_not_told_of(system: System, wang: Person, cast: User) -> None:
    assert "请先用【1101】" in system.refused("2001", asked(wang))
