"""What waits in cases, as one kind of work: whoever may do a step has the case on the first page.

One, so that a first page costs one statement more whatever the law asks of a case.
"""

from typing import Any

from django.db.models import Exists, OuterRef, Q

from accounts.models import User
from desk.worklist import Work, numbered
from supervision.cases.listings import cases_of, party_of
from supervision.cases.models import Case, CaseOfficer, CasePause, CaseQuerySet, Evidence
from supervision.cases.workflow import CHECK, DECIDE
from supervision.cases.workflow import WORK as INVESTIGATE

S = Case.Status


def waiting(user: User) -> CaseQuerySet:
    """Cases whose next step is open to the user, and those with evidence that is still held."""
    rows = Case.objects.visible_to(user)
    found: Any = Q(pk__in=[])
    if user.may(INVESTIGATE):
        held = Evidence.objects.filter(case=OuterRef("pk"), released_on=None).exclude(hold="")
        found |= Q(status__in=[S.CLUE, S.OPEN, S.CHECKED, S.DECIDED, S.DELIVERED])
        found |= ~Q(status__in=Case.OVER) & Exists(held)
    if user.may(DECIDE):
        found |= Q(status__in=[S.ASKED, S.NOTIFIED])
        asked = CasePause.objects.filter(case=OuterRef("pk")).filter(
            Q(status=CasePause.Status.ASKED) | Q(status=CasePause.Status.ENDING) & ~Q(ended_by=user)
        )
        found |= ~Q(status__in=Case.OVER) & Exists(asked.exclude(added_by=user))
    if user.may(CHECK):
        # Not who investigates it, nor who brought it this far.
        own = CaseOfficer.objects.filter(case=OuterRef("pk"), user=user)
        hands = Q(asked_by=user) | Q(reported_by=user) | Q(found_by=user)
        found |= Q(status=S.REPORTED) & ~hands & ~Exists(own)
    return rows.filter(found)


WORK = (
    Work(
        "稽核案件待办",
        "supervision.view_cases",
        "supervision:cases",
        waiting,
        unit="件",
        query="status=unfinished",
        due="due_on",
        is_rare=True,
    ),
)
FINDERS = (
    numbered(
        "supervision.view_cases",
        "稽核案件",
        "supervision:case",
        cases_of,
        lambda row: f"{party_of(row)}，{row.get_status_display()}",
    ),
)
