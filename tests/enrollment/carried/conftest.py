"""A county that comes in the middle of 2026 with two families of 桥亭村."""

from collections.abc import Callable, Sequence
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from accounts.models import Division, User
from desk.jobs import run
from enrollment.carried.models import CarriedRow, CarriedTable
from enrollment.carried.services import CARRIED
from enrollment.rosters.models import RegisterImport
from enrollment.rosters.services import REGISTERS
from policies.models import Pack
from tests.conftest import file_of
from tests.enrollment.rosters.conftest import number

JULY = date(2026, 7, 10)
MIDYEAR = date(2026, 6, 30)
ROSTER = [
    "村", "户主姓名", "姓名", "身份证号", "与户主关系", "联系电话", "原系统户号", "原个人编号",
    "银行账号", "开户人",
]  # fmt: skip
CHEN, LI, MING = number("19780512"), number("19800103", male=False), number("20120901")
YANG = number("19650301")
FAMILIES = [
    ROSTER,
    ["桥亭村", "陈国强", "陈国强", CHEN, "户主", "13800000001", "A0801", "P1",
     "62220001", "陈国强"],
    ["桥亭村", "", "李桂芳", LI, "妻", "", "A0801", "P2", "", ""],
    ["桥亭村", "", "陈小明", MING, "子", "", "A0801", "P3", "", ""],
    ["桥亭村", "杨大山", "杨大山", YANG, "户主", "", "A0802", "P4", "", ""],
]  # fmt: skip


def brought(actor: User, rows: Sequence[Sequence[Any]], name: str = "名册.xlsx") -> RegisterImport:
    """The families as a roster, registered."""
    sent, _ = REGISTERS.upload(
        actor=actor, file_name=name, content=file_of(rows), on=JULY, carried=True
    )
    run("enrollment.registerimport", sent.pk, JULY)
    sent.refresh_from_db()
    if sent.open_households:
        REGISTERS.confirm(actor=actor, upload=sent, sha256=sent.sha256, on=JULY)
        run("enrollment.registerimport", sent.pk, JULY)
    return RegisterImport.objects.get(pk=sent.pk)


def judged(actor: User, kind: str, rows: Sequence[Sequence[Any]]) -> CarriedTable:
    """A file of the old system, checked."""
    sent, _ = CARRIED.upload(
        actor=actor, file_name=f"{kind}.xlsx", content=file_of(rows), on=JULY, kind=kind,
        as_of=MIDYEAR,
    )  # fmt: skip
    run("enrollment.carriedtable", sent.pk, JULY)
    return CarriedTable.objects.get(pk=sent.pk)


def carried(cast: SimpleNamespace, kind: str, rows: Sequence[Sequence[Any]]) -> CarriedTable:
    """Sent by 周文静, confirmed by 吴国栋, written."""
    sent = judged(cast.reviewer, kind, rows)
    CARRIED.confirm(actor=cast.approver, upload=sent, sha256=sent.sha256, on=JULY)
    run("enrollment.carriedtable", sent.pk, JULY)
    return CarriedTable.objects.get(pk=sent.pk)


def problems(sent: CarriedTable) -> dict[int, str]:
    """Line → what is said of it, of the lines that are not right."""
    rows = CarriedRow.objects.filter(upload=sent).exclude(verdict="r")
    return dict(rows.order_by("line").values_list("line", "problem"))


@pytest.fixture
def families(
    cast: SimpleNamespace, pack: Pack, village_a: Division, no_worker: None
) -> Callable[[], SimpleNamespace]:
    brought(cast.clerk_a, FAMILIES)
    return lambda: cast
