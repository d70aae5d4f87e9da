"""The file of an export: a workbook of all ledgers, the records, the program that checks both.

Everything is read at one moment and written as it comes, so memory does not grow with the book.
"""

import zipfile
from collections.abc import Iterator
from decimal import Decimal
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
from funds.handing_out.program import program
from funds.ledgers.reading import general
from funds.models import ZERO, Account, Book, Posting, Seal, Voucher
from funds.reconciling.handed_out import LINE_COLUMNS, line_count, line_rows
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
FIGURE_COLUMNS = (
    Heading("月份", "code", width=10),
    Heading("编号", "code", width=8),
    Heading("指标", "text", width=26),
    Heading("期间", "text", width=12),
    Heading("公式", "text", width=44),
    *headings("分子", "分母", kind="whole"),
    Heading("数值", "number"),
    Heading("单位", "text", width=10),
)
LEDGER_COLUMNS = (*VOUCHER_COLUMNS, Heading("余额", "yuan"))
Ready = Iterator[dict[str, Any]]


def write_export(export: LedgerExport) -> dict[str, Any]:
    """Write the file, keep it in pieces, forget older ones; returns the columns of the job."""
    book = export.book
    with TemporaryFile() as file:
        with Telling(export) as tell, one_view():
            number = Posting.objects.filter(voucher__book=book).count()
            head = Seal.objects.filter(book=book).order_by("sequence").last()
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
                tell(1, "写核验记录")
                figures: list[verify.Record] = []
                with archive.open(RECORDS, "w", force_zip64=True) as records:
                    for line in json_lines(book, figures):
                        records.write(line)
                tell(30, "写账簿")
                add_workbook(archive, WORKBOOK, _sheets(export, number, figures, tell))
                archive.writestr(CHECKER, program())
                archive.writestr(READ_ME, "\ufeff" + _read_me(export, number, head))
        ExportPiece.objects.filter(export__book=book).delete()
        kept = export.keep(file)
    told = head.digest if head else verify.FIRST_LINK
    return {"postings": number, "head": told, **kept}


def _sheets(
    export: LedgerExport, number: int, figures: list[verify.Record], tell: Progress
) -> Iterator[Sheet]:
    book = export.book
    done = 0

    def counted(rows: Ready) -> Ready:
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
    yield Sheet("月报指标", FIGURE_COLUMNS, _figure_rows(figures))
    for title, columns, rows in (
        ("序时账", VOUCHER_COLUMNS, _journal(book)),
        ("明细账", LEDGER_COLUMNS, _ledger(book)),
    ):
        yield from in_sheets(title, columns, counted(rows), number, MOST_ROWS, ready=True)
    yield from in_sheets("银行流水", LINE_COLUMNS, line_rows(book), line_count(book), MOST_ROWS)
    seals = Seal.objects.filter(book=book)
    yield from in_sheets("封存链", SEAL_COLUMNS, seal_rows(seals), seals.count(), MOST_ROWS)


def _journal(book: Book) -> Ready:
    """序时账: every line in the order of the vouchers."""
    rows = Posting.objects.filter(voucher__book=book).order_by(
        "voucher__period__year", "voucher__period__month", "voucher__number", "line"
    )
    for *_, row in posting_rows(book, rows):
        yield row


def _ledger(book: Book) -> Ready:
    """明细账 and 日记账: every line under its account, with the balance after it."""
    sides = dict(book.accounts.values_list("code", "normal_side"))
    rows = Posting.objects.filter(voucher__book=book).order_by(
        "account__code",
        "voucher__period__year",
        "voucher__period__month",
        "voucher__number",
        "line",
    )
    before, sign, balance = "", 1, 0
    for code, debit, credit, row in posting_rows(book, rows):
        if code != before:
            before, balance = code, 0
            sign = 1 if sides[code] == Account.Side.DEBIT else -1
        balance += sign * (debit - credit)
        row["余额"] = balance / 100
        yield row


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


def _figure_rows(figures: list[verify.Record]) -> Rows:
    for one in figures:
        shown = verify.shown(one)
        yield (
            *(one["month"], one["code"], one["name"], verify.PERIODS[one["period"]]),
            *(one["formula"], one["top"], one["bottom"]),
            *(Decimal(shown) if shown else None, one["measured_in"]),
        )


def _about(export: LedgerExport, number: int) -> Iterator[tuple[str, Any]]:
    book = export.book
    vouchers = Voucher.objects.filter(book=book)
    head = Seal.objects.filter(book=book).order_by("sequence").last()
    total = vouchers.aggregate(total=Sum("amount"))["total"] or ZERO
    yield ("账套", f"{book}（{book.code}）")
    yield ("会计制度", charts_told(book))
    yield ("启用月份", f"{book.first_month:%Y-%m}")
    yield ("导出用途", export.reason)
    yield ("申请人", export.requested_by.name if export.requested_by else "")
    yield ("导出时间", f"{timezone.localtime():%Y-%m-%d %H:%M}")
    yield ("凭证张数", vouchers.count())
    yield ("分录条数", number)
    yield ("凭证金额合计", f"{total:.2f}")
    yield ("封存链末端", f"第 {head.sequence} 环 {head.digest}" if head else "尚无")
    yield ("行封存链末端", row_head())
    yield ("金额单位", "元；红字（负数）为冲销；“月报指标”的分子、分母中的金额以分计")
    yield ("核验方法", f"python {CHECKER} {RECORDS} {WORKBOOK}（不需要本系统，也不联网）")


def charts_told(book: Book) -> str:
    """Which chart the book kept from which month on."""
    found: dict[str, str] = {}
    for period in book.periods.order_by("year", "month"):
        found.setdefault(period.chart, str(period.as_month))
    return "；".join(f"{month} 起 {Book.Chart(one).label}" for one, month in found.items())


def _read_me(export: LedgerExport, number: int, head: Seal | None) -> str:
    lines = [f"{name}：{value}" for name, value in _about(export, number)]
    return "\r\n".join(
        [
            *lines,
            "",
            f"{WORKBOOK}：总账、序时账、明细账（含日记账）、科目余额、月报指标、银行流水、封存链",
            f"{RECORDS}：每张凭证、每月结账余额、封存链各环、每张结算单各项金额、各月月报指标、"
            "银行流水逐行（不含摘要和户名）和余额调节表的原始记录",
            f"{CHECKER}：核验程序，只用 Python 自带的功能，可用文本编辑器阅读",
            "核验内容：借贷平衡、编号连续、红冲相符、结账余额重算、封存链重算、结算单各项和各月合计重算到分、"
            "月报指标由凭证和结算单重算（参保人数等不在记录里，只重算商），"
            "银行流水逐行指纹、勾对或核销的流水与凭证逐笔核对、收入户有账无流水的凭证、"
            "已结账月份的余额调节表重算，并把工作簿逐格与记录比对，"
            "报出第一处不符的行",
            f"与先前的导出比较：python {CHECKER} {RECORDS} --earlier 先前的{RECORDS}，"
            "整条链被重算过也能发现",
            "请另外记下两个末端，以后用 --head 核对是否还在链中",
            "",
        ]
    )
