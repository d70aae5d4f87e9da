"""Statuses with their papers, and what households' accounts held."""

from datetime import date
from types import SimpleNamespace

import pytest
from django.db import DatabaseError, transaction

from enrollment.carried.services import CARRIED
from enrollment.models import AccountOpening, IdentityStatus
from tests.enrollment.carried.conftest import LI, carried, judged, problems

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("as_application", "families")]
STATUSES = ["姓名", "证件号码", "原个人编号", "人员身份", "起始日期", "截止日期", "来源", "依据"]
ACCOUNTS = ["原户号", "户编号", "户主姓名", "余额"]


def test_statuses_name_their_list(cast: SimpleNamespace) -> None:
    sent = carried(
        cast,
        "statuses",
        [
            STATUSES,
            ["李桂芳", LI, "", "低保", "2024-01-01", "", "民政局", "2026年6月名单"],
            ["陈小明", "", "P3", "在校学生", "2025-09-01", "2026-06-30", "县教委", "学籍名册"],
            ["杨大山", "", "P4", "劳模", "2024-01-01", "", "总工会", "证书"],
            ["杨大山", "", "P4", "低保", "2026-07-05", "", "民政局", "2026年7月名单"],
            ["杨大山", "", "P4", "低保", "2026-01-05", "", "", ""],
        ],
    )
    rows = IdentityStatus.objects.order_by("first_day").values_list(
        "person__name", "code", "first_day", "last_day", "source", "batch"
    )
    assert list(rows) == [
        ("李桂芳", "dibao", date(2024, 1, 1), None, "民政局（原系统）", "2026年6月名单"),
        ("陈小明", "student", date(2025, 9, 1), date(2026, 6, 30), "县教委（原系统）", "学籍名册"),
    ]
    told = problems(sent)
    assert "“劳模”不在列表中" in told[4]
    assert told[5] == "起始日期不能晚于数据截止日 2026-06-30"
    assert told[6] == "没有填写来源；没有填写依据"


def test_accounts_begin_with_what_they_held(cast: SimpleNamespace) -> None:
    sent = carried(
        cast,
        "accounts",
        [
            ACCOUNTS,
            ["A0801", "", "陈国强", "120.50"],
            ["A0802", "", "杨小山", "30"],
            ["A0899", "", "吴一", "1"],
            ["", "", "吴一", "-1"],
        ],
    )
    told = problems(sent)
    assert told[3] == "这一户登记的户主不是“杨小山”，请核对户号和户主"
    assert told[4].startswith("户籍登记中没有这一户")
    assert "应为不小于 0 的金额" in told[5] and "至少填一个" in told[5]
    opening = AccountOpening.objects.get()
    assert (str(opening.amount), opening.year, str(opening.opened_on)) == (
        "120.50", 2025, "2026-06-30",
    )  # fmt: skip
    facts = dict(CARRIED.kinds["accounts"].compared(sent))
    assert facts["各户余额合计（含本文件）"] == "120.50 元"
    again = judged(cast.reviewer, "accounts", [ACCOUNTS, ["A0801", "", "陈国强", "120.50"]])
    assert (again.idle_count, again.right_count) == (1, 0)


def test_an_opening_is_only_ever_added(cast: SimpleNamespace) -> None:
    carried(cast, "accounts", [ACCOUNTS, ["A0801", "", "陈国强", "120.50"]])
    with pytest.raises(DatabaseError), transaction.atomic():
        AccountOpening.objects.update(amount=1)
