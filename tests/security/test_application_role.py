"""As the application's own role: what it may not do, PostgreSQL refuses, whoever sends the SQL.

The role signs in over a connection of its own, so that SET ROLE and RESET ROLE lead nowhere. What
it may do (add a voucher) but not so (out of balance) is tried in the story's transaction.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

import psycopg2
import pytest
from django.db import DatabaseError, connection, transaction
from psycopg2 import sql

from accounts.granting import ABOUT_US, grant_rights, privileges, role_problems
from accounts.rights import declared
from funds.models import Book, Period, Voucher
from tests.application import PASSWORD
from tests.funds.conftest import check_now


@pytest.fixture(scope="module")
def app(application: str) -> Iterator[Any]:
    """A connection of the application's own."""
    known = connection.settings_dict
    line = psycopg2.connect(
        dbname=known["NAME"], host=known["HOST"], port=known["PORT"], user=application,
        password=PASSWORD,
    )  # fmt: skip
    line.autocommit = True
    yield line
    line.close()


NEVER_CHANGED = (
    "accounts_auditline", "desk_paper", "desk_rowseal", "funds_account", "funds_book",
    "funds_closingbalance", "funds_posting", "funds_seal", "funds_voucher", "claims_usageentry",
    "claims_determination", "claims_settlementfund", "claims_settlementstep",
)  # fmt: skip
NEVER_REMOVED = (
    "accounts_auditline", "claims_billline", "claims_settlement", "claims_usageentry",
    "desk_paper", "desk_rowseal", "enrollment_enrollment", "enrollment_receipt",
    "enrollment_remittance", "funds_period", "funds_posting", "funds_seal", "funds_transfer",
    "funds_voucher", "policies_pack", "reports_monthlyreport",
)  # fmt: skip
COLUMN = {"desk_paper": "number", "funds_book": "chart", "claims_settlementfund": "amount"}
# Statement → SQLSTATE. 42501: not allowed.
REFUSED = {
    **{f"UPDATE {table} SET {COLUMN.get(table, 'id')} = NULL": "42501" for table in NEVER_CHANGED
       if table != "funds_voucher"},
    "UPDATE funds_voucher SET summary = '改'": "42501",
    **{f"DELETE FROM {table}": "42501" for table in NEVER_REMOVED},
    **{f"TRUNCATE {table} CASCADE": "42501" for table in NEVER_REMOVED},
    "UPDATE claims_billline SET amount = 0": "42501",
    "UPDATE funds_transfer SET payee = '别人'": "42501",
    "UPDATE claims_recovery SET amount = 0": "42501",
    # Guards.
    "ALTER TABLE funds_posting DISABLE TRIGGER ALL": "42501",
    "ALTER TABLE funds_posting DISABLE TRIGGER USER": "42501",
    "DROP TRIGGER funds_voucher_balances ON funds_voucher": "42501",
    "ALTER TABLE funds_voucher DROP CONSTRAINT voucher_two_lines": "42501",
    "DROP FUNCTION hezuo_refuse_change() CASCADE": "42501",
    "CREATE OR REPLACE FUNCTION hezuo_refuse_change() RETURNS trigger LANGUAGE plpgsql"
    " AS 'BEGIN RETURN NEW; END'": "42501",
    "ALTER FUNCTION hezuo_refuse_change() RESET ALL": "42501",
    "CREATE TRIGGER mine BEFORE INSERT ON funds_posting FOR EACH ROW"
    " EXECUTE FUNCTION hezuo_refuse_change()": "42501",
    "CREATE RULE mine AS ON DELETE TO funds_posting DO INSTEAD NOTHING": "42501",
    "ALTER TABLE accounts_auditline ENABLE ROW LEVEL SECURITY": "42501",
    "DROP TABLE funds_seal": "42501",
    "ALTER TABLE funds_seal OWNER TO CURRENT_USER": "42501",
    "COMMENT ON TABLE funds_seal IS ''": "42501",
    # Whoever one is.
    "SET session_replication_role = replica": "42501",
    "SELECT set_config('session_replication_role', 'replica', false)": "42501",
    "ALTER ROLE CURRENT_USER SUPERUSER": "42501",
    "ALTER ROLE CURRENT_USER CREATEROLE": "42501",
    "ALTER ROLE {owner} PASSWORD 'x'": "42501",
    "SET ROLE {owner}": "42501",
    "SET SESSION AUTHORIZATION {owner}": "42501",
    "GRANT {owner} TO CURRENT_USER": "42501",
    "CREATE ROLE another": "42501",
    # Things of one's own in the place of those that guards read.
    "CREATE TABLE mine (id int)": "42501",
    "CREATE TEMPORARY TABLE funds_period AS SELECT * FROM funds_period": "42501",
    "CREATE FUNCTION pg_temp.hezuo_refuse_change() RETURNS trigger LANGUAGE plpgsql"
    " AS 'BEGIN RETURN NEW; END'": "42501",
    "CREATE SCHEMA mine": "42501",
    "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'": "42501",
    "CREATE OPERATOR = (LEFTARG = numeric, RIGHTARG = numeric, FUNCTION = numeric_ne)": "42501",
    "DROP EXTENSION pg_trgm": "42501",
    "SELECT hezuo_make_series('x; DROP TABLE funds_seal', 1)": "22023",
    # The server itself.
    "COPY funds_posting FROM PROGRAM 'true'": "42501",
    "COPY funds_posting TO '/tmp/postings'": "42501",
    "SELECT pg_read_file('/etc/passwd')": "42501",
    "ALTER SYSTEM SET fsync = off": "42501",
    "DELETE FROM django_migrations": "42501",
}  # fmt: skip


@pytest.mark.parametrize("statement", REFUSED)
def test_the_application_is_refused(app: Any, statement: str) -> None:
    owner = sql.Identifier(connection.settings_dict["USER"]).as_string(app)
    with app.cursor() as cursor, pytest.raises(psycopg2.Error) as refused:
        cursor.execute(statement.format(owner=owner))
    assert refused.value.pgcode == REFUSED[statement], refused.value


def test_it_owns_nothing_and_has_exactly_the_declared_rights(app: Any, application: str) -> None:
    assert len(REFUSED) > 60  # forty are asked for
    with app.cursor() as cursor:
        cursor.execute(ABOUT_US)
        assert cursor.fetchone() == (application, False, 0, False, 0)
        for model, rights in declared():
            table = model._meta.db_table
            cursor.execute(
                "SELECT array_agg(right_of) FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE',"
                " 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) right_of"
                " WHERE has_table_privilege(%s, right_of)",
                [table],
            )
            said = privileges(rights, "id")
            assert cursor.fetchone()[0] == [one for one in said if "(" not in one], table


def test_the_owner_is_told_that_he_is_it(db: None) -> None:
    assert len(role_problems()) == 1
    with pytest.raises(LookupError, match="没有角色 nobody_at_all"):
        grant_rights("nobody_at_all")
    with pytest.raises(ValueError, match="不能是表的所有者"):
        grant_rights(connection.settings_dict["USER"])


@pytest.fixture
def march(money_aside: None, book: Book, post: Any, application: str) -> Voucher:
    """A voucher of March, and the application's role from here on."""
    voucher: Voucher = post("claim_paid", "20.00", date(2026, 3, 9), purpose="inpatient")
    check_now()
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {application}")  # the test's own transaction takes it back
    assert role_problems() == []
    return voucher


COLUMNS = (
    "book_id, period_id, number, occurred_on, event, summary, source, key, amount, line_count,"
    " content_digest, preparer, posted_at"
)
LIKE = (
    f"INSERT INTO funds_voucher ({COLUMNS}) SELECT book_id, period_id, {{number}}, occurred_on,"
    " event, summary, source, 'sql:1', amount, line_count, content_digest, preparer, posted_at"
    " FROM funds_voucher WHERE id = {id}"
)
TAKE = "UPDATE funds_period SET next_number = next_number + 1 WHERE id = {period}"
CLOSE = "UPDATE funds_period SET status = 'closed', closed_at = now() WHERE id = {period}"
LATE = (
    "INSERT INTO funds_posting (voucher_id, line, account_id, period_id, debit, credit,"
    " funding_level, tier, institution_code) SELECT voucher_id, 9, account_id, period_id, debit,"
    " credit, funding_level, tier, institution_code FROM funds_posting WHERE voucher_id = {id}"
    " LIMIT 1"
)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("statements", "told"),
    [
        ([TAKE], "taken but not used"),
        (["UPDATE funds_period SET next_number = 9 WHERE id = {period}"], "one by one"),
        ([TAKE, LIKE.format(number=7, id="{id}")], "is not the one just taken"),
        ([TAKE, LIKE.format(number="{number}", id="{id}")], "does not balance"),
        ([LATE], "more postings than it says"),
        ([CLOSE, LATE], "more postings|closed month"),
    ],
)
def test_what_it_may_add_it_may_not_add_so(
    march: Voucher, statements: list[str], told: str
) -> None:
    period = Period.objects.get(pk=march.period_id)
    given = {"id": march.pk, "period": period.pk, "number": period.next_number}
    with (
        pytest.raises(DatabaseError, match=told) as refused,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        for statement in statements:
            cursor.execute(statement.format(**given))
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert refused.value.__cause__.pgcode == "23514"  # type: ignore[union-attr]
