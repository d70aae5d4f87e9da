"""What is done once a day is done once a day, also when nobody was there at its hour."""

import subprocess
import sys
from datetime import UTC, date, datetime, time
from threading import Thread
from typing import Any

import pytest
from django.conf import settings as real
from django.db import connection

from desk import daily
from desk.locks import only_one
from desk.models import DailyRun

pytestmark = pytest.mark.django_db
FRIDAY, SATURDAY = date(2026, 3, 6), date(2026, 3, 7)
RUNS: list[str] = []


def sweep() -> None:
    RUNS.append("sweep")


def fail() -> None:
    RUNS.append("fail")
    raise ValueError("no disk")


@pytest.fixture(autouse=True)
def jobs(settings: Any) -> None:
    RUNS.clear()
    settings.TODAY = FRIDAY
    settings.DAILY = {f"{__name__}.fail": time(2, 10), f"{__name__}.sweep": time(6, 30)}


def at(hour: int, minute: int = 0) -> list[str]:
    done = daily.do_due(datetime(2026, 3, 6, hour, minute, tzinfo=UTC))
    return [name.rpartition(".")[2] for name in done]


def test_nothing_before_its_hour_and_once_after_it() -> None:
    assert at(1) == [] and RUNS == []
    assert at(6, 29) == [] and RUNS == ["fail"]
    assert at(6, 30) == ["sweep"]
    assert at(6, 35) == []
    assert RUNS == ["fail", "fail", "sweep", "fail"]  # what fails has not run and is tried again


def test_missed_at_its_hour_it_runs_at_the_next_sweep_of_the_day(settings: Any) -> None:
    assert at(23, 55) == ["sweep"]
    settings.TODAY = SATURDAY
    assert at(0, 5) == []
    assert at(9) == ["sweep"]
    assert DailyRun.objects.get().day == SATURDAY


def test_a_failure_is_logged_with_the_name_of_the_job(caplog: Any) -> None:
    at(3)
    assert "test_daily.fail went wrong" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_do_it_once() -> None:
    def elsewhere() -> None:
        assert at(7) == []
        connection.close()

    with only_one("public", f"daily {__name__}.sweep") as mine:
        assert mine
        other = Thread(target=elsewhere)
        other.start()
        other.join()
    assert "sweep" not in RUNS


def test_a_worker_knows_every_task_of_the_timetable() -> None:
    """Asked of a process that has imported what a worker imports, and no more."""
    asks = (
        "import django; from config.celery import app; django.setup();"
        "app.loader.import_default_modules(); print(*app.tasks)"
    )
    asked = subprocess.run([sys.executable, "-c", asks], capture_output=True, text=True, check=True)
    beat = {entry["task"] for entry in real.CELERY_BEAT_SCHEDULE.values()}
    assert beat - set(asked.stdout.split()) == set()
    assert "desk.daily.do_daily_work" in beat


def test_every_daily_job_runs_on_an_empty_portal(settings: Any) -> None:
    """The real ones, all of them; a second sweep does nothing."""
    settings.DAILY = DAILY
    now = datetime(2026, 3, 6, 7, 0, tzinfo=UTC)
    assert daily.do_due(now) == list(DAILY)
    assert daily.do_due(now) == []


DAILY = dict(real.DAILY)
