"""How many people should be covered, and how many are: read from the register and enrolments."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.postgres.aggregates import StringAgg
from django.db.models import Count, Exists, F, Func, OuterRef, Q, Sum, Value
from django.db.models.functions import Substr

from accounts.models import Division
from claims.models import UsageEntry
from enrollment.models import AccountOpening, Enrollment, EnrollmentQuerySet, IdentityStatus, Person
from lib.money import to_fen

# Those whose premium others pay and all of whom must be enrolled (R02).
# Who owes which part of the year's funds, and the column of the enrolment that says how much.
DUE_COLUMNS: Mapping[str, str] = {
    "personal": "personal_amount",
    "central": "central_amount",
    "province": "provincial_amount",
    "city": "city_amount",
    "county": "county_amount",
    "other": "other_amount",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusGroup:
    """People of one identity status: who should enrol, and who has."""

    code: str
    eligible: int
    enrolled: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """Counts of persons, by township code or tier, and of households, each once in a township;
    `due` is fen by who owes it."""

    eligible: dict[str, int]
    enrolled: dict[str, int]
    enrolled_before: int
    households: int
    tiers: dict[str, int]
    statuses: tuple[StatusGroup, ...]
    special: StatusGroup
    any_status: StatusGroup
    due: dict[str, int]
    account_granted: int


def township_of(path: str) -> Func:
    """The nine-digit township code of a division code."""
    return Substr(path, Value(1), Value(9))


def population(*, area: Division, year: int, day: date, earlier: date) -> Population:
    """The people of the area on `day` and their cover of insurance year `year`.

    Eligible (应参) is everybody registered and alive; enrolled, whoever has paid-up cover that has
    begun; `enrolled_before`, by `earlier`. Four statements.
    """
    covers = covered(area, year, day)
    cells = _cells(covers, earlier)
    bearers = _bearers(area, year, day)
    wubao_dibao = set(IdentityStatus.WUBAO_DIBAO)
    return Population(
        eligible=_eligible(area, day),
        enrolled=_by_township((cell["village"], cell["persons"]) for cell in cells),
        enrolled_before=sum(cell["before"] for cell in cells),
        households=covers.values("household", township=township_of("division__code"))
        .distinct()
        .count(),
        tiers=_summed((cell["tier"], cell["persons"]) for cell in cells),
        statuses=tuple(
            _group(code, [one for one in bearers if code in one[0]])
            for code in sorted({code for codes, *_ in bearers for code in codes})
        ),
        special=_group("special", [one for one in bearers if wubao_dibao & one[0]]),
        any_status=_group("any", bearers),
        due={who: sum(cell[who] for cell in cells) for who in DUE_COLUMNS},
        account_granted=sum(cell["account"] for cell in cells),
    )


def covered(area: Division, year: int, day: date) -> EnrollmentQuerySet:
    """Paid-up cover of the year that has begun by `day`, unordered."""
    return (
        Enrollment.objects.active()
        .of_year(year)
        .filter(division__code__startswith=area.code, cover_first_day__lte=day)
        .order_by()
    )


def _cells(covers: EnrollmentQuerySet, earlier: date) -> list[dict[str, Any]]:
    """Persons and fen for every village and tier."""
    # What was taken for carried covers is in the opening balances: nobody owes it any more.
    ours = Q(carried=None)
    sums = {who: Sum(column, filter=ours, default=0) for who, column in DUE_COLUMNS.items()}
    rows: Iterable[Mapping[str, Any]] = covers.values("tier", village=F("division__code")).annotate(
        persons=Count("pk"),
        before=Count("pk", filter=Q(cover_first_day__lte=earlier)),
        account=Sum("account_amount"),
        **sums,
    )
    amounts = {*sums, "account"}
    return [
        {key: to_fen(value) if key in amounts else value for key, value in row.items()}
        for row in rows
    ]


def _summed(rows: Iterable[tuple[str, int]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for key, persons in rows:
        found[key] = found.get(key, 0) + persons
    return found


def _by_township(rows: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Counted by village and summed here: cheaper than a piece of each row's division code."""
    return _summed((code[:9], persons) for code, persons in rows)


def _alive(prefix: str, day: date) -> Q:
    alive = Q(**{f"{prefix}death_date": None}) | Q(**{f"{prefix}death_date__gt": day})
    here = Q(**{f"{prefix}departure_date": None}) | Q(**{f"{prefix}departure_date__gt": day})
    return alive & here & Q(**{f"{prefix}birth_date__lte": day})


def _eligible(area: Division, day: date) -> dict[str, int]:
    path = "household__division__code"
    rows: Any = (
        Person.objects.filter(_alive("", day), **{f"{path}__startswith": area.code})
        .order_by()
        .values_list(path)
        .annotate(Count("pk"))
    )
    return _by_township(rows)


# The statuses that people bear together, whether they have cover, and how many such people.
Bearers = list[tuple[frozenset[str], bool, int]]


def _bearers(area: Division, year: int, day: date) -> Bearers:
    """Living people with a dated status that runs on the day, each once."""
    mine = covered(area, year, day).filter(person=OuterRef("person"))
    borne = (
        IdentityStatus.objects.filter(
            _alive("person__", day),
            Q(last_day=None) | Q(last_day__gte=day),
            first_day__lte=day,
            person__household__division__code__startswith=area.code,
        )
        .order_by()
        .values("person")
        .annotate(
            codes=StringAgg("code", " ", distinct=True, order_by="code"),
            has_cover=Exists(mine),
        )
    )
    together: dict[tuple[str, bool], int] = {}
    for codes, has_cover in borne.values_list("codes", "has_cover").iterator():
        together[codes, has_cover] = together.get((codes, has_cover), 0) + 1
    return [
        (frozenset(codes.split()), has_cover, persons)
        for (codes, has_cover), persons in together.items()
    ]


def _group(code: str, bearers: Bearers) -> StatusGroup:
    """Whoever bears two of the statuses counts once."""
    return StatusGroup(
        code=code,
        eligible=sum(persons for *_, persons in bearers),
        enrolled=sum(persons for _, has_cover, persons in bearers if has_cover),
    )


def account_use(*, area: Division, year: int, day: date) -> tuple[int, int]:
    """Household accounts: (fen brought forward into `year`, fen used in it up to `day`).

    What was used stands as negative rows of the counter; withdrawals add the opposite; what was
    carried from an old system is brought forward. Three statements.
    """
    granted = (
        Enrollment.objects.active()
        .filter(division__code__startswith=area.code, year__lt=year)
        .aggregate(total=Sum("account_amount"))["total"]
    )
    opened = AccountOpening.objects.filter(
        division__code__startswith=area.code, year__lt=year
    ).aggregate(total=Sum("amount"))["total"]
    used = UsageEntry.objects.filter(
        counter="household_account",
        settlement__division__code__startswith=area.code,
        settlement__settled_on__lte=day,
    ).aggregate(
        before=Sum("amount", filter=Q(policy_year__lt=year)),
        now=Sum("amount", filter=Q(policy_year=year)),
    )
    forward = to_fen(granted or 0) + to_fen(opened or 0) + (used["before"] or 0)
    return forward, -(used["now"] or 0)
