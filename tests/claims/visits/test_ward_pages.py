"""A stay through the pages: registered, billed, discharged, settled; and each of them undone.

At the county hospital 200 yuan are borne first, then the fund pays 50 % (第二十三条(二)2); of a
special examination that was approved half is paid first (第二十三条(三)).
"""

import io
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from claims.models import BillLine, Settlement, Visit
from claims.visits import services
from enrollment.models import Person
from lib.tables.writing import Heading, Sheet, workbook_bytes
from tests.claims.conftest import TODAY, Register
from tests.claims.test_pages import bill, body, found, token
from tests.claims.visits.conftest import Ward, charged, in_bed, yuan

NEW = reverse("claims:visit_new")
ADMISSION = {
    "action": "register",
    "care": "inpatient",
    "admission_number": "ZY2026-031",
    "starts": "2026-03-01",
    "referral": "none",
    "facts": ["special_approved"],
    "consent_signed": "on",
}
KEY = "6f1c0f6e-8f7b-4a53-9d0a-3f6b7f0d7a11"


@pytest.fixture(autouse=True)
def the_twentieth_of_march(settings: Any) -> None:
    settings.TODAY = TODAY


@pytest.fixture
def clerk(as_user: Callable[[User], Client], ward: Ward, wang: Person) -> Client:
    return as_user(ward.clerk)


def to(name: str, *parts: int) -> str:
    return reverse(f"claims:visit{name}", args=parts)


def charges(*rows: list[str]) -> io.BytesIO:
    titles = ("项目编码", "项目名称", "数量", "单价", "金额", "计费日期", "状态")
    content = workbook_bytes([Sheet("费用", [Heading(one, "code") for one in titles], rows)])
    file = io.BytesIO(content)
    file.name = "费用.xlsx"
    return file


def test_a_stay_from_the_door_to_the_settlement(clerk: Client, wang: Person) -> None:
    page = found(clerk, NEW, wang)
    assert "今日没有有效参保" not in page and "尚未出院" not in page
    sent = ADMISSION | {"patient": token(page), "key": KEY}
    answer = clerk.post(NEW, sent)
    visit = Visit.objects.get()
    assert (answer["Location"], visit.status) == (to("", visit.pk), "open")
    assert (visit.admission_number, visit.ends, visit.diagnosis) == ("ZY2026-031", None, "")
    assert "录入费用 (Alt+S)" in body(clerk.get(to("", visit.pk)))

    lines = bill(("X01", "30", "130"), ("ctps", "1", "800"))
    typed = lines | {"action": "add", "charged_on": "2026-03-02", "key": KEY}
    page = body(clerk.get(to("_lines", visit.pk)))
    assert "计费日期" in page and "用表格上传" in page
    for _ in range(2):  # the page sent twice is written once
        assert clerk.post(to("_lines", visit.pk), typed).status_code == 302
    assert list(visit.lines.values_list("item_code", "amount")) == [
        ("X01", yuan("3900.00")), ("S01", yuan("800.00")),
    ]  # fmt: skip

    row = ["X09", "进口营养粉", "1", "300", "300.00", "2026-03-04", ""]
    for _ in range(2):
        answer = clerk.post(to("_sheet", visit.pk), {"file": charges(row)})
        assert answer.status_code == 302
    assert visit.lines.count() == 3
    # V1: (5000 - 300 - 400 - 200) × 50 %, shown before anything is settled.
    page = body(clerk.get(to("", visit.pk)))
    assert "2,050.00" in page and "2,950.00" in page and "出院登记 (Alt+S)" in page
    assert not Settlement.objects.exists()

    answer = clerk.post(to("_leave", visit.pk), {"ends": "2026-03-09", "care": "inpatient",
                        "referral": "none", "facts": ["special_approved"]})  # fmt: skip
    assert "请填写诊断" in body(answer)
    gone = {"ends": "2026-03-09", "care": "inpatient", "diagnosis": "肺炎", "referral": "none",
            "facts": ["special_approved"]}  # fmt: skip
    assert clerk.post(to("_leave", visit.pk), gone).status_code == 302
    waiting = body(clerk.get(to("s") + "?status=closed"))
    assert "王建国" in waiting and "5,000.00" in waiting
    assert "结算 (Alt+S)" in body(clerk.get(to("", visit.pk)))
    answer = clerk.post(to("_settle", visit.pk))
    claim = Settlement.objects.get()
    assert answer["Location"] == reverse("claims:claim", args=[claim.pk])
    assert (claim.total_amount, claim.fund_amount, claim.cash_amount) == (
        yuan("5000.00"), yuan("2050.00"), yuan("2950.00"),
    )  # fmt: skip
    assert claim.number in body(clerk.get(to("", visit.pk)))


def test_a_long_stay_is_settled_up_to_a_day(clerk: Client, ward: Ward, wang: Person) -> None:
    """(1000 - 200) × 50 % up to the fifth, the rest 1000 × 50 %: as one settlement pays."""
    visit = ward.admit(wang)
    ward.bill(visit, charged("X01", "10", "100", 2), charged("X01", "10", "100", 6))
    page = body(clerk.post(to("_part", visit.pk), {"action": "preview", "to": "2026-03-05"}))
    assert "400.00" in page and "中途结算 (Alt+S)" in page and not Settlement.objects.exists()
    page = body(clerk.post(to("_part", visit.pk), {"action": "settle", "to": "2026-04-05"}))
    assert "截至日期应在入院 2026-03-01 到今天 2026-03-20 之间" in page
    clerk.post(to("_part", visit.pk), {"action": "settle", "to": "2026-03-05"})
    assert Settlement.objects.get().fund_amount == yuan("400.00")
    page = body(clerk.get(to("", visit.pk)))
    assert "未结算 1,000.00 元" in page and "500.00" in page
    ward.leave(visit)
    clerk.post(to("_settle", visit.pk))
    assert [one.fund_amount for one in visit.settlements.order_by("part")] == [
        yuan("400.00"), yuan("500.00"),
    ]  # fmt: skip


def test_each_step_is_undone(clerk: Client, ward: Ward, wang: Person) -> None:
    visit = ward.admit(wang)
    batch = ward.bill(visit, charged("X01", "10", "100", 2))
    ward.leave(visit)
    assert "撤销出院" in body(clerk.get(to("", visit.pk)))
    told = body(clerk.post(to("_undo", visit.pk), {"reason": ""}, follow=True))
    assert "请写明撤销出院的原因" in told
    clerk.post(to("_undo", visit.pk), {"reason": "未出院"})
    told = body(clerk.post(to("_cancel", visit.pk), {"reason": "登错人"}, follow=True))
    assert "请先撤销全部费用" in told
    clerk.post(to("_withdraw", visit.pk, batch.pk), {"reason": "录错"})
    assert not BillLine.objects.filter(is_live=True).exists()
    assert "已撤销：录错（韩梅）" in body(clerk.get(to("", visit.pk)))
    changed = ADMISSION | {"starts": "2026-03-02", "diagnosis": "肺炎"}
    assert clerk.post(to("_change", visit.pk), changed).status_code == 302
    visit.refresh_from_db()
    assert (visit.starts.day, visit.diagnosis) == (2, "肺炎")
    clerk.post(to("_cancel", visit.pk), {"reason": "登错人"})
    visit.refresh_from_db()
    assert visit.status == "void"


def test_everything_wrong_with_a_table_is_told_at_once(
    clerk: Client, ward: Ward, wang: Person
) -> None:
    visit = ward.admit(wang)
    sent = charges(
        ["X01", "", "2", "10", "", "2026-03-02", ""],
        ["Z99", "没有的", "1", "10", "", "2026-03-02", ""],
        ["X01", "", "一", "10", "", "2026-03-02", ""],
        ["X01", "", "2", "10", "21.00", "2026-03-02", ""],
        ["X01", "", "2", "10", "", "2026-02-27", ""],
        ["X01", "", "2", "10", "", "2026-03-02", "已退费"],
    )
    page = body(clerk.post(to("_sheet", visit.pk), {"file": sent}))
    for fault in (
        "有 5 行不能读入",
        "第 3 行：目录中没有编码“Z99”",
        "第 4 行：数量应为数字",
        "第 5 行：数量 × 单价 = 20.00 元，与金额 21.00 元不符",
        "第 6 行：计费日期 2026-02-27 不在就诊期间",
        "第 7 行：“状态”为“已退费”，退费、作废的请连同原来的收费一起删去",
    ):
        assert fault in page, fault
    assert not BillLine.objects.exists()
    assert "请选择费用明细表" in body(clerk.post(to("_sheet", visit.pk)))
    blank = clerk.get(reverse("claims:charges_blank"))
    assert blank["Content-Disposition"].startswith("attachment")


def test_what_stands_against_it_is_told_before_anything_is_typed(
    clerk: Client, ward: Ward, wang: Person, register: Register
) -> None:
    visit = ward.admit(wang)
    page = found(clerk, NEW, wang)
    assert "此人在大足县人民医院住院，2026-03-01 入院，尚未出院" in page
    assert to("", visit.pk) in page, "it is the own hospital's"
    other = register.person("罗小妹", wang.household, covered=False)
    assert "此人今日没有有效参保" in found(clerk, NEW, other)
    answer = clerk.post(NEW, ADMISSION | {"patient": token(found(clerk, NEW, other))})
    assert "此人没有 2026 年度的有效参保" in body(answer)


def test_who_sees_whom(
    clerk: Client, ward: Ward, wang: Person, cast: SimpleNamespace,
    as_user: Callable[[User], Client],
) -> None:  # fmt: skip
    visit = ward.admit(wang)
    ward.bill(visit, charged("X01", "10", "100", 2))
    listed = to("s")
    assert "王建国" in body(clerk.get(listed)) and "1,000.00" in body(clerk.get(listed))
    for at, shown in (("18", True), ("19", True), ("20", False)):
        assert ("王建国" in body(clerk.get(listed, {"days": at}))) is shown
    for user, sees in ((cast.clerk_a, True), (cast.clerk_b, False), (cast.reviewer, True)):
        other = as_user(user)
        assert ("王建国" in body(other.get(listed))) is sees
        answer = other.get(to("", visit.pk))
        assert answer.status_code == (200 if sees else 404)
        if sees:  # the bill is read, nothing is done
            assert "出院登记" not in body(answer) and "预结算" not in body(answer).replace(
                "费用与预结算", ""
            )
    assert as_user(cast.other_officer).get(to("", visit.pk)).status_code == 404


def test_an_outpatient_visit_inside_a_stay_says_why(
    clerk: Client, ward: Ward, wang: Person
) -> None:
    visit = ward.admit(wang)
    ward.bill(visit, charged("X01", "10", "100", 2))
    ward.leave(visit)
    facts = in_bed(visit.starts, care="outpatient", diagnosis="感冒", alike_reason="院外门诊")
    ward.bill(ward.admit(wang, facts), charged("X01", "1", "35"))
    services.settle(actor=ward.clerk, visit=Visit.objects.get(bed=False), on=TODAY)
    page = body(clerk.get(to("", visit.pk)))
    if "另有门诊结算" in page:
        assert "请填写说明" in body(clerk.post(to("_settle", visit.pk)))
    clerk.post(to("_settle", visit.pk), {"alike_reason": "院外门诊"})
    assert visit.settlements.get().fund_amount == yuan("400.00")
