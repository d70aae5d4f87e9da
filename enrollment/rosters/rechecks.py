"""Under lock, just before it is written: does a staged household still fit?

What a window did since the check is seen here; a household that no longer fits is held back and
told.
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from accounts.errors import Refusal
from enrollment.collection.guards import refuse_closed_day
from enrollment.collection.models import BookEvent, ReceiptBook
from enrollment.cover.enrolling import Season
from enrollment.people.elsewhere import cover_elsewhere, elsewhere_refusal
from enrollment.rosters.models import RegisterHousehold, RegisterImport

CHANGED = "检查之后窗口已为本户成员办理登记、参保或缴费，本户未导入，请重新上传核对"
LISTED = "检查之后本户成员的身份（部门名单、审批）有变动，应缴可能不同，本户未导入，请重新上传核对"
USED = "检查之后这个票号已被使用、挂失或票据本已交回，本户未导入，请核对存根后重新上传"


@dataclass(frozen=True)
class Staged:
    """A staged household that is to be written."""

    seq: int
    household_id: int | None
    division_id: int
    division_code: str
    receipt_book_id: int | None


def run(sql: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """One statement; its rows, if it has any."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall() if cursor.description else []


def span(register: RegisterImport, seqs: Sequence[int]) -> dict[str, Any]:
    """Staged households as parameters; first and last keep the search to the batch."""
    return {
        "register": register.pk,
        "seqs": list(seqs),
        "first": min(seqs),
        "last": max(seqs),
    }


HOUSEHOLDS = "SELECT id FROM enrollment_household WHERE id = ANY(%(households)s) ORDER BY id"
# What waits for payment, locked before the books as the window does.
PENDING = """
    SELECT e.id FROM enrollment_enrollment e
    WHERE e.id IN (
        SELECT r.pays_id FROM enrollment_registerrow r
        WHERE r.register_id = %(register)s AND r.seq BETWEEN %(first)s AND %(last)s
            AND r.pays_id IS NOT NULL)
    ORDER BY e.id
"""
BOOKS = "SELECT id FROM enrollment_receiptbook WHERE id = ANY(%(books)s) ORDER BY code"


def lock(register: RegisterImport, batch: Sequence[Staged]) -> None:
    """Households, what they have to pay, then receipt books, each in one order, as the window."""
    households = [one.household_id for one in batch if one.household_id]
    books = list({one.receipt_book_id for one in batch if one.receipt_book_id})
    wanted = span(register, [one.seq for one in batch]) | {"households": households, "books": books}
    for sql in (HOUSEHOLDS, PENDING) if households else ():
        run(f"{sql} FOR NO KEY UPDATE", wanted)
    if books:
        run(f"{BOOKS} FOR NO KEY UPDATE", wanted)


# What a window may have done between the check and the confirmation, line by line: entered the
# person, moved them, enrolled them, taken the money, closed the household, chosen another tier.
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
        OR (r.pays_id IS NOT NULL AND NOT EXISTS (
            SELECT FROM enrollment_enrollment e
            WHERE e.id = r.pays_id AND e.status = 'pending'))
        OR EXISTS (
            SELECT FROM enrollment_household h
            WHERE h.id = s.household_id AND h.closed_on IS NOT NULL)
        OR EXISTS (
            SELECT FROM enrollment_enrollment e
            WHERE e.household_id = s.household_id AND e.year = %(year)s
                AND e.status <> 'cancelled' AND e.tier <> s.tier AND r.enrolls))
"""
# A list or an approval since the check makes another premium, also of what waits and is paid by
# the roster's receipt: it was assessed anew.
STATUSES_SINCE = """
    WITH judged AS (
        SELECT r.seq, r.line, r.person_id, r.resident_id_index, r.name, r.statuses
        FROM enrollment_registerrow r
        WHERE r.register_id = %(register)s AND r.seq BETWEEN %(first)s AND %(last)s
            AND r.seq = ANY(%(seqs)s) AND (r.enrolls OR r.pays_id IS NOT NULL)
    ), held AS (
        SELECT j.line, s.code FROM judged j JOIN enrollment_identitystatus s USING (person_id)
        WHERE s.first_day <= %(day)s AND (s.last_day IS NULL OR s.last_day >= %(day)s)
        UNION
        SELECT j.line, l.code FROM judged j JOIN enrollment_listedstatus l
            ON l.number_index = j.resident_id_index AND l.name = j.name
        WHERE j.person_id IS NULL
            AND l.area_id = (SELECT id FROM accounts_division WHERE code = %(area)s)
            AND l.first_day <= %(day)s AND (l.last_day IS NULL OR l.last_day >= %(day)s)
    )
    SELECT DISTINCT j.seq
    FROM judged j LEFT JOIN (
        SELECT line, string_agg(code, ',' ORDER BY code COLLATE "C") AS codes
        FROM held GROUP BY line
    ) h USING (line)
    WHERE coalesce(h.codes, '') <> j.statuses
"""
ENROLLING = """
    SELECT coalesce(p.resident_id_index, r.resident_id_index), r.seq, r.name
    FROM enrollment_registerrow r LEFT JOIN enrollment_person p ON p.id = r.person_id
    WHERE r.register_id = %(register)s AND r.seq BETWEEN %(first)s AND %(last)s
        AND r.seq = ANY(%(seqs)s) AND r.enrolls
"""
# The numbers that the village wrote on must still be free: not used, not reported lost, and the
# book still in the hands of who confirms.
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
                AND s.receipt_number BETWEEN e.first_number AND e.last_number
                AND NOT EXISTS (
                    SELECT FROM enrollment_bookevent f
                    WHERE f.book_id = b.id AND f.kind = %(found)s AND f.id > e.id
                        AND s.receipt_number BETWEEN f.first_number AND f.last_number)))
"""


def hold_back_changed(
    register: RegisterImport, season: Season | None, batch: Sequence[Staged], day: date
) -> list[Staged]:
    """Drop what no longer fits since the check, under the locks."""
    asked = span(register, [one.seq for one in batch])
    asked["year"] = season.year if season else day.year
    gone: dict[int, str] = {seq: CHANGED for (seq,) in run(CHANGED_SINCE, asked)}
    now = asked | {"day": day, "area": register.township.county_code}
    for (seq,) in run(STATUSES_SINCE, now):
        gone.setdefault(seq, LISTED)
    enrolling = {index: (seq, name) for index, seq, name in run(ENROLLING, asked)}
    for index, there in cover_elsewhere(enrolling, day).items():
        seq, name = enrolling[index]
        gone.setdefault(seq, elsewhere_refusal(name, there))
    with_receipt = [one.seq for one in batch if one.receipt_book_id]
    if with_receipt:
        books = {
            "actor": register.requested_by_id,
            "in_use": ReceiptBook.Status.IN_USE.value,
            "loss": BookEvent.Kind.LOSS.value,
            "found": BookEvent.Kind.FOUND.value,
        }
        for (seq,) in run(USED_SINCE, asked | books):
            gone.setdefault(seq, USED)
        uploader = register.requested_by
        assert uploader is not None  # somebody uploads it
        try:
            refuse_closed_day(uploader, day)
        except Refusal as refusal:
            gone |= dict.fromkeys(with_receipt, refusal.message)
    by_message: dict[str, list[int]] = defaultdict(list)
    for seq, message in gone.items():
        by_message[message].append(seq)
    for message, seqs in by_message.items():
        hold(register, seqs, message)
    return [one for one in batch if one.seq not in gone]


def hold(register: RegisterImport, seqs: Sequence[int], message: str) -> None:
    """Turn households into wrong ones with a reason; the clerk finds them in the verdict."""
    if not seqs:
        return
    RegisterHousehold.objects.filter(register=register, seq__in=seqs).update(wrong=True)
    problem = json.dumps([["error", "household_number", message]], ensure_ascii=False)
    run(
        "UPDATE enrollment_registerrow SET verdict = 'e', problems = problems || %(more)s::jsonb"
        " WHERE register_id = %(register)s AND seq = ANY(%(seqs)s)",
        {"register": register.pk, "seqs": list(seqs), "more": problem},
    )
    register.held_households += len(seqs)
