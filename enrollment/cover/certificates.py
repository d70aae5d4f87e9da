"""Medical certificates (医疗证): only households that are new get one; a lost one is reissued."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import Exists, Max, OuterRef

from accounts.audit import record, snapshot
from accounts.errors import Refusal
from accounts.models import User
from desk.changes import all_or_nothing
from desk.reasons import given_reason
from enrollment.cover.models import Campaign, Certificate, Enrollment
from enrollment.people.models import Household, HouseholdQuerySet, Person


def new_households(*, user: User, campaign: Campaign) -> HouseholdQuerySet:
    """Paid for this year, never before, and without a certificate (原有证的农户不重新发证)."""
    paid = Enrollment.objects.active().filter(household=OuterRef("pk"))
    held = Certificate.objects.filter(household=OuterRef("pk"))
    return (
        Household.objects.visible_to(user)
        .filter(Exists(paid.of_year(campaign.year)))
        .exclude(Exists(paid.filter(year__lt=campaign.year)))
        .exclude(Exists(held))
    )


@all_or_nothing()
def issue_certificates(
    *, actor: User, campaign: Campaign, households: Sequence[Household], on: date
) -> list[Certificate]:
    """First certificates. Raises Refusal when a household is not new (any more)."""
    if not households:
        raise Refusal("请至少选择一户")
    wanted = {household.pk for household in households}
    locked = list(
        # In the order of the key: two officers who tick the same villages do not wait crosswise.
        Household.objects.select_for_update(no_key=True, of=("self",))
        .filter(pk__in=wanted)
        .order_by("pk")
    )
    fresh = new_households(user=actor, campaign=campaign).filter(pk__in=wanted)
    new = set(fresh.values_list("pk", flat=True))
    for household in locked:
        if household.pk not in new:
            raise Refusal(
                f"户 {household.number} 不是新参保户或已经制证，请刷新后重选；证件遗失的办理补发"
            )
    rows = Certificate.objects.bulk_create(
        Certificate(household=household, campaign=campaign, issue=1, issued_by=actor, issued_on=on)
        for household in locked
    )
    record(
        actor=actor,
        action="enrollment.issue_certificates",
        subject=campaign,
        division_code=actor.division_code,
        after={"certificates": [row.pk for row in rows], "on": str(on)},
    )
    return rows


@all_or_nothing()
def reissue_certificate(
    *, actor: User, campaign: Campaign, household: Household, reason: str, on: date
) -> Certificate:
    """Another certificate for a household that has one, also from before the portal."""
    reason = given_reason(reason, asks="补发原因，如遗失、损毁、成员变动")
    household = Household.objects.select_for_update(no_key=True, of=("self",)).get(pk=household.pk)
    if not Enrollment.objects.active().filter(household=household, year=campaign.year).exists():
        raise Refusal(f"这户没有 {campaign.year} 年度的有效参保，不能补发医疗证")
    if new_households(user=actor, campaign=campaign).filter(pk=household.pk).exists():
        raise Refusal("这户是新参保户，还没有发过证，请在“新户制证”中办理")
    last = Certificate.objects.filter(household=household).aggregate(last=Max("issue"))["last"]
    row = Certificate.objects.create(
        household=household,
        campaign=campaign,
        issue=(last or 1) + 1,
        reason=reason,
        issued_by=actor,
        issued_on=on,
    )
    record(
        actor=actor,
        action="enrollment.reissue_certificate",
        subject=row,
        division_code=actor.division_code,
        after=snapshot(row),
        reason=row.reason,
    )
    return row


@all_or_nothing()
def hand_out(*, actor: User, certificates: Sequence[Certificate], receiver: str, on: date) -> int:
    """The signed list came back: these certificates are in the households' hands.

    `receiver`: who took them, e.g. the village cadre who handed them on. Raises Refusal.
    """
    receiver = receiver.strip()
    if not receiver:
        raise Refusal("请填写领取人（或按签领表发放的村干部）", "receiver")
    locked = list(
        Certificate.objects.select_for_update(of=("self",))
        .filter(pk__in=[row.pk for row in certificates])
        .order_by("pk")
    )
    if not locked:
        raise Refusal("请至少选择一本医疗证")
    for row in locked:
        if row.handed_on is not None:
            raise Refusal(f"有的医疗证已于 {row.handed_on:%Y-%m-%d} 发放，请刷新后重选")
        row.handed_on, row.handed_by, row.receiver = on, actor, receiver[:40]
    Certificate.objects.bulk_update(locked, ["handed_on", "handed_by", "receiver"])
    record(
        actor=actor,
        action="enrollment.hand_out_certificates",
        subject=locked[0].campaign,
        division_code=actor.division_code,
        after={"certificates": [row.pk for row in locked], "on": str(on)},
    )
    return len(locked)


def with_members(certificates: Sequence[Certificate], year: int) -> list[dict[str, Any]]:
    """Certificates with the members that this year's cover names, in one statement."""
    households = [row.household_id for row in certificates]
    cover = (
        Enrollment.objects.active()
        .filter(household__in=households, year=year)
        .select_related("person__household")
        .order_by("household", "person__member_number")
    )
    members: dict[int, list[Enrollment]] = {}
    for one in cover:
        members.setdefault(one.household_id, []).append(one)
    found = []
    for row in certificates:
        mine = members.get(row.household_id, [])
        heads = [m for m in mine if m.person.relationship == Person.Relationship.HEAD]
        head = (heads or mine)[0].person.name if mine else ""
        found.append({"certificate": row, "members": mine, "head": head})
    return found
