"""Cover and household accounts at the end of months, told apart by one dimension.

Read once by the month in which each thing began, then added up to whatever month's end is asked
for, by the same conditions as `reports.population`.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, F, Sum, Value
from django.db.models.functions import Substr, TruncMonth

from claims.models import Settlement, UsageEntry
from enrollment.models import AccountOpening, Enrollment
from lib.money import to_fen
from reports.analysis.asked import Asked


@dataclass(slots=True)
class Cover:
    """Persons covered, and fen of the household accounts: of this year's covers, used this year,
    and brought forward into it."""

    enrolled: int = 0
    granted: int = 0
    used: int = 0
    forward: int = 0


# Code of the row, insurance year, first of the month from which it counts, what it adds.
_Grant = tuple[str, int, date, int, int]
_Use = tuple[str, int, date, int]
YearOf = Callable[[date], int]


@dataclass(frozen=True, slots=True)
class Covers:
    """Answers for the end of any month. `grants`: (code, year, month, persons, fen); `uses`:
    (code, insurance year, month, fen used). `year_of`: the insurance year of a day."""

    grants: list[_Grant]
    uses: list[_Use]
    year_of: YearOf

    def at(self, day: date) -> tuple[dict[str, Cover], Cover]:
        """Code → cover on the day, and all of it. `day`: the last of a month."""
        found: dict[str, Cover] = defaultdict(Cover)
        whole, this = Cover(), self.year_of(day)
        for code, year, begins, persons, fen in self.grants:
            for one in (found[code], whole):
                if year < this:
                    one.forward += fen
                elif year == this and begins <= day:
                    one.enrolled += persons
                    one.granted += fen
        for code, year, used_on, fen in self.uses:
            for one in (found[code], whole):
                if used_on <= day and year < this:
                    one.forward -= fen
                elif used_on <= day and year == this:
                    one.used += fen
        return dict(found), whole


def covers_of(asked: Asked, year_of: YearOf) -> Covers:
    """Three statements; all but the first only where accounts are asked for."""
    needs_accounts = "accounts" in asked.measure.reads
    opened = _opened(asked) if needs_accounts else []
    return Covers(_grants(asked) + opened, _uses(asked) if needs_accounts else [], year_of)


def _code(dimension: str, path: str) -> Any:
    if dimension == "month":
        return Value("")  # the month is that of the day on which one looks
    return (
        F(dimension)
        if dimension == "tier"
        else Substr(path, 1, 12 if dimension == "village" else 9)
    )


def _grants(asked: Asked) -> list[_Grant]:
    rows = (
        Enrollment.objects.visible_to(asked.user)
        .active()
        .filter(division__code__startswith=asked.place)
        .order_by()
        .values(code=_code(asked.dimension.key, "division__code"), of=F("year"))
        .annotate(begins=TruncMonth("cover_first_day"), n=Count("pk"), fen=Sum("account_amount"))
    )
    return [(row["code"], row["of"], row["begins"], row["n"], to_fen(row["fen"])) for row in rows]


def _opened(asked: Asked) -> list[_Grant]:
    """What households' accounts held when the county came; of no tier."""
    rows = AccountOpening.objects.visible_to(asked.user).filter(
        division__code__startswith=asked.place
    )
    is_place = asked.dimension.key not in {"month", "tier"}
    code = _code(asked.dimension.key, "division__code") if is_place else Value("")
    named = rows.order_by().values(code=code, of=F("year")).annotate(fen=Sum("amount"))
    return [
        (row["code"], row["of"], date(row["of"], 12, 1), 0, to_fen(row["fen"])) for row in named
    ]


def _uses(asked: Asked) -> list[_Use]:
    seen = Settlement.objects.visible_to(asked.user).filter(division__code__startswith=asked.place)
    rows = (
        UsageEntry.objects.filter(counter="household_account", settlement__in=seen.order_by())
        .order_by()
        .values(code=_code(asked.dimension.key, "settlement__division__code"), of=F("policy_year"))
        .annotate(used_on=TruncMonth("settlement__settled_on"), fen=Sum("amount"))
    )
    # What was used stands as negative rows of the counter.
    return [(row["code"], row["of"], row["used_on"], -row["fen"]) for row in rows]
