"""What waits in reviews of alerts, as one kind of work for each reader."""

from django.db.models import Q

from accounts.clock import today
from accounts.models import User
from accounts.roles import Role
from desk.worklist import Work
from supervision.grouping import stake
from supervision.reviewing.listings import is_late
from supervision.reviewing.models import AlertReview, AlertReviewQuerySet
from supervision.reviewing.workflow import APPEAL, FIRST, SECOND

S = AlertReview.Status


def waiting(user: User) -> AlertReviewQuerySet:
    """Reviews whose next step is open to the user."""
    found = Q(pk__in=[])
    if user.may(FIRST):
        # Whoever did not answer within the term is verified without it.
        found |= Q(status=S.APPEALED) | Q(status=S.TOLD, due_on__lt=today())
        # What was not served has no term yet.
        found |= Q(status=S.TOLD, due_on=None)
    if user.may(SECOND):
        found |= Q(status=S.FIRST) & ~Q(first_by=user)
        hands = Q(first_by=user) | Q(second_by=user) | Q(verified_by=user)
        found |= Q(status=S.VERIFIED) & ~hands
    if user.may(APPEAL):
        found |= Q(status=S.TOLD) & (Q(due_on=None) | Q(due_on__gte=today()))
    return AlertReview.objects.visible_to(user).filter(found).annotate(stake=stake("alert"))


def _late(user: User) -> AlertReviewQuerySet:
    """Whoever's turn it is: both offices see what is stuck."""
    rows = AlertReview.objects.visible_to(user).filter(is_late())
    return rows.exclude(status__in=AlertReview.OVER).annotate(stake=stake("alert"))


WORK = (
    Work(
        "疑点审核待办",
        "supervision.view_reviews",
        "supervision:reviews",
        waiting,
        unit="条",
        query="status=unfinished",
        money="stake",
        due="due_on",
        roles=frozenset({Role.SUPERVISOR, Role.APPROVER, Role.INSTITUTION_CLERK}),
        is_rare=True,
    ),
    Work(
        "疑点审核已逾期",
        "supervision.view_reviews",
        "supervision:reviews",
        _late,
        unit="条",
        query="status=late",
        money="stake",
        due="due_on",
        roles=frozenset({Role.SUPERVISOR, Role.APPROVER}),
        is_bad=True,
        is_rare=True,
    ),
)
