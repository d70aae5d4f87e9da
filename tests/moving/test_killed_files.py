"""kill -9 of the worker, and of its database, at every tenth of the check and of the writing of
what a county brings: covers, approvals and usage are there once, whole, and counted right.

`bench/kill_import.py` does the same with a hundred thousand rows.
"""

from collections import Counter
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from accounts.models import AuditLine
from claims.carried.handing_over import HEADER as USED
from claims.carried.models import CarriedAmount, CarriedFile, CarriedRow, CarriedUsage
from claims.carried.services import CARRIED_FILES
from claims.filings.carried import CARRIED as FILINGS
from claims.filings.models import CarriedFiling, Filing
from desk.importing import Importing
from desk.jobs import run
from enrollment.carried.models import CarriedRow as CoverRow
from enrollment.carried.models import CarriedTable
from enrollment.carried.services import CARRIED as COVERS
from enrollment.models import Enrollment, Person
from tests.claims.filings.test_carried import HEADER as FILED
from tests.conftest import file_of
from tests.enrollment.carried.conftest import JULY, MIDYEAR, ROSTER, brought
from tests.enrollment.carried.test_covers import HEADER as COVERED
from tests.enrollment.rosters.conftest import number
from tests.kills import DATABASE, WORKER, came_back, in_child

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("as_application", "no_worker", "pack", "village_a"),
    pytest.mark.slow,
    pytest.mark.seconds(90),
]
PEOPLE = 40
IDS = [number(f"{1950 + at}0512") for at in range(PEOPLE)]
NAMES = [f"陈{'甲乙丙丁戊己庚辛壬癸'[at % 10]}" for at in range(PEOPLE)]
Rows = Sequence[Sequence[str]]


@pytest.fixture(autouse=True)
def small_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few rows a portion, so that there are tenths to be killed at."""
    monkeypatch.setattr("desk.carrying.CHUNK", 5)
    monkeypatch.setattr("claims.carried.judging.TOGETHER", 4)
    monkeypatch.setattr("claims.carried.writing.TOGETHER", 2)
    monkeypatch.setattr(type(FILINGS.kinds["filings"]), "batch", 2)


def confirmed(cast: SimpleNamespace, importing: Importing[Any], upload: Any) -> None:
    upload.refresh_from_db()
    assert upload.status == "checked", upload.failure
    importing.confirm(actor=cast.approver, upload=upload, sha256=upload.sha256, on=JULY)


def worked(upload: Any, *, strike_at: int = 0, how: str = "") -> int:
    """A worker takes the file up; how many moments it had."""
    code, told = in_child(
        lambda: run(upload._meta.label_lower, upload.pk, JULY), strike_at=strike_at, how=how
    )
    came_back()
    assert strike_at or (code, told.get("error")) == (0, None), told
    return told.get("moments", 0)


def killed_at_every_tenth(
    cast: SimpleNamespace,
    importing: Importing[Any],
    header: Sequence[str],
    rows: Rows,
    **about: Any,
) -> tuple[Any, Any]:
    """Half of the rows are brought in undisturbed, which tells the moments of the other half."""

    def sent(some: Rows, name: str) -> Any:
        file = {"file_name": name, "content": file_of([header, *some]), "on": JULY}
        return importing.upload(actor=cast.reviewer, **file, **about)[0]

    middle = len(rows) // 2
    quiet, struck = sent(rows[:middle], "甲.xlsx"), sent(rows[middle:], "乙.xlsx")
    for step in ("check", "write"):
        moments = worked(quiet)
        for tenth in range(1, 10):
            how = WORKER if tenth % 2 else DATABASE
            worked(struck, strike_at=max(1, moments * tenth // 10), how=how)
            # What a dead worker leaves may be begun again; three in a row are given up.
            type(struck)._default_manager.filter(pk=struck.pk).update(tries=0)
            if step == "check":
                assert not importing_lines(struck).exists() or is_checked(struck)
        worked(struck)
        if step == "check":
            confirmed(cast, importing, quiet)
            confirmed(cast, importing, struck)
    for upload in (quiet, struck):
        upload.refresh_from_db()
        assert upload.status == "done", upload.failure
    return quiet, struck


def importing_lines(upload: Any) -> Any:
    """The verdicts that are kept of a file."""
    if isinstance(upload, CarriedFile):
        return CarriedRow.objects.filter(file=upload)
    lines = CoverRow if isinstance(upload, CarriedTable) else CarriedFiling
    return lines._default_manager.filter(upload=upload)


def is_checked(upload: Any) -> bool:
    upload.refresh_from_db(fields=["status"])
    return bool(upload.status == "checked")


def told_once(action: str) -> bool:
    """Each file says once in the trail that it was written."""
    lines = AuditLine.objects.filter(action=action).values_list("subject_id", flat=True)
    return set(Counter(lines).values()) == {1}


def test_nothing_is_lost_or_doubled(cast: SimpleNamespace) -> None:
    families = [
        ["桥亭村", name, name, resident_id, "户主", "", f"A{at}", f"P{at}", "", ""]
        for at, (name, resident_id) in enumerate(zip(NAMES, IDS, strict=True))
    ]
    assert brought(cast.clerk_a, [ROSTER, *families]).new_people == PEOPLE

    # Three years of everybody, 50.00 each.
    covers = [
        [name, resident_id, "", str(year), "一档", "现金", "50.00", "", "", "", "", "是"]
        for name, resident_id in zip(NAMES, IDS, strict=True)
        for year in (2024, 2025, 2026)
    ]
    old = {"as_of": MIDYEAR}
    files = killed_at_every_tenth(cast, COVERS, COVERED, covers, kind="covers", **old)
    assert [one.written_count for one in files] == [60, 60]
    assert Enrollment.objects.count() == 3 * PEOPLE
    years = Counter(Enrollment.objects.values_list("year", "consecutive_years"))
    assert years == {(2024, 1): PEOPLE, (2025, 2): PEOPLE, (2026, 3): PEOPLE}

    # An approval each, numbered without a gap.
    approvals = [
        [name, resident_id, "", "慢特病认定", "糖尿病", "县人民医院", "2025-01-01", "2026-12-31",
         "刘医生", "认定表"]
        for name, resident_id in zip(NAMES, IDS, strict=True)
    ]  # fmt: skip
    files = killed_at_every_tenth(cast, FILINGS, FILED, approvals, kind="filings", **old)
    assert [one.written_count for one in files] == [20, 20]
    assert Filing.objects.values("person").distinct().count() == Filing.objects.count() == PEOPLE
    numbers = sorted(Filing.objects.values_list("number", flat=True))
    assert numbers == [f"5002252026B{at:06d}" for at in range(1, PEOPLE + 1)]

    # 100.00 and two stays of everybody.
    used = [
        row for name, resident_id in zip(NAMES, IDS, strict=True)
        for row in ([name, resident_id, "年累计报销额", "", "", "100.00"],
                    [name, resident_id, "年内住院次数", "", "", "2"])
    ]  # fmt: skip
    paper = {"system": "县新农合信息系统", "document": "交接单", "counted_to": MIDYEAR}
    files = killed_at_every_tenth(cast, CARRIED_FILES, USED, used, **paper)
    assert [(one.ready_count, one.refused_count) for one in files] == [(20, 0), (20, 0)]
    assert Counter(CarriedUsage.objects.values_list("version", "is_live")) == {(1, True): PEOPLE}
    amounts = Counter(CarriedAmount.objects.values_list("counter", "amount"))
    assert set(amounts.values()) == {PEOPLE}
    assert sorted(amount for _, amount in amounts) == [2, 10_000]
    assert Person.objects.count() == PEOPLE
    for action in (
        "enrollment.carried_applied", "claims.carried_filings_applied", "claims.carried_in",
    ):  # fmt: skip
        assert told_once(action), action
