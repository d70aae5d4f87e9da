"""Workbooks that leave the portal: figures stay figures, days stay days, nothing runs."""

import io
import random
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import openpyxl
import pytest

from lib.tables.writing import Heading, Kind, Sheet, disarm, headings, workbook_bytes


def opened(*sheets: Sheet) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(workbook_bytes(sheets)))


def written(kind: Kind, value: Any) -> Any:
    """The second cell of a column of this kind: the first one holds the same."""
    sheet = opened(Sheet("表", (Heading("甲", kind),), [(value,), (value,)])).active
    return sheet["A3"]


def test_formulas_leave_disarmed_and_money_stays_money() -> None:
    columns = (Heading("名称", "text"), Heading("金额", "yuan"))
    rows = [('=HYPERLINK("http://x")', Decimal("1.50")), ("-1+1", 3)]
    sheet = opened(Sheet("账", columns, rows)).active
    assert sheet["A2"].data_type == "s"
    assert sheet["A2"].value.startswith("'=")
    assert sheet["A3"].value == "'-1+1"
    assert sheet["B2"].value == 1.5
    assert disarm("正常") == "正常"


@pytest.mark.parametrize(
    ("kind", "value", "shown", "number_format"),
    [
        ("yuan", Decimal("1234.50"), 1234.5, "#,##0.00"),
        ("fen", 123450, 1234.5, "#,##0.00"),
        ("percent", 6525, 0.6525, "0.00%"),
        ("whole", 12, 12, "#,##0"),
        ("day", date(2026, 3, 1), datetime(2026, 3, 1), "yyyy-mm-dd"),  # noqa: DTZ001
        ("day", datetime(2026, 3, 1, 17, tzinfo=UTC), datetime(2026, 3, 2), "yyyy-mm-dd"),  # noqa: DTZ001
        (
            "minute",
            datetime(2026, 3, 1, 1, 30, tzinfo=UTC),
            datetime(2026, 3, 1, 9, 30),  # noqa: DTZ001 - a sheet knows no time zone
            "yyyy-mm-dd hh:mm",
        ),
        ("code", "500225101", "500225101", "@"),
        ("yuan", "合计", "合计", "#,##0.00"),
        ("mixed", Decimal("34.80"), 34.8, "#,##0.00"),
        ("mixed", 10**17, str(10**17), "General"),
    ],
)
def test_each_kind_of_column_has_its_number_format(
    kind: Kind, value: Any, shown: Any, number_format: str
) -> None:
    cell = written(kind, value)
    assert (cell.value, cell.number_format) == (shown, number_format)


def test_the_header_stands_still_and_columns_are_wide_enough() -> None:
    sheet = opened(Sheet("表", headings("身份证号", "政策范围内补偿比(%)"), [("1", 2)])).active
    assert sheet.freeze_panes == "A2" and sheet["A1"].font.bold
    assert sheet.column_dimensions["B"].width > 20


def test_a_sheet_without_rows_keeps_its_header() -> None:
    sheet = opened(Sheet("空", headings("甲", "乙"), [])).active
    assert [cell.value for cell in sheet[1]] == ["甲", "乙"]


def test_coloured_rows_and_offered_words() -> None:
    columns = (Heading("是否参保", "text", choices=("是", "否")), Heading("号", "code"))
    sheet = opened(Sheet("册", columns, [("是", "1"), ("否", "2")], {1: "#F8D7DA"})).active
    assert sheet["B3"].fill.fgColor.rgb == "FFF8D7DA"
    assert sheet["B2"].fill.fill_type is None
    (rule,) = sheet.data_validations.dataValidation
    assert (rule.formula1, rule.errorStyle) == ('"是,否"', "information")


def test_two_columns_of_one_name_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="share a title"):
        workbook_bytes([Sheet("表", headings("甲", "甲"), [])])


def test_a_text_longer_than_a_cell_is_cut_and_a_failing_row_fails_the_file() -> None:
    assert len(written("text", "长" * 40_000).value) == 32_767

    def rows() -> Any:
        yield ("一",)
        raise RuntimeError("the database went away")

    with pytest.raises(RuntimeError, match="went away"):
        workbook_bytes([Sheet("表", headings("甲"), rows())])


def test_whatever_stands_in_a_mixed_column_arrives_as_it_was() -> None:
    """The library judges a column by what came before: days among figures would turn them."""
    chance = random.Random(7)
    kinds: Sequence[Any] = (
        lambda: None,
        lambda: chance.randint(-9, 99_999),
        lambda: Decimal(chance.randint(-(10**6), 10**13)) / 100,
        lambda: "12",
        lambda: date(2026, 1, chance.randint(1, 28)),
        lambda: datetime(2026, 1, 3, chance.randint(1, 23), 30, tzinfo=UTC),
        lambda: True,
    )
    for _ in range(60):
        rows = [[chance.choice(kinds)() for _ in range(5)] for _ in range(4)]
        sheet = opened(Sheet("表", headings(*"甲乙丙丁戊"), rows)).active
        for at, row in enumerate(rows, start=2):
            for cell, value in zip(sheet[at], row, strict=True):
                plain = value is None or type(value) is int or isinstance(value, Decimal)
                assert (
                    cell.value == (value if value is None else float(value))
                    if plain
                    else (cell.value == str(value))
                ), (value, cell.value)


@pytest.mark.parametrize(
    ("stored", "leaves"),
    [
        ("上\x0b下", "上 下"),
        ("\x1b[0m红", "\ufffd[0m红"),
        ("a\x00b", "a\ufffdb"),
        ("a\x85b", "a b"),
        ("\ufffe\ufdd0\ud800", "\ufffd\ufffd\ufffd"),
        ("一\n二\t三", "一\n二\t三"),
        ("张\ue863", "张\ue863"),
        ("\x0b=1+1", " =1+1"),
        ("\u200b\t=1", "\u200b\t=1"),
    ],
)
@pytest.mark.parametrize("kind", ["text", "code", "mixed", "yuan", "day", "percent"])
def test_letters_that_no_program_opens_leave_as_a_mark(
    kind: Kind, stored: str, leaves: str
) -> None:
    assert written(kind, stored).value == leaves


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        ("day", date(200, 1, 1), "0200-01-01"),
        ("day", date(1899, 12, 31), "1899-12-31"),
        ("yuan", Decimal("NaN"), "NaN"),
        ("yuan", Decimal("1e400"), "1E+400"),
    ],
)
def test_what_a_sheet_cannot_hold_as_a_figure_leaves_as_text(
    kind: Kind, value: Any, shown: str
) -> None:
    assert written(kind, value).value == shown


def test_words_too_long_for_a_drop_down_are_not_offered() -> None:
    column = Heading("甲", "text", choices=tuple(f"{at}" * 60 for at in range(5)))
    assert not opened(Sheet("表", (column,), [("x",)])).active.data_validations.dataValidation
