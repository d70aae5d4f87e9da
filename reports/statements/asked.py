"""Which statement of which month is asked for."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from accounts.models import Division
from funds.models import Book
from lib.periods import Month
from policies.models import Pack
from policies.services import pack_in_force, terms_of
from policies.terms import Terms
from reports.grids import Grid


@dataclass(frozen=True, slots=True)
class Asked:
    """`month`: the statement is as of its end."""

    area: Division
    month: Month

    @property
    def pack(self) -> Pack:
        return pack_in_force(area_code=self.area.code, day=self.month.last)

    @property
    def terms(self) -> Terms:
        """Raises Refusal without measures in force."""
        return terms_of(self.pack)

    @property
    def day(self) -> date:
        return self.month.last

    def townships(self) -> dict[str, str]:
        rows = Division.objects.townships().filter(code__startswith=self.area.code)
        return dict(rows.order_by("code").values_list("code", "name"))


@dataclass(frozen=True, slots=True)
class Told:
    """What a statement says: its tables, a line on what is in them, and what was checked
    (words, whether it holds)."""

    grids: tuple[Grid, ...]
    basis: str
    checks: tuple[tuple[str, bool], ...] = ()


@dataclass(frozen=True, slots=True)
class Statement:
    """One kind. `code` stands in the address, for ever; `about`: what it answers, in the list;
    `number`: its official one."""

    code: str
    title: str
    tell: Callable[[Asked], Told]
    about: str = ""
    number: str = ""
    unit: str = "元"
    fund_type: str = Book.FundType.RESIDENT
    is_wide: bool = False
    is_of_a_day: bool = False  # a balance sheet is of a day, the others of a month

    @property
    def full_title(self) -> str:
        return f"{self.number}　{self.title}" if self.number else self.title
