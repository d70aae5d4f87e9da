"""What waits with institutions: agreements that end."""

from datetime import timedelta

from django.db.models import Exists, OuterRef

from accounts.clock import today
from accounts.models import User
from accounts.scoping import ScopedQuerySet
from desk.worklist import Work
from institutions.listings import to_decide
from institutions.models import Agreement, CodeMapping, CodeMappingQuerySet

# To negotiate a new agreement takes some weeks; no document says how many.
AHEAD = timedelta(days=60)


def _ending(user: User) -> ScopedQuerySet[Agreement]:
    """In force, over within two months, and nothing signed for afterwards."""
    day = today()
    signed = Agreement.objects.filter(status=Agreement.Status.SIGNED)
    later = signed.filter(institution=OuterRef("institution"), last_day__gt=OuterRef("last_day"))
    rows = Agreement.objects.visible_to(user).filter(
        status=Agreement.Status.SIGNED, last_day__range=(day, day + AHEAD)
    )
    return rows.filter(~Exists(later))


def _mappings(user: User) -> CodeMappingQuerySet:
    return CodeMapping.objects.visible_to(user).waiting()


WORK = (
    Work(
        "定点协议将到期",
        "institutions.keep",
        "institutions:list",
        _ending,
        unit="家",
        due="last_day",
    ),
    Work(
        "医师支付资格待审批",
        "institutions.decide_eligibility",
        "institutions:eligibilities",
        to_decide,
        unit="份",
        since="proposed_on",
        is_rare=True,
    ),
    Work(
        "目录对照待审批",
        "institutions.keep",
        "institutions:mappings",
        _mappings,
        unit="条",
        query="status=proposed",
        since="proposed_at",
    ),
)
