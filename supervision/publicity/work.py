"""Publicity that waits for whose office has to do it."""

from accounts.clock import today
from accounts.models import User
from desk.worklist import Work
from supervision.publicity.listings import LATE, OWN, TO_DO
from supervision.publicity.models import PublicityTask, PublicityTaskQuerySet
from supervision.publicity.workflow import REPORT


def _to_do(user: User) -> PublicityTaskQuerySet:
    return PublicityTask.objects.charged_to(user).in_time(today())


def _late(user: User) -> PublicityTaskQuerySet:
    return PublicityTask.objects.charged_to(user).overdue(today())


TASKS = "supervision:publicity"
WORK = (
    Work(
        *("宣传任务已逾期", REPORT, TASKS, _late),
        unit="项",
        query=f"state={LATE}&charge={OWN}",
        due="measure__due_on",
        is_bad=True,
        is_rare=True,
    ),
    Work(
        *("宣传任务待完成", REPORT, TASKS, _to_do),
        unit="项",
        query=f"state={TO_DO}&charge={OWN}",
        due="measure__due_on",
        is_rare=True,
    ),
)
