"""From when somebody is covered who has a gap behind, or comes after the window."""

from collections.abc import Iterable
from datetime import date

from accounts.errors import Refusal
from enrollment.models import Person
from enrollment.premiums import Payer, cover, late_cover
from enrollment.services.assessing import SEX_IN_PACKS
from policies.terms import Terms


def gap_years(year: int, covered: Iterable[int]) -> int:
    """Whole years missed before `year` since the last one covered; 0 for who never was."""
    last = max((one for one in covered if one < year), default=None)
    return 0 if last is None else year - 1 - last


def cover_after(
    person: Person,
    terms: Terms,
    *,
    year: int,
    on: date,
    covered: Iterable[int],
    tier: str,
    statuses: frozenset[str],
    in_window: bool,
) -> tuple[date, date]:
    """First and last day of cover for who enrols on `on`. `covered`: years with paid-up cover.

    In the window without a gap: the whole year. Raises Refusal when the waiting period of the
    measures is not over before the year is.
    """
    whole = cover(terms, year=year)
    gap = gap_years(year, covered)
    waiting = terms.premium.waiting if terms.premium else None
    if waiting is None or (in_window and not gap):
        return whole
    payer = Payer(
        birth_date=person.birth_date,
        sex=SEX_IN_PACKS[person.sex],
        residence=person.residence,
        tier=tier,
        statuses=statuses & terms.vocabulary.get("status", {}).keys(),
    )
    first_day, last_day = late_cover(payer, terms, year=year, paid_on=on, gap_years=gap)
    if first_day > last_day:
        raise Refusal(
            f"{person.name}中断参保 {gap} 年，等待期到 {first_day:%Y-%m-%d} 才结束，"
            f"已过 {year} 年度，本年度参保享受不到待遇（{waiting.article}）"
        )
    return first_day, last_day
