"""A what-if as a job: asked for once, computed once, its progress in sight, kept for ever."""

from pathlib import Path
from threading import Event, Thread

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction
from kombu.exceptions import OperationalError as BrokerError

from accounts.errors import Refusal
from accounts.models import AuditLine
from desk import jobs
from desk.jobs import carry_on
from reports.whatif import services
from reports.whatif.models import Simulation
from reports.whatif.run import simulate
from reports.whatif.services import request_simulation
from tests.reports.whatif.conftest import YEAR, compute_simulation

Status = Simulation.Status
CASES = Path(__file__).resolve().parents[2] / "cases"


class TestRequest:
    def test_the_row_waits_and_the_trail_knows(self, simulation, cast):
        assert (simulation.status, simulation.percent) == ("waiting", 0)
        line = AuditLine.objects.get(action="policies.simulate")
        assert (line.user, line.after["year"]) == (cast.supervisor, YEAR)
        assert line.after["sha256"] == simulation.sha256

    def test_the_same_text_that_still_waits_is_the_same_row(self, simulation, cast, county):
        def again():
            return request_simulation(
                actor=cast.accountant,
                area=county,
                year=YEAR,
                source=simulation.source,
                name="草稿1",
            )

        assert again() == simulation
        compute_simulation(simulation.pk)
        assert again() != simulation

    def test_a_text_that_is_no_pack_makes_no_row(self, cast, county):
        with pytest.raises(Refusal, match="草稿2"):
            request_simulation(
                actor=cast.supervisor, area=county, year=YEAR, source="title: x", name="草稿2"
            )
        assert not Simulation.objects.exists()

    def test_a_text_of_an_earlier_format_is_tried_out_like_any_other(self, cast, county, year):
        """What waited, or was adopted, before the format changed."""
        source = (CASES / "format_one" / "dazu.yaml").read_text("utf-8")
        row = request_simulation(
            actor=cast.supervisor, area=county, year=YEAR, source=source, name="旧办法"
        )
        compute_simulation(row.pk)
        row.refresh_from_db()
        assert (row.status, row.failure) == (Status.DONE, "")

    def test_a_township_is_no_pooling_area(self, cast, town_a, pack):
        with pytest.raises(Refusal, match="按统筹区"):
            request_simulation(
                actor=cast.supervisor, area=town_a, year=YEAR, source=pack.source, name="x"
            )


class TestCompute:
    def test_done_with_figures(self, simulation):
        assert compute_simulation(simulation.pk) is True
        simulation.refresh_from_db()
        assert (simulation.status, simulation.percent) == (Status.DONE, 100)
        assert simulation.figures["total"]["after"] == 10335_00
        assert simulation.figures["policy"]["sha256"] == simulation.sha256

    def test_delivered_twice_it_is_computed_once(self, simulation, monkeypatch):
        compute_simulation(simulation.pk)
        monkeypatch.setattr(services, "simulate", lambda **_: pytest.fail("computed again"))
        assert compute_simulation(simulation.pk) is False
        assert compute_simulation(4711) is False

    def test_its_progress_is_written_down_stage_by_stage(self, simulation, monkeypatch):
        told = []

        def watched(*, progress, **arguments):
            def both(percent, stage):
                progress(percent, stage)
                told.append(Simulation.objects.values_list("percent", "stage").get())

            return simulate(progress=both, **arguments)

        monkeypatch.setattr(services, "simulate", watched)
        compute_simulation(simulation.pk)
        assert told == [
            (5, "读取结算数据"),
            (70, "按原办法重算核对"),
            (80, "按试算办法计算"),
            (90, "比较汇总"),
        ]

    def test_a_lost_broker_loses_nothing(
        self, year, cast, county, worse_city, monkeypatch, django_capture_on_commit_callbacks
    ):
        def unreachable(*_):
            raise BrokerError("connection refused")

        monkeypatch.setattr(jobs.take_up, "delay", unreachable)
        with django_capture_on_commit_callbacks(execute=True):
            simulation = request_simulation(
                actor=cast.supervisor, area=county, year=YEAR, source=worse_city, name="草稿1"
            )
        simulation.refresh_from_db()
        assert simulation.status == Status.WAITING
        assert carry_on() == 1
        simulation.refresh_from_db()
        assert simulation.status == Status.DONE

    def test_left_behind_by_a_dead_worker_it_is_taken_up_again(self, simulation):
        Simulation.objects.filter(pk=simulation.pk).update(status=Status.RUNNING, percent=45)
        assert carry_on() == 1
        simulation.refresh_from_db()
        assert simulation.status == Status.DONE

    def test_a_refusal_is_told_in_words(self, cast, county, pack):
        row = request_simulation(
            actor=cast.supervisor, area=county, year=YEAR, source=pack.source, name="x"
        )
        assert compute_simulation(row.pk) is True
        row.refresh_from_db()
        assert (row.status, row.figures) == (Status.FAILED, None)
        assert "还没有结算单" in row.failure
        assert carry_on() == 0

    def test_a_fault_is_raised_and_shown(self, simulation, monkeypatch):
        def broken(**_):
            raise ZeroDivisionError

        monkeypatch.setattr(services, "simulate", broken)
        with pytest.raises(ZeroDivisionError):
            compute_simulation(simulation.pk)
        simulation.refresh_from_db()
        assert simulation.status == Status.FAILED and "系统管理员" in simulation.failure

    def test_a_lost_database_leaves_it_for_the_next_attempt(self, simulation, monkeypatch):
        def lost(**_):
            raise OperationalError("server closed the connection")

        monkeypatch.setattr(services, "simulate", lost)
        with pytest.raises(OperationalError):
            compute_simulation(simulation.pk)
        monkeypatch.undo()
        simulation.refresh_from_db()
        assert simulation.status == Status.RUNNING
        assert carry_on() == 1


@pytest.mark.usefixtures("no_worker")
@pytest.mark.django_db(transaction=True)
def test_two_workers_never_compute_the_same(simulation, monkeypatch):
    """The second finds the row taken and goes away; everybody sees how far the first is."""
    entered, may_go_on = Event(), Event()

    def slow(**arguments):
        arguments["progress"](30, "正在读")
        entered.set()
        assert may_go_on.wait(20)
        return simulate(**arguments)

    monkeypatch.setattr(services, "simulate", slow)
    results = []

    def work() -> None:
        try:
            results.append(compute_simulation(simulation.pk))
        finally:
            connection.close()

    first = Thread(target=work)
    first.start()
    assert entered.wait(20)
    second = Thread(target=work)
    second.start()
    second.join(20)
    assert results == [False]
    simulation.refresh_from_db()
    assert (simulation.status, simulation.percent, simulation.stage) == (
        "running", 30, "正在读",
    )  # fmt: skip
    may_go_on.set()
    first.join(20)
    assert results == [False, True]
    simulation.refresh_from_db()
    assert simulation.figures["total"]["after"] == 10335_00


@pytest.mark.usefixtures("no_worker")
@pytest.mark.django_db(transaction=True)
def test_a_worker_reads_one_moment_only(simulation, monkeypatch):
    levels = []
    original = services.simulate

    def watched(**arguments):
        from reports.whatif import run

        read = run.load_year

        def looking(**given):
            with connection.cursor() as cursor:
                cursor.execute("SHOW transaction_isolation")
                levels.append(cursor.fetchone()[0])
            return read(**given)

        monkeypatch.setattr(run, "load_year", looking)
        return original(**arguments)

    monkeypatch.setattr(services, "simulate", watched)
    compute_simulation(simulation.pk)
    assert levels == ["repeatable read"]


class TestGuards:
    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE reports_simulation SET figures = '{}'",
            "UPDATE reports_simulation SET status = 'waiting', figures = NULL",
            "DELETE FROM reports_simulation",
        ],
    )
    def test_a_finished_what_if_is_a_document(self, simulation, statement):
        compute_simulation(simulation.pk)
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)

    def test_the_text_that_is_tried_never_changes(self, simulation):
        with pytest.raises(IntegrityError), transaction.atomic():
            Simulation.objects.filter(pk=simulation.pk).update(source="title: x")
