"""From the pure premium to the columns of an enrolment."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from accounts.errors import Refusal
from enrollment.cover.premiums import Payer, Premium, PremiumError, assess
from enrollment.people.models import Person
from lib.money import to_yuan
from policies.terms import Terms

SEX_IN_PACKS: dict[str, str] = {Person.Sex.MALE: "male", Person.Sex.FEMALE: "female"}
# Payers with a column of their own; all others share `other`.
OWN_COLUMNS = ("central", "province", "city", "county")


@dataclass(frozen=True, kw_only=True)
class Assessment:
    """One person's year in fen. standard + credit = personal + the five shares.

    `personal` is what the household pays in cash: what somebody else pays for it is in `other`.
    """

    premium: Premium
    standard: int
    personal: int
    shares: Mapping[str, int]
    other: int
    credit: int
    account: int
    deciding_status: str

    @property
    def subsidy(self) -> int:
        return sum(self.shares.values()) + self.other

    def columns(self) -> dict[str, Decimal | str]:
        """The amounts of an Enrollment, in yuan."""
        return {
            "premium_amount": to_yuan(self.standard),
            "personal_amount": to_yuan(self.personal),
            "central_amount": to_yuan(self.shares["central"]),
            "provincial_amount": to_yuan(self.shares["province"]),
            "city_amount": to_yuan(self.shares["city"]),
            "county_amount": to_yuan(self.shares["county"]),
            "other_amount": to_yuan(self.other),
            "credit_amount": to_yuan(self.credit),
            "account_amount": to_yuan(self.account),
            "premium_status": self.deciding_status,
        }


def _deciding(
    statuses: frozenset[str], premium: Premium, for_statuses: Callable[[frozenset[str]], Premium]
) -> str:
    """The status that made the premium what it is; "" when they change nothing.

    The one that alone gives the same amounts; failing that, the one that matters when left out.
    """

    def amounts(one: Premium) -> tuple[int, int, dict[str, int]]:
        return one.personal, one.credit, dict(one.shares)

    result = amounts(premium)
    if not statuses or result == amounts(for_statuses(frozenset())):
        return ""
    for code in sorted(statuses):
        if amounts(for_statuses(frozenset({code}))) == result:
            return code
    for code in sorted(statuses):
        if amounts(for_statuses(statuses - {code})) != result:
            return code
    return min(statuses)


def read_payer(
    *,
    birth_date: date,
    sex: str,
    residence: str,
    tier: str,
    statuses: frozenset[str],
    terms: Terms,
) -> Payer:
    """Somebody of the register as the measures see them; statuses they do not mention drop out."""
    return Payer(
        birth_date=birth_date,
        sex=SEX_IN_PACKS[sex],
        residence=residence,
        tier=tier,
        statuses=statuses & terms.vocabulary.get("status", {}).keys(),
    )


def as_payer(person: Person, *, tier: str, statuses: frozenset[str], terms: Terms) -> Payer:
    """A registered person as the measures see them."""
    return read_payer(
        birth_date=person.birth_date,
        sex=person.sex,
        residence=person.residence,
        tier=tier,
        statuses=statuses,
        terms=terms,
    )


def assess_person(payer: Payer, terms: Terms, *, year: int) -> Assessment:
    """What the measures say about one person. Raises Refusal where they say nothing.

    A status that the measures do not mention changes nothing.
    """

    def for_statuses(codes: frozenset[str]) -> Premium:
        return assess(replace(payer, statuses=codes), terms, year=year)

    try:
        premium = for_statuses(payer.statuses)
    except PremiumError as error:
        raise Refusal(str(error), error.field if error.field == "tier" else "") from None
    shares = {name: premium.shares.get(name, 0) for name in OWN_COLUMNS}
    other = sum(fen for name, fen in premium.shares.items() if name not in OWN_COLUMNS)
    other += premium.personal - premium.cash  # 只开票不收现金: somebody else pays this part
    return Assessment(
        premium=premium,
        standard=premium.standard,
        personal=premium.cash,
        shares=shares,
        other=other,
        credit=premium.credit,
        account=sum(premium.grants.values()),
        deciding_status=_deciding(payer.statuses, premium, for_statuses),
    )
