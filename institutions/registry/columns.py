"""How each thing that is registered of an institution is typed, kept as text and told."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from accounts.errors import Refusal
from institutions.models import Institution, Level
from institutions.registry.models import RegistryChange
from lib import typed_text

Column = RegistryChange.Column
ACTIVE, CLOSED = "yes", "no"
# Of a level for deductible or price limit: that of the institution itself.
OWN = "own"
CHOICES: dict[str, dict[str, str]] = {
    Column.LEVEL: dict(Level.choices),
    Column.DEDUCTIBLE_LEVEL: {**dict(Level.choices), OWN: "同本级"},
    Column.PRICE_LEVEL: {**dict(Level.choices), OWN: "同本级"},
    Column.KIND: dict(Institution.Kind.choices),
    Column.OWNERSHIP: dict(Institution.Ownership.choices),
    Column.ACTIVE: {ACTIVE: "执业中", CLOSED: "停业"},
}
DAYS = {Column.LICENCE_UNTIL, Column.VERIFIED}
# What a visit is judged by: it changes from today or a later day, since what is settled stays.
OTHER_LEVELS = {Column.DEDUCTIBLE_LEVEL, Column.PRICE_LEVEL}
JUDGED_BY = {Column.LEVEL, Column.ACTIVE, *OTHER_LEVELS}
MAX_BEDS, MAX_LICENCE = 20_000, 40


def kept(column: str, typed: str) -> str:
    """What was typed, as it is kept. Raises Refusal at `becomes`."""
    text, at = typed.strip(), ("becomes",)
    if not text:
        raise Refusal("请填写变更为什么", at=at)
    if column in CHOICES:
        found = next((code for code, name in CHOICES[column].items() if text in {code, name}), "")
        if not found:
            names = "、".join(CHOICES[column].values())
            raise Refusal(f"{Column(column).label}应为：{names}", at=at)
        return found
    if column in DAYS:
        day = typed_text.written_day(text)
        if day is None:
            raise Refusal("日期应为 年-月-日，如 2027-03-01", at=at)
        return day.isoformat()
    if column == Column.BEDS:
        if not text.isdecimal() or int(text) > MAX_BEDS:
            raise Refusal(f"床位应为不超过 {MAX_BEDS} 的整数", at=at)
        return str(int(text))
    if len(text) > MAX_LICENCE:
        raise Refusal(f"执业许可证号最多 {MAX_LICENCE} 个字", at=at)
    return text


def value_of(column: str, text: str) -> Any:
    """What is kept, as the institution's column holds it."""
    if column == Column.ACTIVE:
        return text == ACTIVE
    if column in OTHER_LEVELS:
        return other_level(text)
    if column in DAYS:
        return date.fromisoformat(text) if text else None
    if column == Column.BEDS:
        return int(text) if text else None
    return text


def text_of(column: str, institution: Institution) -> str:
    """The institution's column, as it is kept."""
    value = getattr(institution, column)
    if column == Column.ACTIVE:
        return ACTIVE if value else CLOSED
    if column in OTHER_LEVELS:
        return value or OWN
    return "" if value is None else str(value)


@dataclass(frozen=True)
class Levels:
    """By which a visit is judged that begins on a day; those beside the own are "" where it is."""

    own: str
    deductible: str = ""
    price: str = ""

    @classmethod
    def of(cls, then: Any) -> "Levels":
        """Of a row that was read with its levels of a day (`as_of`, `levels_then`)."""
        return cls(
            then.level_then,
            other_level(then.deductible_level_then),
            other_level(then.price_level_then),
        )

    @property
    def each(self) -> tuple[str, str, str]:
        """In the order of `LEVELS`."""
        return self.own, self.deductible, self.price

    @property
    def limits_by(self) -> str:
        """The level by which prices and prescriptions are limited."""
        return self.price or self.own


def other_level(text: str | None) -> str:
    """A level for deductible or price limit as a visit keeps it: "" where it is the own one."""
    return "" if not text or text == OWN else text


def told_was(row: RegistryChange) -> str:
    return told(row.column, row.was)


def told_becomes(row: RegistryChange) -> str:
    return told(row.column, row.becomes)


def told(column: str, text: str) -> str:
    """For people."""
    return CHOICES.get(column, {}).get(text, text) or "没有登记"
