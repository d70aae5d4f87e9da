"""The Chens of 桥亭村, and lists as the county's departments send them in spring 2026."""

from collections.abc import Callable, Sequence
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from accounts.models import Division
from enrollment.models import Household
from enrollment.status_lists.models import StatusList
from enrollment.status_lists.services import STATUS_LISTS
from tests.enrollment.people.conftest import MARCH, named
from tests.enrollment.rosters.conftest import as_csv, xlsx

FEBRUARY = date(2026, 2, 10)
HEADER = ["姓名", "身份证号", "救助类型"]


@pytest.fixture
def chens(register: Any, village_a: Division) -> Household:
    return register(
        village_a,
        ("陈国强", "19780512", "0"),
        ("李桂芳", "19800103", "1"),
        ("陈小明", "20020901", "2"),
        ("陈小红", "20050415", "3"),
        ("张素珍", "19500220", "5"),
        ("陈小勇", "20081122", "2"),
    )


def row(name: str, *more: Any) -> list[Any]:
    """A row of a list about somebody in the register."""
    return [name, named(name).resident_id, *more]


def aid(*people: tuple[str, str]) -> list[list[Any]]:
    return [HEADER, *(row(name, identity) for name, identity in people)]


@pytest.fixture
def uploaded(
    cast: SimpleNamespace, django_capture_on_commit_callbacks: Callable[..., Any]
) -> Callable[..., StatusList]:
    """Upload as the county's reviewer and let the worker compare."""

    def upload(
        rows: Sequence[Sequence[Any]] | bytes,
        kind: str = "civil_affairs",
        month: date = MARCH,
        **facts: Any,
    ) -> StatusList:
        content = rows if isinstance(rows, bytes) else xlsx(rows)
        facts = {
            "effective_on": month.replace(day=1), "on": month, "actor": cast.reviewer,
            "file_name": "名单.xlsx",
        } | facts  # fmt: skip
        with django_capture_on_commit_callbacks(execute=True):
            one, _ = STATUS_LISTS.upload(kind=kind, month=month, content=content, **facts)
        one.refresh_from_db()
        return one

    return upload


@pytest.fixture
def confirmed(
    cast: SimpleNamespace, django_capture_on_commit_callbacks: Callable[..., Any]
) -> Callable[[StatusList], StatusList]:
    def confirm(one: StatusList) -> StatusList:
        with django_capture_on_commit_callbacks(execute=True):
            STATUS_LISTS.confirm(
                actor=cast.reviewer, upload=one, sha256=one.sha256,
                on=max(one.uploaded_on, one.effective_on),
            )  # fmt: skip
        one.refresh_from_db()
        return one

    return confirm


def told(one: StatusList, verdict: str) -> list[tuple[str, str, str]]:
    """Name, before and after of the lines with a verdict."""
    lines = one.lines.filter(verdict=verdict).order_by("name")
    return list(lines.values_list("name", "before", "after"))


__all__ = ["as_csv", "xlsx"]
