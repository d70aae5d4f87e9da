"""Settled claims as the facts that the rules judge: one statement for any number of them."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, CharField, Exists, F, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Cast, Coalesce
from django.utils import timezone

from accounts.models import AuditLine
from claims.models import Settlement, SettlementQuerySet, Visit
from enrollment.models import Enrollment, Household, IdentityStatus
from enrollment.people.models import RegisterEvent
from institutions.models import Agreement
from lib.money import to_fen
from supervision.rules.facts import ClaimFacts, Standing

# County six digits, township and village three each (GB/T 2260); a group of a village has two more.
VILLAGE_DIGITS = 12


def counted_claims() -> SettlementQuerySet:
    """What counts: in a payment that is wholly back nothing is to be found. A stay that was
    settled in parts is one stay, told by its latest part."""
    return Settlement.objects.counted().last_parts()


def columns_of(rows: SettlementQuerySet) -> list[dict[str, Any]]:
    return [dict(row) for row in as_columns(rows)]


def as_columns(rows: SettlementQuerySet) -> Any:
    """What `facts_of` reads, and of a queryset with standing what `standing_of` does."""
    # Of the first day: by it the whole visit is judged, also when an agreement ends meanwhile.
    agreements = Agreement.objects.filter(institution=OuterRef("visit__institution"))
    return rows.values(
        "pk",
        "number",
        "pack_id",
        "total_amount",
        "full_self_pay_amount",
        "fund_amount",
        "entered_at",
        "account_amount",
        *sorted(STANDING & set(rows.query.annotations)),
        code=F("division__code"),
        person=F("visit__person_id"),
        death_date=F("visit__person__death_date"),
        institution=F("visit__institution__code"),
        designated=Exists(agreements.holding(OuterRef("visit__starts"))),
        institution_name=F("visit__institution_name"),
        level=F("visit__level"),
        price_level=F("visit__price_level"),
        care=F("visit__care"),
        bed=F("visit__bed"),
        counts_as_stay=F("visit__counts_as_stay"),
        starts=F("visit__starts"),
        ends=F("visit__ends"),
        diagnosis_code=F("visit__diagnosis_code"),
        diagnosis=F("visit__diagnosis"),
        paper=Case(When(visit__source=Visit.Source.PAPER, then=True), default=False),
        sex=F("visit__person__sex"),
        born_on=F("visit__person__birth_date"),
        premium_aided=Case(When(visit__enrollment__premium_status="", then=False), default=True),
    )


def facts_of(row: Mapping[str, Any]) -> ClaimFacts:
    return ClaimFacts(
        settlement=row["pk"],
        number=row["number"],
        person=row["person"],
        village=row["code"][:VILLAGE_DIGITS],
        institution=row["institution"] or row["institution_name"],
        here=row["institution"] is not None,
        institution_name=row["institution_name"],
        designated=row["designated"],
        level=row["level"],
        price_level=row["price_level"],
        care=row["care"],
        bed=row["bed"],
        counts_as_stay=row["counts_as_stay"],
        starts=row["starts"],
        ends=row["ends"],
        diagnosis=row["diagnosis_code"] or row["diagnosis"],
        total=to_fen(row["total_amount"]),
        off_catalogue=to_fen(row["full_self_pay_amount"]),
        death_date=row["death_date"],
        fund=to_fen(row["fund_amount"]),
        paper=row["paper"],
        sex=row["sex"],
        born_on=row["born_on"],
        aided=row["premium_aided"],
    )


# At most what a county may set for it (rules.bounds), and a day more, since the rule counts days of
# the calendar and this hours: what lies further back nobody asks for.
CHANGED_DAYS = 91
STANDING = {"covered", "event_at", "changed_at", "of_the_account", "premium_status", "statuses"}


def with_standing(rows: SettlementQuerySet) -> SettlementQuerySet:
    """With what `standing_of` reads, in the same statement."""
    person, since = OuterRef("visit__person"), timedelta(days=CHANGED_DAYS)
    cover = Enrollment.objects.active().filter(
        person=person,
        cover_first_day__lte=OuterRef("visit__starts"),
        cover_last_day__gte=OuterRef("visit__starts"),
    )
    events = RegisterEvent.objects.filter(
        Q(person=person) | Q(household=OuterRef("visit__household")),
        recorded_by=OuterRef("entered_by"),
        recorded_at__lte=OuterRef("entered_at"),
        recorded_at__gte=OuterRef("entered_at") - since,
    )
    changes = AuditLine.objects.filter(
        action="enrollment.change_household",
        subject_type=Household._meta.label_lower,
        subject_id=Cast(OuterRef("visit__household"), CharField()),
        user=OuterRef("entered_by"),
        at__lte=OuterRef("entered_at"),
        at__gte=OuterRef("entered_at") - since,
    )
    root = Coalesce("visit__household__account_into", "visit__household")
    now = Coalesce("visit__person__household__account_into", "visit__person__household")
    return rows.annotate(
        covered=Exists(cover.order_by()),
        event_at=_on_paper(events.order_by("-recorded_at").values("recorded_at")),
        changed_at=_on_paper(changes.order_by("-at").values("at")),
        of_the_account=Case(
            When(visit__enrollment__household=F("visit__household"), then=True),
            When(visit__household=now, then=True),
            default=Case(When(visit__person__household=root, then=True), default=False),
        ),
        premium_status=F("visit__enrollment__premium_status"),
        statuses=ArraySubquery(listed_when_paid().order_by("code").values("code").distinct()),
    )


def _on_paper(moments: QuerySet[Any, Any]) -> Case:
    """The latest, of claims on paper: of what the hospital entered nobody asks it (A26)."""
    return Case(When(visit__source=Visit.Source.PAPER, then=Subquery(moments[:1])))


def listed_when_paid() -> QuerySet[IdentityStatus]:
    """Lists that named the patient of the outer settlement when the premium was paid: who came onto
    one later paid rightly."""
    paid_on = Coalesce(
        OuterRef("visit__enrollment__receipt__issued_on"),
        OuterRef("visit__enrollment__cover_first_day"),
    )
    return IdentityStatus.objects.filter(
        Q(last_day=None) | Q(last_day__gte=paid_on),
        person=OuterRef("visit__person"),
        first_day__lte=paid_on,
    )


def standing_of(row: Mapping[str, Any]) -> Standing:
    changed = max((at for at in (row["event_at"], row["changed_at"]) if at), default=None)
    status = row["premium_status"]
    return Standing(
        settlement=row["pk"],
        covered=row["covered"],
        changed_on=None if changed is None else timezone.localdate(changed),
        entered_on=timezone.localdate(row["entered_at"]),
        account=to_fen(row["account_amount"]),
        of_the_account=row["of_the_account"],
        premium_status=status,
        premium_name=str(dict(IdentityStatus.Code.choices).get(status, status)),
        statuses=frozenset(row["statuses"]),
    )
