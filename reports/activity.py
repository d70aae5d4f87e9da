"""What happened in care: visits, amounts and persons, read from settlements by settlement date.

Counts every settlement that was submitted and neither withdrawn nor wholly back in the fund, paid
or not (业务口径): a visit for which nothing was due in the end is no help that was given.

The settlements of all periods are one query of the ORM (`_settled`); what is summed over it is SQL
by hand, since one pass over the rows gives all groups (GROUPING SETS), different persons included.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Coalesce, Substr

from accounts.models import Division
from claims.models import Settlement, SettlementQuerySet, Visit
from lib.money import to_fen
from lib.periods import Month
from reports.indicators import MEASURES, Activity
from reports.population import township_of

PERIODS = ("month", "previous", "year", "last_year")
OUTSIDE = "outside"
# National codes of the funds (接口 fund_pay_type) whose payments R23 and R24 are about: 大病保险
# and 大病补充保险, 医疗救助. Which layer pays from them is the measures' own word.
SERIOUS, ASSISTANCE = ("390200", "390300"), ("610100",)
Key = tuple[str, str]
EVERYTHING: Key = ("all", "")

# What a settlement is told apart by, and where that stands. A hospital without an agreement has no
# code and is known by its name; diseases are the categories of ICD-10, its first three letters.
SEEN: dict[str, Any] = {
    "id": F("pk"),
    "person": F("visit__person"),
    "settled_on": F("settled_on"),
    "charged_to": F("charged_to"),
    "township": township_of("division__code"),
    "level": F("visit__level"),
    "care": F("visit__care"),
    "tier": F("tier"),
    "institution": Coalesce(F("visit__institution__code"), F("visit__institution_name")),
    "disease": Case(
        When(visit__counts_as_stay=True, then=Substr("visit__diagnosis_code", 1, 3)),
        default=Value(""),
    ),
    "diagnosis": F("visit__diagnosis"),
    "is_stay": F("visit__counts_as_stay"),
    "place": F("visit__place"),
    "source": F("visit__source"),
    "starts": F("visit__starts"),
    "ends": F("visit__ends"),
    "cost": F("total_amount"),
    "in_scope": F("in_scope_amount"),
    "off_catalogue": F("full_self_pay_amount"),
    "paid": F("fund_amount"),
    "personal": F("personal_amount"),
}
MONEY = ("cost", "in_scope", "off_catalogue", "paid", "personal", "serious", "assistance")
# A stay that is settled in parts counts once, with its last part; each part's money where it is.
SUMS = {
    "visits": "count(*) FILTER (WHERE ended)",
    "compensated": "count(*) FILTER (WHERE ended AND paid > 0)",
    "days": "coalesce(sum(greatest(ends - starts, 1)) FILTER (WHERE ended), 0)",
    "direct": "count(*) FILTER (WHERE ended AND source = %(counter)s)",
    **{name: f"sum({name})" for name in MONEY},
    "serious_visits": "count(*) FILTER (WHERE ended AND serious > 0)",
    "serious_cost": "coalesce(sum(cost) FILTER (WHERE serious > 0), 0)",
    "assisted": "count(*) FILTER (WHERE ended AND assistance > 0)",
}
FEN = frozenset({*MONEY, "serious_cost"})
# Groups beside the whole; persons are counted in those that a table asks for by head.
GROUPS = ("township", "level", "care", "tier", "institution", "disease")
BY_PERSON = ("township", "level", "care")


@dataclass(slots=True)
class Activities:
    """Activity by period and key: ("all", ""), ("level", "county"), ("township", code), …

    Keys that begin with "stay" are about hospital stays only. `persons` holds distinct persons,
    `beneficiaries` those the fund paid something for, `layers` fen by layer of payment; what no
    other layer paid is the base layer's and stands under "". `diagnoses` names the diseases;
    ("status", code) is who bore the identity on the day of the settlement, ("statuses", "") who
    bore any.
    """

    sums: dict[str, dict[Key, Activity]] = field(
        default_factory=lambda: {period: {} for period in PERIODS}
    )
    persons: dict[str, dict[Key, int]] = field(
        default_factory=lambda: {period: {} for period in PERIODS}
    )
    beneficiaries: dict[str, dict[Key, int]] = field(
        default_factory=lambda: {period: {} for period in PERIODS}
    )
    layers: dict[str, dict[str, int]] = field(
        default_factory=lambda: {period: {} for period in PERIODS}
    )
    diagnoses: dict[str, str] = field(default_factory=dict)

    def of(self, period: str, kind: str = "all", code: str = "") -> Activity:
        """The sums of one key; nothing happened is a row of zeros."""
        return self.sums[period].get((kind, code), Activity())

    def codes(self, kind: str) -> set[str]:
        """Of what anything happened in any period."""
        return {code for sums in self.sums.values() for group, code in sums if group == kind}

    def add(self, periods: Collection[str], key: Key, activity: Activity) -> None:
        for period in periods:
            self.sums[period].setdefault(key, Activity()).add(activity)


@dataclass(frozen=True, slots=True)
class Spans:
    """The days of a report: its month, the one before, the year so far, the month a year ago."""

    month: Month

    @property
    def last_year(self) -> Month:
        return Month(self.month.year - 1, self.month.month)

    @property
    def first(self) -> date:
        """The first day of the year so far, or of the month before where that is earlier."""
        return min(self.month.previous().first, Month(self.month.year, 1).first)

    @property
    def buckets(self) -> dict[str, tuple[str, ...]]:
        """Spans that do not overlap → the periods that each belongs to."""
        same_year = self.month.previous().year == self.month.year
        return {
            "month": ("month", "year"),
            "previous": ("previous", "year") if same_year else ("previous",),
            "year": ("year",),
            "last_year": ("last_year",),
        }

    @property
    def asked(self) -> dict[str, date]:
        before, last_year = self.month.previous(), self.last_year
        return {
            "month_first": self.month.first,
            "previous_first": before.first,
            "previous_last": before.last,
            "last_year_first": last_year.first,
            "last_year_last": last_year.last,
        }


def activities(*, area: Division, month: Month, base_layer: str) -> Activities:
    """The activity of the month, of the one before, of the year so far, and of the same month a
    year ago. Four statements.

    `base_layer`: code of the layer that pays most claims and is not read, being the rest.
    """
    found, spans = Activities(), Spans(month)
    rows = settled(area, spans)
    _read_sums(found, rows, spans)
    _read_statuses(found, rows, spans)
    _read_persons(found, rows, spans)
    _read_layers(found, rows, spans, base_layer)
    return found


def settled(area: Division, spans: Spans) -> SettlementQuerySet:
    """All that counts in one of the periods."""
    last_year = (spans.last_year.first, spans.last_year.last)
    return (
        Settlement.objects.counted()
        .filter(
            Q(settled_on__range=(spans.first, spans.month.last)) | Q(settled_on__range=last_year),
            division__code__startswith=area.code,
        )
        .order_by()
    )


BUCKET = """CASE WHEN settled_on BETWEEN %(last_year_first)s AND %(last_year_last)s
                 THEN 'last_year'
                 WHEN settled_on >= %(month_first)s THEN 'month'
                 WHEN settled_on BETWEEN %(previous_first)s AND %(previous_last)s THEN 'previous'
                 ELSE 'year' END"""

# `beyond` is read once and looked up in memory: few claims have a second layer.
WITH_FUNDS = f"""
WITH read ({", ".join(SEEN)}) AS ({{rows}}),
beyond AS (
    SELECT settlement_id,
        sum(amount) FILTER (WHERE fund_pay_type = ANY(%(serious)s)) AS serious,
        sum(amount) FILTER (WHERE fund_pay_type = ANY(%(assistance)s)) AS assistance
    FROM claims_settlementfund
    WHERE fund_pay_type = ANY(%(serious)s) OR fund_pay_type = ANY(%(assistance)s)
    GROUP BY settlement_id
),
seen AS (
    SELECT read.*, {BUCKET} AS bucket, charged_to IS NULL AS ended,
        coalesce(beyond.serious, 0) AS serious, coalesce(beyond.assistance, 0) AS assistance
    FROM read LEFT JOIN beyond ON beyond.settlement_id = read.id
)
"""  # noqa: S608 - names of columns that stand above
SUMMED = ", ".join(f"{sql} AS {name}" for name, sql in SUMS.items())

CELLS = ("bucket", "is_stay", "place", *GROUPS)
# First the cells, a row for all claims alike, then the groups over these: each claim counts once.
ALL_SUMS = f"""
, cells AS (
    SELECT {", ".join(CELLS)}, min(diagnosis) FILTER (WHERE is_stay) AS diagnosis, {SUMMED}
    FROM seen GROUP BY {", ".join(CELLS)}
)
SELECT {", ".join(CELLS)}, GROUPING({", ".join(GROUPS)}) AS left_out, min(diagnosis) AS diagnosis,
    {", ".join(f"sum({name}) AS {name}" for name in SUMS)}
FROM cells
GROUP BY GROUPING SETS (
    (bucket, is_stay, place, level), (bucket, is_stay, township), (bucket, is_stay, care),
    (bucket, is_stay, tier), (bucket, is_stay, institution), (bucket, is_stay, disease)
)
"""  # noqa: S608
# Statuses are dated: one counts with who bore it on the day; who bore two counts once in the sum.
BY_STATUS = f"""
, held AS (
    SELECT seen.id, array_agg(DISTINCT status.code ORDER BY status.code) AS codes
    FROM seen JOIN enrollment_identitystatus AS status ON status.person_id = seen.person
        AND status.first_day <= seen.settled_on
        AND (status.last_day IS NULL OR status.last_day >= seen.settled_on)
    GROUP BY seen.id
)
SELECT bucket, is_stay, codes, {SUMMED}
FROM seen JOIN held ON held.id = seen.id
GROUP BY bucket, is_stay, codes
"""  # noqa: S608
OF_PERIOD = {
    "month": "bucket = 'month'",
    "previous": "bucket = 'previous'",
    "year": "settled_on >= %(year_first)s",
    "last_year": "bucket = 'last_year'",
}
CAME = ", ".join(
    f"bool_or({when}) AS came_{period}, bool_or({when} AND paid > 0) AS helped_{period}"
    for period, when in OF_PERIOD.items()
)
COUNTED = ", ".join(
    f"count(*) FILTER (WHERE {was}_{period}) AS {was}_{period}"
    for period in PERIODS
    for was in ("came", "helped")
)
# Each person once in each group, then counted: all of it by hashing, where COUNT(DISTINCT) sorts.
BY_HEAD = f"""
SELECT {", ".join(BY_PERSON)}, left_out, {COUNTED} FROM (
    SELECT person, {", ".join(BY_PERSON)}, GROUPING({", ".join(BY_PERSON)}) AS left_out, {CAME}
    FROM seen
    GROUP BY GROUPING SETS ((person), {", ".join(f"(person, {one})" for one in BY_PERSON)})
) AS head
GROUP BY {", ".join(BY_PERSON)}, left_out
"""  # noqa: S608
LAYERS = """
SELECT bucket, fund.layer, sum(fund.amount) AS paid
FROM seen JOIN claims_settlementfund AS fund ON fund.settlement_id = seen.id
WHERE fund.layer <> %(base_layer)s
GROUP BY bucket, fund.layer
"""


def _ask(
    sql: str, rows: SettlementQuerySet, spans: Spans, **asked: Any
) -> Iterator[dict[str, Any]]:
    """The answers of a statement over the settlements, by name; amounts in fen."""
    columns = {f"c_{name}": path for name, path in SEEN.items()}
    inner, given = rows.values(**columns).query.sql_with_params()
    names = [f"p{at}" for at in range(len(given))]
    text = (WITH_FUNDS + sql).replace("{rows}", inner % tuple(f"%({one})s" for one in names))
    asked |= dict(zip(names, given, strict=True)) | spans.asked
    asked |= {"serious": list(SERIOUS), "assistance": list(ASSISTANCE)}
    with connection.cursor() as cursor:
        cursor.execute(text, asked | {"counter": str(Visit.Source.COUNTER)})
        titles = [column[0] for column in cursor.description]
        for row in cursor.fetchall():
            yield {
                name: to_fen(value) if name in FEN else int(value) if name in SUMS else value
                for name, value in zip(titles, row, strict=True)
            }


def _kind(left_out: int, groups: tuple[str, ...]) -> str:
    """Which of the groups a row is about: GROUPING sets a bit, the first group's the highest, for
    each that it is not about. "" for none."""
    about = [one for at, one in enumerate(reversed(groups)) if not left_out >> at & 1]
    return about[0] if about else ""


def _read_sums(found: Activities, rows: SettlementQuerySet, spans: Spans) -> None:
    for row in _ask(ALL_SUMS, rows, spans):
        periods = spans.buckets[row["bucket"]]
        activity = Activity(**{measure: row[measure] for measure in MEASURES})
        kind, stay = _kind(row["left_out"], GROUPS), row["is_stay"]
        keys: list[Key] = [(kind, row[kind] or "")]
        if kind == "level":  # the finest: the whole and its places are summed from it
            keys += [EVERYTHING, ("place", row["place"])]
            keys += [("stay", ""), ("stay place", row["place"])] if stay else []
        if kind == "disease":
            if not stay:
                continue
            _name(found, row["disease"] or "", row["diagnosis"] or "")
        elif stay:
            keys.append((f"stay {kind}", row[kind] or ""))
        for key in keys:
            found.add(periods, key, activity)


def _name(found: Activities, code: str, diagnosis: str) -> None:
    """The first of the names that a disease goes by: the same for the same data."""
    known = found.diagnoses.get(code, diagnosis)
    found.diagnoses[code] = min(known, diagnosis)


def _read_statuses(found: Activities, rows: SettlementQuerySet, spans: Spans) -> None:
    for row in _ask(BY_STATUS, rows, spans):
        activity = Activity(**{measure: row[measure] for measure in MEASURES})
        for key in (("statuses", ""), *(("status", code) for code in row["codes"])):
            found.add(spans.buckets[row["bucket"]], key, activity)
            if row["is_stay"]:
                found.add(spans.buckets[row["bucket"]], (f"stay {key[0]}", key[1]), activity)


def _read_persons(found: Activities, rows: SettlementQuerySet, spans: Spans) -> None:
    year_first = Month(spans.month.year, 1).first
    for row in _ask(BY_HEAD, rows, spans, year_first=year_first):
        kind = _kind(row["left_out"], BY_PERSON)
        key = (kind, row[kind] or "") if kind else EVERYTHING
        for period in PERIODS:
            found.persons[period][key] = row[f"came_{period}"]
            found.beneficiaries[period][key] = row[f"helped_{period}"]


def _read_layers(
    found: Activities, rows: SettlementQuerySet, spans: Spans, base_layer: str
) -> None:
    """What no other layer paid is the base layer's."""
    for period in PERIODS:
        if EVERYTHING in found.sums[period]:
            found.layers[period][""] = found.of(period).paid
    for row in _ask(LAYERS, rows, spans, base_layer=base_layer):
        for period in spans.buckets[row["bucket"]]:
            layers = found.layers[period]
            layers[row["layer"]] = layers.get(row["layer"], 0) + row["paid"]
            layers[""] -= row["paid"]
