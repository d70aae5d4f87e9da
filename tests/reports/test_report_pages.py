"""The pages of the monthly report: who may ask, see, print and take it away."""

import io
from datetime import date
from decimal import Decimal

import openpyxl
import pytest

from accounts.models import AuditLine
from desk.worklist import notes
from funds.services import open_book
from lib.periods import Month
from reports.models import MonthlyReport
from reports.services import request_report
from tests.reports.conftest import MARCH, TODAY, compute_report

pytestmark = pytest.mark.usefixtures("as_application")


@pytest.fixture(autouse=True)
def _first_of_april(settings):
    settings.TODAY = TODAY


@pytest.fixture
def waiting(spring, cast, county) -> MonthlyReport:
    return request_report(actor=cast.supervisor, area=county, month=MARCH, on=TODAY)


@pytest.fixture
def report(waiting) -> MonthlyReport:
    compute_report(waiting.pk)
    waiting.refresh_from_db()
    return waiting


def text(response) -> str:
    assert response.status_code == 200
    return response.content.decode()


def test_no_month_before_the_books_is_asked_for(county, cast, settings):
    """Books from the first of April: on 2 April nobody is told that March's report is missing."""
    open_book(actor=None, area=county, first_month=Month(2026, 4))
    settings.TODAY = date(2026, 4, 2)
    assert not [one for one in notes(cast.accountant) if one.note.route == "reports:list"]
    settings.TODAY = date(2026, 5, 2)
    told = [one.words for one in notes(cast.accountant) if one.note.route == "reports:list"]
    assert told == ["2026年4月的基金运行月报还没有编制"]


class TestRequest:
    def test_the_supervisor_asks_and_a_worker_answers(
        self, spring, cast, as_user, django_capture_on_commit_callbacks
    ):
        client = as_user(cast.supervisor)
        with django_capture_on_commit_callbacks(execute=True):
            asked = client.post("/reports/request", {"month": "2026-03"})
        page = text(client.get(asked["Location"]))
        assert "已申请编制“2026年3月基金运行报表”" in page
        report = MonthlyReport.objects.get()
        assert report.status == "done"
        assert f"/reports/{report.pk}" in page

    @pytest.mark.parametrize(
        ("month", "told"),
        [("2026-05", "2026年5月还没有开始"), ("三月", "应为 年-月"), ("", "请选择月份")],
    )
    def test_a_wrong_month_is_told_beside_the_field(self, book, cast, as_user, month, told):
        page = text(as_user(cast.supervisor).post("/reports/request", {"month": month}))
        assert told in page
        assert not MonthlyReport.objects.exists()

    def test_an_auditor_may_look_but_not_ask(self, report, cast, as_user):
        client = as_user(cast.auditor)
        assert "申请编制" not in text(client.get("/reports/"))
        assert client.post("/reports/request", {"month": "2026-03"}).status_code == 403


class TestProgress:
    def test_the_list_asks_again_until_all_is_done(self, waiting, cast, as_user):
        client = as_user(cast.supervisor)
        page = text(client.get("/reports/"))
        assert 'hx-trigger="every 2s"' in page and "等待计算" in page
        compute_report(waiting.pk)
        page = text(client.get("/reports/"))
        assert "hx-trigger" not in page and "已完成" in page

    def test_the_page_waits_and_then_reloads(self, waiting, cast, as_user):
        client = as_user(cast.supervisor)
        status = f"/reports/{waiting.pk}/status"
        assert f'hx-get="{status}"' in text(client.get(f"/reports/{waiting.pk}"))
        waited = client.get(status)
        assert "等待计算" in text(waited) and "HX-Refresh" not in waited
        compute_report(waiting.pk)
        assert client.get(status)["HX-Refresh"] == "true"

    def test_a_failure_is_shown_in_words(self, pack, cast, county, as_user):
        report = request_report(actor=cast.supervisor, area=county, month=MARCH, on=TODAY)
        compute_report(report.pk)
        assert "账套" in text(as_user(cast.supervisor).get(f"/reports/{report.pk}"))


class TestPage:
    def test_figures_charts_and_both_time_bases(self, report, cast, as_user):
        page = text(as_user(cast.auditor).get(f"/reports/{report.pk}"))
        for told in ("3,012.34", "2,450.00", "5,122.34", "34.80%", "4.18", "72.02%", "3,402.00"):
            assert told in page, told
        assert page.count("<svg ") == 4
        assert "近十二个月基金收入与支出" in page
        assert "结算日期" in page and "凭证入账日期" in page
        assert "数据完整" in page

    def test_the_ledger_of_the_month_is_one_click_away(self, report, cast, as_user):
        page = text(as_user(cast.auditor).get(f"/reports/{report.pk}"))
        assert "导出本月账簿" in page and 'name="month" value="2026-03"' in page
        assert "导出本月账簿" not in text(as_user(cast.reviewer).get(f"/reports/{report.pk}"))

    def test_earlier_editions_say_whether_they_are_the_same(self, report, cast, county, as_user):
        again = request_report(actor=cast.supervisor, area=county, month=MARCH, on=TODAY)
        compute_report(again.pk)
        page = text(as_user(cast.auditor).get(f"/reports/{again.pk}"))
        assert "第 1 次（数据相同）" in page

    def test_another_countys_officer_sees_nothing(self, report, cast, as_user):
        client = as_user(cast.other_officer)
        assert client.get(f"/reports/{report.pk}").status_code == 404
        assert client.get(f"/reports/{report.pk}/status").status_code == 404
        assert "还没有月报" in text(client.get("/reports/"))

    @pytest.mark.parametrize("who", ["clerk_a", "cadre_a", "hospital_clerk", "sysadmin"])
    def test_other_roles_are_refused(self, report, cast, as_user, who):
        assert as_user(getattr(cast, who)).get(f"/reports/{report.pk}").status_code == 403


class TestExport:
    def sheets(self, response) -> dict[str, list[tuple]]:
        book = openpyxl.load_workbook(io.BytesIO(response.getvalue()))
        return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}

    def test_every_table_with_numbers_as_numbers(self, report, cast, as_user):
        response = as_user(cast.auditor).post(f"/reports/{report.pk}/export")
        assert response["Content-Disposition"].endswith('fund-report-500225-2026-03-1.xlsx"')
        sheets = self.sheets(response)
        assert sheets["收入"][-1] == (None, "合计", 3012.34, 0, "无账", 7012.34)
        (longshui,) = (row for row in sheets["乡镇"] if row[1] == "龙水镇")
        assert Decimal(str(longshui[-1])) == 0 and longshui[0] == "500225101"
        assert sheets["乡镇"][-1][1] == "合计"
        (ratio,) = (row for row in sheets["指标"] if row[1] == "实际补偿比")
        assert ratio[3:7] == (34.8, 33.33, "无账", 34.73)
        assert ratio[9:13] == (9100, 26200, "基金支付 ÷ 医疗总费用", "结算日期")
        assert ("数据指纹", report.sha256) in sheets["说明"]

    def test_the_trail_knows_what_left(self, report, cast, as_user):
        as_user(cast.accountant).post(f"/reports/{report.pk}/export")
        line = AuditLine.objects.get(action="export")
        assert line.user == cast.accountant
        assert line.after["what"] == "2026年3月基金运行报表"
        assert line.after["criteria"]["sha256"] == report.sha256

    def test_readers_without_the_right_and_strangers(self, report, cast, as_user):
        assert as_user(cast.reviewer).post(f"/reports/{report.pk}/export").status_code == 403
        assert as_user(cast.auditor).get(f"/reports/{report.pk}/export").status_code == 405

    def test_an_unfinished_report_has_no_workbook(self, waiting, cast, as_user):
        assert as_user(cast.auditor).post(f"/reports/{waiting.pk}/export").status_code == 404
