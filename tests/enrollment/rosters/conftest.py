"""Registers as townships send them, and the autumn campaign of 龙水镇 to send them in."""

import csv
import io
from collections.abc import Callable, Sequence
from datetime import date
from types import SimpleNamespace
from typing import Any

import openpyxl
import pytest

from accounts.models import Division
from desk.jobs import run
from enrollment.collection.books import issue_book
from enrollment.cover.campaigns import open_campaign
from enrollment.cover.enrolling import HouseholdEntry, save_entry
from enrollment.models import Campaign
from enrollment.people.register import MemberEntry
from enrollment.rosters.models import RegisterImport, RegisterRow
from enrollment.rosters.services import REGISTERS
from lib.resident_id import check_character
from policies.models import Pack
from tests.enrollment.statuses import listed

OCTOBER = date(2025, 10, 15)
HEADER = [
    "村",
    "户编号",
    "户序号",
    "姓名",
    "身份证号",
    "与户主关系",
    "户籍",
    "人员身份",
    "缴费档次",
    "是否参保",
]
PAID = [*HEADER, "个人缴费", "票据本号", "票号"]


def number(born: str, sequence: int = 1, *, male: bool = True) -> str:
    """A valid resident id for somebody born on `born` (YYYYMMDD)."""
    body = f"500225{born}{2 * sequence + (1 if male else 0):03d}"
    return body + check_character(body)


def the_chens() -> list[list[Any]]:
    """Three people on the second tier; village and household stand in merged cells."""
    return [
        ["桥亭村", "", "1", "陈国强", number("19780512"), "户主", "农村", "", "二档", "是"],
        ["", "", "", "李桂芳", number("19800103", male=False), "配偶", "农村", "", "", "是"],
        ["", "", "", "陈小明", number("20120901"), "儿子", "农村", "学生", "", "是"],
    ]


def the_yangs() -> list[list[Any]]:
    return [
        ["桥亭村", "", "2", "杨大山", number("19650301"), "户主", "农村", "低保", "一档", "是"],
        ["", "", "", "周玉兰", number("19670708", male=False), "妻", "农村", "", "", "否"],
    ]


def xlsx(rows: Sequence[Sequence[Any]], *, above: Sequence[Sequence[Any]] = ()) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (*above, *rows):
        sheet.append(list(row))
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def as_csv(rows: Sequence[Sequence[Any]], encoding: str = "utf-8-sig") -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer).writerows(rows)
    return buffer.getvalue().encode(encoding)


@pytest.fixture
def campaign(pack: Pack, county: Division, cast: SimpleNamespace) -> Campaign:
    """Cover for 2026, collected from 1 October to 30 November 2025. The lists of September name a
    student and a poor man, who are not registered yet."""
    listed("陈小明", number("20120901"), ["student"])
    listed("杨大山", number("19650301"), ["dibao"])
    return open_campaign(actor=cast.accountant, area=county, year=2026)


@pytest.fixture(autouse=True)
def _in_october(settings: Any) -> None:
    settings.TODAY = OCTOBER


@pytest.fixture
def book_a(campaign: Campaign, cast: SimpleNamespace) -> Any:
    return issue_book(
        actor=cast.accountant, clerk=cast.clerk_a, year=2026, code="LS01", first_number=1,
        last_number=100,
    )  # fmt: skip


@pytest.fixture
def uploaded(
    campaign: Campaign,
    cast: SimpleNamespace,
    village_a: Division,
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> Callable[..., RegisterImport]:
    """Upload as the clerk of 龙水镇 and let the worker check it."""

    def upload(content: bytes, *, actor: Any = None, name: str = "名册.xlsx") -> RegisterImport:
        with django_capture_on_commit_callbacks(execute=True):
            register, _ = REGISTERS.upload(
                actor=actor or cast.clerk_a, file_name=name, content=content, on=OCTOBER
            )
        register.refresh_from_db()
        return register

    return upload


@pytest.fixture
def confirmed(
    cast: SimpleNamespace, django_capture_on_commit_callbacks: Callable[..., Any]
) -> Callable[[RegisterImport], RegisterImport]:
    def confirm(register: RegisterImport) -> RegisterImport:
        with django_capture_on_commit_callbacks(execute=True):
            REGISTERS.confirm(
                actor=cast.clerk_a, upload=register, sha256=register.sha256, on=OCTOBER
            )
        run("enrollment.registerimport", register.pk, OCTOBER)  # once more changes nothing
        register.refresh_from_db()
        return register

    return confirm


@pytest.fixture
def entry_of_window(cast: SimpleNamespace, village_a: Division) -> Callable[[str, str], Any]:
    """Another clerk enrols somebody alone at the window."""

    def enter(name: str, resident_id: str) -> Any:
        member = MemberEntry(position=0, name=name, resident_id=resident_id, relationship="0")
        entry = HouseholdEntry(division=village_a, members=[member], tier="tier2")
        return save_entry(actor=cast.clerk_a2, entry=entry, on=OCTOBER)

    return enter


def told(register: RegisterImport) -> dict[int, list[str]]:
    """Line → "level field: message" of each problem."""
    rows = RegisterRow.objects.filter(register=register).order_by("line")
    return {
        row.line: [f"{level} {field}: {message}" for level, field, message in row.problems]
        for row in rows
    }
