"""What waits with institutions: agreements that end, what a second person is to decide."""

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Exists, OuterRef
from django.urls import reverse

from accounts.clock import today
from accounts.models import User
from desk.worklist import Finder, Hit, Work
from institutions.agreements.listings import DECIDES, to_renew
from institutions.agreements.reading import RENEWAL_MONTH
from institutions.listings import waiting
from institutions.looked_up import named_like
from institutions.models import (
    Agreement,
    AgreementQuerySet,
    Institution,
    InstitutionQuerySet,
)
from institutions.points.work import WORK as POINTS
from institutions.sent_models import CodeMapping, CodeMappingQuerySet
from institutions.trust.models import (
    TrustBands,
    TrustBandsQuerySet,
    TrustGrade,
    TrustGradeQuerySet,
)

# To negotiate a new agreement takes some weeks; no document says how many.
AHEAD = timedelta(days=60)


def _ending(user: User) -> AgreementQuerySet:
    """In force, over within two months, and nothing signed for afterwards; from November on all
    without an agreement for the next year."""
    day = today()
    if day.month >= RENEWAL_MONTH:
        return to_renew(user)
    signed = Agreement.objects.filter(status=Agreement.Status.SIGNED)
    later = signed.filter(institution=OuterRef("institution"), last_day__gt=OuterRef("last_day"))
    rows = Agreement.objects.visible_to(user).filter(
        status=Agreement.Status.SIGNED, last_day__range=(day, day + AHEAD)
    )
    return rows.filter(~Exists(later))


def _to_decide(user: User) -> InstitutionQuerySet:
    """One list and one statement for all that is decided about an institution."""
    return waiting(Institution.objects.visible_to(user))


def _mappings(user: User) -> CodeMappingQuerySet:
    return CodeMapping.objects.visible_to(user).waiting()


def _bands(user: User) -> TrustBandsQuerySet:
    return TrustBands.objects.visible_to(user).filter(status=TrustBands.Status.PROPOSED)


def _grades(user: User) -> TrustGradeQuerySet:
    return TrustGrade.objects.visible_to(user).filter(status=TrustGrade.Status.PROPOSED)


WORK = (
    Work(
        "定点协议将到期",
        "institutions.propose_agreement",
        "institutions:renewals",
        _ending,
        unit="家",
        due="last_day",
        is_bad=True,
        says="到期后不能结算，先办",
    ),
    Work(
        "机构协议、登记待审批",
        DECIDES,
        "institutions:list",
        _to_decide,
        unit="家",
        query="only=waits",
        since="waits_since",
        is_rare=True,
    ),
    *POINTS,
    Work(
        "信用等级待审批",
        "institutions.decide_trust",
        "institutions:trust_grades",
        _grades,
        unit="份",
        query="status=proposed",
        since="proposed_on",
        is_rare=True,
    ),
    Work(
        "信用等级办法待审批",
        "institutions.decide_trust",
        "institutions:trust_bands",
        _bands,
        unit="份",
        query="status=proposed",
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


def _institutions(user: User, text: str, at_most: int) -> Iterator[Hit]:
    for row in named_like(Institution.objects.visible_to(user), text)[:at_most]:
        address = reverse("institutions:institution", args=[row.pk])
        yield Hit("定点机构", row.name, f"{row.code}，{row.get_level_display()}", address)


FINDERS = (Finder("institutions.view", _institutions),)
