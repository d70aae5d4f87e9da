"""The statements that read a year. A large table is read in spans of ids, so that two connections
share the work and none of them holds the whole of it."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from django.db.models import Case, F, Max, Min, Model, OuterRef, Subquery, Sum, When

from claims.computation import SEX
from claims.models import BillLine, Settlement, SettlementQuerySet
from enrollment.models import Enrollment
from reports.whatif.columns import HOUSEHOLD_ACCOUNT, UNKNOWN_FLAG, Codes
from reports.whatif.copying import Column, Wanted, copy_columns, one_of
from reports.whatif.places import Places, sums_of

# Ranges that a year's ids are cut into: enough for the readers to share, few statements to plan.
SPANS = 8
# A span of ids is read as a whole unless fewer than one id in so many is wanted.
SPARSE = 4

Columns = dict[str, Column]
Read = Callable[[], Any]


class Source(NamedTuple):
    """A table, the column whose ids are wanted, and what else its rows must meet."""

    table: str
    ids: str
    condition: str = ""
    params: tuple[Any, ...] = ()


# Between the ids of settled visits lie those of patients who are still in their beds.
VISITS = Source("claims_visit v", "v.id", "AND v.ends IS NOT NULL")
# Lines that no settlement took, and those of withdrawn batches, are in no part. Of a stay that was
# settled in parts the last may be wholly back while the others count: its lines count no more than
# it does. Such parts are few: asked for once in a statement, not for each line.
WHOLLY_BACK = """
SELECT s.visit_id, s.part FROM claims_settlement s
JOIN claims_recovery r ON r.settlement_id = s.id WHERE r.status = 'received' AND r.is_whole
"""
LINES = Source(
    "claims_billline l",
    "l.visit_id",
    f"AND l.part IS NOT NULL AND (l.visit_id, l.part) NOT IN ({WHOLLY_BACK})",
)
COVERS = Source("enrollment_enrollment e", "e.id")
GRANTS = COVERS._replace(condition="AND e.status = %s AND e.year <= %s AND e.account_amount <> 0")
PERSONS = Source("enrollment_person p", "p.id")
STATUSES = Source("enrollment_identitystatus i", "i.person_id")

# The amounts that are read; the database checks that the others of SETTLED follow from them. Most
# claims have none of the rare ones.
READ = ("total", "in_scope", "fund")
RARE = ("hospital", "beyond", "account", "credit")
FLAG_PLACES: Mapping[str, str] = {
    "disease": "v.diseases",
    "procedure": "v.procedures",
    "fact": "v.facts",
    "reason": "v.reasons",
}
CUTS = tuple(f"cut_{bearer}" for bearer in BillLine.Bearer.values)
OF_VISIT = ("care", "level", "place", "referral")


# What is said of a settlement after it counts. All else that is read of it, of its visit and of
# its lines was said before, and triggers keep it (claims/migrations/0002_guards.py).
MOVING: Mapping[str, Wanted] = {
    "claim": Wanted("int8", "s.id"),
    "settled_at": Wanted("moment", "coalesce(s.submitted_at, s.entered_at)"),
    "paid_on": Wanted("int4", "coalesce(s.paid_on - DATE '1970-01-01', -1)"),
}


def settled_columns(codes: Codes) -> dict[str, Wanted]:
    """What was settled; the rare amounts beside the ids of their claims."""
    columns = {
        **MOVING,
        "visit": Wanted("int8", "s.visit_id"),
        "division": Wanted("int8", "s.division_id"),
        "pack": Wanted("int8", "s.pack_id"),
        "tier": _code("tier", "s.tier", codes),
    } | {name: _fen(f"s.whole_{name}") for name in READ}
    for name in RARE:
        amount = f"s.whole_{name}"
        columns[name] = _fen(amount)._replace(only=f"{amount} <> 0", of="s.id")
    return columns


def settlements(claims: SettlementQuerySet, columns: Mapping[str, Wanted]) -> list[Read]:
    return [
        partial(_settlements, claims.filter(id__range=each), columns)
        for each in _ranges(Settlement)
    ]


def _settlements(claims: SettlementQuerySet, columns: Mapping[str, Wanted]) -> Columns:
    """What counts is said in the queryset alone. A stay that was settled in parts is one claim:
    the last of its settlements, with the amounts of them all."""
    fields = ("id", "visit_id", "division_id", "tier", "pack_id", "paid_on", "submitted_at",
              "entered_at")  # fmt: skip
    whole = {f"whole_{name}": _of_all_parts(f"{name}_amount") for name in READ + RARE}
    rows = claims.last_parts().order_by().annotate(**whole).values(*fields, *whole)
    sql, params = rows.query.sql_with_params()
    return copy_columns(columns, f"FROM ({sql}) s", params)


def _of_all_parts(amount: str) -> Case:
    parts = Settlement.objects.counted().filter(visit=OuterRef("visit")).order_by()
    summed = parts.values("visit").annotate(whole=Sum(amount)).values("whole")
    return Case(When(part=1, then=F(amount)), default=Subquery(summed))


def visit_columns(codes: Codes) -> dict[str, Wanted]:
    """The visits; codes that most do not have, as bits beside the ids of their visits."""
    columns = {
        "visit": Wanted("int8", "v.id"),
        "person": Wanted("int8", "v.person_id"),
        "household": Wanted("int8", "v.household_id"),
        "enrollment": Wanted("int8", "v.enrollment_id"),
        "starts": Wanted("int4", "v.starts - DATE '1970-01-01'"),
        "ends": Wanted("int4", "v.ends - DATE '1970-01-01'"),
        "days": Wanted("int4", "greatest(v.ends - v.starts, 1)"),
        "counter": Wanted("int4", "(v.source = 'counter')::int4"),
        "babies": Wanted("int4", "v.babies"),
    } | {name: _code(name, f"v.{name}", codes) for name in OF_VISIT}
    name, came = "-1 - abs(hashtext(v.institution_name)::int8)", "v.referred_from_id"
    columns["institution"] = Wanted("int8", f"coalesce(v.institution_id, {name})")
    level = _code("level", "v.deductible_level", codes)
    # One more than the position, so that 0 is who has no other level than the own one.
    columns["deductible_level"] = level._replace(
        expression=f"({level.expression}) + 1", only="v.deductible_level <> ''", of="v.id"
    )
    columns["referred_from"] = Wanted("int8", came, only=f"{came} IS NOT NULL", of="v.id")
    for name, place in FLAG_PLACES.items():
        columns[name] = _bits(place, codes.flags[name])
    return columns


def visits(wanted: Places, columns: Mapping[str, Wanted]) -> list[Read]:
    return [partial(_span, columns, VISITS, ids) for ids in wanted.spans(SPANS)]


def _bits(place: str, codes: Sequence[str]) -> Wanted:
    bit = f"coalesce(array_position(%s::text[], one::text) - 1, {UNKNOWN_FLAG})"
    bits = f"(SELECT bit_or(1::int8 << {bit}) FROM unnest({place}) one)"  # noqa: S608
    return Wanted("int8", bits, (list(codes),), only=f"cardinality({place}) > 0", of="v.id")


def bill_columns(codes: Codes) -> dict[str, Wanted]:
    """Every line, by the cell of its visit and class."""
    classes = len(codes.classes) + 1
    row = one_of("l.bill_class", codes.classes, unknown=classes - 1)
    cell = f"l.visit_id * {classes} + {row.expression}"
    over = "l.approved_amount - l.limit_amount"
    return {
        "cell": row._replace(kind="int8", expression=cell),
        "approved": _fen("l.approved_amount"),
        "over": _fen(f"({over})")._replace(only=f"{over} > 0", of=cell, params=row.params),
    } | {cut: _cut(cut.removeprefix("cut_")) for cut in CUTS}


def _cut(bearer: str) -> Wanted:
    """What the reviewer took off: the database demands a bearer for every cut and for no other
    line, and a text is compared sooner than amounts."""
    cut = _fen("(l.amount - l.approved_amount)")
    return cut._replace(only=f"l.cut_bearer = '{bearer}'", of="l.visit_id")


def bills(wanted: Places, columns: Mapping[str, Wanted], classes: int) -> list[Read]:
    """Fen by class and visit, for the visits in the order of their ids: see ``_bill``."""
    return [partial(_bill, columns, classes, ids) for ids in wanted.spans(2 * SPANS)]


def _bill(columns: Mapping[str, Wanted], classes: int, visits: Column) -> Columns:
    """By class and visit (in their order) what is "approved" and "over" limits; by visit what
    was cut, by who bears it."""
    lines = _span(columns, LINES, visits)
    cells = (visits[:, None] * classes + np.arange(classes)).reshape(-1)
    shape = (len(visits), classes)
    return {
        "approved": sums_of(cells, lines["cell"], lines["approved"]).reshape(shape).T,
        "over": sums_of(cells, lines["over of"], lines["over"]).reshape(shape).T,
    } | {cut: sums_of(visits, lines[f"{cut} of"], lines[cut]) for cut in CUTS}


def line_columns(codes: Codes) -> dict[str, Wanted]:
    """Single lines of the classes on which some measures have rules for single lines."""
    return {
        "visit": Wanted("int8", "l.visit_id"),
        "row": one_of("l.bill_class", codes.line_classes, unknown=-1),
        "approved": _fen("l.approved_amount"),
        "limit": Wanted("int8", "coalesce(l.limit_amount, l.approved_amount) * 100"),
        "unit_price": Wanted("int8", "ceil(l.unit_price * 100)"),
        "units": Wanted("int8", "l.quantity * 10000"),
        "origin": one_of("l.origin", codes.origins, unknown=-1),
        "self_pay": Wanted(
            "int8",
            "round(coalesce(l.self_pay_amount, 0) * l.approved_amount / l.amount * 100)",
        ),
    }


def lines(wanted: Places, columns: Mapping[str, Wanted], codes: Codes) -> list[Read]:
    if not codes.line_classes:
        return []
    mine = LINES._replace(
        condition=f"{LINES.condition} AND l.bill_class = ANY(%s)",
        params=(list(codes.line_classes),),
    )
    return [partial(_span, columns, mine, ids) for ids in wanted.spans(2 * SPANS)]


def covers(wanted: Places) -> list[Read]:
    """The covers, and what is credited to them where something is."""
    columns = {
        "enrollment": Wanted("int8", "e.id"),
        "first": Wanted("int4", "e.cover_first_day - DATE '1970-01-01'"),
        "last": Wanted("int4", "e.cover_last_day - DATE '1970-01-01'"),
        "years": Wanted("int4", "e.consecutive_years"),
        "credit": _fen("e.credit_amount")._replace(only="e.credit_amount <> 0", of="e.id"),
    }
    return [partial(_span, columns, COVERS, ids) for ids in wanted.spans(SPANS // 2)]


def persons(wanted: Places, codes: Codes) -> list[Read]:
    stored = {name: str(value) for value, name in SEX.items()}
    columns = {
        "person": Wanted("int8", "p.id"),
        "born": Wanted("int4", "p.birth_date - DATE '1970-01-01'"),
    }
    if "sex" in codes.categories:
        sexes = [stored.get(code, code) for code in codes.categories["sex"]]
        columns["sex"] = one_of("p.sex", sexes, unknown=-1)
    if "residence" in codes.categories:
        columns["residence"] = _code("residence", "p.residence", codes)
    return [partial(_span, columns, PERSONS, ids) for ids in wanted.spans(SPANS // 2)]


def statuses(wanted: Places, codes: Codes) -> list[Read]:
    columns = {
        "person": Wanted("int8", "i.person_id"),
        "bit": one_of("i.code", codes.flags["status"], unknown=UNKNOWN_FLAG),
        "first": Wanted("int4", "i.first_day - DATE '1970-01-01'"),
        "last": Wanted("int4", "coalesce(i.last_day, DATE '9999-12-31') - DATE '1970-01-01'"),
    }
    return [partial(_span, columns, STATUSES, ids) for ids in wanted.spans(2)]


def usage(codes: Codes, year: int) -> list[Read]:
    """What earlier years used of the counters that go on, by counter and owner."""
    keys = list(codes.lasting)
    columns = {
        "counter": one_of("u.counter", keys, unknown=-1),
        "owner": Wanted("int8", "coalesce(u.person_id, u.household_id)"),
        "amount": Wanted("int8", "u.amount"),
    }
    source = "FROM claims_usageentry u WHERE u.policy_year < %s AND u.counter = ANY(%s)"
    return [partial(copy_columns, columns, source, [year, keys])] if keys else []


def grants(codes: Codes, year: int) -> list[Read]:
    """What the households' accounts were granted up to and in the year."""
    if HOUSEHOLD_ACCOUNT not in codes.lasting:
        return []
    columns = {"household": Wanted("int8", "e.household_id"), "amount": _fen("e.account_amount")}
    mine = GRANTS._replace(params=(Enrollment.Status.ACTIVE, year))
    opened = {"household": Wanted("int8", "o.household_id"), "amount": _fen("o.amount")}
    carried = partial(
        copy_columns, opened, "FROM enrollment_accountopening o WHERE o.year <= %s", [year]
    )
    return [*(partial(_between, columns, mine, *each) for each in _ranges(Enrollment)), carried]


def _ranges(model: type[Model]) -> list[tuple[int, int]]:
    """First and last id of each part of a table, of which some may be empty."""
    ids = model._default_manager.aggregate(first=Min("pk"), last=Max("pk"))
    if ids["first"] is None:
        return []
    edges = np.linspace(ids["first"], ids["last"] + 1, SPANS + 1).astype(int).tolist()
    return [(first, beyond - 1) for first, beyond in pairwise(edges)]


def _span(columns: Mapping[str, Wanted], source: Source, ids: Column) -> Columns:
    """The rows of the source for some ids, which are in order. Where they lie close together it
    is cheaper to read what lies between them as well; whoever asked leaves that out."""
    first, last = int(ids[0]), int(ids[-1])
    if (last - first) // SPARSE < len(ids):
        return _between(columns, source, first, last)
    where = f"FROM {source.table} WHERE {source.ids} = ANY(%s::bigint[]) {source.condition}"
    # As one text: a list of numbers would be parsed one expression each.
    listed = "{" + ",".join(map(str, ids)) + "}"
    return copy_columns(columns, where, [listed, *source.params])


def _between(columns: Mapping[str, Wanted], source: Source, first: int, last: int) -> Columns:
    where = f"FROM {source.table} WHERE {source.ids} BETWEEN %s AND %s {source.condition}"
    return copy_columns(columns, where, [first, last, *source.params])


def _code(dimension: str, place: str, codes: Codes) -> Wanted:
    return one_of(place, codes.categories[dimension], unknown=-1)


def _fen(amount: str) -> Wanted:
    return Wanted("int8", f"{amount} * 100")
