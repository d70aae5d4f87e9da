"""Columns of a file of master data: how a cell is read, refused in Chinese, and written back.

A `Cell` is a field of a resource; its widget reads the text of a cell or raises ValueError with
what is wrong and how to mend it. The same column is exported, so what leaves can be read back.
"""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from import_export.fields import Field
from import_export.widgets import Widget

from lib import typed_text
from lib.letters import odd
from lib.tables.writing import Kind

SHOWN = 20  # characters of a wrong cell that a message repeats


class Cell(Field):  # type: ignore[misc]
    """One column. `attribute` of the model, `title` in the file and in messages.

    `required`: the column must be there and filled in every row; `in_header`: it must be there.
    `kept`: an empty cell leaves the value as it is. `mask`: how a value that is not for everybody
    (a phone) is shown; of such a column only the title is exported. `readonly`: goes out for people
    to read along ("division__name"), what comes back is not looked at.
    """

    def __init__(
        self,
        attribute: str,
        title: str,
        widget: Widget,
        *,
        others: tuple[str, ...] = (),
        required: bool = False,
        in_header: bool = False,
        kept: bool = False,
        mask: Callable[[str], str] | None = None,
        readonly: bool = False,
    ) -> None:
        super().__init__(attribute, title, widget, saves_null_values=not kept, readonly=readonly)
        self.title, self.others = title, others
        self.required, self.in_header = required, required or in_header
        self.kept, self.mask = kept, mask

    def clean(self, row: Mapping[str, str], **kwargs: Any) -> Any:
        """The value. Raises ValueError with what the sender should do."""
        text = typed_text.text_cell(row[self.column_name]).strip()
        if problem := odd(text):
            raise ValueError(problem)
        if not text and self.kept:
            return None
        if not text and self.required:
            raise ValueError("没有填写，请补上")
        return self.widget.clean(text, row=row)

    def words(self, row: Any) -> str:
        """The value of an instance as people read it."""
        words = in_words(self.export(row))
        return self.mask(words) if self.mask and words else words


def in_words(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.2f}" if isinstance(value, Decimal) else str(value)


class MasterWidget(Widget):  # type: ignore[misc]
    """Reads a cell, and renders the value for the workbook; `kind` is that column's."""

    kind: Kind = "text"
    choices: tuple[str, ...] = ()

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        return value


class Words(MasterWidget):
    """Text of at most so many characters; `fold` puts it into its one spelling."""

    def __init__(
        self, most: int, *, kind: Kind = "text", fold: Callable[[str], str] | None = None
    ) -> None:
        self.most, self.kind, self.fold = most, kind, fold

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> str:
        text = self.fold(value) if self.fold else value
        if len(text) > self.most:
            raise ValueError(f"最多 {self.most} 个字，现有 {len(text)} 个，请缩短")
        return text


def coded(most: int) -> Words:
    """A code: digits and letters that must stay text, typed in any width."""
    return Words(most, kind="code", fold=lambda text: "".join(text.split()).translate(NARROW))


NARROW = typed_text.FULL_WIDTH_LATIN


class Whole(MasterWidget):
    """A whole number within limits; an empty cell is None."""

    kind = "whole"

    def __init__(self, least: int, most: int) -> None:
        self.least, self.most = least, most

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> int | None:
        text = typed_text.figure(value)
        if not text:
            return None
        if meant := typed_text.figure_problem(text):
            raise ValueError(meant)
        right = text.isascii() and text.isdecimal() and self.least <= int(text[:12]) <= self.most
        if not right:
            raise ValueError(f"“{value[:SHOWN]}”应为 {self.least} 至 {self.most} 的整数")
        return int(text)


class Yuan(MasterWidget):
    """An amount in yuan, not below zero; an empty cell is None."""

    kind = "yuan"

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> Decimal | None:
        if not value:
            return None
        fen = typed_text.amount(value)
        if fen is None or not 0 <= fen < 10**13:
            if meant := typed_text.figure_problem(typed_text.figure(value)):
                raise ValueError(meant)
            raise ValueError(f"“{value[:SHOWN]}”应为金额，以元为单位，最多两位小数，如 128.50")
        return Decimal(fen) / 100


class Day(MasterWidget):
    """A date in any of the usual writings; an empty cell is None."""

    kind = "day"

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> date | None:
        if not value:
            return None
        found = typed_text.day(value)
        if found is None:
            raise ValueError(f"“{value[:SHOWN]}”应为 年-月-日，如 2026-03-01")
        return found


class YesOrNo(MasterWidget):
    """是 or 否; an empty cell is 否."""

    choices = ("是", "否")

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> bool:
        found = typed_text.yes_or_no(value) if value else False
        if found is None:
            raise ValueError(f"“{value[:SHOWN]}”应填 是 或 否")
        return found

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return "是" if value else "否"


class Choice(MasterWidget):
    """One of the words of the model's choices, or its code; an empty cell is ""."""

    def __init__(self, choices: Any) -> None:
        self.labels = {str(code): str(label) for code, label in choices if code}
        self.choices = tuple(self.labels.values())
        plain = typed_text.plain
        self.codes = {plain(label): code for code, label in self.labels.items()}
        self.codes |= {plain(code): code for code in self.labels}

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> str:
        found = self.codes.get(typed_text.plain(value)) if value else ""
        if found is None:
            raise ValueError(f"“{value[:SHOWN]}”应为：{'、'.join(self.choices)}")
        return found

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return self.labels.get(value, value or "")


class Known(MasterWidget):
    """A row that the sender may see, by its code; `rows` is filled by the resource, code → row.

    What lies out of scope is as unknown as what is not there.
    """

    kind = "code"

    def __init__(self, noun: str, by: str = "code") -> None:
        self.noun, self.by = noun, by
        self.rows: Mapping[str, Any] = {}

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> Any:
        found = self.rows.get("".join(value.split()).translate(NARROW))
        if found is None:
            raise ValueError(f"本辖区没有“{value[:SHOWN]}”这个{self.noun}，请核对")
        return found

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        return getattr(value, self.by, None)
