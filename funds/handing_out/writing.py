"""The file of an export: a workbook of all ledgers, the records, the program that checks both.

Everything is read at one moment and written as it comes, so memory does not grow with the book.
"""

import zipfile
from collections.abc import Iterator
from tempfile import TemporaryFile
from typing import Any

from django.db.models import Sum
from django.utils import timezone

from desk.row_seals import head as row_head
from desk.written_files import MOST_ROWS, Progress, Rows, Telling, add_workbook, in_sheets
from funds import verify
from funds.exports import (
    ABOUT_COLUMNS,
    BALANCE_COLUMNS,
    SEAL_COLUMNS,
    VOUCHER_COLUMNS,
    balance_rows,
    json_lines,
    posting_rows,
    seal_rows,
)
from funds.handing_out.models import ExportPiece, LedgerExport
from funds.ledgers.reading import general
from funds.models import ZERO, Account, Book, Posting, Seal, Voucher
from funds.records import one_view
from lib.periods import Month
from lib.tables.writing import Heading, Sheet, headings

WORKBOOK, RECORDS, CHECKER, READ_ME = "账簿.xlsx", "全账.jsonl", "verify.py", "说明.txt"
EVERY = 20_000  # rows between two looks at the progress

GENERAL_COLUMNS = (
    Heading("科目编号", "code"),
    Heading("科目名称", "text", width=30),
    Heading("余额方向", "text"),
    Heading("月份", "code", width=10),
    *headings("月初余额", "本月借方", "本月贷方", kind="yuan"),
    *headings("本年累计借方", "本年累计贷方", "月末余额", kind="yuan"),
)
LEDGER_COLUMNS = (*VOUCHER_COLUMNS, Heading("余额", "yuan"))


def write_export(export: LedgerExport) -> dict[str, Any]:
    """Write the file, keep it in pieces, forget older ones; returns the columns of the job."""
    book = export.book
    with TemporaryFile() as file:
        with Telling(export) as tell, one_view():
            number = Posting.objects.filter(voucher__book=book).count()
            head = Seal.objects.filter(book=book).order_by("sequence").last()
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
                tell(1, "写核验记录")
                with archive.open(RECORDS, "w", force_zip64=True) as records:
                    for line in json_lines(book):
                        records.write(line)
                tell(30, "写账簿")
                add_workbook(archive, WORKBOOK, _sheets(export, number, tell))
                archive.writestr(CHECKER, _program())
                archive.writestr(READ_ME, "\ufeff" + _read_me(export, number, head))
        ExportPiece.objects.filter(export__book=book).delete()
        kept = export.keep(file)
    told = head.digest if head else verify.FIRST_LINK
    return {"postings": number, "head": told, **kept}


def _program() -> str:
    with open(verify.__file__, encoding="utf-8") as file:
        return file.read()


def _sheets(export: LedgerExport, number: int, tell: Progress) -> Iterator[Sheet]:
    book = export.book
    done = 0

    def counted(rows: Rows) -> Rows:
        nonlocal done
        for row in rows:
            done += 1
            if done % EVERY == 0:
                tell(30 + min(60, 60 * done // (2 * number or 1)), f"写账簿，已写 {done} 行")
            yield row

    latest = book.periods.latest_used()
    month = latest.as_month if latest else Month.of(book.first_month)
    yield Sheet("说明", ABOUT_COLUMNS, _about(export, number))
    yield Sheet("科目余额", BALANCE_COLUMNS, balance_rows(book, month))
    yield Sheet("总账", GENERAL_COLUMNS, _general_rows(book))
    yield from in_sheets("序时账", VOUCHER_COLUMNS, counted(_journal(book)), number, MOST_ROWS)
    yield from in_sheets("明细账", LEDGER_COLUMNS, counted(_ledger(book)), number, MOST_ROWS)
    seals = Seal.objects.filter(book=book)
    yield from in_sheets("封存链", SEAL_COLUMNS, seal_rows(seals), seals.count(), MOST_ROWS)


def _journal(book: Book) -> Rows:
    """序时账: every line in the order of the vouchers."""
    rows = Posting.objects.filter(voucher__book=book).order_by(
        "voucher__period__year", "voucher__period__month", "voucher__number", "line"
    )
    for _, row in posting_rows(book, rows):
        yield row


def _ledger(book: Book) -> Rows:
    """明细账 and 日记账: every line under its account, with the balance after it."""
    sides = dict(book.accounts.values_list("code", "normal_side"))
    rows = Posting.objects.filter(voucher__book=book).order_by(
        "account__code",
        "voucher__period__year",
        "voucher__period__month",
        "voucher__number",
        "line",
    )
    before, balance = "", ZERO
    for (code, debit, credit), row in posting_rows(book, rows):
        if code != before:
            before, balance = code, ZERO
        balance += debit - credit if sides[code] == Account.Side.DEBIT else credit - debit
        yield (*row, balance)


def _general_rows(book: Book) -> Rows:
    for year in sorted(set(book.periods.values_list("year", flat=True))):
        for account in general(book, year):
            opening = account.opening
            for one in account.months:
                yield (
                    account.code,
                    account.name,
                    account.side_name,
                    str(one.month),
                    opening,
                    one.debit,
                    one.credit,
                    one.year_debit,
                    one.year_credit,
                    one.balance,
                )
                opening = one.balance


def _about(export: LedgerExport, number: int) -> Iterator[tuple[str, Any]]:
    book = export.book
    vouchers = Voucher.objects.filter(book=book)
    head = Seal.objects.filter(book=book).order_by("sequence").last()
    total = vouchers.aggregate(total=Sum("amount"))["total"] or ZERO
    yield ("账套", f"{book}（{book.code}）")
    yield ("会计制度", book.get_chart_display())
    yield ("启用月份", f"{book.first_month:%Y-%m}")
    yield ("导出用途", export.reason)
    yield ("申请人", export.requested_by.name if export.requested_by else "")
    yield ("导出时间", f"{timezone.localtime():%Y-%m-%d %H:%M}")
    yield ("凭证张数", vouchers.count())
    yield ("分录条数", number)
    yield ("凭证金额合计", f"{total:.2f}")
    yield ("封存链末端", f"第 {head.sequence} 环 {head.digest}" if head else "尚无")
    yield ("行封存链末端", row_head())
    yield ("金额单位", "元；红字（负数）为冲销")
    yield ("核验方法", f"python {CHECKER} {RECORDS} {WORKBOOK}（不需要本系统，也不联网）")


def _read_me(export: LedgerExport, number: int, head: Seal | None) -> str:
    lines = [f"{name}：{value}" for name, value in _about(export, number)]
    return "\r\n".join(
        [
            *lines,
            "",
            f"{WORKBOOK}：总账、序时账、明细账（含日记账）、科目余额、封存链",
            f"{RECORDS}：每张凭证、每月结账余额、封存链各环、每张结算单各项金额的原始记录",
            f"{CHECKER}：核验程序，只用 Python 自带的功能，可用文本编辑器阅读",
            "核验内容：借贷平衡、编号连续、红冲相符、结账余额重算、封存链重算、结算单各项和各月合计重算到分，并把工作簿逐格与记录比对，"
            "报出第一处不符的行",
            f"与先前的导出比较：python {CHECKER} {RECORDS} --earlier 先前的{RECORDS}，"
            "整条链被重算过也能发现",
            "请另外记下两个末端，以后用 --head 核对是否还在链中",
            "",
        ]
    )
