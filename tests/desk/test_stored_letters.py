"""Rows written before the doors refused control letters: every list and file of them still opens.

Every text column of every table is spoilt past its guards, as Word's soft break (U+000B), a
terminal's escape (U+001B) and the end of a medium (U+0019) once spoilt single ones.
"""

import io
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import openpyxl
import pytest
from django.apps import apps
from django.db import DatabaseError, connection, models, transaction
from django.test import Client
from django.urls import reverse

from accounts.fields import SealedField
from accounts.models import User
from funds.exports import json_lines, month_workbook
from funds.models import Book
from lib.periods import Month
from tests.desk.conftest import County
from tests.desk.test_listings import ALL, EXPORTED, ROWS, export_url, over, reader

# All control letters but NUL, which the database takes nowhere; what a column has no room for, is
# cut.
SPOILT = "\x0b\x1b\x19" + "".join(chr(code) for code in (*range(1, 32), *range(127, 160)))
# What programs write and read: no person types it, and no form asks for it.
MACHINE = frozenset(
    [
        "password",
        "device",
        "role",
        "request_id",
        "action",
        "subject_type",
        "subject_id",
        "division_code",
        "series",
        "kind",
        "edition",
        "fingerprint",
        "sha256",
        "code",
        "category",
        "event",
        "key",
        "content_digest",
        "tier",
        "institution_code",
        "previous",
        "digest",
        "premium_status",
        "drawn_first",
        "status",
        "field",
        "state",
        "settles",
        "place",
        "care",
        "referral",
        "bill_class",
        "benefit",
        "refusal_code",
        "layer",
        "fund_pay_type",
        "booked_as",
        "counter",
        "rule",
        "batch",
        "statuses",
    ]
)


def text_columns() -> Iterator[tuple[type[models.Model], Any]]:
    """Columns that hold what people typed."""
    for model in apps.get_models():
        if model.__module__.startswith(("django.", "django_celery")):
            continue
        for field in model._meta.local_concrete_fields:
            typed = isinstance(field, (models.CharField, models.TextField))
            sealed = isinstance(field, SealedField) or field.name.endswith("_index")
            short = field.max_length is not None and field.max_length < 12
            machine = field.name in MACHINE or (model.__name__, field.name) in PACKS
            if typed and not (sealed or short or machine or field.choices or field.unique):
                yield model, field


PACKS = {
    ("Pack", "source"),
    ("Draft", "source"),
    ("Simulation", "source"),
    ("Probe", "source"),
    ("Pack", "name"),
    # A checklist that the portal brings along, as adopted: nobody types it.
    ("Checklist", "text"),
}


def spoil() -> int:
    """Put control letters into every text column that takes them; how many columns did."""
    count = 0
    with connection.cursor() as cursor:
        tables = sorted({model._meta.db_table for model, _ in text_columns()})
        # What waits for COMMIT is asked now: a table with waiting triggers cannot be altered, and
        # keeps its guards.
        with suppress(DatabaseError), transaction.atomic():
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in tables:
            with suppress(DatabaseError), transaction.atomic():
                cursor.execute(f'ALTER TABLE "{table}" DISABLE TRIGGER USER')  # as its owner may
        for model, field in text_columns():
            table, column = model._meta.db_table, field.column
            room = field.max_length or 10_000
            try:
                with transaction.atomic():
                    cursor.execute(
                        f'UPDATE "{table}" SET "{column}" = left(%s || "{column}", %s)',
                        [SPOILT, room],
                    )
                    count += 1
            except DatabaseError:
                continue  # a CHECK says what may stand there, or a guard is still on
        for table in tables:
            with suppress(DatabaseError), transaction.atomic():
                cursor.execute(f'ALTER TABLE "{table}" ENABLE TRIGGER USER')
    return count


def opened(content: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(content))


def cells(workbook: openpyxl.Workbook) -> str:
    return str([list(sheet.iter_rows(values_only=True)) for sheet in workbook])


def test_the_columns_are_found() -> None:
    found = {f"{model.__name__}.{field.name}" for model, field in text_columns()}
    assert len(found) > 80
    assert {"Voucher.summary", "Voucher.source", "AuditLine.reason", "VillageTarget.village_cadre",
            "Person.name", "Alert.conclusion", "BankLine.summary"} <= found  # fmt: skip


@pytest.mark.django_db
@over(ALL)
def test_every_list_opens_and_leaves(
    name: str, dazu: County, as_user: Callable[[User], Client]
) -> None:
    ROWS[name](dazu, 1)
    assert spoil() > 80
    client = as_user(reader(dazu, ALL[name].permission))
    assert client.get(reverse(name)).status_code == 200
    if name not in EXPORTED:
        return
    client = as_user(reader(dazu, ALL[name].export))
    response = client.post(export_url(name), {"reason": "年度审计"})
    assert response.status_code == 200
    told = cells(opened(response.getvalue()))
    for letter in ("\x0b", "\x1b", "_x000B_", "_x001B_"):
        assert letter not in told


@pytest.mark.django_db
def test_the_auditors_files_open(dazu: County) -> None:
    dazu.voucher(1)
    spoil()
    book = Book.objects.get(area=dazu.area)
    hands = {"actor": dazu.cast.auditor, "book": book, "reason": "季度审计"}
    told = cells(openpyxl.load_workbook(month_workbook(month=Month(2026, 3), **hands)))
    assert "\ufffd" in told
    assert "\x0b" not in told
    assert SPOILT.encode() not in b"".join(json_lines(book))  # JSON escapes them
