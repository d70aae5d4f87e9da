"""From the pure premium to the columns of an enrolment."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from enrollment.premiums import Payer, Premium, assess
from lib.money import to_yuan
from policies.terms import Terms

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


def assess_person(
    *,
    birth_date: date,
    residence: str,
    tier: str,
    statuses: frozenset[str],
    terms: Terms,
    year: int,
) -> Assessment:
    """What the measures say about one person. Unknown keys raise the engine's CaseError."""

    def for_statuses(codes: frozenset[str]) -> Premium:
        payer = Payer(birth_date=birth_date, residence=residence, tier=tier, statuses=codes)
        return assess(payer, terms, year=year)

    premium = for_statuses(statuses)
    shares = {name: premium.shares.get(name, 0) for name in OWN_COLUMNS}
    other = sum(fen for name, fen in premium.shares.items() if name not in OWN_COLUMNS)
    personal = premium.personal
    if premium.receipt_only:  # 只开票不收现金: somebody else pays the household's part
        other, personal = other + personal, 0
    return Assessment(
        premium=premium,
        standard=premium.standard,
        personal=personal,
        shares=shares,
        other=other,
        credit=premium.credit,
        account=sum(premium.grants.values()),
        deciding_status=_deciding(statuses, premium, for_statuses),
    )
