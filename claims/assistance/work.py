"""What waits in assistance: for each hand its applications, and cases for county and township."""

from accounts.models import User
from accounts.roles import Role
from accounts.scoping import ScopedQuerySet
from claims.assistance.models import (
    AidApplication,
    AidApplicationQuerySet,
    AidCase,
)
from claims.assistance.workflow import UNANSWERED
from claims.work import LATE
from desk.worklist import Work

AIDS, CASES = "claims:aids", "claims:aid_cases"


def to_review(user: User) -> AidApplicationQuerySet:
    waits = (AidApplication.Status.APPLIED, AidApplication.Status.OBJECTED)
    return AidApplication.objects.visible_to(user).filter(status__in=waits)


def to_approve(user: User) -> AidApplicationQuerySet:
    rows = AidApplication.objects.visible_to(user)
    return rows.filter(status=AidApplication.Status.PUBLISHED)


def to_look_into(user: User) -> ScopedQuerySet[AidCase]:
    return AidCase.objects.visible_to(user).filter(status=AidCase.Status.FOUND)


def to_answer(user: User) -> ScopedQuerySet[AidCase]:
    waits = (AidCase.Status.HANDED, AidCase.Status.NOTIFIED)
    return AidCase.objects.visible_to(user).filter(status__in=waits)


def to_check(user: User) -> ScopedQuerySet[AidCase]:
    return AidCase.objects.visible_to(user).filter(status__in=UNANSWERED, is_poor=None)


WORK = (
    Work("救助待审核", "claims.review_aid", AIDS, to_review, money="amount",
         since="applied_on", late=LATE),
    Work("救助公示、待审批", "claims.approve_aid", AIDS, to_approve, query="status=published",
         money="amount", since="reviewed_at", late=LATE),
    Work("高额自付待核实", "claims.review_aid", CASES, to_look_into, query="status=found",
         money="own_amount", since="found_on", late=LATE, roles=frozenset({Role.REVIEWER})),
    Work("高额自付待民政核查", "claims.check_aid_case", CASES, to_check, query="checked=no",
         money="own_amount", since="found_on", late=LATE),
    Work("应救未救待办", "claims.apply_aid", CASES, to_answer, money="own_amount",
         since="handed_at", due="due_on"),
)  # fmt: skip
