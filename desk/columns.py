"""A column of a list: the page, the workbook, the sums and the masks read the same one."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, cast

from django.db import models
from django.db.models import F
from django.urls import resolve, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.clock import today
from accounts.models import User
from accounts.templatetags import hezuo
from desk.tones import badge, choice_of
from lib.tables import writing

Value = Callable[[Any], Any]
# What writing.Kind knows, and: a state in its colour, days gone by since a day, a person's name
# and number (masked), any other number.
Kind = Literal[
    "text", "code", "whole", "number", "yuan", "fen", "percent", "day", "minute",
    "status", "waited", "name", "id",
]  # fmt: skip
RIGHT = frozenset({"whole", "number", "yuan", "fen", "percent", "waited"})
UNBROKEN = frozenset({"code", "day", "minute", "status", "id", "name"})
# How a value is shown on the page.
SHOWN: dict[str, Callable[[Any], str]] = {
    "whole": lambda value: f"{value:,}",
    "number": hezuo.qty,
    "yuan": hezuo.yuan,
    "fen": hezuo.fen,
    "percent": hezuo.percent,
    "day": hezuo.day,
    "minute": hezuo.minute,
    "waited": lambda value: f"{value} 天",
    "status": badge,
    "id": hezuo.mask_id,
}
IN_WORKBOOK: dict[str, writing.Kind] = {
    "status": "text",
    "waited": "whole",
    "name": "text",
    "id": "code",
}


class Attr:
    """Reads a path of attributes ("visit.person.name"); what is called is called, and a missing
    link in the path gives None. Lists sort by the same path."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __call__(self, row: Any) -> Any:
        for name in self.path.split("."):
            row = row[name] if isinstance(row, dict) else getattr(row, name, None)
            if row is None:
                return None
            if callable(row):
                row = row()
        return row


class State(Attr):
    """The state of a row, as the member of its choices: "status", or "settlement.status"."""

    def __call__(self, row: Any) -> Any:
        owner, _, field = self.path.rpartition(".")
        holder = Attr(owner)(row) if owner else row
        return None if holder is None else choice_of(holder, field)


def attr(path: str) -> Attr:
    return Attr(path)


def state(path: str = "status") -> State:
    return State(path)


def own(row: Any) -> Any:
    return row.pk


@dataclass(frozen=True)
class Column:
    """One column. `value` takes the row.

    `link`: a route, given what `link_to` says of the row (one value, several as a tuple, None for
    no link); nobody gets a link to a page that is closed to him. `leads`: in place of `link` what
    gives the whole address, where that narrows another list. `hint`: a small second line, words or
    a choice with its colour.
    `sort`: the path to order by; True when it is the path of `value`. `total`: what is summed over
    all pages, a path of the ORM. `template`: a part of a template that draws the cell, with `row`.
    `where`: the page, the workbook or both. `permission`: who sees the column.
    """

    title: str
    value: Value
    kind: Kind = "text"
    link: str = ""
    link_to: Value = own
    leads: Callable[[Any], str] | None = None
    hint: Value | None = None
    sort: bool | str = False
    total: Any = ""
    template: str = ""
    where: Literal["both", "page", "workbook"] = "both"
    permission: str = ""
    width: float = 0

    @property
    def sort_path(self) -> str:
        """What the address calls this column when it is sorted by; "" when it cannot be."""
        if self.sort is True:
            return cast(Attr, self.value).path.replace(".", "__")
        return self.sort or ""

    @property
    def css(self) -> str:
        """Figures stand right, codes and days are not broken."""
        if self.kind in RIGHT:
            return "num"
        return "text-nowrap" if self.kind in UNBROKEN else ""

    @property
    def heading(self) -> writing.Heading:
        """The column in the workbook."""
        kind = IN_WORKBOOK.get(self.kind, cast(writing.Kind, self.kind))
        return writing.Heading(self.title, kind, self.width)

    def shown(
        self, row: Any, masked: bool, address: str = "", *, focus: bool = False
    ) -> SafeString:
        """The value for people to read. `masked`: names lose their middle. `address`: where it
        leads. `focus`: the cursor starts there."""
        value = self.plain(row)
        if self.title == "" and self.link and not address:
            return SafeString("")  # an act that is not open to who looks
        if value is None or value == "":
            return SafeString("" if self.title == "" else hezuo.EMPTY)
        if self.kind == "name" and masked:
            value = hezuo.mask_name(value)
        text = format_html("{}", SHOWN[self.kind](value) if self.kind in SHOWN else value)
        if address:
            first = SafeString(" autofocus" if focus else "")
            text = format_html('<a href="{}"{}>{}</a>', address, first, text)
        below = self.hint(row) if self.hint else ""
        if below:
            small = badge(below) if isinstance(below, models.Choices) else below
            return format_html('{}<div class="hz-hint">{}</div>', text, small)
        return text

    def written(self, row: Any, masked: bool) -> Any:
        """The value for the workbook; numbers of people are masked there as well."""
        value = self.plain(row)
        if value is None:
            return None
        if self.kind == "id":
            return hezuo.mask_id(value)
        if self.kind == "name" and masked:
            return hezuo.mask_name(value)
        if isinstance(value, models.Choices):
            return value.label
        return value

    def plain(self, row: Any) -> Any:
        """The value; of a day that somebody waits from, the days."""
        value = self.value(row)
        if self.kind == "waited" and value is not None:
            return max(0, (today() - _day(value)).days)
        return value

    def address(self, row: Any) -> str:
        """Where the cell leads; "" for nowhere."""
        if self.leads is not None:
            return self.leads(row)
        to = self.link_to(row) if self.link else None
        if to is None:
            return ""
        return reverse(self.link, args=to if isinstance(to, tuple) else (to,))


def _day(value: date | datetime) -> date:
    return timezone.localtime(value).date() if isinstance(value, datetime) else value


def is_open(address: str, user: User) -> bool:
    """Whether the page behind the address lets the user in."""
    path = address.partition("?")[0]
    permission = getattr(resolve(path).func, "permission", None)
    return not permission or user.may(permission)


def order_of(path: str) -> Any:
    """`path`, or "-path" for the largest first; what is empty stands last."""
    if path.startswith("-"):
        return F(path[1:]).desc(nulls_last=True)
    return F(path).asc(nulls_last=True)
