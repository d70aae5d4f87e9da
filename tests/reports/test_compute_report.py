"""A report as a job: asked for once, computed once, kept for ever."""

from datetime import UTC, date, datetime, time
from threading import Event, Thread

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction
from kombu.exceptions import OperationalError as BrokerError

from accounts.errors import Refusal
from accounts.models import AuditLine
from desk import jobs
from desk.daily import do_due
from desk.jobs import carry_on
from funds.services import open_book
from lib.periods import Month
from reports import services, tasks
from reports.figures import collect, fingerprint
from reports.models import MonthlyReport
from reports.services import request_last_month, request_report
from tests.reports.conftest import MARCH, TODAY, compute_report

Status = MonthlyReport.Status


@pytest.fixture
def report(spring, cast, county) -> MonthlyReport:
    return request_report(actor=cast.supervisor, area=county, month=MARCH, on=TODAY)


class TestRequest:
    def test_the_row_waits_and_the_trail_knows(self, report, cast):
        assert (report.status, report.edition, str(report.as_month)) == ("waiting", 1, "2026-03")
        line = AuditLine.objects.get(action="reports.request")
        assert (line.user, line.after) == (cast.supervisor, {"month": "2026-03", "edition": 1})

    def test_asking_again_while_it_waits_gives_the_same_row(self, report, cast, county):
        again = request_report(actor=cast.accountant, area=county, month=MARCH, on=TODAY)
        assert again == report
        assert MonthlyReport.objects.count() == 1

    def test_asking_again_when_it_is_done_makes_a_new_edition(self, report, cast, county):
        compute_report(report.pk)
        again = request_report(actor=cast.supervisor, area=county, month=MARCH, on=TODAY)
        assert (again.edition, again.status) == (2, Status.WAITING)
        compute_report(again.pk)
        report.refresh_from_db()
        again.refresh_from_db()
        assert again.sha256 == report.sha256

    def test_a_month_to_come_is_refused(self, cast, county):
        with pytest.raises(Refusal, match="2026年4月还没有开始"):
            request_report(actor=cast.supervisor, area=county, month=Month(2026, 4), on=TODAY)
        assert not MonthlyReport.objects.exists()

    def test_a_township_is_no_pooling_area(self, cast, town_a):
        with pytest.raises(Refusal, match="按统筹区"):
            request_report(actor=cast.supervisor, area=town_a, month=MARCH, on=TODAY)

    def test_the_routine_asks_once_for_every_area_with_books(self, book, county, other_county):
        first = request_last_month(on=date(2026, 4, 1))
        assert [(r.area, r.as_month, r.requested_by) for r in first] == [(county, MARCH, None)]
        assert request_last_month(on=date(2026, 4, 1)) == []
        open_book(actor=None, area=other_county, first_month=Month(2026, 1))
        assert [r.area for r in request_last_month(on=date(2026, 4, 2))] == [other_county]

    def test_the_routine_asks_for_no_month_before_the_books(self, county):
        """A county that moves in on the first of April has no March here."""
        open_book(actor=None, area=county, first_month=Month(2026, 4))
        assert request_last_month(on=date(2026, 4, 2)) == []
        assert [r.month for r in request_last_month(on=date(2026, 5, 1))] == [4]

    def test_a_night_that_was_missed_is_caught_up(self, book, county, settings):
        """Beat was down on the 1st and 2nd, or made anew: the first sweep of the 3rd asks, once."""
        settings.DAILY = {"reports.tasks.request_last_month": time(0, 5)}
        settings.TODAY = date(2026, 4, 3)
        sweep = datetime(2026, 4, 3, 9, 0, tzinfo=UTC)
        assert do_due(sweep) == ["reports.tasks.request_last_month"]
        assert [r.as_month for r in MonthlyReport.objects.all()] == [MARCH]
        assert do_due(sweep) == []

    def test_one_that_failed_is_tried_again_the_next_day(self, book, county):
        """Without measures the first night fails; the second asks anew, and no third is needed."""
        (first,) = request_last_month(on=date(2026, 4, 1))
        compute_report(first.pk)
        first.refresh_from_db()
        assert first.status == Status.FAILED
        (again,) = request_last_month(on=date(2026, 4, 2))
        assert again.edition == 2
        assert request_last_month(on=date(2026, 4, 2)) == []


class TestCompute:
    def test_done_with_figures_and_fingerprint(self, report, county):
        assert compute_report(report.pk) is True
        report.refresh_from_db()
        assert report.status == Status.DONE
        assert report.figures == collect(area=county, month=MARCH)
        assert report.sha256 == fingerprint(report.figures)
        assert report.started_at <= report.finished_at

    def test_delivered_twice_it_is_computed_once(self, report, monkeypatch):
        compute_report(report.pk)
        monkeypatch.setattr(services, "collect", lambda **_: pytest.fail("computed again"))
        assert compute_report(report.pk) is False

    def test_an_unknown_id_does_nothing(self, db):
        assert compute_report(4711) is False

    def test_left_behind_by_a_dead_worker_it_is_taken_up_again(self, report):
        MonthlyReport.objects.filter(pk=report.pk).update(status=Status.RUNNING)
        assert carry_on() == 1
        report.refresh_from_db()
        assert report.status == Status.DONE

    def test_without_books_it_fails_in_words(self, pack, cast, county):
        report = request_report(actor=cast.supervisor, area=county, month=MARCH, on=TODAY)
        assert compute_report(report.pk) is True
        report.refresh_from_db()
        assert (report.status, report.figures) == (Status.FAILED, None)
        assert "账套" in report.failure
        assert carry_on() == 0

    def test_a_fault_is_raised_and_shown(self, report, monkeypatch):
        def broken(**_):
            raise ZeroDivisionError

        monkeypatch.setattr(services, "collect", broken)
        with pytest.raises(ZeroDivisionError):
            compute_report(report.pk)
        report.refresh_from_db()
        assert report.status == Status.FAILED
        assert "系统管理员" in report.failure

    def test_a_lost_database_leaves_it_for_the_next_attempt(self, report, monkeypatch):
        def lost(**_):
            raise OperationalError("server closed the connection")

        monkeypatch.setattr(services, "collect", lost)
        with pytest.raises(OperationalError):
            compute_report(report.pk)
        report.refresh_from_db()
        assert report.status == Status.RUNNING
        monkeypatch.undo()
        assert carry_on() == 1

    def test_the_task_of_the_first_of_the_month(self, spring, county, settings):
        settings.TODAY = date(2026, 4, 1)
        assert tasks.request_last_month() == 1
        assert carry_on() == 1
        assert MonthlyReport.objects.get().status == Status.DONE


@pytest.mark.usefixtures("no_worker")
@pytest.mark.django_db(transaction=True)
def test_two_workers_never_compute_the_same(report, county, monkeypatch):
    """The second finds the row locked and goes away; the first keeps its one view of the data."""
    entered, may_go_on = Event(), Event()

    def slow(**arguments):
        entered.set()
        assert may_go_on.wait(20)
        with connection.cursor() as cursor:
            cursor.execute("SHOW transaction_isolation")
            assert cursor.fetchone() == ("repeatable read",)
        return collect(**arguments)

    monkeypatch.setattr(services, "collect", slow)
    results = []

    def work() -> None:
        try:
            results.append(compute_report(report.pk))
        finally:
            connection.close()

    first = Thread(target=work)
    first.start()
    assert entered.wait(20)
    second = Thread(target=work)
    second.start()
    second.join(20)
    assert results == [False]
    may_go_on.set()
    first.join(20)
    assert results == [False, True]
    report.refresh_from_db()
    assert report.status == Status.DONE


def test_without_a_broker_the_row_still_waits(
    spring, cast, county, monkeypatch, caplog, django_capture_on_commit_callbacks
):
    def unreachable(*_):
        raise BrokerError("no broker")

    monkeypatch.setattr(jobs.take_up, "delay", unreachable)
    with django_capture_on_commit_callbacks(execute=True):
        report = request_report(actor=cast.supervisor, area=county, month=MARCH, on=TODAY)
    report.refresh_from_db()
    assert report.status == Status.WAITING
    assert "broker unreachable" in caplog.text
    assert carry_on() == 1


class TestGuards:
    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE reports_monthlyreport SET figures = '{}'",
            "UPDATE reports_monthlyreport SET status = 'waiting', figures = NULL, sha256 = ''",
            "UPDATE reports_monthlyreport SET month = 2",
            "DELETE FROM reports_monthlyreport",
            "SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE reports_monthlyreport",
        ],
    )
    def test_a_finished_report_is_a_document(self, report, statement):
        compute_report(report.pk)
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)

    def test_no_figures_without_being_done(self, report):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("UPDATE reports_monthlyreport SET figures = '{}', sha256 = 'x'")

    def test_one_unfinished_report_per_month(self, report, county):
        with pytest.raises(IntegrityError), transaction.atomic():
            MonthlyReport.objects.create(area=county, year=2026, month=3, edition=2)
