"""Everything that a month's report is made of, read from the rooms below."""

from dataclasses import dataclass
from typing import Any

from accounts.models import Division
from claims.quotas.models import Allotment
from institutions.models import Institution
from lib.money import to_fen, to_yuan
from lib.periods import Month
from policies.services import pack_in_force, terms_of
from policies.terms import Terms
from reports.activity import Activities, activities
from reports.finance import Finance, finance
from reports.large import LargeClaim, large_claims
from reports.population import Population, account_use, population


@dataclass(frozen=True, slots=True, kw_only=True)
class AtEnd:
    """Cover and books at the end of a month. `account`: fen (brought forward, used) of the
    household accounts."""

    month: Month
    policy_year: int
    people: Population
    books: Finance
    account: tuple[int, int]

    @property
    def enrolled(self) -> int:
        return sum(self.people.enrolled.values())

    @property
    def raised(self) -> int:
        return sum(self.books.received.values())

    @property
    def spent(self) -> int:
        return sum(line.year for line in self.books.expense)

    @property
    def used(self) -> int:
        """What was spent of what was raised: a premium that went back is raised no more."""
        return self.spent - self.books.premiums_back


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What the rooms below say about the month.

    `measures`: name, version and sha256 of the pack in force. `same_year`: the month before belongs
    to the same insurance year. `before`: cover and books at the end of the same month a year ago,
    None where the area kept no books then. `names`: of the institutions by code. `large`: claims of
    the month that are large or in doubt. `quotas`: fen by township, empty while none are decided.
    """

    month: Month
    at_end: "AtEnd"
    before: "AtEnd | None"
    measures: dict[str, Any]
    terms: Terms
    same_year: bool
    care: Activities
    townships: dict[str, str]
    names: dict[str, str]
    large: list[LargeClaim]
    quotas: dict[str, int]

    @property
    def policy_year(self) -> int:
        return self.at_end.policy_year

    @property
    def people(self) -> Population:
        return self.at_end.people

    @property
    def books(self) -> Finance:
        return self.at_end.books

    def keeps(self, period: str) -> bool:
        """Whether there are figures of the period at all: books, or claims from before them."""
        month = self.month
        days = {"previous": month.previous(), "last_year": Month(month.year - 1, month.month)}
        if period not in days or self.books.keeps(days[period]):
            return True
        return self.care.of(period).visits > 0


def yuan(fen: int | None) -> str | None:
    """Fen as text in yuan."""
    return None if fen is None else f"{to_yuan(fen):.2f}"


def gather(*, area: Division, month: Month) -> Material:
    """Read it all: a constant number of grouped sums. Raises Refusal without measures or books."""
    pack = pack_in_force(area_code=area.code, day=month.last)
    terms = terms_of(pack)
    at_end = _at_end(area, month, terms)
    last_year = Month(month.year - 1, month.month)
    care = activities(area=area, month=month, base_layer=terms.base_layer.code)
    return Material(
        month=month,
        at_end=at_end,
        before=_at_end(area, last_year, terms) if at_end.books.keeps(last_year) else None,
        measures={"name": pack.name, "version": pack.version, "sha256": pack.sha256},
        terms=terms,
        same_year=terms.year.of(month.previous().last) == at_end.policy_year,
        care=care,
        townships=dict(
            Division.objects.townships()
            .filter(code__startswith=area.code)
            .order_by("code")
            .values_list("code", "name")
        ),
        names=dict(
            Institution.objects.filter(code__in=care.codes("institution")).values_list(
                "code", "name"
            )
        ),
        large=large_claims(area=area, month=month),
        quotas=_quotas(area, at_end.policy_year, month),
    )


def _quotas(area: Division, year: int, month: Month) -> dict[str, int]:
    """Those that were in force when the month ended. Two statements."""
    rows = Allotment.objects.filter(area=area, year=year, decided_on__lte=month.last)
    decided = rows.filter(status=Allotment.Status.APPROVED).order_by("-pk").first()
    if decided is None:
        return {}
    amounts = decided.quotas.values_list("township__code", "amount")
    return {code: to_fen(amount) for code, amount in amounts}


def _at_end(area: Division, month: Month, terms: Terms) -> AtEnd:
    """The insurance year is that of the measures in force at the report's month: it begins on the
    same day in every year."""
    year, day = terms.year.of(month.last), month.last
    return AtEnd(
        month=month,
        policy_year=year,
        people=population(area=area, year=year, day=day, earlier=month.previous().last),
        books=finance(area=area, month=month, policy_year=year),
        account=account_use(area=area, year=year, day=day),
    )
