"""What waits with complaints, as one kind of work: to be accepted, to be answered, a reward."""

from django.db.models import Exists, OuterRef, Q

from accounts.models import User
from desk.worklist import Work, numbered
from supervision.complaints.listings import UNFINISHED
from supervision.complaints.models import Complaint, ComplaintQuerySet, Reward
from supervision.complaints.workflow import DECIDE, HANDLE


def waiting(user: User) -> ComplaintQuerySet:
    """Complaints whose next step is open to the user, and those whose reward is theirs to decide:
    not who put it forward."""
    found = Q(pk__in=[])
    if user.may(HANDLE):
        found |= Q(status__in=Complaint.OPEN)
    if user.may(DECIDE):
        asked = Reward.objects.filter(complaint=OuterRef("pk"), status=Reward.Status.PROPOSED)
        found |= Q(Exists(asked.exclude(proposed_by=user).order_by()))
    return Complaint.objects.visible_to(user).filter(found)


WORK = (
    Work(
        "投诉举报待办",
        "supervision.view_complaints",
        "supervision:complaints",
        waiting,
        unit="件",
        query=f"status={UNFINISHED}",
        due="due_on",
        is_rare=True,
    ),
)
FINDERS = (
    numbered(
        "supervision.view_complaints",
        "投诉举报",
        "supervision:complaint",
        Complaint.objects.visible_to,
        lambda row: f"{row.received_on} 收到，{row.get_status_display()}",
    ),
)
