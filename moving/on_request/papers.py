"""The paper with everything that is held about one person."""

from datetime import timedelta
from typing import Any

from django.http import Http404
from django.utils import timezone

from accounts.clock import today
from accounts.models import AuditLine
from accounts.permissions import Request
from accounts.scoping import get_visible
from accounts.templatetags.hezuo import mask_id, mask_phone
from desk.papers import PaperKind, paper_route
from enrollment.models import Person
from moving.on_request.held import ACCOUNT, NUMBER, PHONE, held

ASKED = "moving.ask_about_person"
# A reason once given opens the paper for a working day.
ANSWERED_WITHIN = timedelta(hours=10)


def _edition(person: Person) -> str:
    """Of one day: on another there is more to tell."""
    return today().isoformat()


ONE_PERSON = PaperKind(
    "moving.one_person",
    "个人信息查阅单",
    "moving/one_person_paper.html",
    "moving.view_person",
    held,
    edition=_edition,
    size="A4 landscape",
    clear={NUMBER: mask_id, PHONE: mask_phone, ACCOUNT: mask_id},
)


def _one(request: Request, pk: int) -> Any:
    """Within the scope, and only after saying why: it is all that there is about somebody."""
    person = get_visible(Person, request.user, "household__division__parent", pk=pk)
    asked = AuditLine.objects.filter(
        user=request.user,
        action=ASKED,
        subject_type="enrollment.person",
        subject_id=str(pk),
        at__gte=timezone.now() - ANSWERED_WITHIN,
    )
    if not asked.exists():
        raise Http404
    return person


ROUTES = [paper_route("person/<int:pk>/paper", ONE_PERSON, _one, name="one_person_paper")]
