"""From the file to entries. One wrong row refuses the whole list: a full list with a row left out
would take somebody's aid away."""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from accounts.errors import Refusal
from enrollment.people.identities import meant
from enrollment.people.numbers import indexes_of, meant_as_resident_id, plain
from enrollment.status_lists.columns import GONE, HOLDS, LAYOUTS, VOID
from enrollment.status_lists.kinds import KINDS, Kind, ListKind
from enrollment.status_lists.models import StatusList
from lib import typed_text
from lib.resident_id import ResidentIdError, parse
from lib.tables.reading import CUT
from lib.tables.standing import Standing, standing

# Rows that a refusal names: as many as one sees of a table without scrolling.
ROWS_NAMED = 20
EMPLOYEE_INSURANCE = "城镇职工基本医疗保险"


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of a list, understood. `code` "": an identity that the measures do not know."""

    line: int
    name: str
    number: str
    index: str
    others: tuple[str, ...] = ()  # what else the number can be: 8 digits, a permit or a passport
    code: str = ""
    category: str = ""
    word: str = ""
    day: date | None = None
    insurance: str = ""
    place: str = ""


class _Problems:
    """Rows by what is wrong with them."""

    def __init__(self) -> None:
        self.rows: dict[str, list[str]] = defaultdict(list)

    def add(self, line: str, what: str) -> None:
        self.rows[what].append(line)

    def refuse(self) -> None:
        """Raises Refusal naming the rows of every problem."""
        if not self.rows:
            return
        parts = []
        for what, lines in self.rows.items():
            named = "、".join(lines[:ROWS_NAMED])
            more = f" 等 {len(lines)} 行" if len(lines) > ROWS_NAMED else " 行"
            parts.append(f"第 {named}{more}{what}")
        refusal = Refusal(
            "整批退回："
            + "；".join(parts)
            + "。请更正后重新上传整份名单（有空缺的名单会误取消待遇）"
        )
        refusal.faults = [
            f"第 {line} 行{what}" for what, lines in self.rows.items() for line in lines
        ]
        raise refusal


@dataclass(frozen=True)
class Read:
    """Who is on the list, and the rows that say of themselves that they hold no longer."""

    entries: list[Entry]
    void: list[tuple[Entry, str]]


def _holds(row: dict[str, str], kind: str) -> str:
    """Why the row says that it holds no longer; "" when it holds. Raises ValueError."""
    deaths = kind == Kind.DEATHS
    holds = HOLDS if deaths else HOLDS - GONE
    void = VOID if deaths else VOID | GONE
    state, said = standing(row, holds=holds, void=void)
    return said if state is Standing.VOID else ""


def read_list(upload: StatusList, on: date) -> Read:
    """Every row of the list. Raises Refusal or SpreadsheetError, naming rows and columns."""
    problems = _Problems()
    entries: list[Entry] = []
    void: list[tuple[Entry, str]] = []
    seen: dict[tuple[str, str], Entry] = {}
    names: dict[str, Entry] = {}
    kind = upload.kind
    layout = LAYOUTS[kind]
    with upload.opened(layout) as sheet:
        for chunk in sheet.rows:
            for line, texts in chunk:
                row = dict(zip(layout.names, texts, strict=True))
                entry, said = _understood(line, row, kind, on)
                if isinstance(entry, str):
                    problems.add(upload.said(line), entry)
                    continue
                if said:
                    void.append((entry, said))
                    continue
                first = names.setdefault(entry.index, entry)
                if first.name != entry.name:
                    problems.add(
                        upload.said(line),
                        f"与第 {upload.said(first.line)} 行身份证号相同而姓名不同",
                    )
                elif seen.setdefault((entry.index, entry.code), entry) is entry:
                    entries.append(entry)
                elif replace(seen[entry.index, entry.code], line=line) != entry:
                    problems.add(
                        upload.said(line), f"与第 {upload.said(first.line)} 行是同一人而内容不同"
                    )
    problems.refuse()
    return Read(entries, void)


def _understood(line: int, row: dict[str, str], kind: str, on: date) -> tuple[Entry | str, str]:
    """The row or what is wrong with it, and why it says that it holds no longer."""
    if problem := LAYOUTS[kind].odd(row.values()):
        return f"的{problem}", ""
    try:
        said = _holds(row, kind)
    except ValueError as error:
        return str(error), ""
    return _entry(line, row, kind, on), said


def _who(row: dict[str, str], on: date) -> tuple[str, str] | str:
    """Name and number of the row, or what is wrong."""
    name, number = typed_text.name(row["name"]), typed_text.number(row["resident_id"])
    problem = ""
    if not number:
        problem = "没有身份证号"
    elif not name:
        problem = "没有姓名"
    elif any(text.endswith(CUT) for text in row.values()):
        problem = "单元格内容过长"
    elif typed_text.LOST_DIGITS.fullmatch(row["resident_id"]):
        problem = "身份证号存成了数字，末几位已丢失，请改为文本格式重新导出"
    if problem:
        return problem
    try:
        return name[:40], parse(number, on).number
    except ResidentIdError:
        if meant_as_resident_id(number) or not indexes_of(number):
            return "身份证号位数、日期或校验位不对"
        return name[:40], plain(number)


def _death(row: dict[str, str], on: date) -> dict[str, Any] | str:
    day = typed_text.day(row["death_date"])
    if day is None or day > on:
        return "没有死亡日期，或日期看不懂、晚于今天"
    return {"day": day}


def _employee(row: dict[str, str]) -> dict[str, Any] | str:
    since = typed_text.day(row["since"]) if row["since"] else None
    if row["since"] and since is None:
        return "参保日期看不懂"
    if not row["place"]:
        return "没有参保地"
    insurance = row["insurance"] or EMPLOYEE_INSURANCE
    return {"day": since, "place": row["place"][:60], "insurance": insurance[:40]}


def _status(row: dict[str, str], about: ListKind) -> dict[str, Any] | str:
    word = row["identity"]
    if not word and about.only_code:
        return {"code": about.only_code}
    found = meant(word, about.codes) if word else None
    if found is None:
        return "身份没有填写，或不在身份对照表中"
    return {"code": found[0], "category": found[1], "word": word[:40]}


def _entry(line: int, row: dict[str, str], kind: str, on: date) -> Entry | str:
    """The row understood, or what is wrong with it."""
    who = _who(row, on)
    if isinstance(who, str):
        return who
    if kind == Kind.DEATHS:
        facts = _death(row, on)
    elif kind == Kind.EMPLOYEES:
        facts = _employee(row)
    else:
        facts = _status(row, KINDS[kind])
    if isinstance(facts, str):
        return facts
    name, number = who
    index, *others = indexes_of(number)
    return Entry(line, name, number, index, tuple(others), **facts)
