"""The engine of jobs, tried on reports: who works, who turns away, what is taken up again."""

import os
from datetime import date
from signal import SIGKILL
from threading import Event, Thread
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import OperationalError, connection, connections, transaction
from django.test import Client

from desk import jobs
from desk.jobs import Job, carry_on, run, start
from lib.periods import Month
from reports.models import MonthlyReport
from reports.services import request_report

TODAY = date(2026, 3, 31)
FIGURES = {"figures": {"claims": 1}, "sha256": "f" * 64}


def report_of(area: Any, month: int = 3, **columns: Any) -> MonthlyReport:
    return MonthlyReport.objects.create(area=area, year=2026, month=month, **columns)


def work_on(report: MonthlyReport) -> bool:
    return run("reports.monthlyreport", report.pk, TODAY)


@pytest.fixture
def works(monkeypatch: pytest.MonkeyPatch) -> Any:
    """works(function): what `work` does instead of computing a report."""

    def replace(work: Any) -> None:
        monkeypatch.setattr(MonthlyReport, "work", work)

    replace(lambda self, tell, on: FIGURES)
    return replace


def test_progress_is_visible_while_it_runs_and_gone_afterwards(works: Any, county: Any) -> None:
    seen = []

    def work(self: Job, tell: Any, *, on: date) -> Any:
        tell(40, "汇总")
        seen.append((on, *MonthlyReport.objects.values_list("status", "percent", "stage").get()))
        return FIGURES

    works(work)
    report = report_of(county)
    assert work_on(report) is True
    report.refresh_from_db()
    assert seen == [(TODAY, "running", 40, "汇总")]
    assert (report.status, report.percent, report.stage) == ("done", 100, "")
    assert report.requested_at <= report.started_at <= report.finished_at


def test_one_that_goes_wrong_does_not_hold_the_others_up(
    works: Any, county: Any, caplog: Any
) -> None:
    def work(self: MonthlyReport, tell: Any, *, on: date) -> Any:
        return {"figures": 1 / (self.month - 1), "sha256": "f" * 64}

    works(work)
    january, march = report_of(county, month=1), report_of(county)
    assert carry_on() == 1
    january.refresh_from_db()
    march.refresh_from_db()
    assert (january.status, march.status) == ("failed", "done")
    assert "系统管理员" in january.failure
    assert f"reports.monthlyreport {january.pk} went wrong" in caplog.text


def test_what_was_given_up_meanwhile_is_not_finished(works: Any, county: Any) -> None:
    """Somebody else ended it while the worker was busy: its result is thrown away."""

    def work(self: Job, tell: Any, *, on: date) -> Any:
        MonthlyReport.objects.update(status="failed", failure="不要了")
        return FIGURES

    works(work)
    report = report_of(county)
    work_on(report)
    report.refresh_from_db()
    assert (report.status, report.failure, report.figures) == ("failed", "不要了", None)


def test_two_areas_with_the_same_key_do_not_wait_for_each_other(
    works: Any, county: Any, other_county: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    names, original = [], jobs.only_one

    def watched(area_code: str, name: str) -> Any:
        names.append(f"{area_code} {name}")
        return original(area_code, name)

    monkeypatch.setattr(jobs, "only_one", watched)
    mine, other = report_of(county), report_of(other_county)
    work_on(mine)
    work_on(other)
    assert names == [
        f"500225 reports_monthlyreport:{mine.pk}",
        f"500226 reports_monthlyreport:{other.pk}",
    ]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("no_worker")
def test_what_comes_in_while_a_worker_is_busy_is_not_left_to_the_sweep(
    works: Any, county: Any
) -> None:
    """The second worker is turned away, so the first looks again before it goes."""
    entered, may_go_on = Event(), Event()
    rounds = []

    def work(self: Job, tell: Any, *, on: date) -> Any:
        rounds.append(on)
        if len(rounds) == 1:
            entered.set()
            assert may_go_on.wait(20)
            return {"status": "waiting"}
        return FIGURES

    works(work)
    report = report_of(county)
    results = []

    def worker() -> None:
        try:
            results.append(work_on(report))
        finally:
            connections.close_all()

    first, second = Thread(target=worker), Thread(target=worker)
    first.start()
    assert entered.wait(20)
    second.start()
    second.join(20)
    may_go_on.set()
    first.join(20)
    report.refresh_from_db()
    assert (results, len(rounds), report.status) == ([False, True], 2, "done")


def test_the_lock_is_given_back(works: Any, county: Any) -> None:
    work_on(report_of(county))
    mine = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
    with connection.cursor() as cursor:
        cursor.execute(mine)
        assert cursor.fetchone() == (0,)


def test_a_started_job_is_announced_after_the_commit_only(
    works: Any, county: Any, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks() as callbacks:
        report = report_of(county)
        start(report)
        report.refresh_from_db()
        assert report.status == "waiting"
    for callback in callbacks:
        callback()
    report.refresh_from_db()
    assert report.status == "done"


def test_the_progress_page_refreshes_when_there_is_nothing_more_to_wait_for(
    works: Any, county: Any, cast: SimpleNamespace, as_user: Any
) -> None:
    report = report_of(county, status="running", percent=45, stage="汇总数据")
    client: Client = as_user(cast.supervisor)
    url = f"/reports/{report.pk}/status"
    page = client.get(url).content.decode()
    assert "汇总数据" in page and 'value="45"' in page and f'hx-get="{url}"' in page
    work_on(report)
    assert client.get(url)["HX-Refresh"] == "true"
    assert as_user(cast.other_officer).get(url).status_code == 404
    assert as_user(cast.clerk_a).get(url).status_code == 403


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("no_worker")
def test_what_the_database_stops_each_time_fails_in_words(works: Any, county: Any) -> None:
    """Tried three times, not for ever."""

    def work(self: Job, tell: Any, *, on: date) -> Any:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 20")
            cursor.execute("SELECT pg_sleep(5)")

    works(transaction.atomic(work))
    report = report_of(county)
    for tries in (1, 2):
        assert carry_on() == 0
        report.refresh_from_db()
        assert (report.status, report.tries) == ("running", tries)
    assert carry_on() == 0
    report.refresh_from_db()
    assert (report.status, report.tries) == ("failed", 0)
    assert report.failure == "连续 3 次超过数据库的时间限制，没有办成，请联系系统管理员"
    assert carry_on() == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("no_worker")
def test_a_database_that_goes_away_counts_against_no_job(works: Any, county: Any) -> None:
    def work(self: Job, tell: Any, *, on: date) -> Any:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    works(work)
    report = report_of(county)
    for _ in range(5):
        with pytest.raises(OperationalError):
            work_on(report)
        connection.close()
    report.refresh_from_db()
    assert (report.status, report.tries) == ("running", 0)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("no_worker")
def test_what_kills_its_worker_each_time_fails_in_words_and_may_be_asked_for_again(
    works: Any, county: Any
) -> None:
    """Begun three times by a process that the system ends, and no fourth time: that would be us."""
    works(lambda self, tell, on: os.kill(os.getpid(), SIGKILL))
    report = report_of(county)
    for tries in (1, 2, 3):
        assert _killed_by(report)
        report.refresh_from_db()
        assert (report.status, report.tries) == ("running", tries)
    assert carry_on() == 1
    report.refresh_from_db()
    assert (report.status, report.tries, report.finished_at is None) == ("failed", 0, False)
    assert report.failure.startswith("连续 3 次办到中途程序被系统中止（多半是内存不足）")
    works(lambda self, tell, on: FIGURES)
    again = request_report(actor=None, area=county, month=Month(2026, 3), on=TODAY)
    assert work_on(again)
    again.refresh_from_db()
    assert (again.status, again.tries) == ("done", 0)


@pytest.mark.django_db(transaction=True)
def test_what_gets_further_each_time_is_gone_on_with(
    works: Any, county: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A long import whose batches are kept outlives many ends of its worker, not three without a
    step."""

    def further(self: MonthlyReport, tell: Any, on: date) -> None:
        tell(self.percent + 10, "正在写入")
        os.kill(os.getpid(), SIGKILL)

    monkeypatch.setattr(MonthlyReport, "begin", lambda self: {"status": self.Status.RUNNING})
    works(further)
    report = report_of(county)
    for times in range(1, 6):
        assert _killed_by(report)
        report.refresh_from_db()
        assert (report.percent, report.tries) == (10 * times, 1)
    works(lambda self, tell, on: os.kill(os.getpid(), SIGKILL))
    assert _killed_by(report) and _killed_by(report)
    carry_on()
    report.refresh_from_db()
    assert report.status == "failed"


def _killed_by(report: MonthlyReport) -> bool:
    """A worker of its own process takes it up; whether that was its end."""
    connections.close_all()
    child = os.fork()
    if not child:
        try:
            work_on(report)
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -SIGKILL
