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

from django.db import connection

from desk.changes import all_or_nothing
from enrollment.progress.models import PlaceChange

# Of pg_advisory_xact_lock: whoever counts, counts alone. Any number that nothing else takes.
COUNTING = 7_305_113_021
REGISTER = 0  # the "year" of what the register says, which no year has
TAKE = """
WITH taken AS (DELETE FROM enrollment_placechange RETURNING division_id, household_id, person_id)
SELECT division_id FROM taken WHERE division_id IS NOT NULL
UNION SELECT h.division_id FROM taken t JOIN enrollment_household h ON h.id = t.household_id
UNION SELECT h.division_id FROM taken t JOIN enrollment_person p ON p.id = t.person_id
    JOIN enrollment_household h ON h.id = p.household_id
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


@all_or_nothing()
def refresh() -> int:
    """Count anew where something changed. Returns in how many divisions."""
    if not PlaceChange.objects.exists():
        return 0
    with connection.cursor() as cursor:
        # Who waits here finds afterwards what the other has counted.
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [COUNTING])
        cursor.execute(TAKE)
        places = [place for (place,) in cursor.fetchall()]
        cursor.execute("DELETE FROM enrollment_placetally WHERE division_id = ANY(%s)", [places])
        cursor.execute(
            f"INSERT INTO enrollment_placetally ({COLUMNS}) {COUNTED}",
            {"places": places},
        )
    return len(places)


def differences() -> list[tuple[int, int]]:
    """(division, year) whose tally is not what the tables say now; [] when all is well."""
    refresh()
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM accounts_division")
        places = {"places": [place for (place,) in cursor.fetchall()]}
        cursor.execute(
            f"WITH counted ({COLUMNS}) AS ({COUNTED}), "  # noqa: S608 - constants
            f"kept AS (SELECT {COLUMNS} FROM enrollment_placetally) "
            "(TABLE counted EXCEPT TABLE kept) UNION (TABLE kept EXCEPT TABLE counted)",
            places,
        )
        return sorted({(row[0], row[1]) for row in cursor.fetchall()})


def recount(places: Sequence[int]) -> None:
    """Have these divisions counted anew, whatever changed."""
    PlaceChange.objects.bulk_create(PlaceChange(division_id=place) for place in places)
