"""What happened in care: visits, amounts and persons, read from settlements by settlement date.

Counts every settlement that was submitted and neither withdrawn nor wholly back in the fund, paid
or not (业务口径): a visit for which nothing was due in the end is no help that was given.

The settlements of all periods are one query of the ORM (`settled`); what is summed over it is SQL
by hand, since one pass over the rows gives all groups (GROUPING SETS), different persons included.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import connection, transaction
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
    "village": Substr("division__code", 1, 12),
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
    "days": "coalesce(sum(days) FILTER (WHERE ended), 0)",
    "direct": "count(*) FILTER (WHERE ended AND at_counter)",
    **{name: f"coalesce(sum({name}), 0)" for name in MONEY},
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
    def bits(self) -> dict[str, int]:
        """Spans that do not overlap → the periods that each belongs to, a bit for each."""
        same_year = self.month.previous().year == self.month.year
        return {"month": 0b101, "previous": 0b110 if same_year else 0b10, "year": 0b100} | {
            "last_year": 0b1000
        }

    @property
    def asked(self) -> dict[str, Any]:
        before = self.month.previous()
        return {
            **self.bits,
            "month_first": self.month.first,
            "year_first": Month(self.month.year, 1).first,
            "previous_first": before.first,
            "previous_last": before.last,
        }


def activities(*, area: Division, month: Month, base_layer: str) -> Activities:
    """The activity of the month, of the one before, of the year so far, and of the same month a
    year ago. One statement, which reads each settlement once.

    `base_layer`: code of the layer that pays most claims and is not read, being the rest.
    """
    found, spans = Activities(), Spans(month)
    for row in _ask(settled(area, spans), spans, base_layer):
        READERS[row["part"]](found, row)
    for period in PERIODS:  # what no other layer paid is the base layer's
        if EVERYTHING in found.sums[period]:
            layers = found.layers[period]
            layers[""] = found.of(period).paid - sum(layers.values())
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


# A bit for each of PERIODS that a settlement belongs to.
CAME = """CASE WHEN settled_on >= %(month_first)s THEN %(month)s
              WHEN settled_on BETWEEN %(previous_first)s AND %(previous_last)s THEN %(previous)s
              WHEN settled_on >= %(year_first)s THEN %(year)s
              ELSE %(last_year)s END"""
SUMMED = ", ".join(f"{sql} AS {name}" for name, sql in SUMS.items())
ADDED = ", ".join(f"sum({name})" for name in SUMS)
# Every part of the answer has these columns; `came` the periods, `about` what GROUPING says.
ANSWER = ("part", "came", "is_stay", "place", "about", "code", "diagnosis", *SUMS)
CELLS = ("came", "is_stay", "place", "codes", *GROUPS)


def seen_once(came: str) -> str:
    """SQL of `seen`: the settlements in place of `{rows}`, each once, with all that `SUMS` and what
    groups them read. `came`: SQL of the period that each belongs to. Asks for `MEANT`.

    What joins the claims is small and looked up in memory, one row for each key: few have a further
    layer, few people a status. Statuses are dated: `held` has the days on which what a person bears
    changed, and what it was from each of them on; so who bore two counts once in their sum.
    """
    return f"""
WITH read ({", ".join(SEEN)}) AS ({{rows}}),
further AS MATERIALIZED (
    SELECT settlement_id, layer, fund_pay_type, amount FROM claims_settlementfund
    WHERE layer <> %(base_layer)s OR fund_pay_type = ANY(%(serious)s || %(assistance)s)
),
beyond AS (
    SELECT settlement_id,
        sum(amount) FILTER (WHERE fund_pay_type = ANY(%(serious)s)) AS serious,
        sum(amount) FILTER (WHERE fund_pay_type = ANY(%(assistance)s)) AS assistance
    FROM further GROUP BY settlement_id
),
changes AS (
    SELECT person_id, first_day AS day FROM enrollment_identitystatus
    UNION
    SELECT person_id, last_day + 1 FROM enrollment_identitystatus WHERE last_day IS NOT NULL
),
borne AS (
    SELECT changes.person_id, day, string_agg(DISTINCT code, ' ' ORDER BY code) AS codes
    FROM changes LEFT JOIN enrollment_identitystatus AS status
        ON status.person_id = changes.person_id AND first_day <= day
        AND (last_day IS NULL OR last_day >= day)
    GROUP BY changes.person_id, day
),
held AS (
    SELECT person_id, array_agg(day ORDER BY day) AS days, array_agg(codes ORDER BY day) AS codes
    FROM borne GROUP BY person_id
),
seen AS (
    SELECT read.*, {came} AS came, held.codes[width_bucket(settled_on, held.days)] AS codes,
        charged_to IS NULL AS ended, source = %(counter)s AS at_counter,
        greatest(ends - starts, 1) AS days, serious, assistance,
        beyond.settlement_id IS NOT NULL AS is_further
    FROM read LEFT JOIN beyond ON beyond.settlement_id = read.id
        LEFT JOIN held ON held.person_id = read.person
)"""  # noqa: S608 - names of columns that stand above


# Each claim is read once, into its cell: a row for all claims alike, with their sums, their people,
# and which of them had a further layer. All else is taken from the cells.
IN_CELLS = f"""
cells AS MATERIALIZED (
    SELECT {", ".join(CELLS)}, min(diagnosis COLLATE "C") FILTER (WHERE is_stay) AS diagnosis,
        {SUMMED}, array_agg(person) FILTER (WHERE paid > 0) AS helped,
        array_agg(person) FILTER (WHERE NOT paid > 0) AS others,
        array_agg(id) FILTER (WHERE is_further) AS claims
    FROM seen GROUP BY {", ".join(CELLS)}
)
"""  # noqa: S608
ALL_SUMS = f"""
SELECT 'sums', came, is_stay, place, GROUPING({", ".join(GROUPS)}),
    coalesce({", ".join(GROUPS)}), min(diagnosis), {ADDED}
FROM cells
GROUP BY GROUPING SETS (
    (came, is_stay, place, level), (came, is_stay, township), (came, is_stay, care),
    (came, is_stay, tier), (came, is_stay, institution), (came, is_stay, disease)
)
"""  # noqa: S608
BY_STATUS = f"""
SELECT 'statuses', came, is_stay, NULL, NULL::int, codes, NULL, {ADDED}
FROM cells WHERE codes IS NOT NULL
GROUP BY came, is_stay, codes
"""  # noqa: S608
# Each person once in each group, then counted: all of it by hashing, where COUNT(DISTINCT) sorts.
HEADS = f"""
met AS (
    SELECT person, {", ".join(BY_PERSON)}, bit_or(bits) AS bits
    FROM (
        SELECT unnest(helped) AS person, {", ".join(BY_PERSON)}, came * 17 AS bits FROM cells
        UNION ALL
        SELECT unnest(others), {", ".join(BY_PERSON)}, came FROM cells
    ) AS visitors
    GROUP BY person, {", ".join(BY_PERSON)}
),
heads AS (
    SELECT GROUPING({", ".join(BY_PERSON)}) AS about, coalesce({", ".join(BY_PERSON)}) AS code,
        bit_or(bits) AS bits
    FROM met
    GROUP BY GROUPING SETS ((person), {", ".join(f"(person, {one})" for one in BY_PERSON)})
)
"""  # noqa: S608
BY_HEAD = f"""
SELECT 'persons', bits, NULL::bool, NULL, about, code, NULL, count(*),
    {", ".join("NULL::numeric" for _ in list(SUMS)[1:])}
FROM heads GROUP BY about, code, bits
"""  # noqa: S608
LAYERS = f"""
SELECT 'layers', came, NULL::bool, NULL, NULL::int, layer, NULL,
    {", ".join("sum(amount)" if name == "paid" else "NULL::numeric" for name in SUMS)}
FROM (SELECT came, unnest(claims) AS settlement_id FROM cells) AS paid
    JOIN further USING (settlement_id)
WHERE layer <> %(base_layer)s
GROUP BY came, layer
"""  # noqa: S608
EVERY_SUM = ", ".join((seen_once(CAME), IN_CELLS.rstrip(), HEADS)) + "UNION ALL".join(
    (ALL_SUMS, BY_STATUS, BY_HEAD, LAYERS)
)


def _ask(rows: SettlementQuerySet, spans: Spans, base_layer: str) -> Iterator[dict[str, Any]]:
    """The answers of the one statement over the settlements, by name; amounts in fen."""
    asked = spans.asked | {"base_layer": base_layer}
    for row in ask(EVERY_SUM, rows, asked):
        yield {name: _read(name, value) for name, value in zip(ANSWER, row, strict=True)}


# What the SQL of `seen_once` means by its parameters. Without a base layer no layers are told
# apart: of what paid further, only what `SUMS` ask for is read.
MEANT: dict[str, Any] = {
    "serious": list(SERIOUS),
    "assistance": list(ASSISTANCE),
    "counter": str(Visit.Source.COUNTER),
    "base_layer": None,
}


# A year's claims are grouped by hashing in memory. With PostgreSQL's own 4 MB, or as it expects
# many more groups than there are, it would sort them first by all that they are grouped by, which
# costs more than the report. It only reads, so going back to the savepoint undoes nothing but the
# settings.
REMEMBER_MORE = "SAVEPOINT asked; SET LOCAL work_mem = '256MB'; SET LOCAL enable_sort = off; "
AS_BEFORE = "ROLLBACK TO SAVEPOINT asked; RELEASE SAVEPOINT asked"


def ask(text: str, rows: SettlementQuerySet, asked: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """What a statement that begins with `seen_once` answers over the settlements, with the settings
    of the connection that it needs: the report, hand-outs, statements and the analysis alike."""
    columns = {f"c_{name}": path for name, path in SEEN.items()}
    inner, given = rows.values(**columns).query.sql_with_params()
    names = [f"p{at}" for at in range(len(given))]
    text = text.replace("{rows}", inner % tuple(f"%({one})s" for one in names))
    values = dict(zip(names, given, strict=True)) | MEANT | dict(asked)
    alone = nullcontext() if connection.in_atomic_block else transaction.atomic()
    with alone, connection.cursor() as cursor:
        cursor.execute(REMEMBER_MORE + text, values)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        cursor.execute(AS_BEFORE)
    return found


def _read(name: str, value: Any) -> Any:
    """A sum as a whole number, of money in fen."""
    if name not in SUMS or value is None:
        return value
    return to_fen(value) if name in FEN else int(value)


def activity_of(sums: Sequence[Any]) -> Activity:
    """Of a row of `SUMMED`."""
    read = {name: _read(name, value) for name, value in zip(SUMS, sums, strict=True)}
    return Activity(**{measure: read[measure] for measure in MEASURES})


def _kind(left_out: int, groups: tuple[str, ...]) -> str:
    """Which of the groups a row is about: GROUPING sets a bit, the first group's the highest, for
    each that it is not about. "" for none."""
    about = [one for at, one in enumerate(reversed(groups)) if not left_out >> at & 1]
    return about[0] if about else ""


def _read_sums(found: Activities, row: dict[str, Any]) -> None:
    periods, activity = _periods(row), _activity(row)
    kind, code, stay = _kind(row["about"], GROUPS), row["code"] or "", row["is_stay"]
    keys: list[Key] = [(kind, code)]
    if kind == "level":  # the finest: the whole and its places are summed from it
        keys += [EVERYTHING, ("place", row["place"])]
        keys += [("stay", ""), ("stay place", row["place"])] if stay else []
    if kind == "disease":
        if not stay:
            return
        _name(found, code, row["diagnosis"] or "")
    elif stay:
        keys.append((f"stay {kind}", code))
    for key in keys:
        found.add(periods, key, activity)


def _periods(row: dict[str, Any]) -> list[str]:
    return [period for at, period in enumerate(PERIODS) if row["came"] >> at & 1]


def _activity(row: dict[str, Any]) -> Activity:
    return Activity(**{measure: row[measure] for measure in MEASURES})


def _name(found: Activities, code: str, diagnosis: str) -> None:
    """The first of the names that a disease goes by: the same for the same data."""
    known = found.diagnoses.get(code, diagnosis)
    found.diagnoses[code] = min(known, diagnosis)


def _read_statuses(found: Activities, row: dict[str, Any]) -> None:
    activity = _activity(row)
    for key in (("statuses", ""), *(("status", code) for code in row["code"].split())):
        found.add(_periods(row), key, activity)
        if row["is_stay"]:
            found.add(_periods(row), (f"stay {key[0]}", key[1]), activity)


def _read_persons(found: Activities, row: dict[str, Any]) -> None:
    """So many persons of the group have these bits."""
    kind, bits = _kind(row["about"], BY_PERSON), row["came"]
    key = (kind, row["code"] or "") if kind else EVERYTHING
    for at, period in enumerate(PERIODS):
        for counts, bit in ((found.persons, at), (found.beneficiaries, at + len(PERIODS))):
            heads = counts[period]
            heads[key] = heads.get(key, 0) + row["visits"] * (bits >> bit & 1)


def _read_layers(found: Activities, row: dict[str, Any]) -> None:
    for period in _periods(row):
        layers = found.layers[period]
        layers[row["code"]] = layers.get(row["code"], 0) + row["paid"]


READERS = {
    "sums": _read_sums,
    "statuses": _read_statuses,
    "persons": _read_persons,
    "layers": _read_layers,
}
