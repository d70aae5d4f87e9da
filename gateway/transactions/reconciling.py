"""对账: the totals of some days (3201), and settlement by settlement with the hospital's file
(3202)."""

from collections.abc import Iterator, Mapping
from datetime import datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils import timezone

from accounts.errors import Refusal
from gateway.asked import Answer, Asked, Row, Transaction
from gateway.files.models import StoredFile
from gateway.files.reading import text_rows
from gateway.files.services import hand_out
from gateway.interface.answering import file_rows
from gateway.interface.checking import FILE_ROWS
from gateway.people import RESIDENTS
from gateway.reconciling.comparing import (
    NO,
    YES,
    Difference,
    Line,
    Totals,
    compared,
    differences,
    summed,
)
from gateway.transactions.counted import Found, lines_of

# A quarter, and a day at each end: clearing goes by months.
MAX_DAYS = 94
COLUMNS = ("setl_id", "mdtrt_id", "psn_no", "medfee_sumamt", "fund_pay_sumamt", "acct_pay",
           "refd_setl_flag")  # fmt: skip
RESULT = "3202_out_file.txt"


def total(asked: Asked) -> Answer:
    """3201: even or not, with what both sides have."""
    row = asked.row()
    found = _of_the_days(asked, row)
    lines = _asked_for(row, found.lines) if row["insutype"] == RESIDENTS else []
    theirs = Totals(
        count=int(row["fixmedins_setl_cnt"]),
        total=row["medfee_sumamt"],
        fund=row["fund_pay_sumamt"],
        account=row["acct_pay"],
    )
    result, told = compared(summed(lines), theirs)
    return {
        "stmtinfo": {
            "setl_optins": row["setl_optins"],
            "stmt_rslt": result,
            "stmt_rslt_dscr": told,
        }
    }


def detail(asked: Asked) -> Answer:
    """3202: a file that names what is not even, to be taken by 9102."""
    row = asked.row()
    theirs = _file_of(asked, row)
    _check_sums(row, theirs)
    found = _of_the_days(asked, row)
    ours = _asked_for(row, found.lines)
    counted = {line.setl_id for line in ours}
    others = found.others | {
        line.setl_id: "不在这个清算类别" for line in found.lines if line.setl_id not in counted
    }
    rows = [_told(one) for one in differences(ours, theirs, others)]
    file = hand_out(
        institution=asked.institution,
        infno=asked.infno,
        name=RESULT,
        lines=iter(file_rows(asked.infno, rows)),
        rows=len(rows),
        on=asked.on,
    )
    until = datetime.combine(file.valid_until, time(23, 59, 59), timezone.get_current_timezone())
    return {
        "fileinfo": {
            "file_qury_no": file.file_qury_no,
            "filename": file.file_name,
            "dld_endtime": until,
        }
    }


def _of_the_days(asked: Asked, row: Row) -> Found:
    since, until = row["stmt_begndate"], row["stmt_enddate"]
    area = asked.institution.division.county_code
    if row["setl_optins"] != area:
        raise Refusal(f"结算经办机构应为 {area}，请核对", at=("data", "setl_optins"))
    if not since <= until <= since + timedelta(days=MAX_DAYS):
        raise Refusal(
            f"对账结束日期应不早于开始日期，一次最多 {MAX_DAYS} 天，请分次对账",
            at=("data", "stmt_enddate"),
        )
    return lines_of(asked, since, until)


def _asked_for(row: Row, lines: list[Line]) -> list[Line]:
    """Of the kind of clearing; where only reversals are asked for, these."""
    alone = row.get("refd_setl_flag") == YES
    return [
        line for line in lines if line.clr_type == row["clr_type"] and (line.reversal or not alone)
    ]


def _file_of(asked: Asked, row: Row) -> list[Line]:
    """The hospital's file, line by line. Raises Refusal naming the line."""
    at = ("data", "file_qury_no")
    files = StoredFile.objects.filter(institution=asked.institution).standing(asked.on)
    file = files.filter(file_qury_no=row["file_qury_no"], infno="9101").first()
    if file is None:
        raise Refusal("没有这个文件查询号，请先用【9101】上传明细文件", at=at)
    return [_their_line(number, fields, at) for number, fields in _rows(file.opened, at)]


def _rows(content: bytes, at: tuple[str, str]) -> Iterator[tuple[int, list[str]]]:
    try:
        for number, fields in enumerate(text_rows(content), start=1):
            if number > FILE_ROWS:
                raise Refusal(f"明细文件最多 {FILE_ROWS} 行，请分次对账")
            yield number, fields
    except Refusal as refusal:
        raise refusal.told_as(refusal.message, at) from None


def _their_line(number: int, fields: list[str], at: tuple[str, str]) -> Line:
    if len(fields) != len(COLUMNS):
        raise Refusal(
            f"明细文件第 {number} 行有 {len(fields)} 列，应有 {len(COLUMNS)} 列："
            f"{'、'.join(COLUMNS)}",
            at=at,
        )
    row: Mapping[str, str] = dict(zip(COLUMNS, fields, strict=True))
    if row["refd_setl_flag"] not in {NO, YES}:
        raise Refusal(f"明细文件第 {number} 行 refd_setl_flag 应为 0 或 1", at=at)
    amounts = {name: _amount(number, name, row[name], at) for name in COLUMNS[3:6]}
    return Line(
        setl_id=row["setl_id"],
        mdtrt_id=row["mdtrt_id"],
        psn_no=row["psn_no"],
        total=amounts["medfee_sumamt"],
        fund=amounts["fund_pay_sumamt"],
        account=amounts["acct_pay"],
        reversal=row["refd_setl_flag"] == YES,
    )


def _amount(number: int, name: str, text: str, at: tuple[str, str]) -> Decimal:
    try:
        amount = Decimal(text or "0")
        if amount.is_finite() and amount == round(amount, 2):
            return amount.quantize(Decimal("0.01"))
    except InvalidOperation:
        pass
    raise Refusal(f"明细文件第 {number} 行 {name} 不是金额（元，最多两位小数）", at=at)


def _check_sums(row: Row, lines: list[Line]) -> None:
    """What the message sums up is what the file holds."""
    sums = summed(lines)
    for name, ours in (
        ("fixmedins_setl_cnt", sums.count),
        ("medfee_sumamt", sums.total),
        ("fund_pay_sumamt", sums.fund),
    ):
        if row[name] != ours:
            raise Refusal(f"报文为 {row[name]}，明细文件合计 {ours}，请核对", at=("data", name))


def _told(one: Difference) -> dict[str, Any]:
    """A row of the result. A settlement whose answer was lost has its numbers too, where the
    interface's example leaves them empty: the hospital may ask what it was (5203) before it takes
    it back by its message (2601)."""
    line = one.line
    return {
        "psn_no": line.psn_no,
        "mdtrt_id": line.mdtrt_id,
        "setl_id": line.setl_id,
        "msgid": line.msgid,
        "stmt_rslt": one.result,
        "refd_setl_flag": line.refd_setl_flag,
        "memo": one.memo,
        "medfee_sumamt": line.total,
        "fund_pay_sumamt": line.fund,
        "acct_pay": line.account,
    }


TRANSACTIONS = {
    "3201": Transaction(total),
    "3202": Transaction(detail, writes=True),
}
