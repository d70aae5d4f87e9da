"""What claims and covers know of a year that the measures ask of the fund (funds/law/known.py)."""

from decimal import Decimal

from django.db import connection
from django.db.models import Count, Sum

from accounts.models import Division
from claims.models import Settlement, UsageEntry
from claims.quotas.board import rows_of
from claims.quotas.models import Allotment
from enrollment.models import Enrollment
from funds.law.known import HouseholdAccounts, Overspend
from lib.money import to_yuan

# Each account under the household that has it now; what was used stands as negative fen. Covers by
# their status as `Enrollment.objects.active()` takes them.
ACCOUNTS = """
WITH moved AS (
    SELECT coalesce(h.account_into_id, h.id) AS root, e.year, e.account_amount * 100 AS fen
    FROM enrollment_enrollment e
    JOIN enrollment_household h ON h.id = e.household_id
    JOIN accounts_division d ON d.id = e.division_id
    WHERE e.status = 'active' AND e.year <= %(year)s AND e.account_amount <> 0
        AND d.code LIKE %(area)s || '%%'
    UNION ALL
    SELECT coalesce(h.account_into_id, h.id), o.year, o.amount * 100
    FROM enrollment_accountopening o
    JOIN enrollment_household h ON h.id = o.household_id
    JOIN accounts_division d ON d.id = o.division_id
    WHERE o.year <= %(year)s AND d.code LIKE %(area)s || '%%'
    UNION ALL
    SELECT coalesce(h.account_into_id, h.id), u.policy_year, u.amount
    FROM claims_usageentry u
    JOIN enrollment_household h ON h.id = u.household_id
    JOIN claims_settlement s ON s.id = u.settlement_id
    JOIN accounts_division d ON d.id = s.division_id
    WHERE u.counter = 'household_account' AND u.policy_year <= %(year)s
        AND d.code LIKE %(area)s || '%%'
    UNION ALL
    -- Of the year in which the county moved in: the money left before its books were opened here.
    SELECT coalesce(h.account_into_id, h.id), c.policy_year - 1, c.amount
    FROM claims_carriedamount c
    JOIN claims_carriedusage b ON b.id = c.usage_id AND b.is_live
    JOIN enrollment_household h ON h.id = c.household_id
    JOIN accounts_division d ON d.id = b.division_id
    WHERE c.counter = 'household_account' AND c.policy_year <= %(year)s
        AND d.code LIKE %(area)s || '%%'
), accounts AS (
    SELECT root, sum(fen) AS fen, coalesce(sum(fen) FILTER (WHERE year < %(year)s), 0) AS brought
    FROM moved GROUP BY root
)
"""
LEFT = f"""{ACCOUNTS}
SELECT coalesce(sum(brought), 0), coalesce(sum(fen), 0), count(*) FILTER (WHERE fen > 0),
    coalesce(sum(fen) FILTER (WHERE fen < 0), 0), count(*) FILTER (WHERE fen < 0)
FROM accounts
"""  # noqa: S608 - of constants
BY_VILLAGE = f"""{ACCOUNTS}
SELECT left(d.code, 12), count(*), sum(a.fen)
FROM accounts a
JOIN enrollment_household h ON h.id = a.root
JOIN accounts_division d ON d.id = h.division_id
WHERE a.fen > 0 GROUP BY 1
"""  # noqa: S608 - of constants


def accounts_by_village(area: Division, year: int) -> list[tuple[str, int, Decimal]]:
    """(code of the village, households that have something left, yuan) up to that year."""
    with connection.cursor() as cursor:
        cursor.execute(BY_VILLAGE, {"year": year, "area": area.code})
        return [(code, count, to_yuan(int(fen))) for code, count, fen in cursor.fetchall()]


def household_accounts(area: Division, year: int) -> HouseholdAccounts:
    """Four statements, whatever the number of households."""
    with connection.cursor() as cursor:
        cursor.execute(LEFT, {"year": year, "area": area.code})
        brought, left, households, below, below_count = cursor.fetchone()
    covers = Enrollment.objects.active().filter(division__code__startswith=area.code, year=year)
    granted = covers.aggregate(total=Sum("account_amount"))["total"] or Decimal(0)
    used = UsageEntry.objects.filter(
        counter="household_account",
        policy_year=year,
        settlement__division__code__startswith=area.code,
    )
    waiting = (
        Settlement.Status.SUBMITTED,
        Settlement.Status.REVIEWED,
        Settlement.Status.APPROVED,
    )
    unpaid = used.filter(settlement__status__in=waiting).aggregate(
        total=Sum("amount", default=0), claims=Count("settlement", distinct=True)
    )
    return HouseholdAccounts(
        brought=to_yuan(int(brought)),
        granted=granted,
        used=to_yuan(-used.aggregate(total=Sum("amount", default=0))["total"]),
        left=to_yuan(int(left)),
        households=households,
        below=to_yuan(-int(below)),
        below_count=below_count,
        unpaid=to_yuan(-unpaid["total"]),
        unpaid_count=unpaid["claims"] if unpaid["total"] else 0,
    )


def overspends(area: Division, year: int) -> list[Overspend] | None:
    """Of every township that went beyond its quota, by what was paid; None without quotas."""
    allotment = Allotment.objects.in_force(area, year)
    if allotment is None:
        return None
    return [
        Overspend(
            township=row.township,
            quota=row.quota,
            used=row.used,
            amount=row.overspend,
            office=row.office,
            institutions=row.institutions or {"": row.of_institutions},
        )
        for row in rows_of(area, year, allotment)
        if row.overspend
    ]
