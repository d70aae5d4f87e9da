"""kill -9 inside the monthly report: of the worker that computes it, and of the routine that asks
for it each month. It is caught up, nothing is kept twice, and no job stands for ever.

A few moments of each act; `bench/kill_money.py` strikes at all.
"""

from dataclasses import dataclass
from datetime import time
from types import SimpleNamespace
from typing import Any

import pytest

from accounts.models import Division
from desk.daily import do_daily_work
from desk.jobs import carry_on, take_up
from lib.periods import Month
from policies.models import Pack
from policies.services import adopt_pack, propose_pack
from reports.figures import collect, fingerprint
from reports.models import MonthlyReport
from reports.services import request_report
from tests.conftest import PACKS
from tests.kills import Story, play
from tests.reports.conftest import MARCH, TODAY

ACTS = ("report", "monthly")
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("as_application", "no_worker"),
    pytest.mark.slow,
]


@dataclass
class Stage:
    """Asks for one edition of March after the other, and lets one month after the other pass."""

    settings: Any
    area: Division
    sha256: str
    month: Month = MARCH

    def report(self) -> Story:
        """A worker is told to compute an edition of March."""
        self.settings.TODAY = TODAY
        report = request_report(actor=None, area=self.area, month=MARCH, on=TODAY)
        others = MonthlyReport.objects.exclude(pk=report.pk)
        before = list(others.order_by("pk").values_list("pk", "edition", "sha256"))

        def times_done() -> int:
            assert list(others.order_by("pk").values_list("pk", "edition", "sha256")) == before
            return self._done(report, self.sha256)

        return Story(
            send=lambda: take_up("reports.monthlyreport", report.pk),
            again=carry_on,
            anew=carry_on,
            times_done=times_done,
        )

    def monthly(self) -> Story:
        """On the first of a month the beat's sweeps ask for the report of the last, and compute
        it."""
        month = self.month = self.month.next()
        self.settings.TODAY = month.next().first
        self.settings.DAILY = {"reports.tasks.request_last_month": time(0)}

        def sweeps() -> None:
            do_daily_work()
            carry_on()

        def times_done() -> int:
            rows = list(MonthlyReport.objects.filter(area=self.area).of_month(month))
            assert len(rows) < 2
            return sum(self._done(row, fingerprint(collect(area=self.area, month=month)))
                       for row in rows)  # fmt: skip

        return Story(send=sweeps, again=sweeps, anew=sweeps, times_done=times_done)

    def _done(self, report: MonthlyReport, sha256: str) -> int:
        report.refresh_from_db()
        assert report.status in ("waiting", "running", "done"), report.failure
        if report.status != "done":
            assert report.figures is None
            return 0
        assert report.sha256 == sha256 == fingerprint(report.figures or {})
        assert (report.percent, report.tries) == (100, 0)
        return 1

    def whole(self) -> None:
        """Nothing is booked here; the books are asked at the end."""


@pytest.fixture
def pack(cast: SimpleNamespace, county: Division) -> Pack:
    """The Dazu measures for longer: every strike lets a month pass, and there are many."""
    source = (PACKS / "dazu.yaml").read_text(encoding="utf-8")
    longer = source.replace("to: 2027-12-31", "to: 2060-12-31")
    proposed = propose_pack(actor=cast.supervisor, area=county, source=longer)
    return adopt_pack(actor=cast.approver, pack=proposed, approval="府发〔2026〕1号")


@pytest.fixture
def stage(spring: SimpleNamespace, county: Division, settings: Any) -> Stage:
    return Stage(settings, county, fingerprint(collect(area=county, month=MARCH)))


def test_killed_and_done_again(stage: Stage) -> None:
    play(stage, ACTS, stage.whole)
