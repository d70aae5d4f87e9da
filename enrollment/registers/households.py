"""Rows of a register put together as households. Pure.

A household is what carries one 户编号 or 户序号; where a row has neither, it belongs to the
household above it, and a head (户主) begins a new one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from enrollment.registers import cells
from enrollment.registers.cells import WARNING, Row
from enrollment.registers.columns import NAMES, TITLES
from enrollment.registers.sheet import CUT, MAX_CELL

PLACE = {name: index for index, name in enumerate(NAMES)}
# Counted from the column after the statuses, as `read_row` takes a row apart.
JOINS, AMOUNT = (PLACE[name] - PLACE["statuses"] - 1 for name in ("joins", "amount"))
FOOTNOTES = tuple(
    "合计 小计 总计 共计 填表 制表 审核 负责人 经办 单位 说明 备注 注： 注: 村委 日期".split()  # noqa: SIM905
)


@dataclass(slots=True)
class Household:
    """The rows of one household. Shared cells are still texts, the first that is filled in."""

    seq: int
    rows: list[Row] = field(default_factory=list)
    village: str = ""
    group: str = ""
    number: str = ""
    tiers: dict[str, int] = field(default_factory=dict)  # text → the line that says so first
    idle_tiers: dict[str, int] = field(default_factory=dict)  # beside people who do not join
    phone: str = ""
    address: str = ""
    receipts: dict[tuple[str, str], int] = field(default_factory=dict)


@dataclass(frozen=True)
class Register:
    """A whole file: households in the order of their first rows, and lines left aside."""

    households: Sequence[Household]
    footnotes: int
    columns: frozenset[str]


def collect(
    chunks: Iterable[Sequence[tuple[int, Sequence[str]]]],
    columns: frozenset[str],
    hidden: frozenset[int],
) -> Register:
    """Read every row and put it into its household."""
    gathering = _Gathering(columns, hidden)
    for chunk in chunks:
        for line, row in chunk:
            gathering.add(line, row)
    return Register(list(gathering.households.values()), gathering.footnotes, columns)


class _Gathering:
    """Reads rows in order; remembers what merged cells said above."""

    def __init__(self, columns: frozenset[str], hidden: frozenset[int]) -> None:
        self.columns, self.hidden = columns, hidden
        self.households: dict[object, Household] = {}
        self.current: Household | None = None
        self.village = self.group = ""
        self.footnotes = 0

    def add(self, line: int, row: Sequence[str]) -> None:
        name, resident_id = row[PLACE["name"]], row[PLACE["resident_id"]]
        if not resident_id and self._is_footnote(row):
            self.footnotes += 1
            return
        if name == TITLES["name"] or resident_id == TITLES["resident_id"]:
            self.footnotes += 1  # a header printed again on the next page
            return
        person = read_row(line, row, self.columns)
        if line in self.hidden:
            message = "这一行在表格中是隐藏的（可能被筛选），将一起导入；不要的请删去"
            person.blame("name", message, WARNING)
        household = self._household_of(person, row)
        household.rows.append(person)
        _share(household, person, row)

    @staticmethod
    def _is_footnote(row: Sequence[str]) -> bool:
        first = next(cell for cell in row if cell)
        return not row[PLACE["relationship"]] and first.startswith(FOOTNOTES)

    def _household_of(self, person: Row, row: Sequence[str]) -> Household:
        village, group = row[PLACE["village"]], row[PLACE["group"]]
        number, key = row[PLACE["household_number"]], row[PLACE["household_key"]]
        if village and village != self.village:
            self.village, self.group = village, ""
        self.group = group or self.group
        if number:
            identity: object = ("number", cells.number(number)[:16])
        elif key:
            identity = ("key", self.village, cells.plain(key))
        elif self.current is None or person.relationship == "0":
            identity = ("head", person.line)
        else:
            return self.current
        if identity not in self.households:
            self.households[identity] = Household(
                len(self.households) + 1, village=self.village, group=self.group, number=number
            )
        self.current = self.households[identity]
        return self.current


def _share(household: Household, person: Row, row: Sequence[str]) -> None:
    """Take the cells that speak for the whole household; the first that is filled counts."""
    tier = row[PLACE["tier"]]
    if tier:
        tiers = household.tiers if person.joins else household.idle_tiers
        tiers.setdefault(tier, person.line)
    book, receipt = row[PLACE["receipt_book"]], row[PLACE["receipt_number"]]
    if book or receipt:
        household.receipts.setdefault((book, receipt), person.line)
    household.phone = household.phone or row[PLACE["phone"]]
    household.address = household.address or row[PLACE["address"]]


def read_row(line: int, row: Sequence[str], columns: frozenset[str]) -> Row:
    """One person; what cannot be understood becomes a problem with its remedy."""
    _, _, _, _, name, number, relationship, sex, birth_date, residence, statuses, *rest = row
    codes, unknown = cells.statuses(statuses)
    joins = cells.yes_or_no(rest[JOINS]) if "joins" in columns else True
    person = Row(
        line=line,
        name=cells.name(name),
        resident_id=cells.text_cell(number),
        relationship=cells.relationship(relationship) or "",
        residence=cells.residence(residence) or "",
        statuses=codes,
        joins=bool(joins),
    )
    if not person.relationship:
        words = f"“{relationship[:20]}”看不懂" if relationship else "没有填写"
        person.blame("relationship", f"与户主关系{words}，请填户主、配偶、子、女、父母、孙辈或其他")
    if residence and not person.residence:
        person.blame("residence", f"户籍“{residence[:20]}”看不懂，请填农村户籍、城镇户籍或外县籍")
    if unknown:
        person.blame(
            "statuses",
            f"人员身份“{'、'.join(unknown)[:40]}”不在列表中，请填低保、五保等；普通居民留空",
        )
    if joins is None:
        person.blame("joins", "是否参保请填“是”或“否”")
    if cells.LOST_DIGITS.fullmatch(person.resident_id):
        person.blame(
            "resident_id",
            "身份证号被表格软件存成了数字，后几位已经丢失，只能重录："
            "先把这一列设为“文本”格式，再对照证件填写",
        )
    _read_checks(person, sex, birth_date, rest[AMOUNT])
    if max(map(len, row)) >= MAX_CELL:
        for title, cell in zip(NAMES, row, strict=True):
            if len(cell) >= MAX_CELL and cell.endswith(CUT):
                person.blame(title, f"“{TITLES[title]}”太长（超过 {MAX_CELL} 字），请改短")
    return person


def _read_checks(person: Row, sex: str, birth_date: str, amount: str) -> None:
    """Columns that only confirm what the resident id and the measures say."""
    if sex:
        known = cells.sex(sex)
        if known is None:
            person.blame("sex", f"性别“{sex[:20]}”看不懂，已按身份证号", WARNING)
        person.sex = known or ""
    if birth_date:
        person.birth_date = cells.day(birth_date)
        if person.birth_date is None:
            message = f"出生日期“{birth_date[:20]}”看不懂，已按身份证号"
            person.blame("birth_date", message, WARNING)
    if amount:
        person.amount = cells.amount(amount)
        if person.amount is None:
            person.blame("amount", f"个人缴费“{amount[:20]}”不是金额，请填数字（元），如 120")
