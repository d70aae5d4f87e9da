"""A county that moves in on 1 July 2026, with what its old system says was used up to 30 June."""

from collections.abc import Callable, Sequence
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from claims.carried.handing_over import HEADER
from claims.carried.models import CarriedFile
from claims.carried.services import CARRIED_FILES
from enrollment.models import Person
from tests.conftest import file_of

MOVED = date(2026, 7, 1)
COUNTED_TO = date(2026, 6, 30)
Rows = Sequence[Sequence[str]]


def used_row(person: Person, item: str, used: str, part: str = "", period: str = "") -> list[str]:
    return [person.name, person.resident_id, item, part, period, used]


@pytest.fixture
def sent(
    cast: SimpleNamespace, django_capture_on_commit_callbacks: Callable[..., Any]
) -> Callable[..., CarriedFile]:
    """周文静 sends a file; the worker judges it."""

    def send(*rows: Sequence[str], **given: Any) -> CarriedFile:
        about = {
            "system": "县新农合信息系统", "document": "数据交接单 2026-07", "on": MOVED,
            "counted_to": COUNTED_TO, "actor": cast.reviewer, "file_name": "已用.xlsx",
        } | given  # fmt: skip
        with django_capture_on_commit_callbacks(execute=True):
            upload, _ = CARRIED_FILES.upload(content=file_of([HEADER, *rows]), **about)
        upload.refresh_from_db()
        return upload

    return send


@pytest.fixture
def agreed(
    cast: SimpleNamespace, django_capture_on_commit_callbacks: Callable[..., Any]
) -> Callable[..., CarriedFile]:
    """吴国栋 agrees; the worker writes it."""

    def agree(upload: CarriedFile, **given: Any) -> CarriedFile:
        how = {"actor": cast.approver, "on": MOVED} | given
        with django_capture_on_commit_callbacks(execute=True):
            CARRIED_FILES.confirm(upload=upload, sha256=upload.sha256, **how)
        upload.refresh_from_db()
        return upload

    return agree
