"""A month computed again: what came late is told table by table, with what it came from."""

from datetime import date

import pytest

from accounts.models import AuditLine
from claims.services import withdraw
from desk.jobs import carry_on
from reports.differences import Difference, differences
from reports.figures import collect
from reports.models import MonthlyReport
from reports.services import request_report
from tests.reports.conftest import MARCH, TODAY, compute_report


@pytest.fixture(autouse=True)
def _first_of_april(settings):
    settings.TODAY = TODAY


@pytest.fixture
def report(spring, cast, county) -> MonthlyReport:
    found = request_report(actor=cast.supervisor, area=county, month=MARCH, on=TODAY)
    compute_report(found.pk)
    found.refresh_from_db()
    return found


def test_the_same_data_has_no_differences(spring, county):
    figures = collect(area=county, month=MARCH)
    assert differences(figures, collect(area=county, month=MARCH)) == []


def test_one_late_voucher_is_told_wherever_it_counts(spring, county, post):
    before = collect(area=county, month=MARCH)
    post("interest_received", "100.00", date(2026, 3, 31), purpose="fiscal")
    found = differences(before, collect(area=county, month=MARCH))
    assert Difference("月末", "累计结余", "金额", "5,122.34", "5,222.34") in found
    assert Difference("收入", "4201 利息收入", "本月", "12.34", "112.34") in found
    assert Difference("收入", "合计", "本年累计", "7,012.34", "7,112.34") in found
    assert {one.table for one in found} == {"月末", "收入", "各月收支", "指标"}


def test_a_claim_that_was_withdrawn_later(spring, county, cast):
    before = collect(area=county, month=MARCH)
    withdraw(actor=cast.clerk_b, settlement=spring.outside, reason="发票有误")
    found = differences(before, collect(area=county, month=MARCH))
    assert Difference("指标", "就诊人次 人次", "本月", "2", "1") in found
    large = [one for one in found if one.table == "大额与异常结算" and one.column == "基金支付"]
    assert {(one.before, one.after) for one in large} == {
        ("6,650.00", ""),
        ("8,700.00", "2,050.00"),
    }


def test_the_page_computes_again_and_shows_what_differs(
    report, post, cast, as_user, django_capture_on_commit_callbacks
):
    client = as_user(cast.supervisor)
    alone = client.get(f"/reports/{report.pk}/differences").content.decode()
    assert "只编制过一次" in alone and "重新编制并比对" in alone
    late = post("interest_received", "100.00", date(2026, 3, 31), purpose="fiscal")
    asked = client.post(f"/reports/{report.pk}/recompute")
    again = MonthlyReport.objects.get(edition=2)
    assert asked["Location"] == f"/reports/{again.pk}/differences"
    assert "等待计算" in client.get(asked["Location"]).content.decode()
    assert carry_on() == 1
    page = client.get(asked["Location"]).content.decode()
    assert "112.34" in page and "7,112.34" in page
    from_first = client.get(f"/reports/{report.pk}/differences").content.decode()
    assert late.label in from_first and "本次编制以后才记入的凭证" in from_first
    assert AuditLine.objects.filter(action="reports.request").count() == 2


def test_who_may_look_and_who_may_compute(report, cast, as_user):
    url = f"/reports/{report.pk}"
    assert as_user(cast.auditor).post(f"{url}/recompute").status_code == 403
    assert as_user(cast.auditor).get(f"{url}/differences").status_code == 200
    assert as_user(cast.other_officer).get(f"{url}/differences").status_code == 404
    assert as_user(cast.clerk_a).get(f"{url}/differences").status_code == 403
    assert as_user(cast.auditor).get(f"{url}/differences?with=999999").status_code == 404
