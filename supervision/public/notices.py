"""A notice of a place over a span: what kinds there are, when it may be put up, what it says."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from accounts.errors import Refusal
from accounts.models import Division
from accounts.templatetags.hezuo import day, fen
from desk.models import Paper
from desk.papers import Facts
from enrollment.models import Campaign
from policies.services import scheme_on
from supervision.notices import NOTICE_DAYS
from supervision.public import reading
from supervision.public.cells import COUNTY, TOGETHER, TOWNSHIP, VILLAGE, Cell, told
from supervision.public.models import NoticeContact
from supervision.public.spans import Span, month_of, quarter_of

ENROLLED, SUBSIDIES, PAYMENTS = "enrolled", "subsidies", "payments"
FOUR_DIGITS = re.compile("[0-9]{4}")
TITLES: Mapping[str, str] = {
    ENROLLED: "参保公示",
    SUBSIDIES: "补助公示",
    PAYMENTS: "报销公示",
}
# What their papers are kept under.
CODES = {kind: f"supervision.notice_{kind}" for kind in TITLES}
LEVELS = Division.Level
DIGITS = {LEVELS.COUNTY: COUNTY, LEVELS.TOWNSHIP: TOWNSHIP, LEVELS.VILLAGE: VILLAGE}
# What stands below a place on its notice, by the digits of codes.
BELOW = {COUNTY: TOWNSHIP, TOWNSHIP: VILLAGE, VILLAGE: 14}


@dataclass(frozen=True, kw_only=True)
class PublicNotice:
    """One notice. `is_poster`: on A3, with the same words."""

    kind: str
    place: Division
    span: Span
    on: date
    is_poster: bool = False

    @property
    def title(self) -> str:
        return TITLES[self.kind]

    @property
    def digits(self) -> int:
        return len(self.place.code)


def campaign_span(county_code: str, text: str) -> Span:
    """A year's campaign. Raises ValueError for what is not written 2026, Refusal where none was
    opened."""
    if not FOUR_DIGITS.fullmatch(text):
        raise ValueError("年度应写成 2026")
    year = int(text)
    campaign = Campaign.objects.filter(area__code=county_code, year=year).first()
    if campaign is None:
        raise Refusal(f"{year} 年度没有设立征缴，没有参保公示")
    return Span(text, f"{year}年度", campaign.first_day, campaign.last_day)


def span_of(kind: str, county_code: str, text: str) -> Span:
    """The span that an address names, in its one spelling: another one would be issued as another
    original. Raises ValueError; Refusal where no campaign was opened."""
    if kind == ENROLLED:
        return campaign_span(county_code, text)
    found = quarter_of(text) if kind == SUBSIDIES else month_of(text)
    if found.text != text:
        raise ValueError(f"期间应写成 {found.text}")
    return found


def problem_of(span: Span, on: date) -> str:
    """Why there is no notice of it yet, in Chinese; "" when there is."""
    if span.last < on:
        return ""
    return f"{span.words}到 {day(span.last)} 才结束，结束以后才能公示"


def facts_of(notice: PublicNotice) -> Facts:
    """What stands on it: plain JSON, kept as issued."""
    said: dict[str, Callable[[PublicNotice], Facts]] = {
        ENROLLED: _enrolled,
        SUBSIDIES: _subsidies,
        PAYMENTS: _payments,
    }
    place, span = notice.place, notice.span
    return {
        "scheme": scheme_on(place.county_code, span.last),
        "place": place.place if notice.digits > COUNTY else place.name,
        "level": place.level,
        "words": span.words,
        "first": day(span.first),
        "last": day(span.last),
        "days": NOTICE_DAYS,
        "contacts": contacts_of(place),
        "printed_on": day(notice.on),
        **said[notice.kind](notice),
    }


def contacts_of(place: Division) -> list[list[str]]:
    """Where to object: the township's office and the county's, as far as they are told."""
    codes = {place.code[:TOWNSHIP], place.code[:COUNTY]}
    rows = NoticeContact.objects.filter(division__code__in=codes).order_by("-division__code")
    return [[row.office, row.phone, row.address] for row in rows]


def _enrolled(notice: PublicNotice) -> Facts:
    place, span = notice.place, notice.span
    below = reading.covered(place, span, BELOW[notice.digits])
    whole = reading.covered(place, span, notice.digits).get(place.code)
    is_village = notice.digits == VILLAGE
    heads = reading.heads(place, span) if is_village else []
    return {
        "households": whole.households if whole else 0,
        "people": whole.people if whole else 0,
        "places": [
            [_name(code, names), one.households, one.people]
            for names in [_names(below)]
            for code, one in sorted(below.items())
        ],
        "heads": [[name, people] for name, people in heads],
        **_sums(notice, reading.payers, reading.ENROLLED_KINDS),
    }


def _subsidies(notice: PublicNotice) -> Facts:
    return _sums(notice, reading.subsidies, reading.SUBSIDY_KINDS)


def _payments(notice: PublicNotice) -> Facts:
    return _sums(notice, reading.reimbursed, ("",))


Reading = Callable[[Division, Span], list[Cell]]


def _sums(notice: PublicNotice, read: Reading, kinds: tuple[str, ...]) -> Facts:
    """A row for each place below, a column for each kind, and what was put together."""
    place, digits = notice.place, notice.digits
    step = digits if digits == VILLAGE else BELOW[digits]
    cells, kept = _cells(notice, read)
    shown = [one for one in cells if one.place.startswith(place.code)]
    columns = [*kinds, *([TOGETHER] if any(one.kind == TOGETHER for one in shown) else [])]
    names = _names({one.place[:step] for one in shown})
    rows = []
    for code in sorted(names, key=lambda code: (len(code) < step, code)):
        of_place = [one for one in shown if one.place[:step] == code]
        name = place.name if code == place.code and digits == VILLAGE else _name(code, names)
        if len(code) < step:
            name = "其余各处合计"
        rows.append([name, _told(of_place, columns), fen(sum(one.sum for one in of_place))])
    return {
        "kinds": columns,
        "rows": rows,
        "total": _told(shown, columns),
        "sum": fen(sum(one.sum for one in shown)),
        **kept,
    }


def _cells(notice: PublicNotice, read: Reading) -> tuple[list[Cell], Facts]:
    """What may be told of the whole county in the span, and what the notice keeps of that: all of
    it where it is the first one, nothing later. Whatever is corrected, taken back or comes late
    after the first notice changes none of the others, or two would differ by that one person.
    Notices of a kind are issued one after the other in a county (desk/papers.py)."""
    county = notice.place.county_code
    if (kept := kept_cells(notice.kind, county, notice.span)) is not None:
        return kept, {}
    cells = told(read(Division.objects.get(code=county), notice.span))
    return cells, {"cells": [[one.place, one.kind, one.people, one.sum] for one in cells]}


def kept_cells(kind: str, county_code: str, span: Span) -> list[Cell] | None:
    """As the county's first notice of the span, of whatever level, kept them; None before it."""
    issued = Paper.objects.filter(
        kind=CODES[kind], edition=str(span), copy=0, division_code__startswith=county_code
    )
    for paper in issued.order_by("pk").iterator():
        facts = json.loads(paper.facts)
        if "cells" in facts:
            return [Cell(*one) for one in facts["cells"]]
    return None


def _told(cells: list[Cell], kinds: list[str]) -> list[list[Any]]:
    """Of each kind how many and how much; how many is not told of what was put together."""
    found = []
    for kind in kinds:
        some = [one for one in cells if one.kind == kind]
        people: Any = sum(one.people for one in some) if kind != TOGETHER else ""
        found.append([people, fen(sum(one.sum for one in some))] if some else ["", ""])
    return found


def _names(codes: Iterable[str]) -> dict[str, str]:
    rows = Division.objects.filter(code__in=list(codes)).select_related("parent")
    return {row.code: row.name for row in rows}


def _name(code: str, names: Mapping[str, str]) -> str:
    return names.get(code, code)
