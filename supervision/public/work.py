"""What waits with notices: to be put up, to be proved, to be taken down, objections."""

from typing import Any

from accounts.clock import today
from accounts.models import User
from desk.worklist import Work
from supervision.public.models import Objection, ObjectionQuerySet, Posting, PostingQuerySet
from supervision.public.posted import TO_POST, TO_PROVE, UP, issued, to_post
from supervision.public.workflow import ANSWER, CLOSE, POST

# Printed notices hang within a working week; no norm gives a time.
LATE = 5


def _to_post(user: User) -> Any:
    return to_post(issued(user))


def _to_prove(user: User) -> PostingQuerySet:
    return Posting.objects.visible_to(user).unproved()


def _to_take_down(user: User) -> PostingQuerySet:
    rows = Posting.objects.visible_to(user).filter(status=Posting.Status.UP)
    return rows.filter(due_on__lt=today())


def _to_answer(user: User) -> ObjectionQuerySet:
    return Objection.objects.visible_to(user).filter(status=Objection.Status.RECEIVED)


def _to_close(user: User) -> ObjectionQuerySet:
    """Answered, and by another; not by who took it in either."""
    rows = Objection.objects.visible_to(user).filter(status=Objection.Status.ANSWERED)
    return rows.exclude(answered_by=user).exclude(received_by=user)


POSTED = "supervision:posted"
WORK = (
    Work(
        *("公示待张贴", POST, POSTED, _to_post),
        unit="份",
        query=f"state={TO_POST}",
        since="printed_at",
        late=LATE,
        is_rare=True,
    ),
    Work(
        *("公示待上传照片", POST, POSTED, _to_prove),
        unit="份",
        query=f"state={TO_PROVE}",
        since="put_up_on",
        late=LATE,
        is_rare=True,
    ),
    Work(
        *("公示期满待撤下", POST, POSTED, _to_take_down),
        unit="份",
        query=f"state={UP}",
        since="due_on",
        is_rare=True,
    ),
    Work(
        *("公示异议待答复", ANSWER, "supervision:objections", _to_answer),
        unit="件",
        query="status=received",
        due="due_on",
        is_rare=True,
    ),
    Work(
        *("公示异议待办结", CLOSE, "supervision:objections", _to_close),
        unit="件",
        query="status=answered",
        since="answered_at",
        is_rare=True,
    ),
)
