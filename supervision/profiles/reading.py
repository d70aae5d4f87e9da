"""The sums behind the profiles: what counts (`counted`), by settlement date; one statement for all
institutions, whatever number of visits."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import connection

from claims.models import Settlement, Visit
from supervision.profiles.funnel import MIN_PEERS, Limits, Sums, Verdict, limits, together, verdict
from supervision.profiles.measures import AGAIN_DAYS, BY_CODE, MEASURES, Measure

DRUG_CATEGORIES = ["western_drug", "chinese_drug", "herbal_drug"]
COLUMNS = ("one", "total", "days", "drugs", "off", "own", "again", "stays")
# What is summed for each pair of columns that a measure divides, over the visits that it is of.
PAIRS = sorted({(one.top, one.bottom) for one in MEASURES})
SUMS = ", ".join(
    f"sum({top})::float8, sum({bottom})::float8, sum({top} * {top})::float8,"
    f" sum({bottom} * {bottom})::float8, sum({top} * {bottom})::float8"
    for top, bottom in PAIRS
)
# A stay settled in parts is one. The day of admission and that of discharge are one day in bed, as
# the month report counts. Who came again is looked for among the same person's settled stays.
READ = f"""
WITH bill AS (
    SELECT v.id, v.institution_id, v.level, v.counts_as_stay, v.person_id, v.ends,
        1 AS one, greatest(coalesce(v.ends, v.starts) - v.starts, 1) AS days,
        sum(s.total_amount) AS total, sum(s.full_self_pay_amount) AS off,
        sum(s.personal_amount) AS own
    FROM ({{settled}}) s JOIN claims_visit v ON v.id = s.visit_id
    WHERE v.institution_id = ANY (%s)
    GROUP BY v.id
), drug AS (
    SELECT l.visit_id, sum(l.amount) AS amount FROM claims_billline l
    WHERE l.visit_id IN (SELECT id FROM bill WHERE counts_as_stay) AND l.is_live
        AND l.category = ANY (%s)
    GROUP BY l.visit_id
), told AS (
    SELECT bill.*, coalesce(drug.amount, 0) AS drugs, counts_as_stay::int AS stays,
        (counts_as_stay AND EXISTS (
            SELECT FROM claims_visit w
            WHERE w.person_id = bill.person_id AND w.id <> bill.id AND w.counts_as_stay
                AND w.status = %s AND w.starts BETWEEN bill.ends AND bill.ends + %s
                AND (w.starts > bill.ends OR w.id > bill.id)
        ))::int AS again
    FROM bill LEFT JOIN drug ON drug.visit_id = bill.id
)
SELECT institution_id, level, stays, count(*), {SUMS}
FROM told GROUP BY 1, 2, 3
"""  # noqa: S608 - names of our own columns


Read = dict[tuple[int, str, str], dict[tuple[str, str], Sums]]


def sums_of(institutions: Iterable[int], since: date, until: date) -> Read:
    """(institution, level of the visits, "stay" or "visit") → the sums of each pair of columns."""
    rows = Settlement.objects.counted().filter(settled_on__range=(since, until)).order_by()
    columns = ("visit_id", "total_amount", "full_self_pay_amount", "personal_amount")
    settled, given = rows.values(*columns).query.sql_with_params()
    asked = [*given, list(institutions), DRUG_CATEGORIES, Visit.Status.SETTLED.value, AGAIN_DAYS]
    found: Read = {}
    with connection.cursor() as cursor:
        cursor.execute(READ.format(settled=settled), asked)
        for institution, level, stays, number, *values in cursor.fetchall():
            pairs = {}
            for at, pair in enumerate(PAIRS):
                x, y, xx, yy, xy = (value or 0.0 for value in values[5 * at : 5 * at + 5])
                pairs[pair] = Sums(number, x, y, xx, yy, xy)
            found[institution, level, "stay" if stays else "visit"] = pairs
    return found


@dataclass(frozen=True, slots=True)
class Figure:
    """One measure of one institution. Amounts in the measure's scale; None: nothing to divide."""

    measure: Measure
    institution: int
    n: int
    value: int | None
    around: Limits | None
    verdict: Verdict

    def scaled(self, name: str) -> int | None:
        """A limit by its name."""
        value = None if self.around is None else getattr(self.around, name)
        return None if value is None else round(value * self.measure.scale)


def figures(read: Read, level: str, measure: Measure) -> list[Figure]:
    """The measure of every institution with such visits on that level."""
    pair = measure.top, measure.bottom
    kinds = ("stay", "visit") if measure.of == "all" else (measure.of,)
    own: dict[int, Sums] = {}
    for (institution, at, kind), pairs in read.items():
        if at == level and kind in kinds:
            own[institution] = together((own.get(institution, Sums()), pairs[pair]))
    peers = together(own.values())
    enough = len(own) >= MIN_PEERS
    return [_figure(measure, pk, sums, peers if enough else Sums()) for pk, sums in own.items()]


def _figure(measure: Measure, institution: int, own: Sums, peers: Sums) -> Figure:
    around, ratio = limits(peers, own.n, measure.most), own.ratio
    value = None if ratio is None else round(ratio * measure.scale)
    return Figure(measure, institution, own.n, value, around, verdict(own, around))


def profile(read: Read, institution: int, level: str) -> list[Figure]:
    """Every measure of one institution beside those of its level."""
    found = []
    for measure in BY_CODE.values():
        rows = figures(read, level, measure)
        found += [one for one in rows if one.institution == institution]
    return found


def span_of(since: date, months: int) -> tuple[date, date]:
    """So many whole months up to the end of the one before the day."""
    last = since.replace(day=1) - timedelta(days=1)
    first = last.year * 12 + last.month - months
    return date(first // 12, first % 12 + 1, 1), last
