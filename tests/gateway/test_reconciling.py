"""对账: a hospital's day with a reversal and an answer that was lost, until both sides are even."""

import base64
import io
import zipfile
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import Division
from claims.models import Settlement
from claims.services import withdraw
from enrollment.models import Person
from funds.models import Book
from gateway.identifiers import psn_no
from tests.claims.conftest import Register
from tests.claims.test_statements import statements
from tests.gateway.conftest import System
from tests.gateway.hospital import line, outpatient_lines, parts_of, to_settle
from tests.gateway.test_outpatient import billed, registered

DAY = date(2026, 3, 20)
AREA = "500225"
pytestmark = pytest.mark.django_db
Side = tuple[str, str, str, str, str, str, str]


@pytest.fixture
def wang(register: Register, village_a: Division, book: Book) -> Person:
    return register.person("王建国", register.household(village_a))


@pytest.fixture
def li(register: Register, village_a: Division, book: Book) -> Person:
    return register.person("李素珍", register.household(village_a))


def settle(system: System, person: Person, number: str, total: str) -> dict[str, Any]:
    """Tried, then settled with the parts that were told; with the message that did it."""
    asked = to_settle(person, number, total, "SF1")
    tried = system.ask("2206", asked)["setlinfo"]
    asked["data"] |= parts_of(tried)
    message = system.message("2207", asked)
    told = system.send(message)
    assert told["infcode"] == 0, told["err_msg"]
    found: dict[str, Any] = told["output"]["setlinfo"]
    return found | {"msgid": message["msgid"]}


def of_file(one: dict[str, Any], flag: str = "0") -> Side:
    amounts = (f"{one[name]}" for name in ("medfee_sumamt", "fund_pay_sumamt", "acct_pay"))
    total, fund, account = amounts
    return one["setl_id"], one["mdtrt_id"], one["psn_no"], total, fund, account, flag


def totals(rows: Sequence[Side], **given: Any) -> dict[str, Any]:
    """What both transactions ask of the hospital's rows."""
    return {
        "data": {
            "insutype": "390", "clr_type": "11", "setl_optins": AREA,
            "stmt_begndate": f"{DAY}", "stmt_enddate": f"{DAY}",
            "medfee_sumamt": sum((Decimal(row[3]) for row in rows), Decimal(0)),
            "fund_pay_sumamt": sum((Decimal(row[4]) for row in rows), Decimal(0)),
            "acct_pay": sum((Decimal(row[5]) for row in rows), Decimal(0)),
            "fixmedins_setl_cnt": len(rows), "refd_setl_flag": "0",
            "fixmedins_refd_setl_flag": "0",
        } | given
    }  # fmt: skip


def upload(system: System, rows: Sequence[Sequence[str]]) -> str:
    text = "".join("\t".join(row) + "\n" for row in rows)
    told = system.ask(
        "9101",
        {
            "fsUploadIn": {
                "in": base64.b64encode(text.encode()).decode(),
                "filename": "3202_in_file.txt",
                "fixmedins_code": system.client.institution.code,
            }
        },
    )
    number: str = told["file_qury_no"]
    return number


def compared(system: System, rows: Sequence[Side], **given: Any) -> list[list[str]]:
    """The result of 3202, taken by 9102."""
    data = totals(rows)["data"]
    del data["insutype"], data["acct_pay"]
    data |= {"file_qury_no": upload(system, rows), "cash_payamt": Decimal(0)} | given
    told = system.ask("3202", {"data": data})["fileinfo"]
    assert told["filename"] == "3202_out_file.txt.zip"
    taken = system.ask(
        "9102",
        {
            "fsDownloadIn": {
                "file_qury_no": told["file_qury_no"],
                "filename": told["filename"],
                "fixmedins_code": "plc",
            }
        },
    )
    content = base64.b64decode(taken["fsDownloadOut"]["out"])
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        text = archive.read(archive.namelist()[0]).decode()
    return [row.split("\t") for row in text.splitlines()]


def result(system: System, asked: dict[str, Any]) -> tuple[str, str]:
    told = system.ask("3201", asked)["stmtinfo"]
    return told["stmt_rslt"], told["stmt_rslt_dscr"]


def reversed_day(system: System, wang: Person) -> tuple[str, list[Side]]:
    """56.00 settled, taken back, settled again: three rows of the hospital's."""
    number = billed(system, wang)
    first = settle(system, wang, number, "56.00")
    back = system.ask(
        "2208", {"data": {"setl_id": first["setl_id"], "mdtrt_id": number, "psn_no": psn_no(wang)}}
    )["setlinfo"]
    again = settle(system, wang, number, "56.00")
    return number, [of_file(first), of_file(back, "1"), of_file(again)]


def test_an_answer_was_lost_until_it_is_corrected(system: System, wang: Person, li: Person) -> None:
    _number, rows = reversed_day(system, wang)
    assert [row[3] for row in rows] == ["56.00", "-56.00", "56.00"]
    assert rows[1][0] == f"{rows[0][0]}R"
    assert result(system, totals(rows)) == ("0", "平")
    assert compared(system, rows) == []

    # 李素珍's settlement of 60.00 was made, and its answer never reached the hospital.
    other = registered(system, li)
    system.ask("2204", outpatient_lines("SF1", line("1", other, li, "X02", "2", "30.00", DAY)))
    lost = settle(system, li, other, "60.00")
    fund, paid = sum(Decimal(row[4]) for row in rows), lost["fund_pay_sumamt"]
    held, more = sum(Decimal(row[5]) for row in rows), lost["acct_pay"]
    words = (
        f"中心4笔，费用总额116.00，基金支付{fund + paid}；机构3笔，费用总额56.00，基金支付{fund}"
    )
    if more:
        words = (
            f"中心4笔，费用总额116.00，基金支付{fund + paid}，个人账户支付{held + more}；"
            f"机构3笔，费用总额56.00，基金支付{fund}，个人账户支付{held}"
        )
    assert result(system, totals(rows)) == ("1", words)
    assert compared(system, rows) == [
        [psn_no(li), other, lost["setl_id"], lost["msgid"], "1", "0", "机构没有这笔结算", "60.00",
         f"{paid}", f"{more}"]
    ]  # fmt: skip
    system.ask("2601", {"data": {"psn_no": psn_no(li), "omsgid": lost["msgid"], "oinfno": "2207"}})
    assert result(system, totals(rows)) == ("0", "平")
    assert compared(system, rows) == []
    # Had the hospital kept it after all, it hears why it does not count.
    told = compared(system, [*rows, of_file(lost)])
    assert [row[4:7] for row in told] == [["2", "0", "中心已按 2601 冲正"]]


def test_what_differs_is_named_line_by_line(system: System, wang: Person) -> None:
    number, rows = reversed_day(system, wang)
    first, back, again = rows
    wrong = (*again[:3], "55.00", *again[4:])
    stranger = ("X1", number, psn_no(wang), "1.00", "0.00", "0.00", "0")
    told = compared(system, [first, first, wrong, stranger])
    assert [[row[2], row[4], row[6]] for row in told] == [
        [back[0], "1", "机构没有这笔撤销"],
        [again[0], "3", "费用总额：中心 56.00，机构 55.00"],
        ["X1", "2", "中心没有这笔结算"],
        [first[0], "2", "文件中重复"],
    ]


def test_a_reversal_counts_on_its_own_day(system: System, wang: Person) -> None:
    number = billed(system, wang)
    first = settle(system, wang, number, "56.00")
    one = of_file(first)
    system.on, system.at = date(2026, 3, 22), None
    withdraw(
        actor=system.client.user, settlement=Settlement.objects.get(), reason="录错费用"
    )  # on a page, today
    assert result(system, totals([one])) == ("0", "平")
    assert len(compared(system, [one, (*one[:6], "1")])) == 1


def test_of_another_insurance_or_kind_there_is_nothing(system: System, wang: Person) -> None:
    _number, rows = reversed_day(system, wang)
    assert result(system, totals([], insutype="310")) == ("0", "平")
    assert result(system, totals([], clr_type="21")) == ("0", "平")
    told = compared(system, rows, clr_type="21")
    assert [row[6] for row in told] == ["不在这个清算类别"] * 3
    assert "不早于开始日期" in system.refused("3201", totals([], stmt_enddate="2026-03-19"))
    assert "应为 500225" in system.refused("3201", totals([], setl_optins="500226"))


def test_a_file_that_is_no_statement_is_refused_by_line(system: System, wang: Person) -> None:
    _number, rows = reversed_day(system, wang)
    data = totals(rows)["data"]
    del data["insutype"], data["acct_pay"]
    data["cash_payamt"] = Decimal(0)
    short = upload(system, [rows[0], rows[1][:6]])
    assert "第 2 行有 6 列，应有 7 列" in system.refused(
        "3202", {"data": data | {"file_qury_no": short}}
    )
    words = upload(system, [(*rows[0][:3], "五十六", *rows[0][4:])])
    assert "第 1 行 medfee_sumamt 不是金额" in system.refused(
        "3202", {"data": data | {"file_qury_no": words}}
    )
    fewer = upload(system, rows[:2])
    assert "data.fixmedins_setl_cnt：报文为 3，明细文件合计 2" in system.refused(
        "3202", {"data": data | {"file_qury_no": fewer}}
    )
    assert "没有这个文件查询号" in system.refused("3202", {"data": data | {"file_qury_no": "F"}})


def test_the_statements_do_not_grow_with_the_day(system: System, wang: Person, li: Person) -> None:
    _, rows = reversed_day(system, wang)
    few = statements(lambda: system.ask("3201", totals(rows)))
    _, more = reversed_day(system, li)
    both = [*rows, *more]
    assert statements(lambda: system.ask("3201", totals(both))) == few
    assert result(system, totals(both)) == ("0", "平")
