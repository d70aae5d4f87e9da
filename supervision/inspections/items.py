"""Checklists as dated data: what is asked on site, from where, and what an answer means. Pure.

A checklist is one YAML file: `key`, `title`, `first_day`, `source`, and `items` in the order in
which one walks through an institution. An item says `code`, `group`, `words`, `source` (document
and article), `kind`, `requires` (what is to be put right), and where it applies: `levels` (those of
institutions; none: all), `grave: true` for what is looked at again on site before it counts as put
right (no norm says which: the county agrees to it with the checklist), `at_least`, `at_most`.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from accounts.errors import Refusal

FOLDER = Path(__file__).parent / "checklists"
# A checklist is walked through in an hour or two; what is longer is several.
MAX_ITEMS = 80
MAX_TEXT = 60_000
CODE = re.compile(r"[a-z][a-z0-9-]{1,29}")
YES_NO, NUMBER, DAY = "yes_no", "number", "day"
KINDS = {YES_NO: "符合／不符合／不适用", NUMBER: "数字", DAY: "日期"}
GOOD, BAD, NOT_ASKED = "good", "bad", "none"
VERDICTS = {GOOD: "符合", BAD: "不符合", NOT_ASKED: "不适用"}


@dataclass(frozen=True)
class Item:
    """One thing that is looked at. `at_least`, `at_most`: between which a number is in order; a day
    (an expiry) is in order from the day of the visit on."""

    code: str
    group: str
    words: str
    source: str
    requires: str
    kind: str = YES_NO
    grave: bool = False
    levels: tuple[str, ...] = ()
    at_least: Decimal | None = None
    at_most: Decimal | None = None

    def judged(self, value: str, on: date) -> str:
        """What the answer means. Raises Refusal for what is no answer to this item."""
        if value == NOT_ASKED or (self.kind == YES_NO and value in VERDICTS):
            return value
        if self.kind == NUMBER:
            return GOOD if self._is_within(value) else BAD
        if self.kind == DAY:
            try:
                return GOOD if date.fromisoformat(value) >= on else BAD
            except ValueError:
                raise Refusal(f"“{self.words}”应填日期", self.code) from None
        raise Refusal(f"“{self.words}”请选择符合、不符合或不适用", self.code)

    def _is_within(self, value: str) -> bool:
        try:
            number = Decimal(value)
        except InvalidOperation:
            raise Refusal(f"“{self.words}”应填数字", self.code) from None
        # "NaN" and "1e999999" are numbers to Decimal and to nobody else.
        if not number.is_finite() or abs(number) >= 10**9:
            raise Refusal(f"“{self.words}”应填数字", self.code)
        is_enough = self.at_least is None or number >= self.at_least
        return is_enough and (self.at_most is None or number <= self.at_most)

    def told(self, value: str) -> str:
        """The answer in words."""
        return VERDICTS.get(value, value)


@dataclass(frozen=True)
class ItemList:
    """One checklist in one edition."""

    key: str
    title: str
    first_day: date
    source: str
    items: tuple[Item, ...]

    def of_level(self, level: str) -> tuple[Item, ...]:
        """What is asked of an institution of this level."""
        return tuple(one for one in self.items if not one.levels or level in one.levels)

    def item(self, code: str) -> Item | None:
        return next((one for one in self.items if one.code == code), None)


@cache
def read(text: str) -> ItemList:
    """The checklist that the text says. Raises Refusal naming the item and what is wrong."""
    try:
        raw = yaml.safe_load(text) if len(text) <= MAX_TEXT else None
    except (yaml.YAMLError, RecursionError):
        raw = None
    if not isinstance(raw, Mapping) or not isinstance(raw.get("items"), list):
        raise Refusal("检查表读不出来：应有 key、title、first_day、source 和 items")
    day = raw.get("first_day")
    if not isinstance(day, date):
        raise Refusal("检查表的 first_day 应为日期，如 2026-01-01")
    items = tuple(_item(one, number) for number, one in enumerate(raw["items"], start=1))
    _refuse_faults(items)
    named = {name: str(raw.get(name) or "") for name in ("key", "title", "source")}
    if missing := [name for name, value in named.items() if not value]:
        raise Refusal(f"检查表缺少 {'、'.join(missing)}")
    return ItemList(first_day=day, items=items, **named)


def _refuse_faults(items: Iterable[Item]) -> None:
    codes = [one.code for one in items]
    if not 0 < len(codes) <= MAX_ITEMS:
        raise Refusal(f"检查表应有 1 至 {MAX_ITEMS} 项")
    if twice := {code for code in codes if codes.count(code) > 1}:
        raise Refusal(f"检查表的项目代码重复：{'、'.join(sorted(twice))}")


def _item(raw: Any, number: int) -> Item:
    if not isinstance(raw, Mapping):
        raise Refusal(f"检查表第 {number} 项读不出来")
    known = set(Item.__dataclass_fields__)
    if strange := set(map(str, raw)) - known:
        raise Refusal(f"检查表第 {number} 项有不认识的内容：{'、'.join(sorted(strange))}")
    words = {name: str(raw.get(name) or "").strip() for name in _ASKED}
    if missing := [name for name, value in words.items() if not value]:
        raise Refusal(f"检查表第 {number} 项缺少 {'、'.join(missing)}")
    kind = str(raw.get("kind", YES_NO))
    if not CODE.fullmatch(words["code"]) or kind not in KINDS:
        raise Refusal(f"检查表第 {number} 项的代码或填法不对，填法为 {'、'.join(KINDS)}")
    return Item(
        kind=kind,
        grave=raw.get("grave") is True,
        levels=tuple(str(one) for one in raw.get("levels", ())),
        at_least=_bound(raw.get("at_least"), number),
        at_most=_bound(raw.get("at_most"), number),
        code=words["code"],
        group=words["group"],
        words=words["words"],
        source=words["source"],
        requires=words["requires"],
    )


_ASKED = ("code", "group", "words", "source", "requires")


def _bound(value: Any, number: int) -> Decimal | None:
    if value is None:
        return None
    try:
        return Decimal(str(value))
    except InvalidOperation:
        raise Refusal(f"检查表第 {number} 项的界限应为数字") from None


@cache
def library() -> dict[str, tuple[ItemList, str]]:
    """The checklists that come with the portal, with their texts, by name of the file."""
    found = {}
    for path in sorted(FOLDER.glob("*.yaml")):
        text = path.read_text(encoding="utf-8")
        found[path.stem] = (read(text), text)
    return found
