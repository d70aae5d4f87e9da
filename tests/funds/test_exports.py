"""The auditor takes the month home as a workbook."""

from collections.abc import Callable
from datetime import date
from types import SimpleNamespace

import openpyxl
import pytest

from accounts.models import AuditLine, Division
from funds.exports import month_workbook
from funds.models import Book, Voucher
from funds.services import reverse_voucher, seal_vouchers
from lib.periods import Month

pytestmark = pytest.mark.usefixtures("money_aside")

MARCH = Month(2026, 3)


@pytest.fixture
def workbook(
    book: Book, post: Callable[..., Voucher], cast: SimpleNamespace, town_a: Division
) -> openpyxl.Workbook:
    paid = post(
        "claim_paid",
        "2050.00",
        date(2026, 3, 9),
        purpose="inpatient",
        tier="tier2",
        township=town_a,
        institution_code="H50022500001",
        policy_year=2026,
        source="=cmd|' /C calc'!A0",
    )
    post("claim_paid", "1.00", date(2026, 4, 9), purpose="other")
    reverse_voucher(actor=cast.accountant, voucher=paid, on=date(2026, 3, 10), reason="退票")
    seal_vouchers(book=book)
    file = month_workbook(actor=cast.auditor, book=book, month=MARCH, reason="季度审计")
    return openpyxl.load_workbook(file)


def rows(workbook: openpyxl.Workbook, title: str) -> list[dict[str, object]]:
    header, *body = workbook[title].iter_rows(values_only=True)
    return [dict(zip(header, row, strict=True)) for row in body]


def test_every_line_of_the_month_and_of_no_other(workbook: openpyxl.Workbook) -> None:
    lines = rows(workbook, "凭证明细")

    assert [(line["凭证号"], line["科目编号"], line["借方"], line["贷方"]) for line in lines] == [
        ("2026-03-0001", "5001-inpatient", 2050, 0),
        ("2026-03-0001", "1004", 0, 2050),
        ("2026-03-0002", "5001-inpatient", -2050, 0),
        ("2026-03-0002", "1004", 0, -2050),
    ]
    first = lines[0]
    assert (first["乡镇代码"], first["乡镇"], first["机构代码"], first["档次代码"]) == (
        "500225101",
        "龙水镇",
        "H50022500001",
        "tier2",
    )
    assert (first["保险年度"], first["制单人"]) == (2026, "郑淑芬")
    assert lines[2]["红冲的凭证"] == "2026-03-0001"


def test_no_formula_gets_out(workbook: openpyxl.Workbook) -> None:
    cells = [cell for sheet in workbook for row in sheet.iter_rows() for cell in row]

    assert not [cell for cell in cells if cell.data_type == "f"]
    assert rows(workbook, "凭证明细")[0]["来源"] == "'=cmd|' /C calc'!A0"


def test_balances_of_the_month_add_up(workbook: openpyxl.Workbook) -> None:
    balances = {row["科目编号"]: row for row in rows(workbook, "科目余额")}

    assert balances["5001-inpatient"]["期末余额"] == 0
    assert (balances["合计"]["本期借方"], balances["合计"]["本期贷方"]) == (0, 0)
    assert balances["1004"]["要素"] == "资产"


def test_the_chain_and_the_explanation_are_there(workbook: openpyxl.Workbook, book: Book) -> None:
    links = rows(workbook, "封存链")
    about = {row["项目"]: row["内容"] for row in rows(workbook, "说明")}

    assert [(link["序号"], link["凭证号"]) for link in links] == [
        (1, "2026-03-0001"),
        (2, "2026-03-0002"),
    ]
    assert all(len(str(link["指纹"])) == 64 for link in links)
    assert about["账套"] == "大足县城乡居民基本医疗保险基金（500225/resident）"
    assert (about["凭证张数"], about["已封存张数"], about["状态"]) == (2, 2, "未结账")
    assert book.seals.get(sequence=3).digest in str(about["封存链末端"])


def test_the_export_is_in_the_audit_trail(
    workbook: openpyxl.Workbook, cast: SimpleNamespace
) -> None:
    line = AuditLine.objects.get(action="export")

    assert (line.user, line.reason) == (cast.auditor, "季度审计")
    assert line.after == {
        "what": "funds.month_workbook",
        "rows": 2,
        "criteria": {"book": "500225/resident", "month": "2026-03"},
    }
