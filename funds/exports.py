"""The ledger as rows for auditors: a month as a workbook, noted in the audit trail before a byte
leaves; the rows and lines of a whole book, which `funds.handing_out` writes and notes.
"""

import json
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from django.db.models import BigIntegerField, F, Func, TextField, Value
from django.db.models.functions import Cast, Coalesce
from django.utils import timezone

from accounts.audit import record_export
from accounts.models import Division, User
from accounts.scoping import ScopedQuerySet
from funds.balances import account_balances, as_printed
from funds.chart import printed
from funds.events import EVENTS, FUNDING_LEVELS
from funds.models import (
    ZERO,
    Account,
    Book,
    Period,
    Posting,
    PostingQuerySet,
    Seal,
    Voucher,
    label_of,
)
from funds.papers import tier_names
from funds.records import book_records, one_view
from funds.verify import Record
from institutions.models import Institution
from lib.periods import Month
from lib.tables.writing import Heading, Sheet, cells, headings, write_workbook

# Of a line of a voucher: what the voucher says, what the line says, and what many lines say alike.
VOUCHERS_OWN = (
    Heading("凭证号", "text"),
    Heading("日期", "day"),
    Heading("事项", "text"),
    Heading("摘要", "text", width=30),
    Heading("来源", "text", width=24),
    *headings("红冲的凭证", "制单人", kind="text"),
    Heading("记账时间", "minute"),
)
ALIKE_COLUMNS = (
    Heading("科目编号", "code"),
    Heading("科目名称", "text", width=30),
    Heading("系统科目", "code"),
    Heading("资金来源", "text"),
    Heading("档次代码", "code", width=10),
    Heading("档次", "text"),
    Heading("乡镇代码", "code"),
    Heading("乡镇", "text"),
    Heading("机构代码", "code"),
    Heading("机构", "text", width=24),
    Heading("保险年度", width=10),
)
VOUCHER_COLUMNS = (
    *VOUCHERS_OWN[:5],
    Heading("行号", "whole"),
    *ALIKE_COLUMNS[:2],
    *headings("借方", "贷方", kind="yuan"),
    *ALIKE_COLUMNS[2:],
    *VOUCHERS_OWN[5:],
)
BALANCE_COLUMNS = (
    Heading("科目编号", "code"),
    Heading("科目名称", "text", width=30),
    *headings("要素", "余额方向", kind="text"),
    *headings("期初余额", "本期借方", "本期贷方", "期末余额", kind="yuan"),
)
SEAL_COLUMNS = (
    Heading("序号", "whole"),
    Heading("凭证号", "text"),
    *headings("前一指纹", "指纹", kind="text"),
    Heading("封存时间", "text", width=20),
)
ABOUT_COLUMNS = (Heading("项目", "text"), Heading("内容", width=60))
# Bytes: as desk.downloads.IN_MEMORY. A year's vouchers of a county are larger and wait on the disk.
IN_MEMORY = 8 * 1024 * 1024

Rows = Iterator[Sequence[Any]]


def month_workbook(*, actor: User, book: Book, month: Month, reason: str = "") -> IO[bytes]:
    """The month's ledger as .xlsx: 凭证明细, 科目余额, 封存链, 说明. Noted in the audit trail."""
    vouchers = Voucher.objects.filter(book=book).of_month(month)
    record_export(
        actor=actor,
        what="funds.month_workbook",
        rows=vouchers.count(),
        criteria={"book": book.code, "month": str(month)},
        reason=reason,
    )
    file = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - the caller reads and closes it
    with one_view():
        write_workbook(
            [
                Sheet("凭证明细", VOUCHER_COLUMNS, _voucher_rows(book, month), ready=True),
                Sheet("科目余额", BALANCE_COLUMNS, balance_rows(book, month)),
                Sheet("封存链", SEAL_COLUMNS, seal_rows(_seals_of(book, month))),
                Sheet("说明", ABOUT_COLUMNS, _explanation(book, month)),
            ],
            file,
        )
    file.seek(0)
    return file


def json_lines(book: Book, figures: list[Record] | None = None) -> Iterator[bytes]:
    """The whole book, one record per line, UTF-8; funds/verify/ checks it without the portal.

    `figures`: takes those of the months as they pass, for whoever writes them elsewhere too.
    """
    spelt = json.JSONEncoder(ensure_ascii=False, sort_keys=True).encode
    for record in book_records(book):
        if figures is not None and record["kind"] == "figure":
            figures.append(record)
        yield spelt(record).encode() + b"\n"


def _voucher_rows(book: Book, month: Month) -> Iterator[dict[str, Any]]:
    rows = Posting.objects.filter(
        period__in=list(Period.objects.filter(book=book).at(month).values_list("pk", flat=True))
    )
    for *_, row in posting_rows(book, rows.order_by("voucher__number", "line")):
        yield row


# What thousands of postings say alike comes as one text, which is looked up and seldom read.
ALIKE = (
    "account__code", "period__chart", "funding_level", "tier", "township__code",
    "institution_code", "policy_year",
)  # fmt: skip
BETWEEN = "\x1f"
OF_VOUCHER = (
    "pk", "occurred_on", "number", "event", "summary", "source",
    "reversal_of__occurred_on", "reversal_of__number", "preparer", "posted_at",
)  # fmt: skip
TOGETHER = 5_000  # postings whose vouchers are read at once
MAX_ALIKE = 16_384
Cells = dict[str, Any]
PostingRow = tuple[str, int, int, Cells]


def posting_rows(book: Book, postings: PostingQuerySet) -> Iterator[PostingRow]:
    """Account, fen of debit and credit of each posting, and its cells under VOUCHER_COLUMNS.

    A year has a million of them: a voucher's cells are made once for its lines, and so are those of
    account and dimensions, which are few.
    """
    alike = lru_cache(MAX_ALIKE)(_cells_alike(book))
    rows = postings.annotate(
        # As text: what the database answers as a number goes through Django's converters.
        **{
            f"{side}_fen": Cast(Cast(F(side) * 100, BigIntegerField()), TextField())
            for side in ("debit", "credit")
        },
        alike=Func(
            Value(BETWEEN),
            *(Coalesce(Cast(one, TextField()), Value("")) for one in ALIKE),
            function="concat_ws",
            output_field=TextField(),
        ),
    ).values_list("voucher_id", "line", "debit_fen", "credit_fen", "account__code", "alike")
    found = rows.iterator(chunk_size=TOGETHER)
    while together := list(islice(found, TOGETHER)):
        vouchers = _voucher_cells({row[0] for row in together})
        for voucher, line, in_debit, in_credit, account, same in together:
            debit, credit = int(in_debit), int(in_credit)
            row = vouchers[voucher] | alike(same)
            row["行号"], row["借方"], row["贷方"] = line, debit / 100, credit / 100
            yield account, debit, credit, row


def _cells_alike(book: Book) -> Callable[[str], Cells]:
    """What makes cells of the one text of ALIKE: names stand beside codes."""
    institutions = dict(Institution.objects.values_list("code", "name"))
    townships = dict(Division.objects.townships().values_list("code", "name"))
    tiers = tier_names(book)

    def made(text: str) -> Cells:
        account, chart, level, tier, town, institution, year = text.split(BETWEEN)
        told = printed(chart, account)
        return cells(
            ALIKE_COLUMNS,
            (
                *(told.code, told.name, account, FUNDING_LEVELS.get(level, "")),
                *(tier, tiers.get(tier, ""), town, townships.get(town, "")),
                *(institution, institutions.get(institution, ""), int(year) if year else None),
            ),
        )

    return made


def _voucher_cells(keys: Collection[int]) -> dict[int, Cells]:
    """The whole row of each voucher, with nothing yet where its lines differ."""
    blank = dict.fromkeys(column.title for column in VOUCHER_COLUMNS)
    return {
        pk: blank
        | cells(
            VOUCHERS_OWN,
            (
                *(label_of(on, number), on, EVENTS[event].title if event in EVENTS else event),
                *(summary, source, label_of(red_on, red_number) if red_on else ""),
                *(preparer, posted_at),
            ),
        )
        for pk, on, number, event, summary, source, red_on, red_number, preparer, posted_at in (
            Voucher.objects.filter(pk__in=keys).order_by().values_list(*OF_VOUCHER)
        )
    }


def balance_rows(book: Book, month: Month) -> Rows:
    debit = credit = ZERO
    balances = account_balances(area=book.area, through=month.last, fund_type=book.fund_type)
    for row in as_printed(balances, book.chart_at(month)):
        debit += row.debit
        credit += row.credit
        yield (
            row.code,
            row.name,
            Account.Kind(row.kind).label,
            Account.Side(row.normal_side).label,
            row.opening,
            row.debit,
            row.credit,
            row.closing,
        )
    yield ("合计", "", "", "", "", debit, credit, "")


def _seals_of(book: Book, month: Month) -> ScopedQuerySet[Seal]:
    at = {"voucher__period__year": month.year, "voucher__period__month": month.month}
    return Seal.objects.filter(book=book, **at)


def seal_rows(seals: ScopedQuerySet[Seal]) -> Rows:
    columns = ("sequence", "voucher__occurred_on", "voucher__number", "previous", "digest")
    rows = seals.order_by("sequence").values_list(*columns, "sealed_at")
    for sequence, on, number, previous, digest, at in rows.iterator(chunk_size=5_000):
        told = f"{timezone.localtime(at):%Y-%m-%d %H:%M:%S}"
        yield (sequence, label_of(on, number), previous, digest, told)


def _explanation(book: Book, month: Month) -> Rows:
    period = Period.objects.filter(book=book).at(month).first()
    vouchers = Voucher.objects.filter(book=book).of_month(month)
    head = Seal.objects.filter(book=book).order_by("sequence").last()
    yield ("账套", f"{book}（{book.code}）")
    yield ("会计制度", Book.Chart(book.chart_at(month)).label)
    yield ("月份", str(month))
    yield ("状态", period.get_status_display() if period else "账上没有这个月")
    yield ("凭证张数", vouchers.count())
    yield ("已封存张数", vouchers.filter(seal__isnull=False).count())
    yield ("封存链末端", f"第 {head.sequence} 环 {head.digest}" if head else "尚无")
    yield ("金额单位", "元；红字（负数）为冲销")
    yield (
        "核验方法",
        "在“账簿导出”取全部账簿：内有核验程序，没有本系统的电脑也能核验借贷、编号、余额、封存链",
    )
