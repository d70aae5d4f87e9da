"""The month report's prints are counted; its figures were kept when it was computed."""

import json

import pytest

from accounts.models import AuditLine
from desk.models import Paper
from reports.services import request_report
from tests.papers import stamps
from tests.reports.conftest import MARCH, TODAY, compute_report


@pytest.fixture
def report(spring, cast, county, settings):
    settings.TODAY = TODAY
    found = request_report(actor=cast.supervisor, area=county, month=MARCH, on=TODAY)
    compute_report(found.pk)
    found.refresh_from_db()
    return found


def test_a_second_print_of_the_month_report_is_a_copy(report, cast, as_user):
    url = f"/reports/{report.pk}"
    auditor = as_user(cast.auditor)
    looked = auditor.get(url).content.decode()
    assert "data-print-now" not in looked and not Paper.objects.exists()
    first = auditor.post(url).content.decode()
    assert "data-print-now" in first and "副本" not in first and "指标" in first
    again = as_user(cast.supervisor).post(url).content.decode()
    assert "副本 第 1 次补打" in stamps(again) and "沈严 打印" in stamps(again)
    kept = json.loads(Paper.objects.get(copy=0).facts)
    assert kept["sha256"] == report.sha256 and kept["title"] == "2026年3月基金运行报表"
    assert AuditLine.objects.filter(action="desk.print_paper").count() == 2
    assert as_user(cast.other_officer).post(url).status_code in {403, 404}
    assert as_user(cast.sysadmin).post(url).status_code == 403
    assert Paper.objects.count() == 2
