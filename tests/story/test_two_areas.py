"""Two areas in two schemas of one database; the year is played in 大足's, 荣昌's is filled.

大足 (`dazu`): the Chens pay 110 (低保) + 120 + 120 + 100 (五保) = 450 in October 2025; 李桂芳 is
ill in March 2026, county hospital, 1000 of drugs: (1000 − 200) × 50 % = 400, 第二十三条(二)2.
荣昌 (`rongchang`): a demonstration county of 500 people, whose rows bear the same ids.
"""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.commands import migrate
from django.db import connection, transaction

from accounts.database.limits import NO_COMPILING
from accounts.models import Division
from claims.models import Settlement
from claims.services import approve, review
from demo.county import seed
from demo.plan import Plan
from enrollment.collection.receipts import take_payment
from enrollment.collection.remittances import confirm_remittance, remit
from enrollment.cover.enrolling import HouseholdEntry, save_entry
from enrollment.models import Campaign, Person
from funds.guards import guard_problems, guards_in
from funds.models import Book, Voucher
from funds.services.sealing import seal_vouchers
from lib.periods import Month
from policies.models import Pack
from reports.models import MonthlyReport
from reports.services import request_report
from reports.whatif.run import simulate
from tests.claims.conftest import line, stay
from tests.enrollment.conftest import OCTOBER, the_chens
from tests.paying import pay
from tests.workers import migrated

pytestmark = pytest.mark.seconds(90)
DECEMBER, MARCH, APRIL = date(2025, 12, 5), date(2026, 3, 20), date(2026, 4, 1)
NOVEMBER = date(2026, 11, 20)


@dataclass
class Areas:
    """One database; `enter` makes the portal live in one of its schemas."""

    database: str

    def enter(self, schema: str) -> None:
        connection.close()
        connection.settings_dict["NAME"] = self.database
        options = f"{NO_COMPILING} -c search_path={schema},public"
        connection.settings_dict["OPTIONS"] = {"options": options}

    def counts(self, schema: str) -> dict[str, int]:
        """Rows of every table of a schema, asked from wherever the portal lives."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [schema])
            tables = [row[0] for row in cursor.fetchall()]
            found = {}
            for table in tables:
                cursor.execute(f"SELECT count(*) FROM {schema}.{table}")
                found[table] = cursor.fetchone()[0]
        return found


# The migrated tables as they stand in `public` become those of 荣昌, the functions bound to them.
# What belongs to extensions stays.
MOVED = """
CREATE SCHEMA dazu;
CREATE SCHEMA rongchang;
DO $$
DECLARE one text;
BEGIN
    FOR one IN SELECT oid::regclass FROM pg_class
            WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' LOOP
        EXECUTE format('ALTER TABLE %s SET SCHEMA rongchang', one);
    END LOOP;
    FOR one IN SELECT oid::regclass FROM pg_class  -- numbers drawn by other tests
            WHERE relnamespace = 'public'::regnamespace AND relkind = 'S' LOOP
        EXECUTE format('DROP SEQUENCE %s', one);
    END LOOP;
    FOR one IN SELECT oid::regprocedure FROM pg_proc p
            WHERE pronamespace = 'public'::regnamespace AND NOT EXISTS (
                SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e') LOOP
        EXECUTE format('ALTER FUNCTION %s SET search_path = rongchang, public', one);
        EXECUTE format('ALTER FUNCTION %s SET SCHEMA rongchang', one);
    END LOOP;
END $$
"""


@pytest.fixture(scope="module")
def areas(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: Any
) -> Iterator[Areas]:
    """`dazu` migrated, `rongchang` filled; the extensions stand in `public`."""
    before = dict(connection.settings_dict)
    made = Areas(f"{before['NAME']}_areas")
    name = connection.ops.quote_name(made.database)
    with django_db_blocker.unblock():
        connection.close()
        source = connection.ops.quote_name(migrated(request.config))
        with connection.creation._nodb_cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            cursor.execute(f"CREATE DATABASE {name} TEMPLATE {source}")
        try:
            made.enter("public")
            with connection.cursor() as cursor:
                cursor.execute(MOVED)
            made.enter("dazu")
            call_command(migrate.Command(), verbosity=0)
            made.enter("rongchang")
            with transaction.atomic():
                seed(Plan(500, 2026, 11, NOVEMBER))
            yield made
        finally:
            connection.close()
            connection.settings_dict.update(before)
            with connection.creation._nodb_cursor() as cursor:
                cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def db(areas: Areas, django_db_blocker: Any) -> Iterator[None]:
    """In place of pytest-django's, also for the fixtures of all rooms: really committed."""
    with django_db_blocker.unblock():
        areas.enter("dazu")
        yield
        connection.close()


def tables_of(schema: str) -> set[tuple[str, ...]]:
    """Columns, constraints, indexes and triggers of a schema, without its name and their order."""
    told = {
        "column": "SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod),"
        " a.attnotnull::text, a.attidentity, coalesce(pg_get_expr(d.adbin, d.adrelid), '')"
        " FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
        " LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum"
        " WHERE a.attnum > 0 AND c.relkind = 'r' AND NOT a.attisdropped",
        "constraint": "SELECT c.relname, o.conname, pg_get_constraintdef(o.oid)"
        " FROM pg_constraint o JOIN pg_class c ON c.oid = o.conrelid WHERE o.contype <> 'n'",
        "index": "SELECT c.relname, i.relname, pg_get_indexdef(i.oid) FROM pg_index x"
        " JOIN pg_class c ON c.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid WHERE true",
        "trigger": "SELECT c.relname, t.tgname, pg_get_triggerdef(t.oid) FROM pg_trigger t"
        " JOIN pg_class c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal",
    }
    found = set()
    with connection.cursor() as cursor:
        for kind, asked in told.items():
            cursor.execute(f"{asked} AND c.relnamespace = '{schema}'::regnamespace")
            rows = cursor.fetchall()
            found |= {(kind, *(text.replace(f"{schema}.", "") for text in row)) for row in rows}
    return found


def enrol(cast: SimpleNamespace, entry: HouseholdEntry, campaign: Campaign) -> None:
    saved = save_entry(actor=cast.clerk_a, entry=entry, on=OCTOBER)
    assert saved.personal == 450
    take_payment(actor=cast.clerk_a, household=saved.household, received=Decimal(450), on=OCTOBER)
    slip = remit(
        actor=cast.clerk_a, campaign=campaign, slip_number="JK-1", slip_date=OCTOBER,
        amount=Decimal(450), on=OCTOBER,
    )  # fmt: skip
    confirm_remittance(actor=cast.accountant, remittance=slip, bank_amount=Decimal(450), on=OCTOBER)


def settle_and_pay(cast: SimpleNamespace, counter: Callable[..., Settlement]) -> Settlement:
    person = Person.objects.get(name="李桂芳")
    visit = stay(date(2026, 3, 1), date(2026, 3, 9))
    claim = counter(person, line("X01", "100", "10"), visit=visit, on=MARCH)
    review(actor=cast.reviewer, settlement=claim)
    approve(actor=cast.approver, settlement=claim)
    return pay(actor=cast.cashier, settlements=[claim], on=MARCH, today=MARCH)[0]


def verified() -> str:
    output = io.StringIO()
    call_command("verify_books", stdout=output)
    return output.getvalue()


def test_a_year_in_a_schema_beside_another(
    areas: Areas,
    cast: SimpleNamespace,
    county: Division,
    pack: Pack,
    campaign: Campaign,
    books: SimpleNamespace,
    entry_of: Callable[..., HouseholdEntry],
    counter: Callable[..., Settlement],
) -> None:
    beside = areas.counts("rongchang")
    assert beside["enrollment_person"] == 500 and beside["claims_settlement"] > 0

    enrol(cast, entry_of(the_chens()), campaign)
    claim = settle_and_pay(cast, counter)
    assert (claim.fund_amount, claim.number) == (Decimal("400.00"), "500225202600000001")
    book = Book.objects.get()
    assert [voucher.amount for voucher in Voucher.objects.order_by("pk")][-1] == 400
    assert seal_vouchers(book=book) == Voucher.objects.count()
    assert f"账目完整：凭证 {Voucher.objects.count()} 张" in verified()

    report = request_report(actor=cast.accountant, area=county, month=Month(2026, 3), on=APRIL)
    report = MonthlyReport.objects.get(pk=report.pk)
    assert (report.status, report.failure) == ("done", "")
    figures = simulate(
        area=county, year=2026, source=pack.source, name="x", on=APRIL,
        progress=lambda *told: None,
    )  # fmt: skip
    assert (figures["claims"], figures["check"]["differing"]) == (1, 0)

    assert areas.counts("rongchang") == beside
    assert areas.counts("public") == {}


@pytest.mark.usefixtures("db")
def test_each_area_is_verified_by_itself_and_both_from_one_place(areas: Areas) -> None:
    assert guard_problems() == guard_problems("dazu", "rongchang") == []
    assert guards_in("dazu") == guards_in("rongchang") == guards_in()
    areas.enter("rongchang")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE funds_posting DISABLE TRIGGER funds_postings_fit")
    with pytest.raises(SystemExit):
        verified()
    areas.enter("dazu")
    assert guard_problems() == []
    off = "rongchang：数据库守护 funds_posting.funds_postings_fit 被停用，请联系审计人员"
    assert guard_problems("dazu", "rongchang") == [off]
    areas.enter("rongchang")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE funds_posting ENABLE TRIGGER funds_postings_fit")
    assert "账目完整" in verified()


@pytest.mark.usefixtures("db")
def test_a_function_works_for_whoever_has_another_path(areas: Areas) -> None:
    """As a shard does it: the caller's path is empty, the tables are named in full."""
    areas.enter("pg_catalog")
    with pytest.raises(Exception, match="rows are only ever added"), connection.cursor() as cursor:
        cursor.execute("DELETE FROM rongchang.accounts_auditline")
    with (
        pytest.raises(Exception, match="a month begins open"),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "INSERT INTO rongchang.funds_period (book_id, year, month, status, next_number)"
            " SELECT id, 2040, 1, 'closed', 1 FROM rongchang.funds_book"
        )


@pytest.mark.usefixtures("db")
def test_the_tests_tables_are_those_of_the_migrations() -> None:
    """`dazu` was migrated in Django's own way, `rongchang` by `accounts.migrating`."""
    plain, in_place = tables_of("dazu"), tables_of("rongchang")
    assert len(plain) > 3000
    assert plain ^ in_place == set()
