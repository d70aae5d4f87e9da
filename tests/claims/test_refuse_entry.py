"""What the counter and the window refuse, each in plain words, with nothing half-written."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from accounts.errors import Place, Refusal
from accounts.models import AuditLine, Division
from claims.entries import Hospital
from claims.models import BillLine, Invoice, Settlement, UsageEntry, Visit
from enrollment.models import Enrollment, Person
from institutions.models import Agreement, Institution
from tests.claims.conftest import (
    Register,
    invoice,
    item,
    line,
    paper_line,
    stay,
)
from tests.conftest import past_the_guards

Enter = Callable[..., Settlement]
OK = line("X01", "100", "10")


def refused(match: str, at: Place | str, enter: Callable[[], Any]) -> None:
    before = _rows()
    with pytest.raises(Refusal, match=match) as refusal:
        enter()
    assert refusal.value.at == (at if isinstance(at, tuple) else (at,) if at else ())
    assert _rows() == before


def _rows() -> list[int]:
    tables = (Visit, BillLine, Invoice, Settlement, UsageEntry, AuditLine)
    return [model.objects.count() for model in tables]


def test_person_without_cover(counter: Enter, register: Register, village_a: Division) -> None:
    stranger = register.person("马路远", register.household(village_a), covered=False)
    refused("没有 2026 年度的有效参保", "person", lambda: counter(stranger, OK))


def test_premium_not_paid_yet(counter: Enter, wang: Person) -> None:
    past_the_guards(Enrollment.objects.all(), status="pending", receipt=None)
    refused("没有 2026 年度的有效参保", "person", lambda: counter(wang, OK))


def test_visit_before_cover_begins(counter: Enter, wang: Person) -> None:
    december = stay(date(2025, 12, 28), date(2026, 1, 3))
    refused("没有 2025 年度的有效参保", "person", lambda: counter(wang, OK, visit=december))
    past_the_guards(Enrollment.objects.all(), cover_first_day=date(2026, 4, 1))
    refused("待遇从 2026-04-01 开始", "starts", lambda: counter(wang, OK))


def test_visit_after_cover_ends(counter: Enter, wang: Person) -> None:
    past_the_guards(Enrollment.objects.all(), cover_last_day=date(2026, 2, 28))
    refused("待遇到 2026-02-28 为止", "starts", lambda: counter(wang, OK))


def test_discharge_before_admission(counter: Enter, wang: Person) -> None:
    wrong = stay(date(2026, 3, 9), date(2026, 3, 1))
    refused("出院日期早于入院日期", "ends", lambda: counter(wang, OK, visit=wrong))


def test_future_date(counter: Enter, wang: Person) -> None:
    wrong = stay(date(2026, 3, 9), date(2026, 3, 21))
    refused("不能晚于今天 2026-03-20", "ends", lambda: counter(wang, OK, visit=wrong))


def test_no_diagnosis(counter: Enter, wang: Person) -> None:
    refused("诊断", "diagnosis", lambda: counter(wang, OK, visit=stay(diagnosis="  ")))


@pytest.mark.parametrize(
    "change",
    [{"status": "suspended"}, {"last_day": date(2026, 2, 1)}, {"first_day": date(2026, 3, 2)}],
)
def test_no_agreement_on_the_day(
    counter: Enter, wang: Person, change: dict[str, Any], hospital: Institution
) -> None:
    Agreement.objects.update(**change)
    refused("没有有效的定点协议", "starts", lambda: counter(wang, OK))


def test_closed_institution(counter: Enter, wang: Person, hospital: Institution) -> None:
    hospital.is_active = False
    hospital.save()
    refused("没有有效的定点协议", "starts", lambda: counter(wang, OK))


def test_another_institution(counter: Enter, wang: Person, township_hospital: Institution) -> None:
    refused("只能录入本机构", "", lambda: counter(wang, OK, institution=township_hospital))


def test_person_of_another_area(
    counter: Enter, register: Register, other_county: Division, wang: Person
) -> None:
    town = Division.objects.create(
        code="500226101",
        name="昌元镇",
        level="township",
        parent=other_county,
        first_day=date(2010, 1, 1),
    )
    village = Division.objects.create(
        code="500226101201",
        name="白马村",
        level="village",
        parent=town,
        first_day=date(2010, 1, 1),
    )
    far = register.person("唐外县", register.household(village))
    refused("不在本县参保", "person", lambda: counter(far, OK))


def test_empty_bill(counter: Enter, wang: Person) -> None:
    refused("费用清单是空的", "lines", lambda: counter(wang))


def test_unknown_item(counter: Enter, wang: Person) -> None:
    refused("没有编码“Z99”", ("lines", 1, "code"), lambda: counter(wang, OK, line("Z99", "1", "1")))


def test_item_of_another_area_or_time(
    counter: Enter, wang: Person, other_county: Division, county: Division
) -> None:
    item(other_county, "X50", "外县药")
    item(county, "X51", "停用药", last_day=date(2026, 2, 28))
    for code in ("X50", "X51"):
        refused(
            f"没有编码“{code}”",
            ("lines", 0, "code"),
            lambda c=code: counter(wang, line(c, "1", "1")),
        )


@pytest.mark.parametrize(
    ("wrong", "field", "match"),
    [
        (line("X01", "3", "10", "30.01"), "amount", "30.00 元，与金额 30.01 元不符"),
        (line("X01", "1", "10.99", "10.00"), "amount", "10.99 元"),
        (line("X01", "0", "10", "0"), "quantity", "数量应大于 0"),
        (line("X01", "-1", "10", "-10"), "quantity", "数量应大于 0"),
        (line("X01", "1", "-10", "-10"), "unit_price", "单价不能为负数"),
        (line("X01", "1", "0", "0"), "amount", "金额应大于 0"),
        (line("X01", "1.00005", "10", "10.00"), "amount", "数量最多四位"),
        (line("X01", "99999999", "99999999"), "amount", "一千万元"),
    ],
)
def test_line_that_does_not_add_up(
    counter: Enter, wang: Person, wrong: Any, field: str, match: str
) -> None:
    refused(match, ("lines", 1, field), lambda: counter(wang, OK, wrong))


def test_unknown_codes(counter: Enter, wang: Person) -> None:
    refused("就医类别", "care", lambda: counter(wang, OK, visit=stay(care="spa")))
    refused("事实", "facts", lambda: counter(wang, OK, visit=stay(facts={"rich"})))


def test_death_and_birth(counter: Enter, wang: Person) -> None:
    Person.objects.update(death_date=date(2026, 3, 8))
    refused("死亡日期是 2026-03-08", "ends", lambda: counter(wang, OK))
    Person.objects.update(death_date=None, birth_date=date(2026, 3, 2))
    refused("早于出生日期", "starts", lambda: counter(wang, OK))


@pytest.mark.parametrize(
    ("starts", "ends"),
    [
        (date(2026, 3, 1), date(2026, 3, 9)),
        (date(2026, 3, 8), date(2026, 3, 12)),
        (date(2026, 2, 20), date(2026, 3, 2)),
        (date(2026, 3, 5), date(2026, 3, 5)),
        (date(2026, 2, 20), date(2026, 3, 15)),
    ],
)
def test_two_beds_at_once(counter: Enter, wang: Person, starts: date, ends: date) -> None:
    counter(wang, OK)
    refused("日期重叠", "starts", lambda: counter(wang, OK, visit=stay(starts, ends)))


def test_transfer_on_the_day_of_discharge(counter: Enter, paper: Enter, wang: Person) -> None:
    counter(wang, OK)
    visit = stay(date(2026, 3, 9), date(2026, 3, 15), referral="referred")
    assert paper(wang, "6000.00", visit=visit).status == "submitted"


def test_outpatient_visit_during_a_stay_is_asked_about(counter: Enter, wang: Person) -> None:
    counter(wang, OK)
    visit = stay(date(2026, 3, 5), date(2026, 3, 5), care="outpatient")
    refused("就诊日在住院期间", "alike_reason", lambda: counter(wang, OK, visit=visit))
    told = replace(visit, alike_reason="外购药，院内没有")
    claim = counter(wang, OK, visit=told)
    assert (claim.status, claim.visit.alike_reason) == ("submitted", "外购药，院内没有")


def test_day_without_measures(counter: Enter, wang: Person, hospital: Institution) -> None:
    Agreement.objects.update(first_day=date(2010, 1, 1))
    old = stay(date(2011, 12, 1), date(2011, 12, 5))
    refused("没有已采用的政策办法", "", lambda: counter(wang, OK, visit=old))


def test_clerk_of_the_wrong_kind(
    counter: Enter, paper: Enter, wang: Person, cast: SimpleNamespace
) -> None:
    refused("只能录入本机构", "", lambda: counter(wang, OK, actor=cast.clerk_a))
    refused("乡镇经办录入", "", lambda: paper(wang, "10.00", actor=cast.hospital_clerk))
    refused("不属于您的乡镇", "person", lambda: paper(wang, "10.00", actor=cast.clerk_b))


@pytest.mark.parametrize(
    ("given", "field", "match"),
    [
        ({"lines": []}, "lines", "费用清单是空的"),
        ({"lines": [paper_line("10.00", name=" ")]}, ("lines", 0, "name"), "项目名称"),
        ({"lines": [paper_line("10.00", "gold")]}, ("lines", 0, "bill_class"), "报销类别"),
        ({"lines": [paper_line("0.00")]}, ("lines", 0, "amount"), "大于 0"),
        ({"lines": [paper_line("9.999")]}, ("lines", 0, "amount"), "最多两位小数"),
        ({"invoices": []}, "invoices", "请录入发票"),
        ({"invoices": [invoice(" ", "10.00")]}, ("invoices", 0, "number"), "发票号"),
        ({"invoices": [invoice("A", "10.00", " ")]}, ("invoices", 0, "issuer"), "开票单位"),
        (
            {"invoices": [invoice("A", "5.00"), invoice("a", "5.00")]},
            ("invoices", 1, "number"),
            "重复录入",
        ),
        ({"invoices": [invoice("A", "9.99")]}, "invoices", "9.99 元与费用合计 10.00 元不符"),
        ({"hospital": Hospital(name=" ", level="city", place="outside")}, "hospital", "名称"),
        ({"hospital": Hospital(name="A", level="heaven", place="outside")}, "level", "级别"),
        ({"hospital": Hospital(name="A", level="city", place="moon")}, "place", "就医地"),
        (
            {"on": date(2026, 3, 8), "visit": stay(ends=date(2026, 3, 8))},
            ("invoices", 0, "issued_on"),
            "开票日期不能晚于今天",
        ),
    ],
)
def test_paper_claim_with_a_gap(
    paper: Enter, wang: Person, given: dict[str, Any], field: str, match: str
) -> None:
    refused(match, field, lambda: paper(wang, "10.00", **given))


def test_total_is_bounded(counter: Enter, wang: Person) -> None:
    lines = [line("S03", "1", "6000000"), line("S03", "1", "6000000")]
    refused("超过一千万元", "lines", lambda: counter(wang, *lines))
