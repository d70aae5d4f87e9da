"""An old key is retired: every sealed column is sealed anew and still says the same."""

import base64
import os
import tracemalloc
from datetime import date
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from accounts.fields import sealer
from accounts.models import Division
from enrollment.models import Household
from supervision.extracts.models import Extract, ExtractPiece

pytestmark = pytest.mark.django_db

ONE, TWO = (base64.b64encode(bytes([n]) * 32).decode() for n in (7, 8))


def stored_phone(household: Household) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT phone FROM enrollment_household WHERE id = %s", [household.pk])
        return str(cursor.fetchone()[0])


def test_rotation_changes_the_ciphertext_and_keeps_the_value(
    village_a: Division, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.SEAL_KEYS = f"1:{ONE}"
    household = Household.objects.create(
        number="5002251012010001", division=village_a, phone="13800001234"
    )
    empty = Household.objects.create(number="5002251012010002", division=village_a)
    old = stored_phone(household)
    assert old.startswith("1:")
    settings.SEAL_KEYS = f"1:{ONE},2:{TWO}"
    call_command("rotate_keys", batch=1)
    assert "enrollment.Household.phone: 1" in capsys.readouterr().out
    assert stored_phone(household).startswith("2:")
    assert stored_phone(empty) == ""
    settings.SEAL_KEYS = f"2:{TWO}"
    assert Household.objects.get(pk=household.pk).phone == "13800001234"
    call_command("rotate_keys")
    assert "enrollment.Household.phone: 0" in capsys.readouterr().out
    assert sealer().is_current(stored_phone(household))


def test_a_sealed_column_cannot_be_searched_by_its_value(db: None) -> None:
    with pytest.raises(TypeError, match="blind index"):
        Household.objects.filter(phone="13800001234").exists()


def test_large_rows_are_read_a_few_at_a_time(
    county: Division, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """Forty pieces of an extract, 56 million characters: no more than a few at once."""
    settings.SEAL_KEYS = f"1:{ONE}"
    extract = Extract.objects.create(
        area=county, since=date(2026, 3, 1), until=date(2026, 3, 31), form="utf8", reason="飞行检查"
    )
    piece = os.urandom(1024 * 1024)
    for position in range(40):
        extract.pieces.create(position=position, content=ExtractPiece.packed(piece))
    settings.SEAL_KEYS = f"1:{ONE},2:{TWO}"
    tracemalloc.start()
    try:
        call_command("rotate_keys")
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert "supervision.ExtractPiece.content: 40" in capsys.readouterr().out
    assert most < 40_000_000
    settings.SEAL_KEYS = f"2:{TWO}"
    last = extract.pieces.last()
    assert last is not None and last.opened == piece
