"""What is kept of messages, and that nobody changes it."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from enrollment.models import Person
from funds.models import Book
from gateway.messages.forgetting import forget_old_messages
from gateway.messages.models import Message
from tests.claims.conftest import TODAY
from tests.gateway.conftest import System
from tests.gateway.hospital import registration


@pytest.fixture
def wang(register: Any, village_a: Any, book: Book) -> Person:
    person: Person = register.person("王建国", register.household(village_a))
    return person


def changed(sql: str, *values: Any) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)


def test_what_only_read_is_forgotten_what_changed_something_stays(
    system: System, wang: Person, settings: Any
) -> None:
    settings.TODAY = TODAY
    system.ask("1201", {"medinsinfo": {"fixmedins_type": "1", "fixmedins_name": "大足县人民医院"}})
    system.ask("2201", registration(wang, TODAY))
    assert [one.writes for one in Message.objects.order_by("pk")] == [False, True]
    assert Message.objects.get(writes=False).answer == ""
    assert "mdtrt_id" in Message.objects.get(writes=True).answer
    assert forget_old_messages() == 0
    settings.TODAY = TODAY + timedelta(days=31)
    assert forget_old_messages() == 1
    assert [one.infno for one in Message.objects.all()] == ["2201"]


def test_nothing_of_a_message_changes(system: System, wang: Person) -> None:
    system.ask("2201", registration(wang, TODAY))
    one = Message.objects.get()
    for column, value in (("digest", "x"), ("is_done", False), ("infno", "2207"), ("msgid", "y")):
        with pytest.raises(IntegrityError, match="only ever added"):
            changed(f"UPDATE gateway_message SET {column} = %s", value)
    with pytest.raises(IntegrityError, match="only ever added"):
        changed("DELETE FROM gateway_message")
    with pytest.raises(IntegrityError, match="only ever added"):
        changed("SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE gateway_message CASCADE")
    changed("UPDATE gateway_message SET reversed_by_id = id")
    with pytest.raises(IntegrityError, match="once it is set"):
        changed("UPDATE gateway_message SET reversed_by_id = NULL")
    assert Message.objects.get().digest == one.digest
