"""Lines of the collection account (收入户) in an export, one by one: in the workbook and to the
checker.

October: a slip of 320.00 comes in two parts (C1 200.00, C2 120.00); interest of 3.21 (C3); 50.00
came by mistake and went back (C4, C5); 323.21 go to the fiscal account (C6). In November 80.00 of a
slip (C7) go on as well (C8). Both months are closed; nobody made a table of the account.
"""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import openpyxl
import pytest

from desk.jobs import run
from funds import verify
from funds.banking.models import BankLine
from funds.banking.statements import STATEMENTS, book_line, close_lines, offset_lines
from funds.exports import json_lines
from funds.handing_out import writing
from funds.handing_out.services import ask_export
from funds.models import Book, Period, Voucher
from funds.services import close_period, seal_vouchers
from tests.funds.test_handing_out import checked, unpacked

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("money_aside", "no_worker", "story")]
LATER = date(2025, 12, 3)
Kind = BankLine.Kind
Records = list[dict[str, Any]]
ROWS = (
    ("C1", "2025-10-24", "200.00"),
    ("C2", "2025-10-25", "120.00"),
    ("C3", "2025-10-21", "3.21"),
    ("C4", "2025-10-22", "50.00"),
    ("C5", "2025-10-23", "-50.00"),
    ("C6", "2025-10-30", "-323.21"),
    ("C7", "2025-11-06", "80.00"),
    ("C8", "2025-11-27", "-80.00"),
)


@pytest.fixture
def story(
    money_aside: None, book: Book, cast: SimpleNamespace, post: Callable[..., Voucher]
) -> None:
    text = "交易日期,交易流水号,金额,摘要\n" + "".join(
        f"{day},{serial},{amount},王建国 存入\n" for serial, day, amount in ROWS
    )
    upload, _ = STATEMENTS.upload(
        actor=cast.accountant, file_name="收入户.csv", content=text.encode(), on=LATER,
        area=book.area,
    )  # fmt: skip
    assert run("enrollment.bankstatement", upload.pk, LATER)
    line = {one.serial: one for one in BankLine.objects.all()}
    assert len(line) == 8

    def slip(amount: str, on: date, *lines: str) -> None:
        voucher = post("premium_collected", amount, on, policy_year=2026)
        close_lines(
            [line[one] for one in lines], kind=Kind.REMITTANCE, actor=cast.accountant, on=on,
            voucher=voucher.label, settles=f"remittance:{lines[0]}",
        )  # fmt: skip

    def booked(serial: str, kind: str, on: date) -> None:
        book_line(actor=cast.accountant, line=line[serial], kind=kind, year=2025, on=on)

    slip("320.00", date(2025, 10, 25), "C1", "C2")
    booked("C3", Kind.INTEREST, date(2025, 10, 25))
    offset_lines(actor=cast.accountant, line=line["C4"], other=line["C5"], on=LATER)
    booked("C6", Kind.TRANSFER, date(2025, 10, 31))
    slip("80.00", date(2025, 11, 6), "C7")
    booked("C8", Kind.TRANSFER, date(2025, 11, 27))
    for period in Period.objects.filter(book=book, year=2025, month__in=(10, 11)):
        close_period(actor=cast.accountant, period=period, on=LATER)


@pytest.fixture
def records(book: Book) -> Records:
    return [json.loads(line) for line in json_lines(book)]


def found(records: Records) -> list[str]:
    """By somebody who knows how the chain is made, and how many lines the file says it has."""
    link = verify.FIRST_LINK
    for one in records:
        if one["kind"] == "bank_line":
            link = one["digest"] = verify.line_digest(link, one)
    records[-1]["bank_lines"] = sum(one["kind"] == "bank_line" for one in records)
    return [str(one) for one in verify.verify(records).findings]


def of(records: Records, serial: str) -> dict[str, Any]:
    return next(one for one in records if one.get("serial") == serial)


def test_what_is_whole_is_whole(records: Records) -> None:
    assert found(records) == []
    assert "银行流水 8 行" in verify.verify(records).lines()[0]
    assert "王建国" not in json.dumps(records, ensure_ascii=False)


def test_a_line_left_out(records: Records) -> None:
    """Of a slip in two parts, of an entry that was booked from it, and of a whole slip: the entry
    says more than what is left, or has nothing."""
    records.remove(of(records, "C2"))
    assert found(records) == [
        "银行流水 1002 2025-10-24 C1：核销的流水合计 200.00，凭证 2025-10-0001 记的是 320.00"
    ]
    records.remove(of(records, "C3"))
    records.remove(of(records, "C7"))
    assert found(records)[1:] == [
        "凭证 2025-10-0002：据银行流水记账，却没有流水与它核销",
        "凭证 2025-11-0001：收入户 80.00 没有对应的银行流水",
    ]
    records.remove(of(records, "C4"))
    assert "冲抵的流水合计 -50.00，不为零" in found(records)[0]


@pytest.mark.parametrize(
    ("serial", "amount", "told"),
    [
        ("C1", "201.00", "1002 2025-10-24 C1：核销的流水合计 321.00，凭证 2025-10-0001 记的是 320"),
        ("C3", "3.22", "1002 2025-10-21 C3：核销的流水合计 3.22，凭证 2025-10-0002 记的是 3.21"),
        ("C5", "-49.00", "1002 2025-10-22 C4：冲抵的流水合计 1.00，不为零"),
    ],
)
def test_a_line_altered(records: Records, serial: str, amount: str, told: str) -> None:
    of(records, serial)["amount"] = amount
    (only,) = found(records)
    assert told in only


def test_a_line_twice_and_an_entry_twice(records: Records) -> None:
    """C7 stands in the file a second time; then it is turned to the entry of the other slip, which
    is settled twice and the own entry by none."""
    at = records.index(of(records, "C7"))
    records.insert(at, dict(records[at]))
    assert found(records) == [
        "银行流水 1002 2025-11-06 C7：同一天的流水号重复",
        "银行流水 1002 2025-11-06 C7：核销的流水合计 160.00，凭证 2025-11-0001 记的是 80.00",
    ]
    del records[at]
    of(records, "C7")["group"] = "voucher:2025-10-0001"
    assert found(records) == [
        "银行流水 1002 2025-10-24 C1：核销的流水合计 400.00，凭证 2025-10-0001 记的是 320.00",
        "凭证 2025-11-0001：收入户 80.00 没有对应的银行流水",
    ]


def test_an_entry_that_two_matches_name(records: Records) -> None:
    match = {"kind": "bank_match", "account": "1002", "amount": "0.00"}
    for name in ("match:7", "match:8"):
        records.insert(-1, match | {"group": name, "vouchers": ["2025-11-0001"]})
    records[-1]["bank_matches"] = 2
    assert (
        "凭证 2025-11-0001：1002 的流水重复勾对：match:7、match:8、voucher:2025-11-0001"
        in found(records)
    )


def test_a_line_that_names_an_entry_that_is_not_there(records: Records) -> None:
    of(records, "C8")["group"] = "voucher:2025-11-0009"
    assert found(records) == [
        "银行流水 1002 2025-11-27 C8：核销的流水合计 -80.00，凭证 2025-11-0009 不见了",
        "凭证 2025-11-0002：据银行流水记账，却没有流水与它核销",
    ]


def test_the_workbook_has_every_line_and_is_compared_with_the_records(
    book: Book, cast: SimpleNamespace, tmp_path: Path
) -> None:
    seal_vouchers(book=book)
    row = ask_export(actor=cast.auditor, book=book, reason="年度审计")
    assert run("funds.ledgerexport", row.pk, LATER)
    row.refresh_from_db()
    folder = unpacked(row, cast, tmp_path)
    code, text = checked(folder)
    assert code == 0, text
    sheet = openpyxl.load_workbook(folder / writing.WORKBOOK)["银行流水"]
    header, *lines = sheet.iter_rows(values_only=True)
    assert header == (
        "系统科目", "银行账户", "日期", "流水号", "收入", "支出", "核对", "勾对号", "对应凭证",
        "冲抵的流水",
    )  # fmt: skip
    told = {line[3]: line[4:] for line in lines}
    nothing = (None, "")
    assert len(lines) == 8
    assert told["C2"][:3] == (120, None, "已核销") and told["C2"][4] == "2025-10-0001"
    assert told["C6"][:3] == (None, 323.21, "已核销") and told["C6"][4] == "2025-10-0003"
    assert told["C4"][2] == "退回冲抵" and told["C4"][5] == "C5" and told["C4"][4] in nothing
    assert all("王建国" not in str(line) for line in lines)

    whole = (folder / writing.WORKBOOK).read_bytes()
    for alter, named in (
        (lambda sheet: sheet.delete_rows(4), "记录是 '2025-10-23'"),
        (lambda sheet: sheet.cell(5, 5, 201), "收入是 '201.00'，记录是 '200.00'"),
        (lambda sheet: sheet.cell(5, 9, "2025-10-0002"), "对应凭证是 '2025-10-0002'，记录是"),
        (lambda sheet: sheet.delete_rows(9), "后面缺行：银行流水 1002 2025-11-27 C8"),
    ):
        (folder / writing.WORKBOOK).write_bytes(whole)
        opened = openpyxl.load_workbook(folder / writing.WORKBOOK)
        alter(opened["银行流水"])
        opened.save(folder / writing.WORKBOOK)
        code, text = checked(folder)
        assert code == 1 and named in text, text


def test_a_reviewed_table_says_what_is_under_way(
    records: Records,
) -> None:
    """An entry that the table of its month lists is accounted for."""
    records.remove(of(records, "C7"))
    records.remove(of(records, "C8"))
    lines = [one for one in records if one["kind"] == "bank_line"]
    last = lines[-1] | {"serial": "C9", "day": "2025-11-28", "amount": "5.00", "group": ""}
    records.insert(records.index(lines[-1]) + 1, last)
    at = {"kind": "bank_table", "account": "1002", "month": "2025-11", "since": "2025-10-21"}
    item = {"day": "2025-11-06", "number": "2025-11-0001", "amount": "80.00"}
    out = {"day": "2025-11-27", "number": "2025-11-0002", "amount": "-80.00"}
    open_line = {"day": "2025-11-28", "number": "C9", "amount": "5.00"}
    sides = {"book_in": [item], "book_out": [out], "bank_in": [open_line], "bank_out": []}
    table = at | {"bank": "5.00", "book": "0.00", "items": sides}
    records.insert(-1, table)
    records[-1]["bank_tables"] = 1
    assert found(records) == ["凭证 2025-11-0002：据银行流水记账，却没有流水与它核销"]
