"""The named cast and the county that every story plays in."""

import os
from collections.abc import Callable, Iterator, Sequence
from copy import copy
from datetime import date
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import hypothesis
import pytest
from django.db import connection, connections, transaction
from django.db.models import QuerySet
from django.test import Client, TransactionTestCase
from playwright.sync_api import Page, expect

from accounts.models import Division, User
from accounts.roles import Role
from accounts.sql import statements
from institutions.models import Agreement, Institution, Level
from lib.tables.formats import open_sheets, text_of
from lib.tables.writing import Sheet, headings, workbook_bytes
from policies.models import Pack
from policies.services import adopt_pack, propose_pack
from tests.application import application, as_application, as_owner
from tests.clients import _one_chain
from tests.glass import Glass
from tests.screen import Screen
from tests.workers import Workers, django_db_setup

__all__ = ["_one_chain", "application", "as_application", "django_db_setup"]

PACKS = Path(__file__).resolve().parent.parent / "policies" / "packs"
BORN = date(2010, 1, 1)
# The browser tests drive Chromium from the same thread that talks to the database.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Workers(config), "workers")
    config.pluginmanager.register(Screen(), "screen")
    # A busy machine makes no property false.
    slow = [hypothesis.HealthCheck.too_slow]
    hypothesis.settings.register_profile("steady", deadline=None, suppress_health_check=slow)
    hypothesis.settings.load_profile("steady")


# What migrations fill, and no story changes.
KEPT = {"django_migrations", "django_content_type", "auth_permission"}


def _empty_tables() -> None:
    """Only those that hold rows: they are few, and a TRUNCATE of all takes ten times as long.

    The triggers, which rightly refuse a DELETE, are off meanwhile; COMMIT asks foreign keys.
    """
    names = sorted(set(connection.introspection.django_table_names(only_existing=True)) - KEPT)
    with connection.cursor() as cursor:
        # A line that a thread has left open would be waited for without end.
        cursor.execute("SET lock_timeout = '20s'")
        cursor.execute(
            "SELECT "
            + ", ".join(f"EXISTS (SELECT FROM {connection.ops.quote_name(name)})" for name in names)
        )
        held = [name for name, holds in zip(names, cursor.fetchone(), strict=True) if holds]
        for name in held:
            cursor.execute(f"ALTER TABLE {name} DISABLE TRIGGER USER")
        with transaction.atomic():
            for name in held:
                cursor.execute(f"DELETE FROM {name}")
        for name in held:
            cursor.execute(f"ALTER TABLE {name} ENABLE TRIGGER USER")


@pytest.fixture(autouse=True, scope="session")
def _empty_past_the_guards() -> Iterator[None]:
    """Between transactional tests Django empties the tables, which our triggers rightly refuse."""
    original = TransactionTestCase._fixture_teardown

    def teardown(self: Any) -> None:
        connection.close()
        _empty_tables()

    TransactionTestCase._fixture_teardown = teardown
    yield
    TransactionTestCase._fixture_teardown = original


def past_the_guards(rows: QuerySet[Any], **values: Any) -> None:
    """Update rows as a story needs them where the database would refuse the change."""
    table = rows.model._meta.db_table
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # no table changes with checks pending
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        rows.update(**values)
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def table_in(content: bytes) -> list[list[str]]:
    """The first sheet of a workbook that the portal wrote, as text."""
    rows = next(open_sheets(content)).rows()
    return [[text_of(cell) for cell in row] for row in rows]


def file_of(rows: Sequence[Sequence[Any]]) -> bytes:
    """A workbook of one sheet as people would send it in; the first row is its header."""
    header, *body = rows
    return workbook_bytes([Sheet("表", headings(*header), body)])


def make_division(code: str, name: str, parent: Division | None = None) -> Division:
    level = {6: "county", 9: "township", 12: "village", 14: "group"}[len(code)]
    return Division.objects.create(code=code, name=name, level=level, parent=parent, first_day=BORN)


@pytest.fixture
def county(db: None) -> Division:
    return make_division("500225", "大足县")


@pytest.fixture
def other_county(db: None) -> Division:
    return make_division("500226", "荣昌县")


@pytest.fixture
def town_a(county: Division) -> Division:
    return make_division("500225101", "龙水镇", county)


@pytest.fixture
def town_b(county: Division) -> Division:
    return make_division("500225102", "万古镇", county)


@pytest.fixture
def village_a(town_a: Division) -> Division:
    return make_division("500225101201", "龙水镇桥亭村", town_a)


@pytest.fixture
def village_b(town_b: Division) -> Division:
    return make_division("500225102201", "万古镇石庙村", town_b)


@pytest.fixture
def hospital(county: Division) -> Institution:
    """The county hospital, under agreement for 2025 and 2026."""
    institution = Institution.objects.create(
        code="H50022500001", name="大足县人民医院", level=Level.COUNTY, division=county
    )
    Agreement.objects.create(
        institution=institution,
        number="DZ-2025-001",
        first_day=date(2025, 1, 1),
        last_day=date(2026, 12, 31),
    )
    return institution


@pytest.fixture
def township_hospital(town_a: Division) -> Institution:
    institution = Institution.objects.create(
        code="H50022500101", name="龙水镇卫生院", level=Level.TOWNSHIP, division=town_a
    )
    Agreement.objects.create(
        institution=institution,
        number="DZ-2025-101",
        first_day=date(2025, 1, 1),
        last_day=date(2026, 12, 31),
    )
    return institution


def make_user(
    username: str,
    name: str,
    role: Role,
    division: Division | None = None,
    institution_code: str = "",
) -> User:
    user = new_user(username, name, role, division, institution_code)
    user.save()
    return user


def new_user(
    username: str,
    name: str,
    role: Role,
    division: Division | None = None,
    institution_code: str = "",
) -> User:
    """Not saved yet."""
    user = User(
        username=username,
        name=name,
        role=role,
        division=division,
        institution_code=institution_code,
    )
    user.set_password("chunfeng-2026")
    return user


def in_duty(user: User, role: Role) -> User:
    """The same person after a change of duty: has the permission, and had a hand in it before."""
    changed = copy(user)
    changed.role = role
    return changed


def everybody(
    county: Division,
    other_county: Division,
    town_a: Division,
    town_b: Division,
    village_a: Division,
    hospital: Institution,
) -> SimpleNamespace:
    """Everybody who works in the stories, by what they do. Not saved yet."""
    people = SimpleNamespace(
        clerk_a=new_user("clerk_a", "陈秀英", Role.TOWNSHIP_CLERK, town_a),
        clerk_a2=new_user("clerk_a2", "谭明芳", Role.TOWNSHIP_CLERK, town_a),
        clerk_b=new_user("clerk_b", "罗志强", Role.TOWNSHIP_CLERK, town_b),
        reviewer=new_user("reviewer", "周文静", Role.REVIEWER, county),
        approver=new_user("approver", "吴国栋", Role.APPROVER, county),
        approver2=new_user("approver2", "黄仁杰", Role.APPROVER, county),
        accountant=new_user("accountant", "郑淑芬", Role.ACCOUNTANT, county),
        accountant2=new_user("accountant2", "唐玉梅", Role.ACCOUNTANT, county),
        cashier=new_user("cashier", "冯小兰", Role.CASHIER, county),
        cashier2=new_user("cashier2", "何立新", Role.CASHIER, county),
        supervisor=new_user("supervisor", "蒋正平", Role.SUPERVISOR, county),
        auditor=new_user("auditor", "沈严", Role.AUDITOR, county),
        hospital_clerk=new_user(
            "hospital_clerk", "韩梅", Role.INSTITUTION_CLERK, institution_code=hospital.code
        ),
        cadre_a=new_user("cadre_a", "杨大山", Role.VILLAGE_CADRE, village_a),
        civil_affairs=new_user("civil_affairs", "宋佳", Role.CIVIL_AFFAIRS, county),
        sysadmin=new_user("sysadmin", "钱管", Role.SYSTEM_ADMIN),
        secadmin=new_user("secadmin", "孙全", Role.SECURITY_ADMIN),
        auditadmin=new_user("auditadmin", "李察", Role.AUDIT_ADMIN),
        other_officer=new_user("other_officer", "秦外", Role.REVIEWER, other_county),
    )
    # The same keys in every test (the sequence begins far above, tests/workers.py): what the menu
    # keeps for a user and a day (desk/worklist.py) is put together once and not for each test.
    for key, user in enumerate(vars(people).values(), 1):
        user.pk = key
    return people


@pytest.fixture
def cast(
    county: Division,
    other_county: Division,
    town_a: Division,
    town_b: Division,
    village_a: Division,
    hospital: Institution,
) -> SimpleNamespace:
    people = everybody(county, other_county, town_a, town_b, village_a, hospital)
    User.objects.bulk_create(vars(people).values())  # most tests begin here: one statement
    return people


@pytest.fixture
def pack(cast: SimpleNamespace, county: Division) -> Pack:
    """The Dazu measures, proposed by one person and adopted by another."""
    source = (PACKS / "dazu.yaml").read_text(encoding="utf-8")
    proposed = propose_pack(actor=cast.supervisor, area=county, source=source)
    return adopt_pack(actor=cast.approver, pack=proposed, approval="府发〔2026〕1号")


@pytest.fixture
def as_user() -> Callable[[User], Client]:
    """A signed-in test client for a member of the cast."""

    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def money_aside(db: None) -> Iterator[None]:
    """Nobody asks whether an account has what is paid: for single vouchers that are not about it.

    Only what `hezuo_funds_short` says is set aside; stories of money run with it as it is.
    """
    (whole,) = statements(import_module("funds.migrations.0015_what_stands_from_a_day").SHORT)
    head = whole[: whole.index("AS $$")]
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(f"{head} AS $$ BEGIN RETURN; END $$")
    yield
    if not connection.in_atomic_block:  # else the test's own transaction takes it back
        with as_owner(), connection.cursor() as cursor:
            cursor.execute(whole)


@pytest.fixture
def no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Jobs are announced to nobody: the story itself says when a worker comes."""
    monkeypatch.setattr("desk.jobs.take_up.delay", lambda label, pk: None)


@pytest.fixture
def window(pytestconfig: pytest.Config) -> Iterator[Page]:
    """A page of a clerk's screen, 1366×768, without the cookies of the test before."""
    screen: Screen = pytestconfig.pluginmanager.get_plugin("screen")
    page = screen.browser.new_page(viewport={"width": 1366, "height": 768}, locale="zh-CN")
    # As long as a statement may take (tests/workers.py): a busy machine makes nothing false.
    page.set_default_timeout(60_000)
    expect.set_options(timeout=60_000)
    yield page
    page.close()
    # Playwright's loop gives this thread database connections of its own.
    connections.close_all()


@pytest.fixture
def glass(pytestconfig: pytest.Config) -> Iterator[Glass]:
    """A page that shows what the test client has fetched, in a thread of its own."""
    screen: Screen = pytestconfig.pluginmanager.get_plugin("screen")
    page = Glass(screen.program)
    yield page
    page.close()
