"""How many live, are enrolled and have paid in each place, kept ready: a county is read at once.

The figures of a division are counted from the tables themselves and kept (`PlaceTally`). Triggers
note with every change where it was (`PlaceChange`); whoever asks has the noted divisions counted
anew first. A note is committed with its change, a division is counted after its notes were taken,
and one at a time counts: so what is read is what the tables say, whoever writes meanwhile. A note
names the household or the person where the division may be moving in another window; which
division that is, is asked when the note is taken.

One definition for board, missing people, check lists and rewards: who should enrol is registered,
living and not gone for good (应参保), and is counted where he lives now; who is enrolled (已参保)
is one of these with paid cover for the year. So the enrolled and the missing are all who should.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import connection

from desk.changes import all_or_nothing
from enrollment.progress.models import PlaceChange, WatchedOn

# Of pg_advisory_xact_lock: whoever counts, counts alone. Any number that nothing else takes.
COUNTING = 7_305_113_021
REGISTER = 0  # the "year" of what the register says, which no year has
TAKE = "DELETE FROM enrollment_placechange RETURNING division_id, household_id, person_id"
# With the notes as arrays: how few they are is then known to the planner, who otherwise reads all.
WHERE = """
SELECT division_id FROM enrollment_household WHERE id = ANY(%(households)s)
UNION SELECT h.division_id FROM enrollment_person p
    JOIN enrollment_household h ON h.id = p.household_id WHERE p.id = ANY(%(people)s)
"""
COUNTED = """
WITH register AS (
    SELECT division_id, 0 AS year, count(*) AS households, 0::bigint AS people
    FROM enrollment_household WHERE closed_on IS NULL AND division_id = ANY(%(places)s)
    GROUP BY division_id
    UNION ALL
    SELECT h.division_id, 0, 0, count(*)
    FROM enrollment_household h JOIN enrollment_person p ON p.household_id = h.id
    WHERE h.division_id = ANY(%(places)s) AND p.death_date IS NULL AND p.departure_date IS NULL
    GROUP BY h.division_id
), covers AS (
    SELECT h.division_id, e.year, count(DISTINCT h.id) AS enrolled_households,
        count(*) AS enrolled, count(*) FILTER (WHERE e.premium_status <> '') AS aided,
        sum(e.other_amount) AS other
    FROM enrollment_household h
    JOIN enrollment_person p ON p.household_id = h.id
    JOIN enrollment_enrollment e ON e.person_id = p.id
    WHERE h.division_id = ANY(%(places)s) AND e.status = 'active'
        AND p.death_date IS NULL AND p.departure_date IS NULL
    GROUP BY h.division_id, e.year
), money AS (
    SELECT r.division_id, c.year, count(*) AS receipts, sum(r.amount) AS personal,
        sum(r.sponsored_amount) AS sponsored,
        coalesce(sum(r.amount) FILTER (WHERE r.channel = 'cash'), 0) AS cash,
        coalesce(sum(r.amount) FILTER (WHERE r.remittance_id IS NOT NULL), 0) AS remitted,
        coalesce(sum(r.amount) FILTER (WHERE m.status = 'confirmed'), 0) AS confirmed
    FROM enrollment_receipt r
    JOIN enrollment_campaign c ON c.id = r.campaign_id
    LEFT JOIN enrollment_remittance m ON m.id = r.remittance_id
    WHERE r.division_id = ANY(%(places)s) AND r.voided_at IS NULL
    GROUP BY r.division_id, c.year
)
SELECT division_id, year, sum(households), sum(people), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
FROM register GROUP BY division_id, year
UNION ALL
SELECT coalesce(a.division_id, b.division_id), coalesce(a.year, b.year), 0, 0,
    coalesce(enrolled_households, 0), coalesce(enrolled, 0), coalesce(aided, 0),
    coalesce(other, 0), coalesce(receipts, 0), coalesce(personal, 0), coalesce(sponsored, 0),
    coalesce(cash, 0), coalesce(remitted, 0), coalesce(confirmed, 0)
FROM covers a FULL JOIN money b ON a.division_id = b.division_id AND a.year = b.year
"""
COLUMNS = (
    "division_id, year, households, people, enrolled_households, enrolled, aided, other, receipts,"
    " personal, sponsored, cash, remitted, confirmed"
)


WATCHED = """
WITH held AS MATERIALIZED (
    SELECT h.division_id, p.id, string_agg(DISTINCT s.code, ',' ORDER BY s.code) AS codes
    FROM enrollment_household h
    JOIN enrollment_person p ON p.household_id = h.id
    JOIN enrollment_identitystatus s ON s.person_id = p.id
    WHERE (%(all)s OR h.division_id = ANY(%(places)s))
        AND p.death_date IS NULL AND p.departure_date IS NULL
        AND s.first_day <= %(day)s AND (s.last_day IS NULL OR s.last_day >= %(day)s)
    GROUP BY h.division_id, p.id
)
SELECT division_id, codes, 0, count(*) FROM held GROUP BY division_id, codes
UNION ALL
SELECT held.division_id, held.codes, e.year, count(*)
FROM held JOIN enrollment_enrollment e ON e.person_id = held.id AND e.status = 'active'
GROUP BY held.division_id, held.codes, e.year
"""
KEEP_WATCHED = "INSERT INTO enrollment_placewatched (division_id, codes, year, people)" + WATCHED


def _taken(cursor: Any) -> list[int]:
    """The divisions that the notes name, which are taken."""
    cursor.execute(TAKE)
    noted = cursor.fetchall()
    divisions, households, people = ({row[n] for row in noted} - {None} for n in range(3))
    cursor.execute(WHERE, {"households": list(households), "people": list(people)})
    return sorted(divisions | {place for (place,) in cursor.fetchall()})


@all_or_nothing()
def refresh(day: date) -> int:
    """Count anew where something changed; statuses as on `day`, which is today.

    Returns in how many divisions.
    """
    is_the_day = WatchedOn.objects.filter(day=day).exists
    if is_the_day() and not PlaceChange.objects.exists():
        return 0
    with connection.cursor() as cursor:
        # Who waits here finds afterwards what the other has counted.
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [COUNTING])
        places = _taken(cursor)
        cursor.execute("DELETE FROM enrollment_placetally WHERE division_id = ANY(%s)", [places])
        cursor.execute(
            f"INSERT INTO enrollment_placetally ({COLUMNS}) {COUNTED}",
            {"places": places},
        )
        anew = not is_the_day()
        if anew:
            WatchedOn.objects.all().delete()
            WatchedOn.objects.create(day=day)
        cursor.execute(
            "DELETE FROM enrollment_placewatched WHERE %s OR division_id = ANY(%s)", [anew, places]
        )
        cursor.execute(KEEP_WATCHED, {"all": anew, "places": places, "day": day})
    return len(places)


def differences(day: date) -> list[tuple[int, int]]:
    """(division, year) whose tally is not what the tables say now; [] when all is well."""
    refresh(day)
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM accounts_division")
        places = {"places": [place for (place,) in cursor.fetchall()]}
        cursor.execute(
            f"WITH counted ({COLUMNS}) AS ({COUNTED}), "  # noqa: S608 - constants
            f"kept AS (SELECT {COLUMNS} FROM enrollment_placetally) "
            "(TABLE counted EXCEPT TABLE kept) UNION (TABLE kept EXCEPT TABLE counted)",
            places,
        )
        wrong = {(row[0], row[1]) for row in cursor.fetchall()}
        cursor.execute(
            f"WITH counted (division_id, codes, year, people) AS ({WATCHED}), "  # noqa: S608
            "kept AS (SELECT division_id, codes, year, people FROM enrollment_placewatched) "
            "(TABLE counted EXCEPT TABLE kept) UNION (TABLE kept EXCEPT TABLE counted)",
            {"all": True, "places": [], "day": day},
        )
        return sorted(wrong | {(row[0], row[2]) for row in cursor.fetchall()})


def recount(places: Sequence[int]) -> None:
    """Have these divisions counted anew, whatever changed."""
    PlaceChange.objects.bulk_create(PlaceChange(division_id=place) for place in places)
