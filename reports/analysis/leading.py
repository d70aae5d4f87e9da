"""Where the figures of an analysis lead: to the rows that they were summed from."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from lib.periods import Month
from reports import behind
from reports.analysis.asked import Asked
from reports.indicators import Part


@dataclass(frozen=True, slots=True)
class Leads:
    """The list behind the numerator and that behind the denominator; "" for none."""

    top: str = ""
    bottom: str = ""


def leads_of(asked: Asked, code: str | None, year_of: Callable[[date], int]) -> Leads:
    """Of one row; of all rows together where no code is given."""
    top, bottom = asked.measure.indicator.top, asked.measure.indicator.bottom
    return Leads(
        _list(asked, top, code, year_of),
        _list(asked, bottom, code, year_of) if bottom else "",
    )


def _list(asked: Asked, part: Part, code: str | None, year_of: Callable[[date], int]) -> str:
    span = asked.months.span
    place = _place(asked)
    if code is not None and asked.dimension.key == "month":
        month = Month.parse(code)
        span = (month, month)
    elif code is not None:
        place[asked.dimension.field] = code or behind.NONE
    if part.behind == "claims":
        return _claims(asked, part, code, span, place)
    at_end = AT_END.get(part.behind)
    if at_end is None:
        return ""
    return at_end(span[1], policy_year=year_of(span[1].last), **part.only, **place)


# What lists what stood at the end of a month, of an insurance year.
AT_END: dict[str, Callable[..., str]] = {
    "covers": behind.covers,
    "account_use": behind.account_use,
    "raised": behind.postings_up_to,
}


def _place(asked: Asked) -> dict[str, Any]:
    """What all rows are narrowed by."""
    found: dict[str, Any] = {}
    if asked.is_part:
        found["township"] = asked.place
    if asked.institution:
        found["institution"] = asked.institution
    return found


def _claims(
    asked: Asked, part: Part, code: str | None, span: behind.Span, place: dict[str, Any]
) -> str:
    whole = dict(asked.dimension.whole) if code is None else {}
    if any(part.only.get(name, value) != value for name, value in whole.items()):
        return ""  # no list is narrowed twice by the same field
    if any(place.get(name, value) != value for name, value in part.only.items()):
        return ""
    return behind.claims(span, **{**place, **part.only, **whole})
