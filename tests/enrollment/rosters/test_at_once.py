"""Windows and workers on one roster at the same time: one file, one confirmation, written once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection

from accounts.errors import Refusal
from accounts.models import AuditLine, Division
from desk.jobs import run
from enrollment.models import Campaign, Enrollment, Household, ReceiptRun
from enrollment.rosters.models import RegisterImport
from enrollment.rosters.services import REGISTERS
from tests.enrollment.rosters.conftest import HEADER, OCTOBER, the_chens, the_yangs, xlsx

HANDS = 4


def at_once(act: Callable[[int], Any]) -> list[Any]:
    """What each of the hands was told; a refusal as its words."""
    gate = Barrier(HANDS)

    def hand(at: int) -> Any:
        try:
            gate.wait(timeout=10)
            return act(at)
        except Refusal as refusal:
            return refusal.message
        finally:
            connection.close()

    with ThreadPoolExecutor(HANDS) as pool:
        return list(pool.map(hand, range(HANDS)))


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_one_roster_in_many_hands(
    no_worker: None, campaign: Campaign, cast: SimpleNamespace, village_a: Division
) -> None:
    content = xlsx([HEADER, *the_chens(), *the_yangs()])
    clerks = (cast.clerk_a, cast.clerk_a2)

    def upload(at: int) -> Any:
        return REGISTERS.upload(
            actor=clerks[at % 2], file_name="名册.xlsx", content=content, on=OCTOBER
        )

    sent = at_once(upload)
    register = RegisterImport.objects.get()
    assert sorted(again for _, again in sent) == [False, True, True, True]

    def work(_: int) -> Any:
        return run("enrollment.registerimport", register.pk, OCTOBER)

    at_once(work)
    register.refresh_from_db()
    assert (register.status, register.row_count) == ("checked", 5)

    def confirm(at: int) -> Any:
        REGISTERS.confirm(actor=clerks[at % 2], upload=register, sha256=register.sha256, on=OCTOBER)

    said = at_once(confirm)
    assert said.count(None) == 1
    assert ReceiptRun.objects.count() == 1
    at_once(work)
    register.refresh_from_db()
    assert register.status == "done" and not ReceiptRun.objects.exists()
    assert (Household.objects.count(), Enrollment.objects.count()) == (2, 4)
    acts = list(
        AuditLine.objects.filter(action__contains="regist").values_list("action", flat=True)
    )
    assert sorted(acts) == [
        "enrollment.apply_register",
        "enrollment.confirm_register",
        "enrollment.register_applied",
        "enrollment.upload_register",
    ]
