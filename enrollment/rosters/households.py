"""Rows of a register put together as households. Touches no database.

A household is what carries one 户编号 or 户序号; where a row has neither, it belongs to the
household above it, and a head (户主) or another 户主姓名 begins a new one. What speaks against the
household that a row was put into is told at the row.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from enrollment.people import identities
from enrollment.people.old_numbers import old_number
from enrollment.rosters import cells
from enrollment.rosters.cells import ERROR, NOTE, WARNING, Problem
from enrollment.rosters.columns import NAMES, TITLES
from lib import typed_text
from lib.letters import odd
from lib.resident_id import ResidentId
from lib.tables.layout import SHEET_LINES
from lib.tables.reading import CUT, MAX_CELL, Sheet

if TYPE_CHECKING:
    from accounts.models import Division
    from enrollment.rosters.facts import Cover, KnownHousehold, KnownPerson

PLACE = {name: index for index, name in enumerate(NAMES)}
FOOTNOTES = tuple(
    "合计 小计 总计 共计 填表 制表 审核 负责人 经办 单位 说明 备注 注： 注: 村委 日期".split()  # noqa: SIM905
)


@dataclass(slots=True)
class Row:
    """One person of the register: first what the file says, then what the portal makes of it."""

    line: int
    name: str
    resident_id: str
    relationship: str
    residence: str
    statuses: frozenset[str]
    joins: bool
    # Neither yes nor no stands there.
    unsaid: bool = False
    sheet: str = ""  # where several were read
    amount: int | None = None
    sex: str = ""
    birth_date: date | None = None
    problems: list[Problem] = field(default_factory=list)
    is_wrong: bool = False
    # -- judged --
    identity: ResidentId | None = None
    index: str = ""
    # What is wrong with the number, unless the person is known by just this document.
    other_document: str = ""
    person: KnownPerson | None = None
    # What lists and approvals say: this is what the premium is counted by.
    held: frozenset[str] = frozenset()
    enrolls: bool = False
    corrects: bool = False
    # Registered already, waiting for the payment that this register tells of.
    pays: Cover | None = None
    assessment: int | None = None
    personal: int = 0  # fen
    consecutive_years: int = 1
    old_number: str = ""  # of the person in the old system
    # Where a gap makes the person wait; otherwise cover is for the whole year.
    cover_first_day: date | None = None

    @property
    def at(self) -> str:
        """The line as people find it."""
        row = self.line % SHEET_LINES
        return f"{row}（{self.sheet}）" if self.sheet else str(row)

    @property
    def is_doubtful(self) -> bool:
        """Whether somebody should look at the row: more is said of it than a note."""
        return any(problem.level != NOTE for problem in self.problems)

    def blame(self, name: str, message: str, level: str = ERROR) -> None:
        """A problem with the column `name`."""
        self.problems.append(Problem(level, name, message))
        if level == ERROR:
            self.is_wrong = True


@dataclass(slots=True)
class Household:
    """The rows of one household. Shared cells are still texts, the first that is filled in."""

    seq: int
    rows: list[Row] = field(default_factory=list)
    village: str = ""
    group: str = ""
    number: str = ""
    head_name: str = ""
    sheet: str = ""  # its title: the village where no column says it
    tiers: dict[str, int] = field(default_factory=dict)  # text → the line that says so first
    idle_tiers: dict[str, int] = field(default_factory=dict)  # beside people who do not join
    phone: str = ""
    address: str = ""
    old_number: str = ""
    bank_account: str = ""
    bank_account_name: str = ""
    # Column → the row whose cell speaks for the household.
    speakers: dict[str, Row] = field(default_factory=dict)
    receipts: dict[tuple[str, str], Row] = field(default_factory=dict)
    # -- judged --
    known: KnownHousehold | None = None
    division: Division | None = None
    tier: str = ""
    new_phone: str = ""
    new_bank: str = ""
    receipt_book_id: int | None = None
    receipt_number: int | None = None
    payer_name: str = ""
    idle: bool = False

    @property
    def is_wrong(self) -> bool:
        return any([row.is_wrong for row in self.rows])

    @property
    def amount(self) -> int:
        """Fen that the household owes."""
        return sum([row.personal for row in self.rows])

    def blame(self, name: str, message: str, level: str = ERROR) -> None:
        self.rows[0].blame(name, message, level)


@dataclass(frozen=True)
class Register:
    """A whole file: households in the order of their first rows, and lines left aside."""

    households: Sequence[Household]
    footnotes: int
    columns: frozenset[str]


def collect(sheet: Sheet) -> Register:
    """Read every row and put it into its household."""
    gathering = _Gathering(sheet.sheets)
    for chunk in sheet.rows:
        lines = [one for one in chunk if not _is_aside(one[1])]
        gathering.footnotes += len(chunk) - len(lines)
        people = read_rows(lines, sheet.columns, sheet.hidden)
        for person, (_, row) in zip(people, lines, strict=True):
            gathering.take(person, row)
    households = list(gathering.households.values())
    for household in households:
        _judge_head(household)
    return Register(households, gathering.footnotes, sheet.columns)


def _judge_head(household: Household) -> None:
    """Who the file calls the head against the row that says so."""
    if not household.head_name:
        return
    heads = [row for row in household.rows if row.relationship == "0"]
    if not heads:
        household.blame(
            "head_name", f"户主“{household.head_name}”没有自己的一行，请在本户补上户主这一行"
        )
    elif heads[0].name != household.head_name:
        heads[0].blame(
            "head_name",
            f"户主姓名写“{household.head_name}”，这一行的户主却是“{heads[0].name}”，请核对户主",
        )


def _is_aside(row: Sequence[str]) -> bool:
    """A footnote, or a header printed again on the next page."""
    resident_id = row[PLACE["resident_id"]]
    if not resident_id:
        first = next(cell for cell in row if cell)
        if not row[PLACE["relationship"]] and first.startswith(FOOTNOTES):
            return True
    return row[PLACE["name"]] == TITLES["name"] or resident_id == TITLES["resident_id"]


class _Gathering:
    """Takes rows in order; remembers what merged cells said above."""

    def __init__(self, sheets: Sequence[str] = ()) -> None:
        self.sheets = sheets
        self.households: dict[object, Household] = {}
        self.current: Household | None = None
        self.sheet = 0
        self.village = self.group = ""
        self.footnotes = 0

    def take(self, person: Row, row: Sequence[str]) -> None:
        """Put the row into its household, and say what speaks against it."""
        sheet = person.line // SHEET_LINES
        if sheet != self.sheet:  # nothing of the sheet before holds on
            self.sheet, self.current = sheet, None
            self.village = self.group = ""
        if len(self.sheets) > 1:
            person.sheet = self.sheets[sheet]
        village, group, number, key, head, *_ = row
        if village and village != self.village:
            self.village, self.group = village, ""
        self.group = group or self.group
        head = typed_text.name(head)
        before = self.current
        old = row[PLACE["old_household"]]
        household = self._household_of(person, number, key or (old and f"原{old}"), head)
        self.current = household
        if household.rows:
            self._doubt(household, person, before, head)
        else:
            household.head_name = head
        household.rows.append(person)
        _share(household, person, row)

    def _household_of(self, person: Row, number: str, key: str, head: str) -> Household:
        if number:
            identity: object = ("number", typed_text.number(number)[:16])
        elif key:
            identity = ("key", self.sheet, self.village, typed_text.plain(key))
        elif self.current is None or self._begins(person, head, self.current):
            identity = ("head", person.line)
        else:
            return self.current
        household = self.households.get(identity)
        if household is None:
            household = self.households[identity] = Household(
                len(self.households) + 1,
                village=self.village,
                group=self.group,
                number=number,
                sheet=self.sheets[self.sheet] if self.sheets else "",
            )
        return household

    @staticmethod
    def _begins(person: Row, head: str, current: Household) -> bool:
        """Whether a row without number and key begins a household."""
        if head and current.head_name:
            has_head = any(row.relationship == "0" for row in current.rows)
            return head != current.head_name or (person.relationship == "0" and has_head)
        return person.relationship == "0"

    def _doubt(
        self, household: Household, person: Row, before: Household | None, head: str
    ) -> None:
        """What speaks against the household that the row was put into."""
        first = household.rows[0]
        if head and head != household.head_name:
            there = f"“{household.head_name}”" if household.head_name else "空的"
            person.blame(
                "head_name",
                f"户主姓名“{head}”与本户第 {first.at} 行的不同（那里是{there}），"
                "请核对是不是两户：两户的，户序号要不同，各有一行户主",
            )
        here, there = f"{self.village}{self.group}", f"{household.village}{household.group}"
        if here != there:
            person.blame(
                "village",
                f"村组“{here}”与本户第 {first.at} 行的“{there}”不同，"
                "请核对是不是两户：两户的，户序号要不同，各有一行户主",
            )
        if before is not household:
            person.blame(
                "household_key",
                f"与本户第 {first.at} 行不相邻，按相同的户编号（户序号）并为一户，请核对",
                WARNING,
            )


def _share(household: Household, person: Row, row: Sequence[str]) -> None:
    """Take the cells that speak for the whole household; the first that is filled counts, and
    another one is told."""
    tier = row[PLACE["tier"]]
    if tier:
        tiers = household.tiers if person.joins else household.idle_tiers
        tiers.setdefault(tier, person.line)
    book, receipt, phone, address, old, _, bank, bank_name = row[PLACE["receipt_book"] :]
    household.old_number = household.old_number or old_number(old)
    household.bank_account_name = household.bank_account_name or typed_text.name(bank_name)
    if book or receipt:
        household.receipts.setdefault((book, receipt), person)
    household.phone = household.phone or phone
    household.address = household.address or address
    household.bank_account = household.bank_account or bank
    for name, cell, taken in (
        ("phone", phone, household.phone),
        ("address", address, household.address),
        ("old_household", old_number(old), household.old_number),
        ("bank_account", bank, household.bank_account),
    ):
        if not cell:
            continue
        speaker = household.speakers.setdefault(name, person)
        if cell != taken:
            person.blame(
                name,
                f"{TITLES[name]}与本户第 {speaker.at} 行不同，只登记那一行的“{taken}”",
                WARNING,
            )


def read_rows(
    lines: Sequence[tuple[int, Sequence[str]]], columns: frozenset[str], hidden: frozenset[int]
) -> list[Row]:
    """People, column by column; what cannot be understood becomes a problem with its remedy."""
    if not lines:
        return []
    numbers, rows = zip(*lines, strict=True)
    texts: dict[str, Sequence[str]] = dict(zip(NAMES, zip(*rows, strict=True), strict=True))
    joins = map(typed_text.yes_or_no, texts["joins"]) if "joins" in columns else [True] * len(rows)
    people = [
        Row(line, name, resident_id, relationship or "", residence or "", codes, bool(joining))
        for line, name, resident_id, relationship, residence, (codes, _), joining in zip(
            numbers,
            map(typed_text.name, texts["name"]),
            map(typed_text.text_cell, texts["resident_id"]),
            map(cells.relationship, texts["relationship"]),
            map(cells.residence, texts["residence"]),
            map(identities.statuses, texts["statuses"]),
            joins,
            strict=True,
        )
    ]
    for person, old in zip(people, texts["old_person"], strict=True):
        if old and (number := old_number(old)) != old_number(person.resident_id):
            person.old_number = number
    _blame_words(people, texts, columns)
    _read_checks(people, texts)
    _blame_lengths(people, rows)
    _blame_odd_letters(people, rows)
    for person in people if hidden else ():
        if person.line in hidden:
            message = "这一行在表格中是隐藏的（可能被筛选），将一起导入；不要的请删去"
            person.blame("name", message, WARNING)
    return people


def _blame_words(
    people: Sequence[Row], texts: Mapping[str, Sequence[str]], columns: frozenset[str]
) -> None:
    """Words that mean nothing here, and numbers that a spreadsheet has spoilt."""
    for person, relationship in zip(people, texts["relationship"], strict=True):
        if not person.relationship:
            words = f"“{relationship[:20]}”看不懂" if relationship else "没有填写"
            person.blame(
                "relationship",
                f"与户主关系{words}，请填户主、配偶、子、女、儿媳、女婿、孙子、孙女、父、母等；"
                "确实不在其中的填“其他”",
            )
        number = person.resident_id
        whole = len(number) == 18 and number[:17].isdecimal()
        if not whole and typed_text.LOST_DIGITS.fullmatch(number):
            person.blame(
                "resident_id",
                "身份证号被表格软件存成了数字，后几位已经丢失，只能重录："
                "先把这一列设为“文本”格式，再对照证件填写",
            )
    for person, residence in _filled(people, texts["residence"]):
        if not person.residence:
            message = f"户籍“{residence[:20]}”看不懂，请填农村户籍、城镇户籍或外县籍"
            person.blame("residence", message)
    for person, statuses in _filled(people, texts["statuses"]):
        unknown = identities.statuses(statuses)[1]
        if unknown:
            words = "、".join(unknown)[:40]
            person.blame("statuses", f"人员身份“{words}”不在列表中，请填低保、五保等；普通居民留空")
    if "joins" in columns:
        for person, joins in zip(people, texts["joins"], strict=True):
            if not joins:
                person.unsaid = True
            elif typed_text.yes_or_no(joins) is None:
                person.blame("joins", "是否参保请填“是”或“否”")


def _filled(people: Sequence[Row], texts: Sequence[str]) -> Iterable[tuple[Row, str]]:
    if any(texts):
        for person, text in zip(people, texts, strict=True):
            if text:
                yield person, text


def _read_checks(people: Sequence[Row], texts: Mapping[str, Sequence[str]]) -> None:
    """Columns that only confirm what the resident id and the measures say."""
    for person, sex in _filled(people, texts["sex"]):
        known = cells.sex(sex)
        if known is None:
            person.blame("sex", f"性别“{sex[:20]}”看不懂，已按身份证号", WARNING)
        person.sex = known or ""
    for person, birth_date in _filled(people, texts["birth_date"]):
        person.birth_date = typed_text.day(birth_date)
        if person.birth_date is None:
            message = f"出生日期“{birth_date[:20]}”看不懂，已按身份证号"
            person.blame("birth_date", message, WARNING)
    for person, amount in _filled(people, texts["amount"]):
        person.amount = typed_text.amount(amount)
        if person.amount is None:
            person.blame("amount", f"个人缴费“{amount[:20]}”不是金额，请填数字（元），如 120")


def _blame_odd_letters(people: Sequence[Row], rows: Sequence[Sequence[str]]) -> None:
    for person, row in zip(people, rows, strict=True):
        if not odd("".join(row)):
            continue
        for name, cell in zip(NAMES, row, strict=True):
            if problem := odd(cell):
                person.blame(name, f"{TITLES[name]}{problem}")


def _blame_lengths(people: Sequence[Row], rows: Sequence[Sequence[str]]) -> None:
    for person, row in zip(people, rows, strict=True):
        if max(map(len, row)) < MAX_CELL:
            continue
        for title, cell in zip(NAMES, row, strict=True):
            if len(cell) >= MAX_CELL and cell.endswith(CUT):
                person.blame(title, f"“{TITLES[title]}”太长（超过 {MAX_CELL} 字），请改短")
