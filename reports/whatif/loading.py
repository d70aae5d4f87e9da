"""Fetches a year of settled claims as columns: table by table, joined here.

Joining a million rows of wide tables is what a database takes longest for; arrays of ids are
joined in a fraction of that. What is read of each table stands in ``tables.py``; what claims were
settled from comes from ``facts.py``, which keeps it.
"""

from collections.abc import Callable, Mapping
from typing import Any

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
from reports.whatif.facts import LINE, Facts
from reports.whatif.lines import Lines
from reports.whatif.places import Places, place_in
from reports.whatif.reading import Reading, lined_up
from reports.whatif.together import Begin, at_once

Columns = Mapping[str, Column]
AS_SETTLED = (
    "claim", "starts", "ends", "days", "babies", "pack", "counter", "paid_on",
    "approved", "over", "cut_institution", "cut_patient",
)  # fmt: skip
COVERED = ("first", "last", "years")
ASKED_AT_ONCE = 20_000  # persons whose covers of earlier years are read at a time


def load_year(
    *, area: Division, year: int, codes: Codes, begin: Begin = at_once, facts: Facts | None = None
) -> Year:
    """The area's claims of the policy year that count: neither drafts nor withdrawn, nor wholly
    back.

    ``facts``: of the same area, year and codes; who gave them may keep what they found. Raises
    Refusal when there are none. Read it inside ``one_moment``, which gives ``begin``: what has been
    read is joined while the next is being read.
    """
    towns = _townships(area)
    grants = Reading(begin, tables.grants(codes, year))
    usage = Reading(begin, tables.usage(codes, year))
    claims = Settlement.objects.counted().filter(policy_year=year, division__in=list(towns))
    facts = facts or Facts(area, year, codes)
    facts.read(claims, begin)
    settled = facts.found
    if not len(settled["claim"]):
        raise Refusal(f"{area.name} {year} 年度还没有结算单，无法试算，请换一个年度", "year")
    persons, person = np.unique(settled["person"], return_inverse=True)
    by_person = Places(persons)
    people = Reading(begin, tables.persons(by_person, codes))
    statuses = Reading(begin, tables.statuses(by_person, codes))
    enrollments, cover = np.unique(settled["enrollment"], return_inverse=True)
    by_cover = Places(enrollments)
    covers = Reading(begin, tables.covers(by_cover))
    went = _accounts_went(area)
    households, household = np.unique(went(settled["household"]), return_inverse=True)
    earlier = _earlier(usage.columns(), codes.lasting, persons, households, went)
    account = earlier.pop(HOUSEHOLD_ACCOUNT, 0) + _granted(grants.columns(), households, went)
    about = lined_up(people.columns(), "person", by_person)
    covered = lined_up(covers.columns(), "enrollment", by_cover)
    credit = np.zeros(len(persons), dtype=np.int64)
    credit[person] = covered["credit"][cover]
    hospitals, hospital = np.unique(settled["institution"], return_inverse=True)
    held = _statuses(statuses.columns(), persons, person, settled["starts"])
    return Year(
        area_code=area.code,
        number=year,
        codes=codes,
        person=person,
        household=household,
        persons=persons,
        households=households,
        hospital=hospital,
        hospitals=hospitals,
        township=_looked_up(towns, settled["division"]),
        claim_free=_claim_free(codes, persons, year)[person],
        balances={HOUSEHOLD_ACCOUNT: np.maximum(account, 0), CREDIT: credit},
        earlier=earlier,
        **_as_settled(settled, codes),
        **_under_cover(settled, {name: covered[name][cover] for name in COVERED}),
        **_told_of(settled, {name: about[name][person] for name in about}, held, codes),
    )


def _as_settled(settled: Columns, codes: Codes) -> dict[str, Any]:
    """The columns of a `Year` that the claims themselves say."""
    return {name: settled[name] for name in AS_SETTLED} | {
        "prior_deductible": _prior(settled, codes),
        "deductible_level": settled["deductible_level"],
        "lines": _lines(settled, codes),
        "settled": _all_amounts(settled),
    }


def _under_cover(settled: Columns, cover: Columns) -> dict[str, Any]:
    """Those that the covers say, the cover of each claim's."""
    first, last = cover["first"], cover["last"]
    starts, ends = settled["starts"], settled["ends"]
    return {
        "years": cover["years"],
        "in_cover": (first <= starts) & (starts <= last),
        "covered_at_end": (first <= ends) & (ends <= last),
    }


def _told_of(settled: Columns, patient: Columns, held: Column, codes: Codes) -> dict[str, Any]:
    """Those that tables of the measures ask after: of the claim, of its patient."""
    return {
        "age": _ages(patient["born"], settled["starts"]),
        "categories": {name: settled[name] for name in codes.read if name in settled}
        | {name: patient[name] for name in codes.read if name in patient},
        "flags": {name: settled[name] for name in tables.FLAG_PLACES} | {"status": held},
    }


def _all_amounts(settled: Columns) -> dict[str, Column]:
    read = {name: settled[name] for name in tables.READ + tables.RARE}
    # CHECKs of Settlement hold it (personal_is_the_rest …): two columns less to read.
    personal = read["total"] - read["fund"] - read["hospital"] + read["beyond"]
    cash = personal - read["account"] - read["credit"]
    return read | {"personal": personal, "cash": cash}


def _lines(settled: Columns, codes: Codes) -> dict[str, Lines]:
    """Single lines by class, where some measures have rules for single lines."""
    if not codes.line_classes:
        return {}
    at = Places(settled["visit"]).of(settled[f"{LINE}visit"])
    found = {}
    for row, code in enumerate(codes.line_classes):
        mine = (settled[f"{LINE}row"] == row) & (at >= 0)
        facts = ("approved", "limit", "unit_price", "units", "origin", "self_pay")
        found[code] = Lines(claim=at[mine], **{name: settled[LINE + name][mine] for name in facts})
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


def _prior(settled: Columns, codes: Codes) -> Column:
    """What was really borne of the deductible in the stays that each one was referred from."""
    found = np.zeros_like(settled["starts"])
    if "prior_deductible" in codes.asked:
        came = settled["referred_from"]
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
