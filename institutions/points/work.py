"""What waits with points, and who has so many that he should be told."""

from typing import Any

from django.db.models import Q, Subquery

from accounts.clock import today
from accounts.models import User
from desk.worklist import Work
from institutions.models import Practitioner
from institutions.points.arithmetic import SUSPENDED_FROM
from institutions.points.listings import waiting, with_points
from institutions.points.models import PointAppeal, PointRecord, PointTerms
from institutions.points.workflow import APPEALS, ASKS, DECIDES


def _to_decide(user: User) -> Any:
    """One list and one statement for all kinds; the county's terms are decided once in years."""
    return waiting(Practitioner.objects.visible_to(user))


def _in(status: PointAppeal.Status) -> Any:
    def rows(user: User) -> Any:
        return PointAppeal.objects.visible_to(user).filter(status=status)

    return rows


def _to_appeal(user: User) -> Any:
    """Given to people of the institution, and the days to appeal still run."""
    rows = PointRecord.objects.visible_to(user).filter(appeal_by__gte=today(), appeals=None)
    return rows.filter(status=PointRecord.Status.APPROVED)


def _near(user: User) -> Any:
    """Who has so many points that the county wants him reminded, below a suspension."""
    terms = PointTerms.objects.filter(
        area__code=user.county_code, status=PointTerms.Status.APPROVED
    )
    bound = Subquery(terms.order_by("-pk").values("reminded_from")[:1])
    rows = with_points(Practitioner.objects.visible_to(user), today().year)
    return rows.filter(Q(total__gte=bound), total__lt=SUSPENDED_FROM)


WORK = (
    Work("支付资格、记分待审批", DECIDES, "institutions:points_register", _to_decide, unit="人",
         query="only=waits", since="waits_since", is_rare=True),
    # No norm read says how long an answer may take; a working week.
    Work("减分申请待答复", ASKS, "institutions:point_appeals", _in(PointAppeal.Status.LODGED),
         unit="份", query="status=lodged", since="lodged_on", late=5, is_rare=True),
    Work("记分已告知，可申诉", APPEALS, "institutions:points_list", _to_appeal, unit="份",
         query="status=approved", due="appeal_by", is_rare=True),
    Work("记分接近暂停", ASKS, "institutions:points_register", _near, unit="人",
         query="only=points", is_rare=True),
)  # fmt: skip
