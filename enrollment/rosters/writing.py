"""A batch of households written: people, receipts and cover, in a few statements."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import Model

from accounts.audit import masked, record
from accounts.errors import Refusal
from enrollment.collection.models import Receipt
from enrollment.cover.enrolling import Season
from enrollment.cover.models import Enrollment
from enrollment.cover.premiums import cover
from enrollment.people.listed import take_up
from enrollment.people.models import Household, Person
from enrollment.people.register import next_household_numbers
from enrollment.people.trail import PERSONAL
from enrollment.rosters.models import RegisterImport
from enrollment.rosters.rechecks import Staged, hold, run, span

# What a batch writes, by table: each column beside the SQL that gives its value. This is a second
# writer beside the window's (a village in a second, not in minutes): test_written_columns.py asks
# the models that no column without a default is missing here, test_like_the_window.py that both
# write the same rows.
HOUSEHOLD = {
    "number": "n.number",
    "division_id": "s.division_id",
    "address": "s.address",
    "phone": "s.phone",
    "bank_account": "s.bank_account",
    "bank_account_name": "s.bank_account_name",
    "created_at": "now()",
}
PERSON = {
    "household_id": "s.household_id",
    "member_number": "coalesce(h.number, 0)"
    " + row_number() OVER (PARTITION BY s.household_id ORDER BY s.line)",
    "relationship": "s.relationship",
    "name": "s.name",
    "pinyin": "s.pinyin",
    "initials": "s.initials",
    "sex": "s.sex",
    "birth_date": "s.birth_date",
    "resident_id": "s.resident_id",
    "resident_id_index": "s.resident_id_index",
    "ethnicity": "'01'",
    "residence": "s.residence",
    "phone": "''",
    "created_at": "now()",
}
RECEIPT = {
    "book_id": "h.receipt_book_id",
    "number": "h.receipt_number",
    "household_id": "b.household_id",
    "division_id": "b.division_id",
    "campaign_id": "%(campaign)s",
    "channel": "CASE WHEN o.amount > 0 THEN %(cash)s ELSE %(aid)s END",
    "amount": "o.amount",
    "payer_name": "h.payer_name",
    "issued_by_id": "%(actor)s",
    "issued_on": "%(day)s",
    "issued_at": "now()",
    "void_reason": "''",
}
ENROLLMENT = {
    "person_id": "p.member_id",
    "household_id": "p.household_id",
    "division_id": "p.division_id",
    "campaign_id": "%(campaign)s",
    "year": "%(year)s",
    "pack_id": "%(pack)s",
    "tier": "h.tier",
    "status": "CASE WHEN r.id IS NULL THEN %(pending)s ELSE %(active)s END",
    "premium_status": "a.premium_status",
    "premium_amount": "a.premium_amount",
    "personal_amount": "a.personal_amount",
    "central_amount": "a.central_amount",
    "provincial_amount": "a.provincial_amount",
    "city_amount": "a.city_amount",
    "county_amount": "a.county_amount",
    "other_amount": "a.other_amount",
    "credit_amount": "a.credit_amount",
    "account_amount": "a.account_amount",
    "consecutive_years": "p.consecutive_years",
    "cover_first_day": "coalesce(p.cover_first_day, %(first_day)s)",
    "cover_last_day": "%(last_day)s",
    "receipt_id": "r.id",
    "entered_by_id": "%(actor)s",
    "entered_at": "now()",
}
WRITTEN: Mapping[type[Model], Mapping[str, str]] = {
    Household: HOUSEHOLD,
    Person: PERSON,
    Receipt: RECEIPT,
    Enrollment: ENROLLMENT,
}


def _insert(model: type[Model]) -> str:
    """The head of an INSERT … SELECT; its FROM follows."""
    values = WRITTEN[model]
    return (
        f"INSERT INTO {model._meta.db_table} ({', '.join(values)})\n"
        f"    SELECT {', '.join(values.values())}"
    )


NEW_HOUSEHOLDS = f"""
    {_insert(Household)}
    FROM unnest(%(seqs)s::int[], %(numbers)s::text[]) AS n(seq, number)
    JOIN enrollment_registerhousehold s ON s.register_id = %(register)s
        AND s.seq BETWEEN %(first)s AND %(last)s AND s.seq = n.seq
    RETURNING id, number
"""
# An empty cell says nothing: it erases neither address nor phone.
CHANGED_CONTACT = """
    UPDATE enrollment_household h
    SET address = CASE WHEN s.address <> '' THEN s.address ELSE h.address END,
        phone = CASE WHEN s.phone <> '' THEN s.phone ELSE h.phone END
    FROM enrollment_registerhousehold s
    WHERE s.register_id = %(register)s AND s.seq BETWEEN %(first)s AND %(last)s
        AND s.seq = ANY(%(seqs)s) AND h.id = s.household_id
        AND (s.phone <> '' OR (s.address <> '' AND s.address <> h.address))
    RETURNING h.id
"""
# What stands there, for the audit line; asked before CORRECT overwrites it.
TO_CORRECT = """
    SELECT p.id, p.name, p.relationship, p.residence, r.name, r.relationship, r.residence
    FROM enrollment_registerrow r JOIN enrollment_person p ON p.id = r.person_id
    WHERE r.register_id = %(register)s AND r.seq BETWEEN %(first)s AND %(last)s
        AND r.seq = ANY(%(seqs)s) AND r.corrects
"""
CORRECT = """
    UPDATE enrollment_person p
    SET name = r.name, pinyin = r.pinyin, initials = r.initials,
        relationship = r.relationship, residence = r.residence
    FROM enrollment_registerrow r
    WHERE r.register_id = %(register)s AND r.seq BETWEEN %(first)s AND %(last)s
        AND r.seq = ANY(%(seqs)s) AND r.corrects
        AND p.id = r.person_id
"""
# People, receipts and cover of a batch in one statement: ids flow between its parts.
PEOPLE_AND_COVER = f"""
    WITH batch AS (
        SELECT * FROM unnest(%(seqs)s::int[], %(households)s::bigint[], %(divisions)s::bigint[])
            AS b(seq, household_id, division_id)
    ), amounts AS (
        SELECT a.number - 1 AS assessment, x.*
        FROM jsonb_array_elements(%(assessments)s::jsonb) WITH ORDINALITY AS a(amounts, number),
            jsonb_to_record(a.amounts) AS x(
                premium_amount numeric, personal_amount numeric, central_amount numeric,
                provincial_amount numeric, city_amount numeric, county_amount numeric,
                other_amount numeric, credit_amount numeric, account_amount numeric,
                premium_status text)
    ), staged AS MATERIALIZED (
        SELECT r.*, b.household_id, b.division_id
        FROM batch b JOIN enrollment_registerrow r
            ON r.register_id = %(register)s AND r.seq BETWEEN %(first)s AND %(last)s
            AND r.seq = b.seq
    ), highest AS (
        SELECT household_id, max(number) AS number
        FROM (
            SELECT household_id, member_number AS number
            FROM enrollment_person WHERE household_id = ANY(%(known)s)
            UNION ALL
            -- Numbers of members who moved out are not given again.
            SELECT h.id, right(c.number, 2)::int
            FROM enrollment_household h
            JOIN enrollment_formercertificate c
                ON c.number >= h.number AND c.number < h.number || 'z'
            WHERE h.id = ANY(%(known)s)
        ) borne GROUP BY household_id
    ), fresh AS (
        {_insert(Person)}
        FROM staged s LEFT JOIN highest h USING (household_id)
        WHERE s.person_id IS NULL
        RETURNING id, resident_id_index
    ), people AS (
        SELECT s.*, coalesce(s.person_id, f.id) AS member_id
        FROM staged s LEFT JOIN fresh f ON s.person_id IS NULL
            AND f.resident_id_index = s.resident_id_index
    ), owed AS (
        SELECT seq, sum(personal_amount) AS amount
        FROM (
            SELECT s.seq, a.personal_amount
            FROM staged s JOIN amounts a USING (assessment) WHERE s.enrolls
            UNION ALL
            SELECT s.seq, e.personal_amount
            FROM staged s JOIN enrollment_enrollment e ON e.id = s.pays_id
        ) parts GROUP BY seq
    ), receipts AS (
        {_insert(Receipt)}
        FROM batch b
        JOIN enrollment_registerhousehold h ON h.register_id = %(register)s
            AND h.seq BETWEEN %(first)s AND %(last)s AND h.seq = b.seq
        JOIN owed o ON o.seq = b.seq
        WHERE h.receipt_number IS NOT NULL
        RETURNING id, household_id
    ), covered AS (
        {_insert(Enrollment)}
        FROM people p
        JOIN enrollment_registerhousehold h ON h.register_id = %(register)s
            AND h.seq BETWEEN %(first)s AND %(last)s AND h.seq = p.seq
        JOIN amounts a USING (assessment)
        LEFT JOIN receipts r ON r.household_id = p.household_id
        WHERE p.enrolls
        RETURNING id
    ), paid AS (
        UPDATE enrollment_enrollment e SET status = %(active)s, receipt_id = r.id
        FROM staged s JOIN receipts r ON r.household_id = s.household_id
        WHERE e.id = s.pays_id
        RETURNING e.id
    )
    SELECT (SELECT count(*) FROM fresh), (SELECT count(*) FROM covered),
        (SELECT count(*) FROM receipts), (SELECT min(id) FROM covered),
        (SELECT max(id) FROM covered), ARRAY(SELECT id FROM paid ORDER BY id)
"""  # noqa: S608 - only the columns above are put in
NEW_NUMBERS = """
    SELECT resident_id_index FROM enrollment_registerrow
    WHERE register_id = %(register)s AND seq BETWEEN %(first)s AND %(last)s
        AND seq = ANY(%(seqs)s) AND person_id IS NULL
"""
# `greatest`: the roster may have been written on numbers below those of the window.
USED_NUMBERS = """
    UPDATE enrollment_receiptbook b SET next_number = greatest(b.next_number, u.highest + 1)
    FROM (
        SELECT receipt_book_id, max(receipt_number) AS highest
        FROM enrollment_registerhousehold
        WHERE register_id = %(register)s AND seq BETWEEN %(first)s AND %(last)s
            AND seq = ANY(%(seqs)s) AND receipt_number IS NOT NULL
        GROUP BY receipt_book_id
    ) u
    WHERE b.id = u.receipt_book_id
"""


# Numbers of the old system, where nobody bears them yet: of households, of the new people and of
# those who were registered before.
OLD_NUMBERS = """
    INSERT INTO enrollment_oldnumber (area_id, household_id, person_id, number)
    SELECT d.id, b.household_id, NULL, s.old_number
    FROM unnest(%(seqs)s::int[], %(households)s::bigint[]) AS b(seq, household_id)
    JOIN enrollment_registerhousehold s ON s.register_id = %(register)s
        AND s.seq BETWEEN %(first)s AND %(last)s AND s.seq = b.seq AND s.old_number <> ''
    JOIN accounts_division d ON d.code = %(area)s
    UNION ALL
    SELECT d.id, NULL, p.id, r.old_number
    FROM enrollment_registerrow r
    JOIN enrollment_person p
        ON r.person_id IS NULL AND p.resident_id_index = r.resident_id_index
    JOIN accounts_division d ON d.code = %(area)s
    WHERE r.register_id = %(register)s AND r.seq BETWEEN %(first)s AND %(last)s
        AND r.seq = ANY(%(seqs)s) AND r.old_number <> ''
    UNION ALL
    SELECT d.id, NULL, r.person_id, r.old_number
    FROM enrollment_registerrow r JOIN accounts_division d ON d.code = %(area)s
    WHERE r.register_id = %(register)s AND r.seq BETWEEN %(first)s AND %(last)s
        AND r.seq = ANY(%(seqs)s) AND r.old_number <> '' AND r.person_id IS NOT NULL
    ON CONFLICT DO NOTHING
"""


def write(
    register: RegisterImport, season: Season | None, batch: Sequence[Staged], day: date
) -> None:
    """Write the households of a batch and tell it in the trail. Inside the transaction that holds
    their locks."""
    homes = {one.seq: one.household_id for one in batch if one.household_id}
    fresh = _new_households(register, [one for one in batch if not one.household_id])
    batch = [one for one in batch if one.seq in homes or one.seq in fresh]
    if not batch:
        return
    seqs = [one.seq for one in batch]
    which = span(register, seqs)
    contacts, corrections = [], []
    if homes:
        contacts = [pk for (pk,) in run(CHANGED_CONTACT, which)]
        corrections = run(TO_CORRECT, which)
    if corrections:
        run(CORRECT, which)
    # Freshly staged rows have no statistics: guessing one row, the planner would loop over all.
    run("SET LOCAL enable_nestloop = off", {})
    first_day, last_day = cover(season.measures.terms, year=season.year) if season else (None, None)
    households = [homes.get(seq) or fresh[seq] for seq in seqs]
    (found,) = run(
        PEOPLE_AND_COVER,
        which
        | {
            "households": households,
            "divisions": [one.division_id for one in batch],
            "known": list(homes.values()),
            "assessments": json.dumps(register.assessments),
            "day": day,
            "campaign": season.campaign.pk if season else None,
            "cash": Receipt.Channel.CASH.value,
            "aid": Receipt.Channel.AID.value,
            "pending": Enrollment.Status.PENDING.value,
            "active": Enrollment.Status.ACTIVE.value,
            "actor": register.requested_by_id,
            "year": season.year if season else None,
            "pack": season.measures.pack.pk if season else None,
            "first_day": first_day,
            "last_day": last_day,
        },
    )
    area = register.township.county_code
    run(OLD_NUMBERS, which | {"households": households, "area": area})
    run("SET LOCAL enable_nestloop = on", {})
    people, covers, receipts, first, last, paid = found
    if people:
        numbers = [index for (index,) in run(NEW_NUMBERS, which)]
        take_up(numbers, area_code=area)
    if receipts:
        run(USED_NUMBERS, which)
    register.new_households += len(fresh)
    register.new_people += people
    register.new_enrollments += covers
    record(
        actor=register.requested_by,
        action="enrollment.apply_register",
        subject=register,
        before={"people": [_facts(row[0], row[1:4]) for row in corrections]},
        after={
            "sha256": register.sha256,
            "households": [batch[0].seq, batch[-1].seq],
            "new_households": len(fresh),
            "new_people": people,
            "receipts": receipts,
            "enrollments": {"count": covers, "first": first, "last": last},
            "paid": paid,
            "contacts": contacts,
            "people": [_facts(row[0], row[4:7]) for row in corrections],
        },
    )


def _facts(pk: int, facts: Sequence[str]) -> dict[str, Any]:
    names = ("id", "name", "relationship", "residence")
    return masked(dict(zip(names, (pk, *facts), strict=True)), PERSONAL)


def _new_households(register: RegisterImport, batch: Sequence[Staged]) -> dict[int, int]:
    """Staged household → id of its new row. Villages in order, so that two imports never cross."""
    by_village: dict[str, list[int]] = defaultdict(list)
    for one in batch:
        by_village[one.division_code].append(one.seq)
    seqs: list[int] = []
    numbers: list[str] = []
    for code in sorted(by_village):
        try:
            numbers += next_household_numbers(division_code=code, count=len(by_village[code]))
        except Refusal as refusal:
            hold(register, by_village[code], refusal.message)
        else:
            seqs += by_village[code]
    if not seqs:
        return {}
    rows = run(NEW_HOUSEHOLDS, span(register, seqs) | {"numbers": numbers})
    ids = {number: pk for pk, number in rows}
    return {seq: ids[number] for seq, number in zip(seqs, numbers, strict=True)}
