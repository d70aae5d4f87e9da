"""Registers out: a village's template, and the verdict that can be corrected and sent in again."""

from collections.abc import Sequence
from datetime import date

from accounts.models import Division
from enrollment.cover.enrolling import Season
from enrollment.cover.models import Enrollment
from enrollment.people.models import IdentityStatus, Person
from enrollment.people.register import statuses_on
from enrollment.rosters.columns import COLUMNS, NAMES, REGISTER, TITLES
from enrollment.rosters.models import RegisterImport, RegisterRow
from lib.tables.writing import Heading, Kind, Sheet, workbook_bytes

# Numbers that a spreadsheet program must not turn into numbers.
AS_TEXT = frozenset({"resident_id", "household_number", "phone", "receipt_number"})
WIDTHS = {"resident_id": 21, "household_number": 19, "address": 24, "village": 14, "phone": 14}
TEMPLATE = tuple(name for name in NAMES if name not in {"head_name", "sex", "birth_date", "amount"})
FILLS = {RegisterRow.Verdict.ERROR: "#F8D7DA", RegisterRow.Verdict.WARNING: "#FFF3CD"}
YES_NO = ("是", "否")
NEWCOMERS = 500  # empty lines with the drop-down lists, for people who are not registered yet
NOTES = (
    "一行一人，户主写在每户第一行；老户的户编号不要改，新户留空户编号，在“户序号”给每户编一个号。",
    "身份证号、户编号列已设为文本格式，请不要改成数字；18 位号码存成数字会丢失后几位。",
    "与户主关系：户主、配偶、子、女、孙辈、父母、祖父母、兄弟姐妹、其他；也可写儿媳、女婿、孙女、岳父等。",
    "人员身份：低保、农村五保、重点优抚、重度残疾(一、二级)、农村计生奖扶、低收入老年人、在校学生；"
    "几种身份用顿号隔开，普通居民留空。",
    "是否参保：参保填“是”，不参保填“否”。上年没有参保的人预填为空：不填就不为其参保；"
    "新添的人必须填。同一户的缴费档次必须相同。",
    "一村一张工作表也可以，每张都要有表头；隐藏的工作表、系统没有的列不读。",
    "村里已开收据的，填票据本号和票号，一户一张；没有开票的都留空，导入后在窗口开票。",
)


def _heading(name: str, choices: tuple[str, ...] = ()) -> Heading:
    """A column of the register: numbers that must stay text are text."""
    kind: Kind = "code" if name in AS_TEXT else "text"
    return Heading(TITLES[name], kind, WIDTHS.get(name, 11), choices)


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
    offered = {
        "relationship": tuple(map(str, Person.Relationship.labels)),
        "residence": tuple(map(str, Person.Residence.labels)),
        "tier": tuple(season.tiers.values()),
        "joins": YES_NO,
    }
    rows = [
        _template_row(person, covers.get(person.pk, {}), statuses[person.pk], season)
        for person in people
    ]
    rows += [{}] * NEWCOMERS
    sheets = [
        Sheet(
            "名册",
            [_heading(name, offered.get(name, ())) for name in TEMPLATE],
            ([facts.get(name) or None for name in TEMPLATE] for facts in rows),
        ),
        Sheet("填写说明", (Heading("填写说明", "text", width=60),), [(note,) for note in NOTES]),
    ]
    return workbook_bytes(sheets), len(people)


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
    rows: list[Sequence[str | None]] = []
    colours: dict[int, str] = {}
    with register.opened(REGISTER) as source:
        names = [column.name for column in COLUMNS if column.name in source.columns]
        places = [NAMES.index(name) for name in names]
        for chunk in source.rows:
            for line, cells in chunk:
                if line not in judged:  # a footnote or a header printed again
                    continue
                verdict, problems = judged[line]
                if verdict in FILLS:
                    colours[len(rows)] = FILLS[RegisterRow.Verdict(verdict)]
                told = "；".join(message for _, _, message in problems)
                sent = [cells[place] or None for place in places]
                rows.append(
                    [register.said(line), *sent, RegisterRow.Verdict(verdict).label, told or None]
                )
    columns = [
        Heading("行", "text", width=9),
        *(_heading(name) for name in names),
        Heading("判定", "text", width=11),
        Heading("原因", "text", width=60),
    ]
    return workbook_bytes([Sheet("判定", columns, rows, colours)])
