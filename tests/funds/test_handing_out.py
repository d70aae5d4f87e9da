"""All ledgers of a book leave as one file: workbook, records, and the program that checks both."""

import io
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from accounts.errors import Refusal
from accounts.models import AuditLine, Division, User
from desk.jobs import run
from funds import verify
from funds.handing_out import writing
from funds.handing_out.models import LedgerExport
from funds.handing_out.services import ask_export, take_export
from funds.models import Book, Seal, Voucher
from funds.services import reverse_voucher, seal_vouchers
from lib.tables.writing import Heading, Sheet, workbook_bytes

pytestmark = pytest.mark.usefixtures("money_aside", "no_worker")

DAY = date(2026, 3, 9)


@pytest.fixture
def written(
    book: Book, post: Callable[..., Voucher], cast: SimpleNamespace, town_a: Division
) -> LedgerExport:
    """2050.00 paid in a township, taken back, and 1.00 paid in April; sealed; exported."""
    paid = post(
        "claim_paid", "2050.00", DAY, purpose="inpatient", tier="tier2", township=town_a,
        institution_code="H50022500001", policy_year=2026, source="=cmd|' /C calc'!A0",
    )  # fmt: skip
    reverse_voucher(actor=cast.accountant, voucher=paid, on=date(2026, 3, 10), reason="退票")
    post("claim_paid", "1.00", date(2026, 4, 9), purpose="other")
    seal_vouchers(book=book)
    row = ask_export(actor=cast.auditor, book=book, reason="年度审计")
    assert run("funds.ledgerexport", row.pk, date(2026, 4, 10))
    row.refresh_from_db()
    assert (row.status, row.failure, row.percent) == ("done", "", 100)
    return row


def unpacked(export: LedgerExport, cast: SimpleNamespace, folder: Path) -> Path:
    with zipfile.ZipFile(take_export(actor=cast.auditor, export=export)) as archive:
        archive.extractall(folder)
    return folder


def checked(folder: Path, *more: str) -> tuple[int, str]:
    """python verify.py in an empty environment: no site packages, no portal."""
    names = [writing.RECORDS, writing.WORKBOOK, *more]
    done = subprocess.run(
        [sys.executable, "-I", "-S", writing.CHECKER, *names],
        capture_output=True, check=False, cwd=folder, env={"PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    return done.returncode, (done.stdout + done.stderr).decode()


def test_the_file_holds_every_ledger_and_checks_itself(
    written: LedgerExport, cast: SimpleNamespace, tmp_path: Path, book: Book
) -> None:
    folder = unpacked(written, cast, tmp_path)
    code, text = checked(folder)
    assert (code, "账目完整：凭证 3 张，分录 6 条，已封存 3 张" in text) == (0, True), text
    head = Seal.objects.get(sequence=3).digest
    assert head in text and written.head == head
    assert head in (folder / writing.READ_ME).read_text("utf-8")
    workbook = openpyxl.load_workbook(folder / writing.WORKBOOK)
    assert workbook.sheetnames == [
        "说明",
        "科目余额",
        "总账",
        "月报指标",
        "序时账",
        "明细账",
        "银行流水",
        "封存链",
    ]
    header, first, *_ = workbook["序时账"].iter_rows(values_only=True)
    line = dict(zip(header, first, strict=True))
    assert (line["乡镇代码"], line["乡镇"], line["机构代码"]) == (
        "500225101", "龙水镇", "H50022500001",
    )  # fmt: skip
    assert (line["借方"], line["来源"]) == (2050, "'=cmd|' /C calc'!A0")
    assert workbook["序时账"].freeze_panes == "A2"
    assert workbook["序时账"]["I2"].number_format == "#,##0.00"
    rows = list(workbook["明细账"].iter_rows(min_row=2, values_only=True))
    money = [row for row in rows if row[6] == "1004"]
    assert [row[-1] for row in money] == [-2050, 0, -1]  # 日记账: the balance after each line
    general = [row for row in workbook["总账"].iter_rows(min_row=2, values_only=True)]
    assert ("1004", "支出户存款", "借", "2026-04", 0, 0, 1, 0, 1, -1) in general


@pytest.mark.parametrize(
    ("sheet", "cell", "value", "found"),
    [
        ("序时账", "I2", 2500, "序时账 第 2 行：借方是 '2500.00'，记录是 '2050.00'"),
        ("序时账", "D3", "改过", "序时账 第 3 行：摘要是 '改过'"),
        ("序时账", "O4", "500225102", "序时账 第 4 行：乡镇代码是"),
        ("明细账", "J2", 7, "明细账 第 2 行：余额是"),
        # A third decimal shows on no screen.
        ("序时账", "I2", 2050.001, "序时账 第 2 行：借方是 '2050.001'，记录是 '2050.00'"),
        ("序时账", "B2", 46121.5, "序时账 第 2 行：日期是 '46121.5'"),
        ("明细账", "J2", 7.005, "明细账 第 2 行：金额 '7.005' 不是两位小数"),
    ],
)
def test_an_altered_cell_is_named_by_its_row(
    written: LedgerExport,
    cast: SimpleNamespace,
    tmp_path: Path,
    sheet: str,
    cell: str,
    value: object,
    found: str,
) -> None:
    folder = unpacked(written, cast, tmp_path)
    workbook = openpyxl.load_workbook(folder / writing.WORKBOOK)
    titles = {one.value: one.column_letter for one in workbook[sheet][1]}
    assert titles["借方"] == "I" and titles["摘要"] == "D"
    column = {"O4": titles["乡镇代码"]}.get(cell, cell[0])
    workbook[sheet][f"{column}{cell[1:]}"] = value
    workbook.save(folder / writing.WORKBOOK)
    code, text = checked(folder)
    assert code == 1 and found in text, text
    assert len([row for row in text.splitlines() if " 行：" in row]) == 1  # the first one alone


def test_a_row_taken_out_is_missed(
    written: LedgerExport, cast: SimpleNamespace, tmp_path: Path
) -> None:
    folder = unpacked(written, cast, tmp_path)
    workbook = openpyxl.load_workbook(folder / writing.WORKBOOK)
    workbook["序时账"].delete_rows(7)
    workbook.save(folder / writing.WORKBOOK)
    assert "后面缺行：凭证 2026-04-0001 第 2 行" in checked(folder)[1]


def test_long_ledgers_go_on_on_a_second_sheet_and_are_checked_whole(
    written: LedgerExport,
    cast: SimpleNamespace,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    book: Book,
) -> None:
    monkeypatch.setattr(writing, "MOST_ROWS", 4)
    row = ask_export(actor=cast.auditor, book=book, reason="再次审计")
    run("funds.ledgerexport", row.pk, date(2026, 4, 11))
    row.refresh_from_db()
    folder = unpacked(row, cast, tmp_path)
    assert "序时账2" in openpyxl.load_workbook(folder / writing.WORKBOOK).sheetnames
    assert checked(folder)[0] == 0
    with pytest.raises(Refusal, match="较新的导出取代"):
        take_export(actor=cast.auditor, export=written)


def test_asking_and_taking_are_noted_with_the_purpose(
    written: LedgerExport, cast: SimpleNamespace, as_user: Callable[[User], Client], book: Book
) -> None:
    client = as_user(cast.auditor)
    assert "年度审计" in client.get(reverse("funds:exports")).content.decode()
    response = client.post(reverse("funds:take_export", args=[written.pk]))
    content = io.BytesIO(b"".join(response.streaming_content))  # type: ignore[attr-defined]
    assert zipfile.ZipFile(content).testzip() is None
    lines = AuditLine.objects.filter(user=cast.auditor).order_by("pk")
    assert [(one.action, one.reason) for one in lines] == [
        ("funds.ask_export", "年度审计"),
        ("export", "年度审计"),
    ]
    assert lines[1].after["criteria"]["sha256"] == written.sha256
    client.post(reverse("funds:ask_export"), {"book": book.pk, "reason": ""})
    assert LedgerExport.objects.count() == 1
    client.post(reverse("funds:ask_export"), {"book": book.pk, "reason": "季度检查"})
    with pytest.raises(Refusal, match="正在导出"):
        ask_export(actor=cast.accountant, book=book, reason="也要一份")


def test_the_checker_refuses_what_is_no_workbook(tmp_path: Path) -> None:
    other = tmp_path / "other.xlsx"
    other.write_bytes(b"no workbook")
    (found,) = verify.check_workbook(other, [])
    assert "打不开" in found.what


@pytest.mark.parametrize(
    ("usual", "unusual"),
    [
        # What stands in a comment is no row, and no row is lost behind it.
        ('<row r="3">', '<!-- <row r="3"><c r="A3"><v>9</v></c></row> --><row r="3">'),
        ("<sheetData>", '<!-- <sheetData><row r="1"><c r="A1"><v>9</v></c></row> --><sheetData>'),
        ('<c r="A3"', "<c r='A3'"),
        ("乙&amp;丙", "<![CDATA[乙&丙]]>"),
        ("<v>1.5</v>", "<f>1+0.5</f><v>1.5</v>"),
        ('</row><row r="3">', '</row>\n<row r="3">'),
    ],
)  # fmt: skip
def test_what_another_program_writes_otherwise_is_read_the_same(
    tmp_path: Path, usual: str, unusual: str
) -> None:
    columns = (Heading("名称", "text"), Heading("金额", "yuan"))
    rows = [("甲", Decimal("1.50")), ("乙&丙", Decimal(-2)), ("丁", None)]
    content = workbook_bytes([Sheet("表", columns, rows)])
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    assert usual in parts[sheet]
    parts[sheet] = parts[sheet].replace(usual, unusual)
    path = tmp_path / "other.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    with zipfile.ZipFile(path) as archive:
        members, texts = verify.sheets_of(archive), verify.shared_texts(archive)
        found = [
            (number, row["名称"], row["金额"])
            for number, row in verify.sheet_rows(archive, members["表"], texts)
        ]
    assert found == [(2, "甲", "1.5"), (3, "乙&丙", "-2.0"), (4, "丁", "")]
