"""The yearly announcement of days off (节假日安排), loaded by the system administrator.

Labour Day 2026: off on 1, 4 and 5 May, Saturday the 9th is worked.
"""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import AuditLine
from desk.administration.resources import CalendarResource
from desk.models import SpecialDay
from desk.workdays import Calendar, calendar
from tests.masterdata import confirm, faults, send

pytestmark = pytest.mark.django_db
PAGE = "/accounts/calendar/load"
HEADER = ["日期", "安排", "名称"]
LABOUR = [
    ["2026-05-01", "放假", "劳动节"],
    ["2026-05-04", "放假", "劳动节"],
    ["2026-05-05", "放假", "劳动节"],
    ["2026-05-09", "调休上班", "劳动节"],
]
FRIDAY = date(2026, 4, 10)


def test_a_year_is_loaded_and_counted_by(cast: SimpleNamespace, as_user: Any) -> None:
    """Of the 20 working days after 10 April 14 lie in April, then 6, 7, 8, the Saturday, 11, 12
    May."""
    assert calendar(FRIDAY) == Calendar()
    assert calendar(FRIDAY).after(FRIDAY, 20) == date(2026, 5, 8)
    admin = as_user(cast.sysadmin)
    assert "新增 4" in send(admin, PAGE, [HEADER, *LABOUR])
    assert "新增 4 条" in confirm(admin, PAGE)
    worked = calendar(FRIDAY)
    assert worked.after(FRIDAY, 20) == date(2026, 5, 12)
    assert worked.between(FRIDAY, date(2026, 5, 12)) == 20
    assert calendar(date(2026, 5, 6)).off == set()
    assert AuditLine.objects.filter(action="desk.keep_special_day").count() == 4
    assert "劳动节" in as_user(cast.clerk_a).get("/accounts/calendar").content.decode()
    # Announced otherwise: the same day again is changed, not doubled.
    send(admin, PAGE, [HEADER, ["2026-05-09", "放假", "周末"]])
    confirm(admin, PAGE)
    assert SpecialDay.objects.get(day=date(2026, 5, 9)).kind == "off"


def test_a_worked_weekday_is_a_slip(cast: SimpleNamespace) -> None:
    rows = [HEADER, ["2026-05-08", "调休上班", "劳动节"], ["2026-05-09", "上班", "劳动节"]]
    first, second = faults(CalendarResource(cast.sysadmin, timezone.localdate()), rows)
    assert "2026-05-08 不是周末，照常上班" in first
    assert "安排" in second


def test_others_do_not_load_it(cast: SimpleNamespace, as_user: Any) -> None:
    for user in (cast.supervisor, cast.clerk_a, cast.secadmin):
        assert as_user(user).get(PAGE).status_code == 403
