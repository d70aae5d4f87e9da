"""A county that sets rules for reviewing."""

from datetime import date
from types import SimpleNamespace
from typing import Any

from claims.deciding.models import ReviewRule


def rules(cast: SimpleNamespace, **given: Any) -> ReviewRule:
    """Decided by two people, as the service leaves them."""
    return ReviewRule.objects.create(
        area=cast.supervisor.division,
        status="approved",
        evidence="县医保中心〔2026〕3号",
        reason="内控要求",
        proposed_by=cast.supervisor,
        proposed_on=date(2026, 1, 5),
        decided_by=cast.approver2,
        decided_on=date(2026, 1, 6),
        **given,
    )
