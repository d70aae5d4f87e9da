"""Fetches a year of settled claims as columns: table by table, joined here.

Joining a million rows of wide tables is what a database takes longest for; arrays of ids are
joined in a fraction of that. What is read of each table stands in ``tables.py``.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from accounts.errors import Refusal
from accounts.models import Division
from claims.computation import prior_deductibles
from claims.models import Settlement
from enrollment.cover.covering import cover_histories
from enrollment.models import Household
from reports.whatif import tables
from reports.whatif.columns import CREDIT, HOUSEHOLD_ACCOUNT, Codes, Year
from reports.whatif.copying import Column
from reports.whatif.lines import Lines
from reports.whatif.places import Places, place_in
from reports.whatif.together import Begin, at_once

Columns = Mapping[str, Column]
ASKED_AT_ONCE = 20_000  # persons whose covers of earlier years are read at a time


def load_year(*, area: Division, year: int, codes: Codes, begin: Begin = at_once) -> Year:
    """The area's claims of the policy year that count: neither drafts nor withdrawn.

    Raises Refusal when there are none. Read it inside ``one_moment``, which gives ``begin``: what
    has been read is joined while the next is being read.
    """
    towns = _townships(area)
    claims = Settlement.objects.effective().filter(policy_year=year, division__in=list(towns))
    settled = _Reading(begin, tables.settlements(claims, codes)).columns()
    if not len(settled.get("claim", ())):
        raise Refusal(f"{area.name} {year} 年度还没有结算单，无法试算，请换一个年度", "year")
    # As they were settled, ties by key: in this order caps, deductibles and accounts were used up.
    order = np.lexsort((settled["claim"], settled["settled_at"]))
    by_visit = Places(settled["visit"][order])
    # All are begun before the first is waited for: the database reads while these are joined.
    visits = _Reading(begin, tables.visits(by_visit, codes))
    bills = _Reading(begin, tables.bills(by_visit, codes))
    lines = _Reading(begin, tables.lines(by_visit, codes))
    grants = _Reading(begin, tables.grants(codes, year))
    usage = _Reading(begin, tables.usage(codes, year))
    settled = _lined_up(settled, "claim", Places(settled["claim"][order]))
    visit = _lined_up(visits.columns(), "visit", by_visit)
    persons, person = np.unique(visit["person"], return_inverse=True)
    by_person = Places(persons)
    people = _Reading(begin, tables.persons(by_person, codes))
    statuses = _Reading(begin, tables.statuses(by_person, codes))
    enrollments, cover = np.unique(visit["enrollment"], return_inverse=True)
    by_cover = Places(enrollments)
    covers = _Reading(begin, tables.covers(by_cover))
    went = _accounts_went(area)
    households, household = np.unique(went(visit["household"]), return_inverse=True)
    billed = _bills(bills.columns(), by_visit)
    earlier = _earlier(usage.columns(), codes.lasting, persons, households, went)
    account = earlier.pop(HOUSEHOLD_ACCOUNT, 0) + _granted(grants.columns(), households, went)
    about = _lined_up(people.columns(), "person", by_person)
    covered = _lined_up(covers.columns(), "enrollment", by_cover)
    credit = np.zeros(len(persons), dtype=np.int64)
    credit[person] = covered["credit"][cover]
    starts, ends = visit["starts"], visit["ends"]
    first, last = covered["first"][cover], covered["last"][cover]
    hospitals, hospital = np.unique(
        visit.get("hospital", np.zeros_like(starts)), return_inverse=True
    )
    return Year(
        area_code=area.code,
        number=year,
        codes=codes,
        claim=settled["claim"],
        person=person,
        household=household,
        persons=persons,
        households=households,
        starts=starts,
        ends=ends,
        hospital=hospital,
        hospitals=hospitals,
        days=visit["days"],
        age=_ages(about["born"][person], starts),
        years=covered["years"][cover],
        claim_free=_claim_free(codes, persons, year)[person],
        babies=visit.get("babies", np.ones_like(starts)),
        prior_deductible=_prior(visit, codes),
        in_cover=(first <= starts) & (starts <= last),
        covered_at_end=(first <= ends) & (ends <= last),
        township=_looked_up(towns, settled["division"]),
        pack=settled["pack"],
        counter=visit["counter"],
        paid_on=settled["paid_on"],
        categories={name: visit[name] for name in codes.categories if name in visit}
        | {name: about[name][person] for name in codes.categories if name in about}
        | {"tier": settled["tier"]},
        flags={name: visit[name] for name in tables.FLAG_PLACES}
        | {"status": _statuses(statuses.columns(), persons, person, starts)},
        lines=_lines(lines.columns(), by_visit, codes),
        settled=_all_amounts(settled),
        balances={HOUSEHOLD_ACCOUNT: np.maximum(account, 0), CREDIT: credit},
        earlier=earlier,
        **billed,
    )


class _Reading:
    """A table that is being read in spans."""

    def __init__(self, begin: Begin, reads: Sequence[tables.Read]) -> None:
        self.spans = [begin(read) for read in reads]

    def columns(self) -> dict[str, Column]:
        """The spans one after the other; each is given up as soon as it is copied."""
        spans = [span.result() for span in self.spans]
        self.spans.clear()
        names = list(spans[0]) if spans else []
        return {name: np.concatenate([span.pop(name) for span in spans], axis=-1) for name in names}


def _lined_up(rows: Columns, key: str, places: Places) -> dict[str, Column]:
    """The rows' columns in the order of the places; what stands beside ids of its own is spread.

    Raises ValueError when a row is missing.
    """
    at = places.of(rows[key])
    known = at >= 0
    if int(known.sum()) != len(places):
        raise ValueError(f"{len(places) - int(known.sum())} rows are missing by their {key}")
    at = at[known]
    found = {}
    for name, values in rows.items():
        if f"{name} of" in rows:
            found[name] = places.summed(rows[f"{name} of"], values)
        elif not name.endswith(" of"):
            found[name] = np.empty(len(places), dtype=np.int64)
            found[name][at] = values[known]
    return found


def _all_amounts(settled: Columns) -> dict[str, Column]:
    read = {name: settled[name] for name in tables.READ + tables.RARE}
    # CHECKs of Settlement hold it (personal_is_the_rest …): two columns less to read.
    personal = read["total"] - read["fund"] - read["hospital"] + read["beyond"]
    cash = personal - read["account"] - read["credit"]
    return read | {"personal": personal, "cash": cash}


def _bills(bills: Columns, by_visit: Places) -> dict[str, Column]:
    """From the order of visits to that of settling."""
    found = {name: np.empty_like(column) for name, column in bills.items()}
    for name, column in bills.items():
        for target, source in zip(np.atleast_2d(found[name]), np.atleast_2d(column), strict=True):
            target[by_visit.order] = source
    return found


def _lines(lines: Columns, by_visit: Places, codes: Codes) -> dict[str, Lines]:
    """Single lines by class, where some measures have rules for single lines."""
    if not lines:
        return {}
    at = by_visit.of(lines["visit"])
    found = {}
    for row, code in enumerate(codes.line_classes):
        mine = (lines["row"] == row) & (at >= 0)
        facts = ("approved", "limit", "unit_price", "units", "origin", "self_pay")
        found[code] = Lines(claim=at[mine], **{name: lines[name][mine] for name in facts})
    return found


def _townships(area: Division) -> dict[int, int]:
    """Id of each division of the area → the nine-digit code, as a number, of its township."""
    divisions = Division.objects.filter(code__startswith=area.code).order_by("id")
    return {pk: int(code[:9]) for pk, code in divisions.values_list("id", "code")}


def _looked_up(table: Mapping[int, int], keys: Column) -> Column:
    """The value of each key; the table is in the order of its keys and knows them all."""
    values: Column = np.array(list(table.values()))[place_in(np.array(list(table)), keys)]
    return values


def _statuses(statuses: Columns, persons: Column, person: Column, starts: Column) -> Column:
    """The statuses of each claim's person on the day of the visit, as bits."""
    found = np.zeros(len(person), dtype=np.int64)
    owner = place_in(persons, statuses["person"])
    claims = np.argsort(person, kind="stable")
    first = np.searchsorted(person[claims], owner, side="left")
    count = np.searchsorted(person[claims], owner, side="right") - first
    status = np.repeat(np.arange(len(owner)), count)
    within = np.arange(len(status)) - np.repeat(np.cumsum(count) - count, count)
    claim = claims[first[status] + within]
    holds = statuses["first"][status] <= starts[claim]
    holds &= starts[claim] <= statuses["last"][status]
    # `at`, since a claim may have several: assigning by index would keep the last bit alone.
    np.bitwise_or.at(found, claim[holds], np.int64(1) << statuses["bit"][status[holds]])
    return found


def _prior(visit: Columns, codes: Codes) -> Column:
    """What was really borne of the deductible in the stays that each one was referred from."""
    found = np.zeros_like(visit["starts"])
    if "prior_deductible" in codes.asked:
        came = visit["referred_from"]
        borne = prior_deductibles(np.unique(came[came > 0]).tolist())
        if borne:
            ids, fen = np.array(sorted(borne.items())).T
            at = place_in(ids, came)
            found[at >= 0] = fen[at[at >= 0]]
    return found


def _claim_free(codes: Codes, persons: Column, year: int) -> Column:
    """Years without a payment of each person, where some measures ask for them."""
    found = np.zeros(len(persons), dtype=np.int64)
    if "claim_free" in codes.asked:
        for first in range(0, len(persons), ASKED_AT_ONCE):
            some = persons[first : first + ASKED_AT_ONCE].tolist()
            histories = cover_histories(some, year)
            found[first : first + len(some)] = [histories[pk].claim_free for pk in some]
    return found


def _ages(born: Column, starts: Column) -> Column:
    """Completed years on the day of the visit; who was born on 29 February ages on 1 March."""
    (birth_month, birth_day), (month, day) = _calendar(born), _calendar(starts)
    before = day + month % 12 * 100 < birth_day + birth_month % 12 * 100
    ages: Column = np.maximum(month // 12 - birth_month // 12 - before, 0)
    return ages


def _calendar(days: Column) -> tuple[Column, Column]:
    """(months since January 1970, day of the month from 0)."""
    dates = days.astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    return months.astype(np.int64), (dates - months.astype("datetime64[D]")).astype(np.int64)


Went = Callable[[Column], Column]


def _accounts_went(area: Division) -> Went:
    """Households → those that have their accounts now; few ever passed theirs on."""
    ended = Household.objects.within(area.code).exclude(account_into=None)
    rows = np.array(list(ended.values_list("pk", "account_into")), dtype=np.int64).reshape(-1, 2)
    if not len(rows):
        return lambda households: households
    known = Places(rows[:, 0])

    def went(households: Column) -> Column:
        at = known.of(households)
        found: Column = np.where(at < 0, households, rows[at, 1])
        return found

    return went


def _earlier(
    usage: Columns, counters: Mapping[str, str], persons: Column, households: Column, went: Went
) -> dict[str, Column]:
    """What earlier years used of each counter: counter key → fen, days or count by owner."""
    found = {}
    for number, (key, kind) in enumerate(counters.items()):
        mine = usage["counter"] == number
        owner = usage["owner"][mine]
        if kind == "person":
            found[key] = Places(persons).summed(owner, usage["amount"][mine])
        else:
            found[key] = Places(households).summed(went(owner), usage["amount"][mine])
    return found


def _granted(grants: Columns, households: Column, went: Went) -> Column:
    """What each household's account was granted up to and in the year. Fen."""
    if not grants:
        return np.zeros(len(households), dtype=np.int64)
    return Places(households).summed(went(grants["household"]), grants["amount"])
