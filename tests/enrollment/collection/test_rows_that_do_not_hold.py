"""A column that turns a row round: what is void is not collected and is told; else it is named."""

from datetime import date
from decimal import Decimal

import pytest

from accounts.errors import Refusal
from enrollment.models import BankLine, Enrollment, Receipt, TaxRow
from tests.enrollment.collection.conftest import (
    NAMES,
    day,
    ledger,
    person_id,
    statement,
    workbook,
)
from tests.enrollment.collection.statements import import_statement
from tests.enrollment.collection.taxes import import_tax_file

pytestmark = pytest.mark.django_db
TAX = ["证件号码", "缴费人姓名", "实缴金额", "缴费日期", "电子税票号码"]
BANK = ["交易日期", "交易流水号", "金额"]


@pytest.fixture
def taxed(cast, campaign):
    """taxed(column, (sequence, amount, word), …): a tax file with one column more."""

    def load(column, *rows):
        lines = [
            [person_id(n), NAMES[n % len(NAMES)], amount, "2025-10-18", f"T{n}", word]
            for n, amount, word in rows
        ]
        return import_tax_file(
            actor=cast.accountant,
            campaign=campaign,
            file_name="shuiwu.xlsx",
            content=workbook([[*TAX, column], *lines]),
            on=date(2025, 10, 20),
        ).file

    return load


@pytest.fixture
def bank(cast, county):
    def load(head, *lines):
        return import_statement(
            actor=cast.accountant,
            area=county,
            file_name="yinhang.xlsx",
            content=workbook([head, *lines]),
            on=day(31),
        ).statement

    return load


@pytest.mark.parametrize(
    ("column", "word", "told"),
    [
        ("票据状态", "已作废", "“状态”为“已作废”"),
        ("缴费状态", "已退费", "“状态”为“已退费”"),
        ("电子税票状态", "已红冲", "“状态”为“已红冲”"),
        ("是否冲正", "是", "“作废（冲正）标志”为“是”"),
        ("作废标志", "Y", "“作废（冲正）标志”为“Y”"),
        ("业务类型", "退费", "“业务类型”为“退费”"),
    ],
)
def test_a_void_tax_row_is_told_and_not_collected(books, cast, single, taxed, column, word, told):
    for sequence in (1, 2):
        single(cast.clerk_a, sequence)
    fine = {"票据状态": "正常", "缴费状态": "已缴费", "电子税票状态": "已开具", "是否冲正": "否"}
    file = taxed(column, (1, 120, word), (2, 120, fine.get(column, "")))
    assert (file.row_count, file.amount) == (1, 120)
    assert file.void_rows == [{"line": 2, "said": f"{told}，没有收"}]
    assert Receipt.objects.get().amount == 120
    assert Enrollment.objects.active().get().person.name == NAMES[2]
    assert (ledger("1005"), ledger("2001-unidentified")) == (120, 0)


def test_a_row_that_was_collected_and_is_void_now_is_told(
    books, cast, single, taxed, as_user, campaign
):
    single(cast.clerk_a, 1)
    taxed("票据状态", (1, 120, "正常"))
    later = taxed("票据状态", (1, 120, "已作废"), (2, 120, "正常"))
    said = later.void_rows[0]["said"]
    assert "此前已按有效导入，开了收据 SW2026-500225101-00000001，请与税务部门核对" in said
    page = as_user(cast.accountant).get(f"/enrollment/treasury/tax/{later.pk}").content.decode()
    assert "1 行注明不作数，没有收" in page
    assert "第 2 行“状态”为“已作废”" in page
    assert TaxRow.objects.count() == 2


@pytest.mark.parametrize(
    ("column", "amount", "word", "told"),
    [
        ("票据状态", 120, "核验中", "第 2 行“状态”为“核验中”，看不懂这一行是否有效"),
        ("红冲标志", 120, "部分", "第 2 行“作废（冲正）标志”为“部分”，看不懂"),
        ("备注", -120, "", "第 2 行金额为负（冲正或退费）"),
    ],
)
def test_what_is_not_understood_is_refused_by_its_name(taxed, column, amount, word, told):
    with pytest.raises(Refusal, match=told):
        taxed(column, (1, amount, word))
    assert not TaxRow.objects.exists()


def test_two_columns_of_one_meaning_are_refused(cast, campaign):
    with pytest.raises(Refusal, match="有两列都是“状态”"):
        import_tax_file(
            actor=cast.accountant,
            campaign=campaign,
            file_name="x.xlsx",
            content=workbook([
                [*TAX, "票据状态", "缴费状态"],
                [person_id(1), NAMES[1], 120, "2025-10-18", "T1", "正常", "已退费"],
            ]),
            on=date(2025, 10, 20),
        )  # fmt: skip


def test_a_bank_s_direction_is_the_sign(bank):
    head = [*BANK, "借贷标志"]
    bank(head, ["2025-10-20", "1", 240, "贷"], ["2025-10-20", "2", 90, "借"])
    amounts = dict(BankLine.objects.values_list("serial", "amount"))
    assert amounts == {"1": Decimal(240), "2": Decimal(-90)}
    with pytest.raises(Refusal, match="第 2 行“收支方向”为“调”，看不懂是收入还是支出"):
        bank(head, ["2025-10-21", "3", 240, "调"])
    with pytest.raises(Refusal, match="第 2 行方向为收入而金额为负"):
        bank(head, ["2025-10-21", "3", -240, "收入"])
    with pytest.raises(Refusal, match="第 2 行收支方向与金额所在的列不符"):
        bank(["交易日期", "流水号", "贷方发生额", "收支方向"], ["2025-10-21", "3", 240, "支出"])


def test_a_bank_line_that_failed_never_moved(bank):
    head = [*BANK, "交易状态"]
    done = bank(head, ["2025-10-20", "1", 240, "成功"], ["2025-10-20", "2", 120, "失败"])
    assert done.line_count == 1
    assert done.void_rows == [{"line": 3, "said": "“状态”为“失败”，没有入账"}]
    with pytest.raises(Refusal, match="第 2 行“状态”为“已冲正”"):
        bank(head, ["2025-10-21", "1", 240, "已冲正"])


def test_serials_that_begin_anew_each_day(bank):
    first = bank(BANK, ["2025-10-20", "1", 240], ["2025-10-21", "1", 120])
    assert first.line_count == 2
    assert BankLine.objects.count() == 2
    week = bank(BANK, ["2025-10-21", "1", 120], ["2025-10-22", "1", 120])
    assert (week.line_count, week.known_count) == (2, 1)
    with pytest.raises(Refusal, match=r"流水 1 此前已导入，当时为 2025-10-21 120\.00 元"):
        bank(BANK, ["2025-10-21", "1", 130])
    with pytest.raises(Refusal, match="第 3 行的流水号与第 2 行相同，日期也相同"):
        bank(BANK, ["2025-10-25", "1", 130], ["2025-10-25", "1", 130])


def test_the_same_statement_twice_is_the_same(cast, county):
    content = statement(("S1", day(20), 240, "x"))
    facts = {"actor": cast.accountant, "area": county, "content": content, "on": day(31)}
    first = import_statement(file_name="a.xlsx", **facts)
    again = import_statement(file_name="b.xlsx", **facts)
    assert (again.statement, again.again) == (first.statement, True)
    assert BankLine.objects.count() == 1
