"""Files of one JSON object a line: read field by field, every wrong one named.  Pure.

An unknown field is refused by name, because a misspelt one would silently change what is paid.
Amounts are yuan, as texts with two decimals.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from lib.letters import fold, odd

ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
AMOUNT = re.compile(r"[0-9]{1,10}(\.[0-9]{2})")
WHOLE = re.compile(r"[0-9]{1,9}")
MAX_WHOLE = 999_999_999  # beyond any count; products of it with an amount still fit 64 bits


class FieldError(ValueError):
    """A line that cannot be used as given; ``field`` names what to correct."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def iso_date(text: str) -> date | None:
    """The date written as 2025-01-01, ``None`` for anything else."""
    if not ISO_DATE.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def object_of(line: str) -> Mapping[str, Any]:
    """The JSON object of one line.  Raises ``FieldError``, also for a field written twice."""
    try:
        value = json.loads(line, object_pairs_hook=_once)
    except FieldError:
        raise
    except (ValueError, RecursionError):  # also a number of thousands of digits
        raise FieldError("case", "不是合格的 JSON，请检查引号、逗号和括号") from None
    if not isinstance(value, Mapping):
        raise FieldError("case", "每一行应当是一个 JSON 对象")
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(key for key, _ in pairs if sum(key == other for other, _ in pairs) > 1)
        raise FieldError(twice, f"字段“{twice}”写了两次，请删去一个")
    return found


@dataclass(frozen=True, slots=True)
class Fields:
    """One JSON object; ``path`` is how its fields are named in complaints."""

    values: Mapping[str, Any]
    path: str

    def name(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key

    def only(self, allowed: tuple[str, ...]) -> None:
        for key in self.values:
            if key not in allowed:
                known = "、".join(allowed)
                raise FieldError(self.name(key), f"不认识的字段“{self.name(key)}”，可用：{known}")

    def object(self, key: str) -> Fields:
        value = self.values.get(key)
        if not isinstance(value, Mapping):
            raise FieldError(self.name(key), f"缺少“{self.name(key)}”，或它不是一个对象")
        return Fields(value, self.name(key))

    def text(self, key: str, default: str | None = None) -> str:
        value = self.values.get(key, default)
        if not isinstance(value, str):
            raise FieldError(self.name(key), f"缺少“{self.name(key)}”，或它不是文字")
        if problem := odd(value):
            raise FieldError(self.name(key), f"“{self.name(key)}”{problem}")
        return fold(value).strip()

    def day(self, key: str) -> date:
        text = self.text(key)
        found = iso_date(text)
        if found is None:
            message = f"“{self.name(key)}”的“{text}”不是日期，写成 2026-03-01 的样子"
            raise FieldError(self.name(key), message)
        return found

    def optional_day(self, key: str) -> date | None:
        return self.day(key) if self.values.get(key) is not None else None

    def whole(self, key: str, default: int) -> int:
        value = self.values.get(key, default)
        if isinstance(value, str) and WHOLE.fullmatch(value):
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise FieldError(self.name(key), f"“{self.name(key)}”应当是不小于零的整数")
        if value > MAX_WHOLE:
            raise FieldError(self.name(key), f"“{self.name(key)}”太大，最多 {MAX_WHOLE}")
        return value

    def yes(self, key: str, default: bool) -> bool:
        value = self.values.get(key, default)
        if not isinstance(value, bool):
            raise FieldError(self.name(key), f"“{self.name(key)}”应当是 true 或 false")
        return value

    def fen(self, key: str, default: str | None = None) -> int:
        text = self.values.get(key, default)
        if not isinstance(text, str) or not AMOUNT.fullmatch(text):
            raise FieldError(
                self.name(key), f'“{self.name(key)}”应当是两位小数的元，写成文字，例如 "120.50"'
            )
        return int(text.replace(".", ""))  # two decimals always: the digits are the fen

    def codes(self, key: str) -> frozenset[str]:
        value = self.values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise FieldError(self.name(key), f'“{self.name(key)}”应当是一列代码，例如 ["dibao"]')
        return frozenset(value)
