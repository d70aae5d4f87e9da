"""What supervision reads beside an alert (settings.ROOMS_BESIDE_ALERTS)."""

from django.utils import timezone

from gateway.prechecks.models import PreCheck
from supervision.models import Alert

NAMES = {"3101": "事前审核", "3102": "事中审核"}


def beside(alert: Alert) -> list[str]:
    """When the hospital was told the same before it settled, and what it wrote then."""
    rows = PreCheck.objects.filter(
        visit=alert.settlement.visit_id, hits__contains=[{"rule": alert.rule}]
    )
    return [_told(row) for row in rows.order_by("pk")]


def _told(row: PreCheck) -> str:
    at = f"{timezone.localtime(row.asked_at):%Y-%m-%d %H:%M}"
    said = f"{row.reasoned_by}写明：{row.reason}" if row.reason else "没有写明继续的理由"
    return f"{at} {NAMES.get(row.infno, row.infno)}已向机构提示，{said}"
