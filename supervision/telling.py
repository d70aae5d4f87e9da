"""What was found about claims flows down to them: claims know no alerts (claims.Screened)."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db import connection
from django.db.models.expressions import RawSQL
from django.utils import timezone

from supervision.models import Alert

# In order, and held until the commit: whoever found something on one of them at the same moment
# writes after this, or is read by it. What conflicts is locked although nothing is set.
HOLD = """
INSERT INTO claims_screened (settlement_id, open)
SELECT settlement, '[]' FROM unnest(%s::bigint[]) n (settlement) ORDER BY 1
ON CONFLICT (settlement_id) DO UPDATE SET open = excluded.open WHERE false
"""
WRITE = """
UPDATE claims_screened s SET open = coalesce(f.open, '[]')
FROM unnest(%s::bigint[]) n (settlement)
LEFT JOIN unnest(%s::bigint[], %s::jsonb[]) f (settlement, open) ON f.settlement = n.settlement
WHERE s.settlement_id = n.settlement AND s.open <> coalesce(f.open, '[]')
"""


def tell_claims(settlements: Iterable[int]) -> None:
    """Write down that they were looked at and what nobody has concluded on yet; three statements,
    however many there are. Last of what a transaction does to their alerts."""
    ids = sorted(set(settlements))
    if not ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(HOLD, [ids])
    told = RawSQL("SELECT unnest(%s::bigint[])", [ids])
    found: dict[int, list[str]] = defaultdict(list)
    for alert in Alert.objects.open().filter(settlement__in=told).order_by("pk"):
        found[alert.settlement_id].append(f"{alert}：{alert.finding}")
    words = [json.dumps(one, ensure_ascii=False) for one in found.values()]
    with connection.cursor() as cursor:
        cursor.execute(WRITE, [ids, list(found), words])


def mark_screened(taken: Sequence[int]) -> None:
    """These settlements were looked at; one statement. In order, so that two runs at once wait for
    one another and not both."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO supervision_screening (settlement_id, screened_at)"
            " SELECT settlement, %s FROM unnest(%s::bigint[]) n (settlement) ORDER BY 1"
            " ON CONFLICT DO NOTHING",
            [timezone.now(), list(taken)],
        )
