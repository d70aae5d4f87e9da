"""The bill of a visit from a table, as a hospital's own program writes it.

The whole table is judged before anything is written, and everything that is wrong is told at once.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import IO

from accounts.errors import Refusal
from claims.classification import line_amount
from claims.entries import CounterLine
from claims.models import Visit
from claims.services.lines import line_faults
from claims.visits.forms import SheetLineForm
from claims.visits.services.billing import day_fault
from desk.uploads import table_of
from lib.money import to_yuan
from lib.tables.layout import Column, Layout
from lib.tables.reading import Row
from lib.tables.standing import STANDING, Standing, standing
from policies.services import Measures
from policies.terms import ORIGINS, Terms

LAYOUT = Layout(
    (
        Column(
            "code", "项目编码", ("编码", "目录编码", "医保编码", "医院项目编码"), example="X01"
        ),
        Column("name", "项目名称", ("项目", "名称"), note="便于核对，以编码为准"),
        Column("quantity", "数量", example="2"),
        Column("unit_price", "单价", ("单价元",), example="12.50"),
        Column(
            "amount", "金额", ("总价", "费用金额", "金额元"), note="填了的，须等于数量 × 单价"
        ),
        Column(
            "charged_on", "计费日期", ("费用日期", "收费日期", "发生日期"), day=True,
            note="中途结算按它取费用",
        ),
        Column("number", "明细号", ("流水号", "处方明细号"), note="同一明细号只记一次"),
        Column("origin", "产地", note="、".join(ORIGINS.values())),
        Column("self_pay", "其中先自付", ("先自付", "先行自付")),
        Column("supply_days", "用药天数", ("周期天数", "用药周期天数"), note="药品能用几天"),
        *STANDING,
    ),
    required=("code", "quantity", "unit_price"),
    # A long stay has some thousand charges; no norm gives the figure.
    max_rows=5_000,
    max_bytes=2 * 1024 * 1024,
    advice="请按模板填写，至少有“项目编码、数量、单价”三列",
)  # fmt: skip
# So many faults are told; a table that is wrong throughout is no help to read to its end.
MOST_FAULTS = 100
PRINT = 12  # letters of the table's print in the number of a line


class FaultsError(Exception):
    """Everything that is wrong with a table, by row."""

    def __init__(self, faults: list[str], total: int) -> None:
        super().__init__("；".join(faults))
        self.faults, self.total = faults, total


def read_charges(file: IO[bytes], visit: Visit, *, on: date) -> list[CounterLine]:
    """The lines of the table. Raises Refusal for the file as a whole, FaultsError for its rows.

    A line without a number of its own gets one from the print of what the table says, so that a
    table that is sent twice, or saved anew, is written once.
    """
    table = table_of(file, LAYOUT)
    rows = [row for row in table.rows if any(row.cells.values())]
    if not rows:
        raise Refusal("表中没有费用明细，请核对后重新选择", "file")
    assert visit.institution is not None
    area_code = visit.institution.division.county_code
    terms = Measures.of_visit(
        area_code=area_code, starts=visit.starts, ends=visit.days.ends or visit.starts
    ).terms
    said = json.dumps([[row.line, dict(row.cells)] for row in rows], ensure_ascii=False)
    print_of = hashlib.sha256(said.encode()).hexdigest()[:PRINT]
    lines: dict[int, CounterLine] = {}
    faults: dict[int, list[str]] = {}
    for row in rows:
        line, wrong = _line(row, terms)
        wrong += _row_faults(line, row, visit, on)
        if line is not None:
            number = line.number or f"{print_of}-{row.line}"
            lines[row.line] = replace(line, number=number)
        if wrong:
            faults[row.line] = wrong
    for row_line, wrong_line in line_faults(
        lines, area_code=area_code, day=visit.starts, consent_signed=visit.consent_signed,
        terms=terms,
    ).items():  # fmt: skip
        faults.setdefault(row_line, []).append(wrong_line)
    if faults:
        told = [f"第 {at} 行：{'；'.join(faults[at])}" for at in sorted(faults)]
        raise FaultsError(told[:MOST_FAULTS], len(told))
    return list(lines.values())


def _row_faults(line: CounterLine | None, row: Row, visit: Visit, on: date) -> list[str]:
    found = []
    try:
        holds, said = standing(row.cells)
    except ValueError as error:
        found.append(str(error))
    else:
        # Left out it would leave the charge in that it takes back.
        if holds is Standing.VOID:
            found.append(f"{said}，退费、作废的请连同原来的收费一起删去")
    if line is not None and (fault := day_fault(line.charged_on, visit, on)):
        found.append(fault)
    return found


def _line(row: Row, terms: Terms) -> tuple[CounterLine | None, list[str]]:
    """The row as a line of the bill, or what cannot be read of it."""
    cells: Mapping[str, str] = row.cells
    form = SheetLineForm(cells, rules=terms.bill)
    if not form.is_valid():
        return None, list(form.problems)
    data = form.cleaned_data
    codes = {name: code for code, name in ORIGINS.items()}
    worth = to_yuan(line_amount(data["quantity"], data["unit_price"]))
    return CounterLine(
        code=data["code"],
        quantity=data["quantity"],
        unit_price=data["unit_price"],
        amount=worth if data["amount"] is None else data["amount"],
        origin=codes.get(data.get("origin", ""), ""),
        self_pay=data.get("self_pay"),
        supply_days=data["supply_days"],
        number=data["number"],
        charged_on=data["charged_on"],
    ), []
