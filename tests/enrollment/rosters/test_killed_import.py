"""A worker is killed (kill -9) while it checks or writes: nothing is lost, nothing doubled."""

import os
import signal
import subprocess
import sys
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connection

from accounts.models import AuditLine
from desk.importing import forget_old_files
from desk.jobs import carry_on
from enrollment.models import Enrollment, Household, Person
from enrollment.rosters.models import RegisterHousehold, RegisterImport, RegisterRow
from enrollment.rosters.services import REGISTERS
from tests.enrollment.rosters.conftest import HEADER, OCTOBER, as_csv, number

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.seconds(60)]
PEOPLE, HOUSEHOLDS = 2000, 500
# A worker that dies by its own hand: mid-transaction, after `sys.argv[2]` writes.
WORKER = """
import os, signal, sys
import django
django.setup()
from django.conf import settings
import datetime
settings.TODAY = datetime.date(2025, 10, 15)
from enrollment.rosters import confirming, staging
from desk.jobs import take_up

confirming.BATCH = 50
left = [int(sys.argv[2])]

def deadly(step):
    def run(*args):
        result = step(*args)
        left[0] -= 1
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)
        return result
    return run

if left[0]:
    module, step = sys.modules[sys.argv[3]], sys.argv[4]
    setattr(module, step, deadly(getattr(module, step)))
take_up("enrollment.registerimport", int(sys.argv[1]))
"""
CONFIRMING = "enrollment.rosters.confirming"
WRITING = "enrollment.rosters.writing"
STAGING = "enrollment.rosters.staging"


def worker(
    register: RegisterImport, *, dies_after: int = 0, module: str = "", step: str = ""
) -> int:
    """Run the task in a process of its own, on the tests' database; its exit code."""
    database = connection.settings_dict
    url = f"postgres://{database['USER']}:{database['PASSWORD']}@{database['HOST']}"
    done = subprocess.run(
        [sys.executable, "-c", WORKER, str(register.pk), str(dies_after), module, step],
        env=os.environ | {"DATABASE_URL": f"{url}:{database['PORT']}/{database['NAME']}"},
        cwd=django_settings.BASE_DIR,
        check=False,
    )
    return done.returncode


def register_of(count: int) -> bytes:
    rows: list[list[Any]] = []
    for i in range(count):
        household = i // 4
        head = i % 4 == 0
        born = f"{1950 + household % 40}{household // 40 % 12 + 1:02d}{i % 4 + 1:02d}"
        name = f"陈{'甲乙丙丁'[i % 4]}"
        relationship = "户主" if head else "其他"
        resident_id = number(born, household // 480 + 1)
        rows.append(["桥亭村", "", household + 1, name, resident_id, relationship])
        rows[-1] += ["农村", "", "二档", "是"]
    return as_csv([HEADER, *rows])


@pytest.fixture
def register(campaign: Any, cast: SimpleNamespace, village_a: Any, no_worker: None) -> Any:
    content = register_of(PEOPLE)
    return REGISTERS.upload(actor=cast.clerk_a, file_name="名册.csv", content=content, on=OCTOBER)[
        0
    ]


def test_killed_at_every_stage(register: RegisterImport, cast: SimpleNamespace) -> None:
    # While it stages: the register waits as if nothing had been.
    assert worker(register, dies_after=2, module=STAGING, step="copy_rows") == -signal.SIGKILL
    register.refresh_from_db()
    assert register.status == "waiting"
    assert not RegisterRow.objects.exists()
    assert not RegisterHousehold.objects.exists()
    assert worker(register) == 0
    register.refresh_from_db()
    assert (register.status, register.row_count) == ("checked", PEOPLE)
    assert register.error_count == 0

    REGISTERS.confirm(actor=cast.clerk_a, upload=register, sha256=register.sha256, on=OCTOBER)
    # While it writes: before a commit, after all statements of the batch have run.
    applied = 0
    for batches in (1, 3, 2):
        code = worker(register, dies_after=batches, module=CONFIRMING, step="write")
        assert code == -signal.SIGKILL
        register.refresh_from_db()
        applied += 50 * (batches - 1)
        assert (register.status, register.applied_through) == ("applying", applied)
        assert Person.objects.count() == Enrollment.objects.count() == 4 * applied
        assert Household.objects.count() == applied
    # Half-way through a batch: people are in, the cursor is not moved.
    assert worker(register, dies_after=1, module=WRITING, step="_new_households") < 0
    assert worker(register) == 0
    assert worker(register) == 0  # and once more, for nothing

    register.refresh_from_db()
    assert (register.status, register.applied_through) == ("done", HOUSEHOLDS)
    assert (register.new_people, register.new_enrollments) == (PEOPLE, PEOPLE)
    assert Person.objects.values("resident_id_index").distinct().count() == PEOPLE
    assert Enrollment.objects.values("person").distinct().count() == PEOPLE
    numbers = list(Household.objects.order_by("number").values_list("number", flat=True))
    assert numbers == [f"500225010100{i:04d}" for i in range(1, HOUSEHOLDS + 1)]
    lines = AuditLine.objects.filter(action="enrollment.apply_register")
    assert sum(line.after["new_people"] for line in lines) == PEOPLE


def test_a_lost_message_is_made_good_by_the_periodic_task(
    register: RegisterImport, settings: Any
) -> None:
    settings.TODAY = OCTOBER
    carry_on()
    register.refresh_from_db()
    assert register.status == "checked"
    assert register.content
    settings.TODAY = date(2099, 1, 1)
    forget_old_files()
    register.refresh_from_db()
    assert (register.content, register.forgotten) == ("", True)
    assert not RegisterRow.objects.exists()
