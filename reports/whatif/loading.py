"""Fetches a year of settled claims as columns: six set-based statements, whatever its size."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from django.db import connection

from accounts.errors import Refusal
from accounts.models import Division
from claims.computation import SEX
from claims.models import Settlement
from enrollment.models import Enrollment
from reports.whatif.columns import (
    CREDIT,
    HOUSEHOLD_ACCOUNT,
    UNKNOWN_FLAG,
    Codes,
    Year,
)
from reports.whatif.copying import Column, copy_columns

# The amounts that are read; the database checks that the others of SETTLED follow from them.
READ = (
    "total", "in_scope", "basic", "serious", "assistance", "further", "hospital", "account",
    "credit",
)  # fmt: skip
MONEY = tuple(f"{name}_amount" for name in READ)
# Dimension → where its code stands. The tier is that of the settlement, for a cover may change.
PLACES: Mapping[str, str] = {
    "care": "v.care",
    "level": "v.level",
    "place": "v.place",
    "referral": "v.referral",
    "tier": "s.tier",
    "residence": "p.residence",
    "sex": "p.sex",
}
FLAG_PLACES: Mapping[str, str] = {
    "disease": "v.diseases",
    "procedure": "v.procedures",
    "fact": "v.facts",
    "reason": "v.reasons",
}
PLAIN: Mapping[str, tuple[str, str]] = {
    "claim": ("int8", "s.id"),
    "visit": ("int8", "s.visit_id"),
    "person_id": ("int8", "v.person_id"),
    "household_id": ("int8", "v.household_id"),
    "settled_at": (
        "int8",
        "extract(epoch FROM coalesce(s.submitted_at, s.entered_at)) * 1000000",
    ),
    "starts": ("int4", "v.starts - DATE '1970-01-01'"),
    "days": ("int4", "greatest(v.ends - v.starts, 1)"),
    "born": ("int4", "p.birth_date - DATE '1970-01-01'"),
    "in_cover": ("int4", "(v.starts BETWEEN e.cover_first_day AND e.cover_last_day)::int4"),
    "years": ("int4", "e.consecutive_years"),
    "credit_granted": ("int8", "e.credit_amount * 100"),
    "township": ("int8", "left(d.code, 9)"),
    "pack": ("int4", "s.pack_id"),
    "counter": ("int4", "(v.source = 'counter')::int4"),
    "paid_on": ("int4", "coalesce(s.paid_on - DATE '1970-01-01', -1)"),
}


def load_year(*, area: Division, year: int, codes: Codes) -> Year:
    """The area's claims of the policy year that count: neither drafts nor withdrawn.

    Raises Refusal when there are none. Read it inside one snapshot (REPEATABLE READ).
    """
    claims = Settlement.objects.effective().filter(
        policy_year=year, division__code__startswith=area.code
    )
    _make_room()
    rows = _claims(claims, codes)
    if not len(rows["claim"]):
        raise Refusal(f"{area.name} {year} 年度还没有结算单，无法试算，请换一个年度", "year")
    persons, person = np.unique(rows["person_id"], return_inverse=True)
    households, household = np.unique(rows["household_id"], return_inverse=True)
    credit = np.zeros(len(persons), dtype=np.int64)
    credit[person] = rows["credit_granted"]
    approved, over, cut = _bills(claims, codes, rows["visit"])
    earlier = _usage(year, codes.lasting, persons, households)
    account = earlier.pop(HOUSEHOLD_ACCOUNT) + _grants(year, households)
    return Year(
        area_code=area.code,
        number=year,
        codes=codes,
        person=person,
        household=household,
        persons=persons,
        households=households,
        age=_ages(rows["born"], rows["starts"]),
        categories={name: rows[f"in {name}"] for name in PLACES},
        flags=_flags(claims, codes, rows["visit"])
        | {"status": _statuses(claims, codes, rows["visit"])},
        approved=approved,
        over=over,
        cut=cut,
        settled=_settled(rows),
        balances={HOUSEHOLD_ACCOUNT: np.maximum(account, 0), CREDIT: credit},
        earlier=earlier,
        **{
            name: rows[name]
            for name in (
                "claim", "visit", "starts", "days", "years", "in_cover", "township", "pack",
                "counter", "paid_on",
            )
        },
    )  # fmt: skip


def _make_room() -> None:
    """Let this transaction's joins of a million rows stay in memory, and not be compiled first."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '128MB'; SET LOCAL jit = off")


def _base(claims: Any, *columns: str) -> tuple[str, list[Any]]:
    """The claims as a table expression, so that what counts is said in the queryset alone."""
    sql, params = claims.order_by().values(*columns).query.sql_with_params()
    return f"({sql}) s", list(params)


def _claims(claims: Any, codes: Codes) -> dict[str, Column]:
    """One row per claim, in the order of settling."""
    base, params = _base(
        claims, "id", "visit_id", "division_id", "tier", "pack_id", "paid_on",
        "submitted_at", "entered_at", *MONEY,
    )  # fmt: skip
    columns = dict(PLAIN)
    values: list[Any] = []
    for name, place in PLACES.items():
        columns[f"in {name}"] = (
            "int4",
            f"coalesce(array_position(%s::text[], {place}::text), 0) - 1",
        )
        values.append(_stored(name, codes.categories[name]))
    for name in READ:
        columns[name] = ("int8", f"s.{name}_amount * 100")
    rows = copy_columns(
        columns,
        f"FROM {base}"
        " JOIN claims_visit v ON v.id = s.visit_id"
        " JOIN enrollment_enrollment e ON e.id = v.enrollment_id"
        " JOIN enrollment_person p ON p.id = v.person_id"
        " JOIN accounts_division d ON d.id = s.division_id",
        [*values, *params],
    )
    order = np.lexsort((rows["claim"], rows["settled_at"]))
    return {name: rows.pop(name)[order] for name in columns}  # never all of them twice


def _stored(dimension: str, codes: Sequence[str]) -> list[str]:
    """The pack's codes as the database writes them."""
    if dimension != "sex":
        return list(codes)
    stored = {name: str(value) for value, name in SEX.items()}
    return [stored.get(code, code) for code in codes]


def _bills(claims: Any, codes: Codes, visits: Column) -> tuple[Column, Column, Column]:
    """(approved, above price limits) by class and claim, and what was cut by claim. Fen.

    The row after the last class holds what was billed under a class that no pack knows.
    """
    base, params = _base(claims, "visit_id")
    over, cut = "l.approved_amount - l.limit_amount", "l.amount - l.approved_amount"
    row = "coalesce(array_position(%s::text[], l.bill_class::text), %s) - 1"
    rows = copy_columns(
        {
            "visit": ("int8", "l.visit_id"),
            "row": ("int4", row),
            # A line's fen fit int4 (claims/classification.py), and sums of int4 are the fastest.
            "approved": ("int8", "sum((l.approved_amount * 100)::int4)"),
            "over": ("int8", _sum_where(over, "l.approved_amount > l.limit_amount")),
            "cut": ("int8", _sum_where(cut, "l.amount > l.approved_amount")),
        },
        f"FROM {base} JOIN claims_billline l ON l.visit_id = s.visit_id"
        " GROUP BY l.visit_id, l.bill_class",
        [list(codes.classes), len(codes.classes) + 1, *params],
    )
    order = np.argsort(visits)
    at = order[np.searchsorted(visits[order], rows["visit"])]
    approved = np.zeros((len(codes.classes) + 1, len(visits)), dtype=np.int64)
    above, taken = np.zeros_like(approved), np.zeros(len(visits), dtype=np.int64)
    np.add.at(approved, (rows["row"], at), rows["approved"])
    np.add.at(above, (rows["row"], at), rows["over"])
    np.add.at(taken, at, rows["cut"])
    return approved, above, taken


def _sum_where(amount: str, condition: str) -> str:
    """Fen of the lines that meet the condition; most do not, and are not converted."""
    return f"coalesce(sum((({amount}) * 100)::int4) FILTER (WHERE {condition}), 0)"


def _settled(rows: Mapping[str, Column]) -> dict[str, Column]:
    fund = rows["basic"] + rows["serious"] + rows["assistance"] + rows["further"]
    personal = rows["total"] - fund - rows["hospital"]
    cash = personal - rows["account"] - rows["credit"]
    return {name: rows[name] for name in READ} | {"fund": fund, "personal": personal, "cash": cash}


def _flags(claims: Any, codes: Codes, visits: Column) -> dict[str, Column]:
    """Diseases, procedures, facts and reasons as bits. Most visits have none of them, so only
    those that have some are read, one row per code."""
    base, params = _base(claims, "visit_id")
    keys = [f"{name} {code}" for name in FLAG_PLACES for code in codes.flags[name]]
    lists = ", ".join(f"('{name}', {place})" for name, place in FLAG_PLACES.items())
    some = " OR ".join(f"{place} <> '{{}}'" for place in FLAG_PLACES.values())
    rows = copy_columns(
        {
            "visit": ("int8", "v.id"),
            "list": ("int4", "array_position(%s::text[], kept.list)"),
            "key": ("int4", "coalesce(array_position(%s::text[], kept.list || ' ' || one), 0)"),
        },
        f"FROM {base} JOIN claims_visit v ON v.id = s.visit_id"
        f" CROSS JOIN LATERAL (VALUES {lists}) kept (list, codes)"
        f" CROSS JOIN LATERAL unnest(kept.codes) one WHERE {some}",
        [list(FLAG_PLACES), keys, *params],
    )
    found, before = {}, 0
    for number, name in enumerate(FLAG_PLACES, start=1):
        mine = rows["list"] == number
        key = rows["key"][mine]
        bit = np.where(key > 0, key - 1 - before, UNKNOWN_FLAG)
        found[name] = _bits(visits, rows["visit"][mine], bit)
        before += len(codes.flags[name])
    return found


def _statuses(claims: Any, codes: Codes, visits: Column) -> Column:
    """The statuses of each claim's person on the day of the visit, as bits of ``codes``."""
    base, params = _base(claims, "visit_id")
    rows = copy_columns(
        {
            "visit": ("int8", "v.id"),
            "bit": (
                "int4",
                f"coalesce(array_position(%s::text[], i.code::text) - 1, {UNKNOWN_FLAG})",
            ),
        },
        f"FROM {base} JOIN claims_visit v ON v.id = s.visit_id"
        " JOIN enrollment_identitystatus i ON i.person_id = v.person_id"
        " AND i.first_day <= v.starts AND (i.last_day IS NULL OR i.last_day >= v.starts)",
        [list(codes.flags["status"]), *params],
    )
    return _bits(visits, rows["visit"], rows["bit"])


def _bits(visits: Column, chosen: Column, bits: Column) -> Column:
    """One number per visit with the given bits set for the chosen ones."""
    found = np.zeros(len(visits), dtype=np.int64)
    order = np.argsort(visits)
    at = order[np.searchsorted(visits[order], chosen)]
    np.bitwise_or.at(found, at, np.int64(1) << bits)
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


def _usage(
    year: int, counters: Mapping[str, str], persons: Column, households: Column
) -> dict[str, Column]:
    """What earlier years used of each counter: counter key → fen, days or count by owner."""
    keys = list(counters)
    rows = copy_columns(
        {
            "counter": ("int4", "array_position(%s::text[], counter::text) - 1"),
            "owner": ("int8", "coalesce(person_id, household_id)"),
            "amount": ("int8", "sum(amount)"),
        },
        "FROM claims_usageentry WHERE policy_year < %s AND counter = ANY(%s)"
        " GROUP BY counter, person_id, household_id",
        [keys, year, keys],
    )
    found = {}
    for number, (key, kind) in enumerate(counters.items()):
        mine = rows["counter"] == number
        owners = persons if kind == "person" else households
        found[key] = _by_owner(owners, rows["owner"][mine], rows["amount"][mine])
    return found


def _grants(year: int, households: Column) -> Column:
    """What each household's account was granted up to and in the year. Fen."""
    rows = copy_columns(
        {"household": ("int8", "household_id"), "amount": ("int8", "sum(account_amount) * 100")},
        "FROM enrollment_enrollment WHERE status = %s AND year <= %s GROUP BY household_id",
        [Enrollment.Status.ACTIVE, year],
    )
    return _by_owner(households, rows["household"], rows["amount"])


def _by_owner(owners: Column, ids: Column, amounts: Column) -> Column:
    """The amounts in the order of the owners, zero for whom none is known."""
    found = np.zeros(len(owners), dtype=np.int64)
    at = np.minimum(np.searchsorted(owners, ids), len(owners) - 1)
    known = owners[at] == ids
    np.add.at(found, at[known], amounts[known])
    return found
