"""The rows of a county as they lie in the tables, by bare SQL: fen, codes and days, nothing summed.

Nothing of the portal's own reading is used here or beside it: what the portal says is recomputed
from these rows in plain Python (`books.py`, `care.py`, `law.py`) and compared (`compare.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.db import connection


class Leg(NamedTuple):
    """A line of a voucher. `year`: insurance year or None; `red_year`: of a red letter the calendar
    year of what it takes back."""

    voucher: int
    day: date
    book_year: int
    book_month: int
    event: str
    code: str
    kind: str
    debit: int
    credit: int
    tier: str
    town: str
    level: str
    institution: str
    year: int | None
    red_year: int | None


class Claim(NamedTuple):
    """A settlement with its visit. `back`: its whole payment is back in the fund."""

    pk: int
    status: str
    year: int
    settled_on: date
    paid_on: date | None
    is_last: bool
    person: int
    home: str
    tier: str
    is_stay: bool
    place: str
    source: str
    level: str
    starts: date
    ends: date
    institution: str
    institution_level: str
    institution_place: str
    cost: int
    in_scope: int
    own: int
    fund: int
    personal: int
    payable: int
    back: bool


class Cover(NamedTuple):
    person: int
    root: int
    town: str
    year: int
    tier: str
    status: str
    first_day: date
    personal: int
    central: int
    province: int
    city: int
    county: int
    other: int
    account: int


class Person(NamedTuple):
    pk: int
    town: str
    born: date
    died: date | None
    left: date | None


@dataclass(frozen=True)
class Rows:
    """Everything of one area's residents' fund."""

    area: str
    first_month: tuple[int, int]
    accounts: dict[str, str]  # code → kind
    legs: list[Leg]
    claims: list[Claim]
    layers: dict[int, list[tuple[str, str, str, int]]]  # claim → (layer, national code, book, fen)
    usage: list[tuple[int, int | None, int, str, int, date]]
    covers: list[Cover]
    people: list[Person]
    statuses: list[tuple[int, str, date, date | None]]
    recovered: dict[int, int]  # claim → fen that came back of this fund
    quotas: list[tuple[int, int, str, date | None, str, int, int]]
    receipts: list[tuple[int, int, bool, bool]]
    refunds: list[tuple[int, int, int]]
    towns: list[str]


LEGS = """
SELECT v.id, v.occurred_on, p.year, p.month, v.event, a.code, a.kind, (l.debit * 100)::bigint,
    (l.credit * 100)::bigint, l.tier, coalesce(t.code, ''), l.funding_level, l.institution_code,
    l.policy_year, o.year
FROM funds_posting l JOIN funds_voucher v ON v.id = l.voucher_id
JOIN funds_book b ON b.id = v.book_id AND b.fund_type = 'resident'
JOIN accounts_division c ON c.id = b.area_id AND c.code = %(area)s
JOIN funds_period p ON p.id = l.period_id JOIN funds_account a ON a.id = l.account_id
LEFT JOIN accounts_division t ON t.id = l.township_id
LEFT JOIN funds_voucher r ON r.id = v.reversal_of_id
LEFT JOIN funds_period o ON o.id = r.period_id
ORDER BY l.id
"""
CLAIMS = """
SELECT s.id, s.status, s.policy_year, s.settled_on, s.paid_on, s.charged_to IS NULL, v.person_id,
    left(d.code, 9), s.tier, v.counts_as_stay, v.place, v.source, v.level, v.starts, v.ends,
    coalesce(i.code, v.institution_name), coalesce(i.level, ''), coalesce(left(ip.code, 9), ''),
    (s.total_amount * 100)::bigint, (s.in_scope_amount * 100)::bigint,
    (s.full_self_pay_amount * 100)::bigint, (s.fund_amount * 100)::bigint,
    (s.personal_amount * 100)::bigint,
    ((s.fund_amount + s.account_amount + s.credit_amount) * 100)::bigint,
    EXISTS (SELECT 1 FROM claims_recovery r WHERE r.settlement_id = s.id AND r.is_whole
        AND r.status = 'received')
FROM claims_settlement s JOIN claims_visit v ON v.id = s.visit_id
JOIN accounts_division d ON d.id = s.division_id
LEFT JOIN institutions_institution i ON i.id = v.institution_id
LEFT JOIN accounts_division ip ON ip.id = i.division_id
WHERE d.code LIKE %(area)s || '%%' AND s.settled_on IS NOT NULL
ORDER BY s.id
"""
LAYERS = """
SELECT f.settlement_id, f.layer, f.fund_pay_type, f.book, (f.amount * 100)::bigint
FROM claims_settlementfund f ORDER BY f.id
"""
USAGE = """
SELECT u.settlement_id, coalesce(h.account_into_id, h.id), u.policy_year, u.counter, u.amount,
    s.settled_on
FROM claims_usageentry u JOIN claims_settlement s ON s.id = u.settlement_id
LEFT JOIN enrollment_household h ON h.id = u.household_id
ORDER BY u.id
"""
COVERS = """
SELECT e.person_id, coalesce(h.account_into_id, h.id), left(d.code, 9), e.year, e.tier, e.status,
    e.cover_first_day, (e.personal_amount * 100)::bigint, (e.central_amount * 100)::bigint,
    (e.provincial_amount * 100)::bigint, (e.city_amount * 100)::bigint,
    (e.county_amount * 100)::bigint, (e.other_amount * 100)::bigint,
    (e.account_amount * 100)::bigint
FROM enrollment_enrollment e JOIN accounts_division d ON d.id = e.division_id
JOIN enrollment_household h ON h.id = e.household_id
WHERE d.code LIKE %(area)s || '%%' ORDER BY e.id
"""
PEOPLE = """
SELECT p.id, left(d.code, 9), p.birth_date, p.death_date, p.departure_date
FROM enrollment_person p JOIN enrollment_household h ON h.id = p.household_id
JOIN accounts_division d ON d.id = h.division_id
WHERE d.code LIKE %(area)s || '%%'
"""
STATUSES = "SELECT person_id, code, first_day, last_day FROM enrollment_identitystatus"
RECOVERED = """
SELECT r.settlement_id, (sum(least(
    (SELECT coalesce(sum(b.amount), 0) FROM claims_recoveryreceipt b WHERE b.recovery_id = r.id),
    (SELECT coalesce(sum(p.amount), 0) FROM claims_recoverypart p WHERE p.recovery_id = r.id
        AND p.book = 'resident' AND left(p.layer, 1) <> '@'))) * 100)::bigint
FROM claims_recovery r WHERE r.payment_key = '' GROUP BY 1
"""
QUOTAS = """
SELECT q.allotment_id, a.year, a.status, a.decided_on, t.code, q.insured,
    (q.amount * 100)::bigint
FROM claims_townshipquota q JOIN claims_allotment a ON a.id = q.allotment_id
JOIN accounts_division t ON t.id = q.township_id ORDER BY q.id
"""
RECEIPTS = """
SELECT c.year, ((r.amount - r.sponsored_amount) * 100)::bigint,
    coalesce(m.status = 'confirmed', false), r.voided_at IS NULL
FROM enrollment_receipt r JOIN enrollment_campaign c ON c.id = r.campaign_id
LEFT JOIN enrollment_remittance m ON m.id = r.remittance_id
"""

# Of a year that is over a premium goes back as an expense (E11) and is raised all the same.
REFUNDS = """
SELECT e.year, (f.amount * 100)::bigint, extract(year FROM f.paid_on)::int
    - CASE WHEN b.defers_advance_premium THEN e.year ELSE left(m.voucher_number, 4)::int END
FROM enrollment_refund f JOIN enrollment_enrollment e ON e.id = f.enrollment_id
JOIN enrollment_receipt r ON r.id = e.receipt_id
JOIN enrollment_remittance m ON m.id = r.remittance_id
JOIN enrollment_campaign c ON c.id = e.campaign_id
JOIN funds_book b ON b.area_id = c.area_id AND b.fund_type = 'resident'
WHERE f.paid_on IS NOT NULL
"""


def read(area: str) -> Rows:
    """Of the area with this code."""
    with connection.cursor() as cursor:

        def ask(sql: str) -> Sequence[tuple]:  # type: ignore[type-arg]
            cursor.execute(sql, {"area": area} if "%(area)s" in sql else None)
            return cursor.fetchall()

        layers: dict[int, list[tuple[str, str, str, int]]] = {}
        for claim, *layer in ask(LAYERS):
            layers.setdefault(claim, []).append(tuple(layer))  # type: ignore[arg-type]
        begins = ask(
            "SELECT extract(year FROM b.first_month)::int, extract(month FROM b.first_month)::int"
            " FROM funds_book b JOIN accounts_division d ON d.id = b.area_id"
            " WHERE d.code = %(area)s AND b.fund_type = 'resident'"
        )
        accounts = ask(
            "SELECT a.code, a.kind FROM funds_account a JOIN funds_book b ON b.id = a.book_id"
            " JOIN accounts_division d ON d.id = b.area_id"
            " WHERE d.code = %(area)s AND b.fund_type = 'resident' ORDER BY a.code"
        )
        towns = ask(
            "SELECT code FROM accounts_division WHERE level = 'township'"
            " AND code LIKE %(area)s || '%%' ORDER BY code"
        )
        return Rows(
            area=area,
            first_month=begins[0],  # type: ignore[arg-type]
            accounts=dict(accounts),  # type: ignore[arg-type]
            legs=[Leg(*row) for row in ask(LEGS)],
            claims=[Claim(*row) for row in ask(CLAIMS)],
            layers=layers,
            usage=list(ask(USAGE)),  # type: ignore[arg-type]
            covers=[Cover(*row) for row in ask(COVERS)],
            people=[Person(*row) for row in ask(PEOPLE)],
            statuses=list(ask(STATUSES)),  # type: ignore[arg-type]
            recovered=dict(ask(RECOVERED)),  # type: ignore[arg-type]
            quotas=list(ask(QUOTAS)),  # type: ignore[arg-type]
            receipts=list(ask(RECEIPTS)),  # type: ignore[arg-type]
            refunds=list(ask(REFUNDS)),  # type: ignore[arg-type]
            towns=[code for (code,) in towns],
        )
