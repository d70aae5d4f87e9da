"""Covers of earlier years: they count as our own, without receipts and vouchers."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.errors import Refusal
from desk.jobs import run
from enrollment.carried.models import CarriedTable
from enrollment.carried.services import CARRIED
from enrollment.collection.refunds import refund_problem
from enrollment.cover.covering import CoverHistory, cover_histories, years_before
from enrollment.cover.models import Campaign, Enrollment
from enrollment.models import Person
from tests.conftest import file_of, table_in
from tests.enrollment.carried.conftest import CHEN, JULY, LI, MING, carried, judged, problems

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("as_application", "families")]
HEADER = ["姓名", "证件号码", "原个人编号", "参保年度", "档次", "缴费方式", "个人缴费", "缴费身份",
          "待遇起", "待遇止", "连续参保年数", "零报销"]  # fmt: skip


def row(name: str, number: str, year: int, **more: str) -> list[str]:
    named = {"old": "", "tier": "一档", "paid": "现金", "premium": "50.00", "status": "",
             "first": "", "last": "", "years": "", "free": ""} | more  # fmt: skip
    head = [name, number, named.pop("old"), str(year)]
    return [*head, *named.values()]


CHENS = [
    HEADER,
    # Six years in a row up to 2024; the file knows three of them, in no order.
    row("陈国强", CHEN, 2026, tier="二档", premium="120.00"),
    row("陈国强", CHEN, 2024, years="6", free="是"),
    row("陈国强", CHEN, 2025, free="是"),
    # A gap in 2025.
    row("李桂芳", LI, 2024, free="否"),
    row("李桂芳", "", 2026, old="p2", status="低保", premium="0"),
    # From March on.
    row("陈小明", MING, 2026, first="2026-03-01"),
]


def test_they_are_written_as_covers_that_cost_us_nothing(cast: SimpleNamespace) -> None:
    sent = carried(cast, "covers", CHENS)
    assert (sent.status, sent.right_count, sent.error_count, sent.written_count) == (
        "done", 6, 0, 6,
    )  # fmt: skip
    assert str(sent.amount) == "320.00"  # 120 + 50 + 50 + 50 + 0 + 50
    rows = {(one.person.name, one.year): one for one in Enrollment.objects.all()}
    latest = rows["陈国强", 2026]
    assert (latest.status, latest.receipt, latest.tier, latest.carried) == (
        "active", None, "tier2", sent,
    )  # fmt: skip
    assert (str(latest.personal_amount), str(latest.premium_amount)) == ("120.00", "120.00")
    assert (latest.subsidy_amount, latest.account_amount, latest.paid_how) == (0, 0, "现金")
    assert rows["李桂芳", 2026].premium_status == "dibao"
    assert str(rows["陈小明", 2026].cover_first_day) == "2026-03-01"
    assert [one.year for one in Campaign.objects.order_by("year")] == [2024, 2025, 2026]


def test_years_in_a_row_are_those_of_the_file_and_go_on(cast: SimpleNamespace) -> None:
    carried(cast, "covers", CHENS)
    years = Enrollment.objects.values_list("person__name", "year", "consecutive_years")
    assert {(name, year): many for name, year, many in years} == {
        ("陈国强", 2024): 6, ("陈国强", 2025): 7, ("陈国强", 2026): 8,
        ("李桂芳", 2024): 1, ("李桂芳", 2026): 1, ("陈小明", 2026): 1,
    }  # fmt: skip
    chen, li, ming = (Person.objects.get(name=name) for name in ("陈国强", "李桂芳", "陈小明"))
    assert years_before([chen.pk, li.pk, ming.pk], 2027) == {chen.pk: 8, li.pk: 1, ming.pk: 1}
    found = cover_histories([chen.pk, li.pk], 2026)
    assert found[chen.pk] == CoverHistory(2, 2, 0, 0)
    assert found[li.pk] == CoverHistory(0, 0, 1, 0)  # she missed 2025


def test_the_years_before_come_in_a_second_file(cast: SimpleNamespace) -> None:
    carried(cast, "covers", [HEADER, row("陈国强", CHEN, 2024, years="3")])
    carried(cast, "covers", [HEADER, row("陈国强", CHEN, 2025), row("陈国强", CHEN, 2026)])
    years = Enrollment.objects.order_by("year").values_list("consecutive_years", flat=True)
    assert list(years) == [3, 4, 5]


def test_what_is_wrong_is_told_row_by_row_and_the_rest_comes_in(cast: SimpleNamespace) -> None:
    sent = carried(
        cast,
        "covers",
        [
            HEADER,
            row("陈国强", CHEN, 2026),
            row("陈国强", CHEN, 2026),
            row("陈国", CHEN, 2025),
            row("王无名", "500225199001011234", 2025),
            row("李桂芳", LI, 2028),
            row("李桂芳", LI, 2025, tier="五档", premium="五十"),
            row("陈小明", MING, 2011),
            row("陈小明", MING, 2025, first="2025-05-01", last="2025-04-01"),
            row("李桂芳", CHEN, 2024, old="P2"),
        ],
    )
    told = problems(sent)
    assert told[3] == "与第 2 行说的是同一件事，请只留一行"
    assert told[4] == "这个号码登记的姓名不是“陈国”，请核对姓名和号码"
    assert told[5].startswith("户籍登记中没有此人")
    assert told[6] == "参保年度“2028”应为 2003 至 2027 的整数"
    assert "个人缴费“五十”" in told[7] and "档次“五档”应为" in told[7]
    assert "待遇起早于出生日期 2012-09-01" in told[8]
    assert told[9].startswith("待遇起止应在 2025-01-01 至 2025-12-31 之内")
    assert told[10] == "证件号码和原个人编号不是同一人，请核对"
    assert (sent.written_count, Enrollment.objects.count()) == (1, 1)


def test_the_mended_file_adds_only_what_is_missing(cast: SimpleNamespace) -> None:
    carried(cast, "covers", CHENS)
    again = judged(cast.reviewer, "covers", [*CHENS, row("陈小明", MING, 2025)])
    assert (again.right_count, again.idle_count) == (1, 6)
    assert "2026 年度已转入，不再转入" in problems(again).values()


def test_who_sent_it_does_not_confirm_it(cast: SimpleNamespace) -> None:
    sent = judged(cast.reviewer, "covers", CHENS)
    with pytest.raises(Refusal):
        CARRIED.confirm(actor=cast.reviewer, upload=sent, sha256=sent.sha256, on=JULY)
    with pytest.raises(Refusal, match="不是这份文件"):
        CARRIED.confirm(actor=cast.approver, upload=sent, sha256="0" * 64, on=JULY)
    assert not Enrollment.objects.exists()


def test_no_premium_of_the_old_system_is_given_back_here(cast: SimpleNamespace) -> None:
    carried(cast, "covers", CHENS)
    row_ = Enrollment.objects.select_related("person").get(person__name="陈国强", year=2026)
    told = refund_problem(row_, ground="double", ground_date=JULY, on=JULY)
    assert told and told.startswith("此参保由原系统转入")


def test_the_family_s_page_tells_what_was_carried(
    cast: SimpleNamespace, as_user: Callable[..., Client]
) -> None:
    carried(cast, "covers", CHENS)
    carried(cast, "accounts", [["原户号", "户主姓名", "余额"], ["A0801", "陈国强", "120.50"]])
    home = Person.objects.get(name="陈国强").household
    page = as_user(cast.clerk_a).get(f"/enrollment/households/{home.pk}").content.decode()
    assert "户 A0801；陈国强 P1；李桂芳 P2；陈小明 P3" in page
    assert "2026-06-30 120.50 元" in page
    assert "原系统转入（现金）" in page


def test_who_may_look_sees_the_file_and_takes_its_verdict_home(
    cast: SimpleNamespace, as_user: Callable[..., Client]
) -> None:
    client = as_user(cast.reviewer)
    file = SimpleUploadedFile("历年.xlsx", file_of([*CHENS, row("王无名", CHEN, 2025)]))
    sent = {"file": file, "kind": "covers", "as_of": "2026-06-30"}
    page = client.post("/enrollment/carried/upload", sent, follow=True).content.decode()
    assert "历年.xlsx" in page
    found = CarriedTable.objects.get()
    run("enrollment.carriedtable", found.pk, JULY)
    page = client.get(f"/enrollment/carried/{found.pk}").content.decode()
    assert "这个号码登记的姓名不是“王无名”" in page
    assert "确认转入 1" not in page  # by another
    taken: Any = client.post(f"/enrollment/carried/{found.pk}/verdict", {"reason": "交原系统更正"})
    rows = table_in(b"".join(taken.streaming_content) if taken.streaming else taken.content)
    assert rows[0][:3] == ["行", "姓名", "证件号码"]
    assert rows[-1][-2:] == ["错误", "这个号码登记的姓名不是“王无名”，请核对姓名和号码"]
    assert as_user(cast.clerk_a).get("/enrollment/carried/").status_code == 403
