"""The year's payments: one batch for the county on each payday, and the orders that the claims
asked for, as accountant and cashier make and release them.

The batches come with their vouchers (demo/bookkeeping.py); what is in them is written at the end
from the settlements, a statement for each table, before the batches are released.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from accounts.models import User
from accounts.roles import Role
from claims.models import Settlement
from claims.paying.seen import digest_of
from claims.shares import BALANCES
from demo.foundation import Foundation
from desk.numbers import next_number
from funds.payments.models import PaymentBatch
from funds.payments.services import SERIES
from lib.money import to_yuan

CHUNK = 500  # settlements whose fingerprints are written at once

ORDERS = """
    INSERT INTO funds_paymentorder (area_id, division_id, township_id, key, event, source, status,
        amount, payee, payee_code, bank, account, account_index, asked_by_id, asked_on, batch_id,
        bounces, return_reason, reason)
    SELECT %(area)s, s.division_id, t.id, 'settlement:' || s.id, 'claim_paid',
        '结算单 ' || s.number, CASE WHEN s.status = 'paid' THEN 'paid' ELSE 'waiting' END,
        s.fund_amount + s.account_amount + s.credit_amount, s.payee_name,
        CASE WHEN s.pay_to = 'institution' THEN coalesce(i.code, '') ELSE '' END, '',
        s.payee_account, s.payee_account_index, s.approved_by_id,
        (s.approved_at AT TIME ZONE 'Asia/Shanghai')::date, b.id, 0, '', ''
    FROM claims_settlement s
    JOIN claims_visit v ON v.id = s.visit_id
    JOIN accounts_division d ON d.id = s.division_id
    JOIN accounts_division t ON t.code = left(d.code, 9)
    LEFT JOIN institutions_institution i ON i.id = v.institution_id
    LEFT JOIN funds_paymentbatch b ON b.paid_on = s.paid_on
    WHERE s.status IN ('approved', 'paid')
    ORDER BY s.id
"""
PARTS = """
    INSERT INTO funds_paymentpart (order_id, fund_type, purpose, tier, policy_year,
        institution_code, funding_level, amount)
    SELECT o.id, part.book, part.purpose, s.tier, s.policy_year, coalesce(i.code, ''), '',
        sum(part.amount)
    FROM funds_paymentorder o
    JOIN claims_settlement s ON 'settlement:' || s.id = o.key
    JOIN claims_visit v ON v.id = s.visit_id
    JOIN unnest(%(cares)s, %(purposes)s) AS booked (care, purpose) ON booked.care = v.care
    LEFT JOIN institutions_institution i ON i.id = v.institution_id
    CROSS JOIN LATERAL (
        SELECT f.book, coalesce(nullif(f.booked_as, ''), booked.purpose) AS purpose, f.amount
        FROM claims_settlementfund f WHERE f.settlement_id = s.id
        UNION ALL
        SELECT %(book)s, %(balances)s, s.account_amount + s.credit_amount
        WHERE s.account_amount + s.credit_amount > 0
    ) part
    GROUP BY o.id, part.book, part.purpose, s.tier, s.policy_year, i.code
    ORDER BY o.id, part.purpose
"""
TRANSFERS = """
    INSERT INTO funds_transfer (batch_id, order_id, position, payee, payee_code, bank, account,
        account_index, amount, event, outcome, known_on, known_by_id, reason)
    SELECT o.batch_id, o.id, row_number() OVER (PARTITION BY o.batch_id ORDER BY o.id), o.payee,
        o.payee_code, o.bank, o.account, o.account_index, o.amount, o.event, 'arrived', b.paid_on,
        b.made_by_id, ''
    FROM funds_paymentorder o JOIN funds_paymentbatch b ON b.id = o.batch_id
    ORDER BY o.id
"""
RELEASE = """
    UPDATE funds_paymentbatch SET status = 'released', released_by_id = %(cashier)s,
        released_at = (paid_on + %(at)s::time) AT TIME ZONE 'Asia/Shanghai'
    WHERE area_id = %(area)s
"""


@dataclass(frozen=True)
class Payday:
    """What the county pays on a day."""

    number: int
    fen: int


def make_batch(foundation: Foundation, day: date, due: Payday, maker: User) -> PaymentBatch:
    """The batch of a payday, before anything is in it."""
    county = foundation.county
    return PaymentBatch.objects.create(
        area=county,
        number=f"{day.year}{next_number(SERIES, county.code, day.year):05d}",
        number_of=due.number,
        total=to_yuan(due.fen),
        made_by=maker,
        made_on=day,
        paid_on=day,
    )


def fill_batches(foundation: Foundation, purposes: Mapping[str, str]) -> None:
    """Orders, their parts and what the batches sent, from the settlements; then the release."""
    asked: dict[str, Any] = {
        "area": foundation.county.pk,
        "book": foundation.book.fund_type,
        "balances": BALANCES,
        "cares": list(purposes),
        "purposes": list(purposes.values()),
        "cashier": foundation.officer(Role.CASHIER).pk,
        "at": "10:30",
    }
    with connection.cursor() as cursor:
        for statement in (ORDERS, PARTS, TRANSFERS, RELEASE):
            cursor.execute(statement, asked)


def seal_reviews() -> None:
    """What reviewer and approver saw of the claims that are still under way."""
    waiting = Settlement.objects.filter(status__in=("reviewed", "approved"), digest="")
    ids = list(waiting.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), CHUNK):
        rows = list(
            Settlement.objects.filter(pk__in=ids[start : start + CHUNK])
            .select_related("visit")
            .prefetch_related("funds", "visit__lines")
        )
        for row in rows:
            row.digest = digest_of(row)
        Settlement.objects.bulk_update(rows, ["digest"])
