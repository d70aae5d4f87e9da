"""Everything that a month's report is made of, read from the rooms below."""

from dataclasses import dataclass
from typing import Any

from accounts.models import Division
from lib.money import to_yuan
from lib.periods import Month
from policies.services import pack_in_force, terms_of
from policies.terms import Terms
from reports.activity import Activities, activities
from reports.finance import Finance, finance
from reports.population import Population, account_use, population


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What the rooms below say about the month.

    `measures`: name, version and sha256 of the pack in force. `same_year`: the month before belongs
    to the same insurance year. `account`: fen (brought forward, used) of the household accounts.
    """

    month: Month
    policy_year: int
    measures: dict[str, Any]
    terms: Terms
    people: Population
    same_year: bool
    care: Activities
    books: Finance
    account: tuple[int, int]
    townships: dict[str, str]

    @property
    def enrolled(self) -> int:
        return sum(self.people.enrolled.values())

    @property
    def raised(self) -> int:
        return sum(self.books.received.values())

    @property
    def spent(self) -> int:
        return sum(line.year for line in self.books.expense)


def yuan(fen: int | None) -> str | None:
    """Fen as text in yuan."""
    return None if fen is None else f"{to_yuan(fen):.2f}"


def gather(*, area: Division, month: Month) -> Material:
    """Read it all: a constant number of grouped sums. Raises Refusal without measures or books."""
    pack = pack_in_force(area_code=area.code, day=month.last)
    terms = terms_of(pack)
    year = terms.year.of(month.last)
    return Material(
        month=month,
        policy_year=year,
        measures={"name": pack.name, "version": pack.version, "sha256": pack.sha256},
        terms=terms,
        people=population(area=area, year=year, day=month.last, earlier=month.previous().last),
        same_year=terms.year.of(month.previous().last) == year,
        care=activities(area=area, month=month, base_layer=terms.base_layer.code),
        books=finance(area=area, month=month, policy_year=year),
        account=account_use(area=area, year=year, day=month.last),
        townships=dict(
            Division.objects.townships()
            .filter(code__startswith=area.code)
            .order_by("code")
            .values_list("code", "name")
        ),
    )
