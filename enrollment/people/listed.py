"""Which statuses somebody holds: by a department's list or by an approval, and in no other way.

Lists know people by number, registered or not; what they say of somebody who is not registered
yet waits and is taken up at registration.
"""

from collections.abc import Collection, Iterable
from datetime import date
from typing import NamedTuple

from django.db import connection
from django.db.models import Q, QuerySet

from desk.kept import Kept, among, given
from enrollment.people.listed_models import ListedStatus
from enrollment.people.models import IdentityStatus
from lib import typed_text

# Once for each status: who holds it already has it from the same list.
TAKE_UP = """
    WITH taken AS (
        DELETE FROM enrollment_listedstatus l USING enrollment_person p, accounts_division a
        WHERE l.number_index = ANY(%(numbers)s) AND p.resident_id_index = l.number_index
            AND p.name = l.name AND a.id = l.area_id AND a.code = %(area)s
        RETURNING p.id AS person_id, l.*
    )
    INSERT INTO enrollment_identitystatus
        (person_id, code, first_day, last_day, category, source, batch)
    SELECT t.person_id, t.code, t.first_day, t.last_day, t.category, t.source, t.batch
    FROM taken t
    WHERE NOT EXISTS (
        SELECT FROM enrollment_identitystatus s
        WHERE s.person_id = t.person_id AND s.code = t.code AND s.last_day IS NULL)
    ON CONFLICT (person_id, code, first_day) DO NOTHING
    RETURNING person_id, code, first_day, last_day
"""


class Given(NamedTuple):
    """A status that somebody took up."""

    person_id: int
    code: str
    first_day: date
    last_day: date | None

    def holds(self, day: date) -> bool:
        return self.first_day <= day and (self.last_day is None or self.last_day >= day)


def take_up(numbers: Collection[str], *, area_code: str) -> list[Given]:
    """Give people what the county's lists said of their numbers. Inside a transaction.

    `numbers`: blind indexes of people who were just registered, or got this number or name.
    """
    with connection.cursor() as cursor:
        cursor.execute(TAKE_UP, {"numbers": list(numbers), "area": area_code})
        return [Given(*row) for row in cursor.fetchall()]


def held_on(person_ids: Iterable[int], day: date) -> dict[int, list[IdentityStatus]]:
    """Person id → what holds on the day, each with its source and days. One statement."""
    found: dict[int, list[IdentityStatus]] = {person_id: [] for person_id in person_ids}
    for row in HELD(people=list(found), day=day):
        found[row.person_id].append(row)
    return found


def _held() -> QuerySet[IdentityStatus]:
    day = given("day")
    rows = IdentityStatus.objects.filter(among("person_id", given("people")), first_day__lte=day)
    rows = rows.filter(Q(last_day=None) | Q(last_day__gte=day))
    return rows.order_by("code", "first_day")


HELD = Kept(_held)


def listed_on(
    indexes: Collection[str], day: date, *, area_code: str
) -> dict[str, list[ListedStatus]]:
    """Blind index → what the county's lists say of people who are not registered. One statement."""
    rows = ListedStatus.objects.on(day).filter(number_index__in=indexes, area__code=area_code)
    found: dict[str, list[ListedStatus]] = {}
    for row in rows.order_by("code", "first_day"):
        found.setdefault(row.number_index, []).append(row)
    return found


def borne_by(rows: Iterable[ListedStatus], name: str) -> list[ListedStatus]:
    """What would be taken up under the name: a list means the person that it names."""
    return [row for row in rows if row.name == typed_text.name(name)]


def codes_of(rows: Iterable[IdentityStatus | ListedStatus]) -> frozenset[str]:
    """The statuses alone, as the measures ask for them."""
    return frozenset(row.code for row in rows)


def named_otherwise(name: str) -> str:
    """What to say where a list has the number under another name than was typed."""
    return f"部门名单中这个证件号码登记的不是“{name}”，名单上的身份没有采用，请核对姓名和证件"
