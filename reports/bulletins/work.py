"""Bulletins that wait for who issues them."""

from django.db.models import QuerySet

from accounts.models import User
from desk.worklist import Work
from reports.bulletins.models import Bulletin
from reports.bulletins.workflow import ISSUE


def _to_issue(user: User) -> QuerySet[Bulletin]:
    rows = Bulletin.objects.visible_to(user).filter(status=Bulletin.Status.DRAFT)
    return rows.exclude(drafted_by=user)


WORK = (
    Work(
        *("简报待签发", ISSUE, "reports:bulletins", _to_issue),
        unit="份",
        query="status=draft",
        since="drafted_at",
        is_rare=True,
    ),
)
