"""The owner of the tables can switch the guards off; checking the books then says so."""

import io
from collections.abc import Callable
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from accounts.audit import record
from claims.models import Settlement
from enrollment.models import Person
from funds.guards import EXPECTED, guard_problems, guards_in
from funds.models import Book
from tests.claims.conftest import line

EMPTY = """
    CREATE OR REPLACE FUNCTION hezuo_refuse_change() RETURNS trigger LANGUAGE plpgsql
    AS 'BEGIN RETURN NEW; END'
"""


def sql(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.django_db
def test_all_guards_stand() -> None:
    assert guard_problems() == []


@pytest.mark.django_db
def test_every_guard_of_the_books_is_missed() -> None:
    """A table that is new brings its guards: one that is taken away later has to be told."""
    there = {(one.table, one.name) for one in guards_in() if one.table.startswith("funds_")}
    assert there - EXPECTED == set()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("ALTER TABLE funds_posting DISABLE TRIGGER USER", "funds_postings_fit 被停用"),
        (
            "ALTER TABLE claims_usageentry DISABLE TRIGGER USER",
            "claims_usageentry_rows_stay 被停用",
        ),
        ("DROP TRIGGER accounts_auditline_rows_stay ON accounts_auditline", "rows_stay 不见了"),
        (EMPTY, "funds_voucher_rows_stay 的函数已被替换"),
    ],
)
def test_verify_books_sees_a_guard_that_is_off(book: Book, statement: str, told: str) -> None:
    sql(statement)
    output = io.StringIO()
    with pytest.raises(SystemExit):
        call_command("verify_books", stdout=output)
    assert told in output.getvalue()


@pytest.mark.django_db
def test_the_trail_takes_no_correction(cast: SimpleNamespace) -> None:
    record(actor=cast.auditor, action="test.look", subject=cast.auditor)
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    for statement in (
        "UPDATE accounts_auditline SET user_name = '别人'",
        "DELETE FROM accounts_auditline",
        "TRUNCATE accounts_auditline CASCADE",
    ):
        with pytest.raises(DatabaseError, match="refused"), transaction.atomic():
            sql(statement)


@pytest.mark.django_db
@pytest.mark.parametrize("hands", ["entered_by", "reviewed_by", "approved_by"])
def test_sql_refuses_one_person_with_two_hands(
    hands: str,
    counter: Callable[..., Settlement],
    wang: Person,
    agree: Callable[[Settlement], Settlement],
) -> None:
    claim = agree(counter(wang, line("X01", "100", "10")))
    assert claim.fund_amount == Decimal("400.00")
    who = getattr(claim, f"{hands}_id")
    with (
        pytest.raises(DatabaseError, match=r"payer_is_a_fourth_person|who approved settlement"),
        transaction.atomic(),
    ):
        sql(
            "UPDATE claims_settlement SET status = 'paid', paid_on = settled_on, "
            f"paid_by_id = {who} WHERE id = {claim.pk}"
        )
