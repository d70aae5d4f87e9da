"""Who is covered when, for the rooms above."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from accounts.errors import Refusal
from desk.kept import Kept, given
from enrollment.cover.models import Enrollment
from enrollment.cover.premiums import Payer, cover, late_cover
from enrollment.people.models import Household, Person
from policies.terms import Terms

YEAR = 366  # days


def cover_on(person: Person, day: date) -> Enrollment | None:
    """The paid-up cover of the person on the day, or None."""
    return (
        Enrollment.objects.covering(day)
        .filter(person=person)
        .select_related("household", "pack")
        .first()
    )


def lock_cover(*, person_id: int, year: int) -> Enrollment:
    """The person's paid-up cover of the insurance year, locked; then the household, locked.

    Locks in this order: enrolment, household, and with it the household that has its account. Call
    it inside a transaction. `.person`, `.household` and `.division` are loaded. Raises
    Refusal when there is no cover.
    """
    enrollment = COVER.first(person=person_id, year=year)
    if enrollment is None:
        raise _uncovered(year)
    enrollment.household = _lock_account(enrollment.household_id)
    return enrollment


def read_cover(*, person_id: int, year: int) -> Enrollment:
    """The same for who only looks: nothing is locked."""
    enrollment = READ.first(person=person_id, year=year)
    if enrollment is None:
        raise _uncovered(year)
    return enrollment


def _uncovered(year: int) -> Refusal:
    return Refusal(f"此人没有 {year} 年度的有效参保，不能享受待遇，请核对参保登记", "person")


# Whoever reads or writes what was used up holds this row: usage is a sum (decision 0001).
COVER = Kept(
    lambda: (
        Enrollment.objects.select_for_update(no_key=True, of=("self",))
        .active()
        .select_related("person", "division")
        .filter(person=given("person"), year=given("year"))
        .order_by("pk")[:1]
    )
)


READ = Kept(
    lambda: (
        Enrollment.objects.active()
        .select_related("person", "division", "household")
        .filter(person=given("person"), year=given("year"))
        .order_by("pk")[:1]
    )
)


def _lock_account(household_id: int) -> Household:
    """The household, locked together with the one that has its account, in the order of the key."""
    locked = {row.pk: row for row in ACCOUNT(household=household_id)}
    home = locked[household_id]
    if home.account_into_id not in {None, *locked}:
        raise Refusal("此户刚由另一窗口并户，请重新查询后再办")
    return home


ACCOUNT = Kept(
    lambda: (
        Household.objects.select_for_update(no_key=True)
        .filter(
            Q(pk=given("household"))
            | Q(pk__in=Household.objects.filter(pk=given("household")).values("account_into"))
        )
        .order_by("pk")
    )
)


def years_before(person_ids: Collection[int], year: int) -> dict[int, int]:
    """Person id → years of cover in a row that end with `year - 1`; missing means none."""
    rows = Enrollment.objects.active().filter(person__in=person_ids, year=year - 1)
    return dict(rows.values_list("person_id", "consecutive_years"))


def consecutive_years(person: Person, year: int) -> int:
    """Years of cover in a row up to and including `year`, if the person enrols for it."""
    return years_before([person.pk], year).get(person.pk, 0) + 1


@dataclass(frozen=True)
class CoverHistory:
    """What the rules for lapse and repair ask about somebody who enrols for a year.

    `consecutive`: years of cover in a row that end with the year before. `claim_free`: of those,
    the latest in a row in which the fund paid nothing (a year not yet over counts for nothing).
    `gap_years`: years missed since the last cover, paid in time; None: never covered.
    `repaired_years`: how many of the missed years were paid for after they were over.
    Inputs of enrollment.cover.premiums.late_cover and of benefits by years.
    """

    consecutive: int = 0
    claim_free: int = 0
    gap_years: int | None = None
    repaired_years: int = 0


@dataclass(frozen=True)
class _Year:
    claim_free: bool
    repaired: bool


def cover_histories(person_ids: Collection[int], year: int) -> dict[int, CoverHistory]:
    """Person id → history before `year`, for everybody asked about. One statement."""
    rows = Enrollment.objects.active().filter(person__in=person_ids, year__lt=year)
    wanted = [
        *("person_id", "year", "status", "claim_free", "entered_at"),
        *("cover_first_day", "cover_last_day", "carried"),
    ]
    return histories_of(rows.only(*wanted), person_ids, year)


def histories_of(
    rows: Iterable[Enrollment], person_ids: Collection[int], year: int
) -> dict[int, CoverHistory]:
    """The same from enrolments that are already at hand; those not paid up count for nothing."""
    years: dict[int, dict[int, _Year]] = defaultdict(dict)
    for row in rows:
        if row.status == Enrollment.Status.ACTIVE and row.year < year:
            entered = row.entered_at.date()
            # Paid for after the year was over; a child of December who came in January is in time.
            late = entered > row.cover_last_day and (entered - row.cover_first_day).days > YEAR
            late = late and row.carried_id is None  # the old system took it; when, it did not say
            years[row.person_id][row.year] = _Year(row.claim_free is True, late)
    return {pk: _history(years.get(pk, {}), year) for pk in person_ids}


def _history(years: dict[int, _Year], year: int) -> CoverHistory:
    in_time = {one for one, facts in years.items() if not facts.repaired}
    if not in_time:
        return CoverHistory(repaired_years=len(years))
    last = max(in_time)
    consecutive = _run(in_time, year)
    free = {one for one in in_time if years[one].claim_free}
    missed = range(last + 1, year)
    return CoverHistory(
        consecutive=consecutive,
        claim_free=_run(free, year),
        gap_years=year - 1 - last,
        repaired_years=sum(one in years for one in missed),
    )


def _run(years: Iterable[int], before: int) -> int:
    """How many of the years stand in a row right before a year."""
    found, step = set(years), before - 1
    while step in found:
        step -= 1
    return before - 1 - step


@dataclass(frozen=True)
class CoverDays:
    """First and last day of somebody's cover. `gap_years`: missed before; `article`: of the rule
    that makes them wait, "" for who is covered the whole year."""

    first_day: date
    last_day: date
    gap_years: int = 0
    article: str = ""

    @property
    def sentence(self) -> str:
        """What to tell who has to wait, in Chinese; "" for everybody else."""
        if not self.article:
            return ""
        gap = f"断保 {self.gap_years} 年，" if self.gap_years else ""
        return f"{gap}待遇自 {self.first_day:%Y-%m-%d} 起（{self.article}）"


def cover_days(
    payer: Payer,
    terms: Terms,
    *,
    year: int,
    on: date,
    history: CoverHistory,
    name: str,
    in_window: bool = True,
) -> CoverDays:
    """Cover for `year` of who enrols on `on`: for the window, registers and late entries alike.

    In the window without a gap: the whole year. Raises Refusal, naming the person, when the
    waiting period (等待期) of the measures is not over before the year is.
    """
    first, last = cover(terms, year=year)
    gap = history.gap_years or 0
    waiting = terms.premium.waiting if terms.premium else None
    if waiting is None or (in_window and not gap):
        return CoverDays(first, last)
    first_day, last_day = late_cover(
        payer,
        terms,
        year=year,
        paid_on=on,
        gap_years=gap,
        repaired_years=history.repaired_years,
    )
    if first_day > last_day:
        raise Refusal(
            f"{name}中断参保 {gap} 年，等待期到 {first_day:%Y-%m-%d} 才结束，"
            f"已过 {year} 年度，本年度参保享受不到待遇（{waiting.article}）"
        )
    if first_day == first:
        return CoverDays(first, last_day)
    return CoverDays(first_day, last_day, gap, waiting.article)
