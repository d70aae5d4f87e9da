"""A month that is over is looked at as a whole: the same result twice, and after a worker died."""

from datetime import date

import pytest
from django.test import override_settings
from django.urls import reverse

from accounts.errors import Refusal
from desk.jobs import run as take_up
from institutions.models import Institution
from lib.periods import Month
from supervision.models import Alert, MonthRun, Screening
from supervision.runs import services
from supervision.runs.services import request_run, standings
from supervision.services import handle_alert

pytestmark = pytest.mark.django_db
MARCH = Month(2026, 3)
APRIL = date(2026, 4, 2)


@pytest.fixture(autouse=True)
def in_april():
    with override_settings(TODAY=APRIL):
        yield


def walked(cast, county, month: Month = MARCH) -> MonthRun:
    asked = request_run(actor=cast.supervisor, area=county, month=month)
    take_up("supervision.monthrun", asked.pk, APRIL)
    asked.refresh_from_db()
    return asked


def test_the_month_of_a_hospital_is_summed(cast, county, wang, neighbours, settled):
    """5 % is the limit of the county hospital: 240.00 and 250.00 of 5 000.00 each are within it,
    600.00 is not; together 1 090.00 of 15 000.00 are 7.27 %."""
    offs = ("240.00", "250.00", "600.00")
    *_, third = (
        settled(person, 1 + 3 * at, 2 + 3 * at, off_catalogue=off)
        for at, (person, off) in enumerate(zip((wang, *neighbours), offs, strict=False))
    )
    done = walked(cast, county)
    assert (done.status, done.looked_at, done.percent) == ("done", 3, 100)
    assert done.found == {"A11": 1, "A30": 1}
    alert = Alert.objects.get(rule="A30")
    assert alert.settlement == third
    assert "2026-03 目录外费用 1,090.00 元，占 7.27%，超过第三十条的 5.00%" in alert.finding
    assert done.added == 1  # the bill's own alert was made on the way, by the usual screening
    assert Screening.objects.count() == 3
    again = walked(cast, county)
    assert (again.found, again.added) == (done.found, 0)
    assert Alert.objects.count() == 2


def test_a_month_is_judged_by_the_level_its_visits_had(cast, county, wang, hospital, settled):
    """400.00 of 5 000.00 are 8 %: beyond a county hospital's 5 %, within a township one's 10 %."""
    settled(wang, 1, 2, off_catalogue="400.00")
    Institution.objects.filter(pk=hospital.pk).update(level="township")
    assert walked(cast, county).found["A30"] == 1
    assert "占 8.00%，超过第三十条的 5.00%" in Alert.objects.get(rule="A30").finding


def test_a_run_goes_on_where_a_worker_died(cast, county, wang, neighbours, settled, monkeypatch):
    for person in neighbours:
        settled(person, 3, 8)
    settled(wang, 10, 12)
    monkeypatch.setattr(services, "AT_ONCE", 2)
    asked = request_run(actor=cast.supervisor, area=county, month=MARCH)
    real, times = services._screen_next, []

    def dies_at_the_second(*given):
        times.append(1)
        if len(times) == 2:
            raise SystemExit
        return real(*given)

    monkeypatch.setattr(services, "_screen_next", dies_at_the_second)
    with pytest.raises(SystemExit):
        take_up("supervision.monthrun", asked.pk, APRIL)
    asked.refresh_from_db()
    assert (asked.status, asked.looked_at) == ("running", 2)
    take_up("supervision.monthrun", asked.pk, APRIL)
    asked.refresh_from_db()
    assert (asked.status, asked.looked_at) == ("done", 4)
    assert Alert.objects.filter(rule="A12").count() == 3


def test_only_a_month_that_is_over(cast, county):
    with pytest.raises(Refusal, match="已经结束的月份"):
        request_run(actor=cast.supervisor, area=county, month=Month.of(APRIL))


def test_the_page_tells_hits_and_false_alarms(cast, county, wang, settled, as_user):
    settled(wang, 1, 5, off_catalogue="900.00")
    supervisor = as_user(cast.supervisor)
    told = supervisor.post(reverse("supervision:run_month"), {"month": "2026-03"}, follow=True)
    assert "已开始按月筛查" in told.text
    walked_on = MonthRun.objects.get()
    take_up("supervision.monthrun", walked_on.pk, APRIL)
    alert = Alert.objects.get(rule="A11")
    handle_alert(
        actor=cast.supervisor, alert=alert, event="dismiss_alert", reason="同意书齐全，核对无误"
    )
    one = next(each for each in standings(cast.supervisor) if each.rule.code == "A11")
    assert (one.hits, one.open, one.confirmed, one.dismissed) == (1, 0, 0, 1)
    assert one.false_alarms == 10_000
    page = supervisor.get(reverse("supervision:rules")).text
    assert "2026-03" in page and "100.00%" in page and "筛查这个月" in page
    assert "筛查这个月" not in as_user(cast.auditor).get(reverse("supervision:rules")).text
    assert as_user(cast.auditor).post(reverse("supervision:run_month")).status_code == 403
    assert "月份" in supervisor.post(reverse("supervision:run_month"), {"month": "x"}).text
