"""Entered data goes back to the village on paper; what the village marks is mended and traced."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from accounts.audit import record, snapshot
from accounts.errors import Refusal
from accounts.models import Division, User
from desk.changes import all_or_nothing, change
from enrollment.cover.models import Campaign, Enrollment
from enrollment.people.models import Household, IdentityStatus, Person
from enrollment.people.register import change_person, lock_household, statuses_on
from enrollment.progress.figures import due_people
from enrollment.progress.models import CheckLine, CheckList, Correction
from lib.resident_id import mask

# What a correction may change, as it is called on the list.
FIELDS = {
    "name": "姓名",
    "resident_id": "身份证号",
    "relationship": "与户主关系",
    "residence": "户籍",
    "phone": "电话",
    "statuses": "身份",
}


@all_or_nothing()
def print_check_list(*, actor: User, campaign: Campaign, division: Division, on: date) -> CheckList:
    """Number everybody of the village or group entered for the year. Raises Refusal if nobody."""
    if division.level not in {Division.Level.VILLAGE, Division.Level.GROUP}:
        raise Refusal("核对表按村（组）打印，请选择村组", "division")
    people = (
        due_people()
        .filter(
            enrollments__campaign=campaign,
            enrollments__status__in=[Enrollment.Status.PENDING, Enrollment.Status.ACTIVE],
            household__division__code__startswith=division.code,
        )
        .order_by("household__number", "member_number")
        .values_list("pk", flat=True)
    )
    numbered = list(enumerate(people, start=1))
    if not numbered:
        raise Refusal(f"{division.name}还没有 {campaign.year} 年度的参保登记，没有可核对的内容")
    row = CheckList.objects.create(
        campaign=campaign, division=division, printed_by=actor, printed_on=on
    )
    CheckLine.objects.bulk_create(
        CheckLine(check_list=row, line=line, person_id=person) for line, person in numbered
    )
    record(
        actor=actor,
        action="enrollment.print_check_list",
        subject=row,
        after=snapshot(row) | {"people": len(numbered)},
    )
    return row


@all_or_nothing()
def receive_check_list(
    *, actor: User, check_list: CheckList, checked_by: str, on: date
) -> CheckList:
    """The list came back, signed by somebody of the village. Raises Refusal."""
    checked_by = checked_by.strip()
    if not checked_by:
        raise Refusal("请填写在核对表上签字的村核对人", "checked_by")
    rows = CheckList.objects.select_related("division")
    with change(rows, check_list.pk, actor=actor, action="enrollment.receive_check_list") as row:
        if row.returned_on is not None:
            raise Refusal(f"这份核对表已于 {row.returned_on:%Y-%m-%d} 交回")
        row.returned_on, row.returned_by, row.checked_by = on, actor, checked_by[:40]
    return row


def _shown(person: Person, on: date) -> dict[str, str]:
    """The facts of the list as it shows them: numbers masked."""
    names = dict(IdentityStatus.Code.choices)
    codes = sorted(statuses_on([person.pk], on)[person.pk])
    return {
        "name": person.name,
        "resident_id": mask(person.resident_id),
        "relationship": str(Person.Relationship(person.relationship).label),
        "residence": str(Person.Residence(person.residence).label),
        "phone": mask(person.phone) if person.phone else "",
        "statuses": "、".join(str(names[code]) for code in codes),
    }


@all_or_nothing()
def correct_line(
    *, actor: User, line: CheckLine, on: date, facts: Mapping[str, Any]
) -> list[Correction]:
    """Mend a member by a returned list, and note each fact that changed. Raises Refusal.

    `facts`: name, relationship, residence, resident_id and phone as `change_person` takes them.
    A status that the village marks is proposed (cover.proposals), not corrected.
    """
    if line.check_list.returned_on is None:
        raise Refusal("这份核对表还没有登记交回，请先登记交回，再按表更正")
    # The household before the person, as at every window: crosswise they would wait for each other.
    lock_household(Household.objects.get(members=line.person_id))
    person = Person.objects.select_for_update(no_key=True).get(pk=line.person_id)
    if (kept := person.same_as) is not None:
        raise Refusal(
            f"这一行是重复登记，已并入{kept}（{kept.certificate_number}），请在那条登记上更正"
        )
    before, number, phone = _shown(person, on), person.resident_id, person.phone
    person = change_person(actor=actor, person=person, on=on, **facts)
    after = _shown(person, on)
    changed = [name for name in FIELDS if before[name] != after[name]]
    # A mask can hide the change of a digit.
    if person.resident_id != number and "resident_id" not in changed:
        changed.append("resident_id")
    if person.phone != phone and "phone" not in changed:
        changed.append("phone")
    if not changed:
        raise Refusal("没有改动任何内容；核对无误的不用更正")
    rows = Correction.objects.bulk_create(
        Correction(
            line=line,
            field=name,
            before=before[name][:120],
            after=after[name][:120],
            corrected_by=actor,
        )
        for name in changed
    )
    record(
        actor=actor,
        action="enrollment.correct_line",
        subject=line.check_list,
        after={"line": line.line, "person": person.pk, "fields": changed},
    )
    return rows
