"""What waits with the yearly assessment."""

from typing import Any

from accounts.models import User
from desk.worklist import Work
from supervision.assessment.models import Assessment
from supervision.assessment.workflow import ASSESS, OWN, REVIEW

LIST = "supervision:assessments"
Status = Assessment.Status


def _in(*statuses: Assessment.Status) -> Any:
    def rows(user: User) -> Any:
        return Assessment.objects.visible_to(user).filter(status__in=statuses)

    return rows


def _work(title: str, permission: str, status: Assessment.Status, **clock: Any) -> Work:
    return Work(title, permission, LIST, _in(status), unit="家", query=f"status={status.value}",
                is_rare=True, **clock)  # fmt: skip


WORK = (
    _work("年度考核待自评", OWN, Status.OPEN, since="opened_at"),
    _work("考核结果公示，可申诉", OWN, Status.PUBLISHED, due="appeal_by"),
    _work("年度考核待考核", ASSESS, Status.SELF_SCORED, since="self_at"),
    _work("考核申诉待答复", ASSESS, Status.APPEALED, since="appealed_at"),
    _work("年度考核待复核", REVIEW, Status.SCORED, since="scored_at"),
)
