"""Step two: what the check found right is written, batch by batch of whole households.

Each batch is one transaction that also moves the register's cursor, so a killed import goes on
where it stopped and writes nothing twice. What a window did since the check is seen again under
lock; a household that no longer fits is held back and told.
"""

import json
import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts.audit import record
from accounts.errors import Refusal
from enrollment.lists.elsewhere import cover_elsewhere, elsewhere_refusal
from enrollment.models import Enrollment, Receipt, ReceiptBook
from enrollment.premiums import cover
from enrollment.registers.models import RegisterHousehold, RegisterImport
from enrollment.services.enrolling import Season
from enrollment.services.register import next_household_numbers
from enrollment.treasury.guards import refuse_closed_day
from enrollment.treasury.models import BookEvent
from policies.services import terms_of

BATCH = 500  # households: some 1 500 people, a fraction of a second for a waiting window
SOURCE = "乡镇名册"
CHANGED = "检查之后窗口已为本户成员办理登记或参保，本户未导入，请重新上传核对"
USED = "检查之后这个票号已被使用、挂失或票据本已交回，本户未导入，请核对存根后重新上传"
REFUSED = "与系统中的登记冲突，本户未导入，请在窗口核对后办理"
logger = logging.getLogger("hezuo.registers")


@dataclass(frozen=True)
class Staged:
    """A staged household that is to be written."""

    seq: int
    household_id: int | None
    division_id: int
    division_code: str
    receipt_book_id: int | None


def apply_register(*, register_id: int) -> None:
    """Write a confirmed register to its end. May be called again at any time, by anybody."""
    while _apply_batch(register_id):
        pass


def _apply_batch(register_id: int) -> bool:
    """One batch. Where a window was a moment earlier, look again; where that does not help, go
    household by household and hold back the one that the database refuses."""
    for size in (BATCH, BATCH, 20, 1):
        try:
            with transaction.atomic():
                return _write_batch(register_id, size)
        except IntegrityError:
            logger.warning("register %s: a batch of %s was refused", register_id, size)
    with transaction.atomic():
        return _write_batch(register_id, 1, refused=True)


def _write_batch(register_id: int, size: int, *, refused: bool = False) -> bool:
    """The next `size` households. `refused`: hold them back instead. False: nothing is left."""
    register = (
        RegisterImport.objects.select_for_update(no_key=True, of=("self",))
        .select_related("township", "uploaded_by", "campaign__area", "pack")
        .defer("content")
        .filter(pk=register_id, status=RegisterImport.Status.APPLYING)
        .first()
    )
    if register is None:
        return False
    day, pack = register.confirmed_on, register.pack
    if day is None or pack is None:
        raise ValueError("an applying register was checked and confirmed")
    last, batch = _next_batch(register, size)
    if last is None:
        _finish(register)
        return False
    if batch:
        season = Season(register.campaign, pack, terms_of(pack))
        _lock(batch)
        if refused:
            _hold(register, [one.seq for one in batch], REFUSED)
        else:
            _write(register, season, _hold_back_changed(register, season, batch, day), day)
    register.applied_through = last
    register.save(update_fields=[*PROGRESS])
    return True


PROGRESS = (
    "applied_through", "new_households", "new_people", "new_enrollments", "held_households",
)  # fmt: skip


def _finish(register: RegisterImport) -> None:
    register.status = RegisterImport.Status.DONE
    register.finished_at = timezone.now()
    register.save(update_fields=["status", "finished_at"])
    record(
        actor=register.uploaded_by,
        action="enrollment.register_applied",
        subject=register,
        division_code=register.township.code,
        after={name: getattr(register, name) for name in PROGRESS},
    )


def _next_batch(register: RegisterImport, size: int) -> tuple[int | None, list[Staged]]:
    """The last household of the batch (None: there are no more), and those to be written."""
    rows = list(
        RegisterHousehold.objects.filter(register=register, seq__gt=register.applied_through)
        .order_by("seq")
        .values_list(
            "seq",
            "household_id",
            "division_id",
            "division__code",
            "receipt_book_id",
            "wrong",
            "idle",
        )[:size]
    )
    open_ones = [Staged(*row[:5]) for row in rows if not row[5] and not row[6]]
    return (rows[-1][0] if rows else None), open_ones


def _run(sql: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall() if cursor.description else []


def _range(register: RegisterImport, seqs: Sequence[int]) -> dict[str, Any]:
    """Staged households as parameters; first and last keep the search to the batch."""
    return {
        "register": register.pk,
        "seqs": list(seqs),
        "first": min(seqs),
        "last": max(seqs),
    }


def _lock(batch: Sequence[Staged]) -> None:
    """Households, then receipt books, each in one order, as the window does."""
    households = [one.household_id for one in batch if one.household_id]
    books = {one.receipt_book_id for one in batch if one.receipt_book_id}
    if households:
        _run(
            "SELECT id FROM enrollment_household WHERE id = ANY(%(ids)s) ORDER BY id"
            " FOR NO KEY UPDATE",
            {"ids": households},
        )
    if books:
        _run(
            "SELECT id FROM enrollment_receiptbook WHERE id = ANY(%(ids)s) ORDER BY code"
            " FOR NO KEY UPDATE",
            {"ids": list(books)},
        )


CHANGED_SINCE = """
    SELECT DISTINCT r.seq
    FROM enrollment_registerrow r
    JOIN enrollment_registerhousehold s ON s.register_id = r.register_id AND s.seq = r.seq
    LEFT JOIN enrollment_person p ON p.id = r.person_id
    WHERE r.register_id = %(register)s AND r.seq BETWEEN %(first)s AND %(last)s
        AND r.seq = ANY(%(seqs)s) AND (
        (r.person_id IS NULL AND EXISTS (
            SELECT FROM enrollment_person o WHERE o.resident_id_index = r.resident_id_index
            UNION ALL
            SELECT FROM enrollment_formernumber f
            WHERE f.number_index = r.resident_id_index AND NOT f.mistaken))
        OR (r.person_id IS NOT NULL AND (
            p.household_id IS DISTINCT FROM s.household_id
            OR (r.enrolls AND (p.death_date IS NOT NULL OR p.departure_date IS NOT NULL))
            OR (r.enrolls AND EXISTS (
                SELECT FROM enrollment_enrollment e
                WHERE e.person_id = r.person_id AND e.year = %(year)s
                    AND e.status <> 'cancelled'))))
        OR EXISTS (
            SELECT FROM enrollment_enrollment e
            WHERE e.household_id = s.household_id AND e.year = %(year)s
                AND e.status <> 'cancelled' AND e.tier <> s.tier AND r.enrolls))
"""
ENROLLING = """
    SELECT coalesce(p.resident_id_index, r.resident_id_index), r.seq, r.name
    FROM enrollment_registerrow r LEFT JOIN enrollment_person p ON p.id = r.person_id
    WHERE r.register_id = %(register)s AND r.seq BETWEEN %(first)s AND %(last)s
        AND r.seq = ANY(%(seqs)s) AND r.enrolls
"""
USED_SINCE = """
    SELECT s.seq FROM enrollment_registerhousehold s
    JOIN enrollment_receiptbook b ON b.id = s.receipt_book_id
    WHERE s.register_id = %(register)s AND s.seq BETWEEN %(first)s AND %(last)s
        AND s.seq = ANY(%(seqs)s) AND (
        b.status <> %(in_use)s OR b.clerk_id <> %(actor)s
        OR EXISTS (
            SELECT FROM enrollment_receipt r
            WHERE r.book_id = b.id AND r.number = s.receipt_number)
        OR EXISTS (
            SELECT FROM enrollment_bookevent e
            WHERE e.book_id = b.id AND e.kind = %(loss)s
                AND s.receipt_number BETWEEN e.first_number AND e.last_number))
"""


def _hold_back_changed(
    register: RegisterImport, season: Season, batch: Sequence[Staged], day: date
) -> list[Staged]:
    """Drop what no longer fits since the check, under the locks."""
    asked = _range(register, [one.seq for one in batch]) | {"year": season.year}
    gone: dict[int, str] = {seq: CHANGED for (seq,) in _run(CHANGED_SINCE, asked)}
    enrolling = {index: (seq, name) for index, seq, name in _run(ENROLLING, asked)}
    for index, there in cover_elsewhere(enrolling, day).items():
        seq, name = enrolling[index]
        gone.setdefault(seq, elsewhere_refusal(name, there))
    with_receipt = [one.seq for one in batch if one.receipt_book_id]
    if with_receipt:
        books = {
            "actor": register.uploaded_by_id,
            "in_use": ReceiptBook.Status.IN_USE.value,
            "loss": BookEvent.Kind.LOSS.value,
        }
        for (seq,) in _run(USED_SINCE, asked | books):
            gone.setdefault(seq, USED)
        try:
            refuse_closed_day(register.uploaded_by, day)
        except Refusal as refusal:
            gone |= dict.fromkeys(with_receipt, refusal.message)
    by_message: dict[str, list[int]] = defaultdict(list)
    for seq, message in gone.items():
        by_message[message].append(seq)
    for message, seqs in by_message.items():
        _hold(register, seqs, message)
    return [one for one in batch if one.seq not in gone]


def _hold(register: RegisterImport, seqs: Sequence[int], message: str) -> None:
    """Turn households into wrong ones with a reason; the clerk finds them in the verdict."""
    if not seqs:
        return
    RegisterHousehold.objects.filter(register=register, seq__in=seqs).update(wrong=True)
    problem = json.dumps([["error", "household_number", message]], ensure_ascii=False)
    _run(
        "UPDATE enrollment_registerrow SET verdict = 'e', problems = problems || %(more)s::jsonb"
        " WHERE register_id = %(register)s AND seq = ANY(%(seqs)s)",
        {"register": register.pk, "seqs": list(seqs), "more": problem},
    )
    register.held_households += len(seqs)


NEW_HOUSEHOLDS = """
    INSERT INTO enrollment_household
        (number, division_id, address, phone, bank_account, bank_account_name, created_at)
    SELECT n.number, s.division_id, s.address, s.phone, '', '', now()
    FROM unnest(%(seqs)s::int[], %(numbers)s::text[]) AS n(seq, number)
    JOIN enrollment_registerhousehold s ON s.register_id = %(register)s
        AND s.seq BETWEEN %(first)s AND %(last)s AND s.seq = n.seq
    RETURNING id, number
"""
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
# People, statuses, receipts and cover of a batch in one statement: ids flow between its parts.
PEOPLE_AND_COVER = """
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
        INSERT INTO enrollment_person
            (household_id, member_number, relationship, name, pinyin, initials, sex, birth_date,
             resident_id, resident_id_index, ethnicity, residence, phone, death_date, created_at)
        SELECT s.household_id,
            coalesce(h.number, 0) + row_number() OVER (PARTITION BY s.household_id ORDER BY s.line),
            s.relationship, s.name, s.pinyin, s.initials, s.sex, s.birth_date,
            s.resident_id, s.resident_id_index, '01', s.residence, '', NULL, now()
        FROM staged s LEFT JOIN highest h USING (household_id)
        WHERE s.person_id IS NULL
        RETURNING id, resident_id_index
    ), people AS (
        SELECT s.*, coalesce(s.person_id, f.id) AS member_id
        FROM staged s LEFT JOIN fresh f ON s.person_id IS NULL
            AND f.resident_id_index = s.resident_id_index
    ), given AS (
        INSERT INTO enrollment_identitystatus
            (person_id, code, first_day, last_day, source, batch)
        SELECT member_id, unnest(string_to_array(new_statuses, ',')), %(day)s, NULL, %(source)s,
            %(batch)s
        FROM people WHERE new_statuses <> ''
        ON CONFLICT (person_id, code, first_day) DO UPDATE SET last_day = NULL
    ), owed AS (
        SELECT s.seq, sum(a.personal_amount) AS amount
        FROM staged s JOIN amounts a USING (assessment) WHERE s.enrolls GROUP BY s.seq
    ), receipts AS (
        INSERT INTO enrollment_receipt
            (book_id, number, household_id, division_id, campaign_id, channel, amount,
             payer_name, issued_by_id, issued_on, issued_at, void_reason)
        SELECT h.receipt_book_id, h.receipt_number, b.household_id, b.division_id, %(campaign)s,
            CASE WHEN o.amount > 0 THEN %(cash)s ELSE %(aid)s END, o.amount,
            h.payer_name, %(actor)s, %(day)s, now(), ''
        FROM batch b
        JOIN enrollment_registerhousehold h ON h.register_id = %(register)s
            AND h.seq BETWEEN %(first)s AND %(last)s AND h.seq = b.seq
        JOIN owed o ON o.seq = b.seq
        WHERE h.receipt_number IS NOT NULL
        RETURNING id, household_id
    ), covered AS (
        INSERT INTO enrollment_enrollment
            (person_id, household_id, division_id, campaign_id, year, pack_id, tier, status,
             premium_status, premium_amount, personal_amount, central_amount, provincial_amount,
             city_amount, county_amount, other_amount, credit_amount, account_amount,
             consecutive_years, cover_first_day, cover_last_day, receipt_id, entered_by_id,
             entered_at)
        SELECT p.member_id, p.household_id, p.division_id, %(campaign)s, %(year)s, %(pack)s,
            h.tier, CASE WHEN r.id IS NULL THEN %(pending)s ELSE %(active)s END,
            a.premium_status, a.premium_amount, a.personal_amount, a.central_amount,
            a.provincial_amount, a.city_amount, a.county_amount, a.other_amount,
            a.credit_amount, a.account_amount, p.consecutive_years, %(first_day)s,
            %(last_day)s, r.id, %(actor)s, now()
        FROM people p
        JOIN enrollment_registerhousehold h ON h.register_id = %(register)s
            AND h.seq BETWEEN %(first)s AND %(last)s AND h.seq = p.seq
        JOIN amounts a USING (assessment)
        LEFT JOIN receipts r ON r.household_id = p.household_id
        WHERE p.enrolls
        RETURNING id
    )
    SELECT (SELECT count(*) FROM fresh), (SELECT count(*) FROM covered),
        (SELECT count(*) FROM receipts), (SELECT min(id) FROM covered),
        (SELECT max(id) FROM covered)
"""
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


def _write(register: RegisterImport, season: Season, batch: Sequence[Staged], day: date) -> None:
    homes = {one.seq: one.household_id for one in batch if one.household_id}
    fresh = _new_households(register, [one for one in batch if not one.household_id])
    batch = [one for one in batch if one.seq in homes or one.seq in fresh]
    if not batch:
        return
    seqs = [one.seq for one in batch]
    which = _range(register, seqs)
    contacts, corrections = [], []
    if homes:
        contacts = [pk for (pk,) in _run(CHANGED_CONTACT, which)]
        corrections = _run(TO_CORRECT, which)
    if corrections:
        _run(CORRECT, which)
    # Freshly staged rows have no statistics: guessing one row, the planner would loop over all,
    # and forbidding that looks so dear to it that it would compile the plan first.
    _run("SET LOCAL enable_nestloop = off; SET LOCAL jit = off", {})
    first_day, last_day = cover(season.terms, year=season.year)
    (found,) = _run(
        PEOPLE_AND_COVER,
        which
        | {
            "households": [homes.get(seq) or fresh[seq] for seq in seqs],
            "divisions": [one.division_id for one in batch],
            "known": list(homes.values()),
            "assessments": json.dumps(register.assessments),
            "day": day,
            "source": SOURCE,
            "batch": f"名册 {register.pk}",
            "campaign": season.campaign.pk,
            "cash": Receipt.Channel.CASH.value,
            "aid": Receipt.Channel.AID.value,
            "pending": Enrollment.Status.PENDING.value,
            "active": Enrollment.Status.ACTIVE.value,
            "actor": register.uploaded_by_id,
            "year": season.year,
            "pack": season.pack.pk,
            "first_day": first_day,
            "last_day": last_day,
        },
    )
    _run("SET LOCAL enable_nestloop = on", {})
    people, covers, receipts, first, last = found
    if receipts:
        _run(USED_NUMBERS, which)
    register.new_households += len(fresh)
    register.new_people += people
    register.new_enrollments += covers
    record(
        actor=register.uploaded_by,
        action="enrollment.apply_register",
        subject=register,
        division_code=register.township.code,
        before={"people": [_facts(row[0], row[1:4]) for row in corrections]},
        after={
            "sha256": register.sha256,
            "households": [batch[0].seq, batch[-1].seq],
            "new_households": len(fresh),
            "new_people": people,
            "receipts": receipts,
            "enrollments": {"count": covers, "first": first, "last": last},
            "contacts": contacts,
            "people": [_facts(row[0], row[4:7]) for row in corrections],
        },
    )


def _facts(pk: int, facts: Sequence[str]) -> dict[str, Any]:
    return dict(zip(("id", "name", "relationship", "residence"), (pk, *facts), strict=True))


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
            _hold(register, by_village[code], refusal.message)
        else:
            seqs += by_village[code]
    if not seqs:
        return {}
    rows = _run(NEW_HOUSEHOLDS, _range(register, seqs) | {"numbers": numbers})
    ids = {number: pk for pk, number in rows}
    return {seq: ids[number] for seq, number in zip(seqs, numbers, strict=True)}
