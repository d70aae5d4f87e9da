"""What waits in the register and in cover: who is entered and has not paid, papers, decisions."""

from collections.abc import Iterator
from datetime import date

from django.db.models import QuerySet
from django.urls import reverse

from accounts.clock import today
from accounts.models import User
from desk.worklist import Finder, Hit, Note, Work
from enrollment.cover.models import (
    Campaign,
    Certificate,
    CertificateQuerySet,
    Enrollment,
    ExpectedChild,
)
from enrollment.cover.proposal_models import Proposal, ProposalQuerySet
from enrollment.people.models import Person
from enrollment.people.same_models import SamePerson, SamePersonQuerySet
from enrollment.people.search import found_people

# How long before its end a campaign is announced as ending. No norm.
SOON = 10


def _unpaid(user: User) -> QuerySet[Enrollment]:
    """Entered in a campaign that still takes money."""
    rows = Enrollment.objects.visible_to(user).filter(status=Enrollment.Status.PENDING)
    return rows.filter(campaign__last_day__gte=today())


def _to_hand_out(user: User) -> CertificateQuerySet:
    return Certificate.objects.visible_to(user).waiting()


def _born(user: User) -> QuerySet[ExpectedChild]:
    rows: QuerySet[ExpectedChild] = ExpectedChild.objects.visible_to(user).waiting()
    return rows.filter(due_on__lte=today())


def _proposed(user: User) -> ProposalQuerySet:
    return Proposal.objects.visible_to(user).waiting()


def _two_records(user: User) -> SamePersonQuerySet:
    return SamePerson.objects.visible_to(user).waiting()


def campaign_ends(user: User, day: date) -> str:
    campaign = Campaign.objects.begun(user.county_code, day).first()
    if campaign is None:
        return "还没有设立年度征缴，窗口不能办理参保"
    left = (campaign.last_day - day).days
    if not 0 <= left <= SOON:
        return ""
    when = "今天" if left == 0 else f"还有 {left} 天，{campaign.last_day:%m-%d} "
    return f"{campaign.year} 年度集中缴费{when}截止"


def _people(user: User, text: str, at_most: int) -> Iterator[Hit]:
    rows = Person.objects.visible_to(user).select_related("household__division__parent")
    for one in found_people(rows, text, at_most):
        home = one.person.household
        facts = f"{home.division.place} 户编号 {home.number}"
        yield Hit(
            "参保人",
            one.person.name,
            f"{facts} {one.said}".strip(),
            reverse("enrollment:household_detail", args=[home.pk]),
        )


WORK = (
    Work(
        "已登记待缴费",
        "enrollment.take_payment",
        "enrollment:household_list",
        _unpaid,
        unit="人",
        query="state=pending",
        money="personal_amount",
        since="entered_at",
        due="campaign__last_day",
    ),
    Work(
        "医疗证待发放",
        "enrollment.certify",
        "enrollment:certificates",
        _to_hand_out,
        unit="本",
        since="issued_on",
        late=30,  # no norm
    ),
    Work(
        "已到预产期待补登",
        "enrollment.enroll",
        "enrollment:expected_list",
        _born,
        unit="人",
        due="due_on",
    ),
    Work(
        "变更待审批",
        "enrollment.decide_change",
        "enrollment:proposals",
        _proposed,
        unit="件",
        query="status=proposed",
        since="proposed_on",
        late=5,  # no norm: a working week
    ),
    Work(
        "重复登记待审批",
        "enrollment.decide_change",
        "enrollment:same_people",
        _two_records,
        unit="件",
        query="status=proposed",
        since="proposed_on",
        late=5,  # no norm: a working week
    ),
)
NOTES = (
    Note("enrollment.enroll", "enrollment:household_list", campaign_ends),
    Note("enrollment.prepare", "enrollment:prepare", campaign_ends),
)
FINDERS = (Finder("enrollment.view", _people),)
