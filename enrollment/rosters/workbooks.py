"""Registers out: a village's template, and the verdict that can be corrected and sent in again."""

import io
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from accounts.models import Division
from enrollment.cover.enrolling import Season
from enrollment.cover.models import Enrollment
from enrollment.people.models import IdentityStatus, Person
from enrollment.people.register import statuses_on
from enrollment.rosters.columns import COLUMNS, NAMES, REGISTER, TITLES
from enrollment.rosters.models import RegisterImport, RegisterRow
from lib.tables.reading import reading
from lib.tables.writing import disarm

# Numbers that a spreadsheet program must not turn into numbers.
AS_TEXT = frozenset({"resident_id", "household_number", "phone", "receipt_number"})
WIDTHS = {"resident_id": 21, "household_number": 19, "address": 24, "village": 14, "phone": 14}
TEMPLATE = tuple(name for name in NAMES if name not in {"sex", "birth_date", "amount"})
HEAD = PatternFill("solid", fgColor="DDE6F0")
FILLS = {
    RegisterRow.Verdict.ERROR: PatternFill("solid", fgColor="F8D7DA"),
    RegisterRow.Verdict.WARNING: PatternFill("solid", fgColor="FFF3CD"),
}
YES_NO = "是,否"
NOTES = (
    "一行一人，户主写在每户第一行；老户的户编号不要改，新户留空户编号，在“户序号”给每户编一个号。",
    "身份证号、户编号列已设为文本格式，请不要改成数字；18 位号码存成数字会丢失后几位。",
    "与户主关系：户主、配偶、子、女、孙辈、父母、祖父母、兄弟姐妹、其他。",
    "人员身份：低保、农村五保、重点优抚、重度残疾(一、二级)、农村计生奖扶、低收入老年人、在校学生；"
    "几种身份用顿号隔开，普通居民留空。",
    "是否参保：参保填“是”，不参保填“否”，不能空。同一户的缴费档次必须相同。",
    "村里已开收据的，填票据本号和票号，一户一张；没有开票的都留空，导入后在窗口开票。",
)


class _Sheet:
    """A sheet whose number-like columns are text, with a coloured header."""

    def __init__(self, book: Workbook, title: str, names: Sequence[str], more: Sequence[str]):
        self.sheet = book.create_sheet(title)
        self.names = names
        for place, name in enumerate([*names, *more], start=1):
            column = self.sheet.column_dimensions[get_column_letter(place)]
            column.width = WIDTHS.get(name, 60 if name == "原因" else 11)
            if name in AS_TEXT:
                column.number_format = "@"
        self.sheet.freeze_panes = "A2"
        self._append([*(TITLES[name] for name in names), *more], HEAD, bold=True)

    def add(self, cells: Sequence[str], more: Sequence[str] = (), fill: Any = None) -> None:
        self._append([*cells, *more], fill)

    def _append(self, texts: Iterable[str], fill: Any, *, bold: bool = False) -> None:
        row = []
        for place, text in enumerate(texts):
            cell = WriteOnlyCell(self.sheet, value=disarm(text) or None)
            if place < len(self.names) and self.names[place] in AS_TEXT:
                cell.number_format = "@"
            if fill is not None:
                cell.fill = fill
            if bold:
                cell.font = Font(bold=True)
            row.append(cell)
        self.sheet.append(row)

    def offer(self, name: str, choices: str, rows: int) -> None:
        """A drop-down list for a column; other words are still let in and judged."""
        letter = get_column_letter(self.names.index(name) + 1)
        rule = DataValidation(type="list", formula1=f'"{choices}"', showErrorMessage=False)
        rule.add(f"{letter}2:{letter}{rows + 1}")
        self.sheet.data_validations.append(rule)


def _saved(book: Workbook) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def template_workbook(*, village: Division, season: Season, on: date) -> tuple[bytes, int]:
    """The register of a village or group for the season: every living member as last known.

    Returns the workbook and how many people it names.
    """
    people = list(
        Person.objects.present()
        .filter(household__division__code__startswith=village.code)
        .select_related("household__division__parent")
        .order_by("household__number", "member_number")
    )
    covers = _covers([person.pk for person in people], season.year)
    statuses = statuses_on([person.pk for person in people], on)
    book = Workbook(write_only=True)
    sheet = _Sheet(book, "名册", TEMPLATE, ())
    for person in people:
        facts = _template_row(person, covers.get(person.pk, {}), statuses[person.pk], season)
        sheet.add([facts.get(name, "") for name in TEMPLATE])
    rows = len(people) + 500  # room for newcomers
    sheet.offer("relationship", ",".join(Person.Relationship.labels), rows)
    sheet.offer("residence", ",".join(Person.Residence.labels), rows)
    if season.tiers:
        sheet.offer("tier", ",".join(season.tiers.values()), rows)
    sheet.offer("joins", YES_NO, rows)
    notes = book.create_sheet("填写说明")
    for note in NOTES:
        notes.append([note])
    return _saved(book), len(people)


def _covers(person_ids: Sequence[int], year: int) -> dict[int, dict[int, Enrollment]]:
    """Person → year → cover of this year or the last."""
    found: dict[int, dict[int, Enrollment]] = {}
    rows = Enrollment.objects.filter(person__in=person_ids, year__in=[year - 1, year])
    for row in rows.exclude(status=Enrollment.Status.CANCELLED):
        found.setdefault(row.person_id, {})[row.year] = row
    return found


def _template_row(
    person: Person, covers: dict[int, Enrollment], codes: frozenset[str], season: Season
) -> dict[str, str]:
    division = person.household.division
    group = ""
    village = division
    if division.level == Division.Level.GROUP and division.parent is not None:
        village, group = division.parent, division.name
    last = covers.get(season.year) or covers.get(season.year - 1)
    tier = season.tiers.get(last.tier, "") if last else ""
    names = dict(IdentityStatus.Code.choices)
    return {
        "village": village.name,
        "group": group,
        "household_number": person.household.number,
        "name": person.name,
        "resident_id": person.resident_id,
        "relationship": str(Person.Relationship(person.relationship).label),
        "residence": str(Person.Residence(person.residence).label),
        "statuses": "、".join(str(names[code]) for code in sorted(codes)),
        "tier": tier,
        "joins": "是" if last else "",
        "address": person.household.address,
    }


def verdict_workbook(register: RegisterImport) -> bytes:
    """The register as it was sent in, with the verdict and the reasons beside each row.

    Raises SpreadsheetError when the file cannot be read any more.
    """
    judged = {
        line: (verdict, problems)
        for line, verdict, problems in RegisterRow.objects.filter(register=register).values_list(
            "line", "verdict", "problems"
        )
    }
    book = Workbook(write_only=True)
    with reading(register.file(), REGISTER) as source:
        names = [column.name for column in COLUMNS if column.name in source.columns]
        places = [NAMES.index(name) for name in names]
        sheet = _Sheet(book, "判定", names, ("判定", "原因"))
        for chunk in source.rows:
            for line, cells in chunk:
                if line not in judged:  # a footnote or a header printed again
                    continue
                verdict, problems = judged[line]
                sheet.add(
                    [cells[place] for place in places],
                    (
                        str(RegisterRow.Verdict(verdict).label),
                        "；".join(message for _, _, message in problems),
                    ),
                    FILLS.get(RegisterRow.Verdict(verdict)),
                )
    return _saved(book)
