"""Making one of two records of one person, by two people, and taking that back.

What points at a person follows as each room declares (`FOLLOWS` in the modules of
`settings.ROOMS_OF_PEOPLE`; a test asks that every foreign key to a person is declared). What is
written there goes over row by row and is remembered, so that undoing gives back just these rows.
Guards of the database let covers and visits change hands on the strength of an approved row only.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.apps import apps

from accounts.errors import Refusal
from accounts.models import User
from desk.changes import all_or_nothing
from desk.reasons import given_reason
from enrollment.people.events import NUMBER_COLUMNS, Change, Happening, Kind, Told
from enrollment.people.households import correct_event
from enrollment.people.lifecycle import (
    end_household,
    lock_ending,
    members_of,
    name_head,
    refuse_pending,
)
from enrollment.people.models import FormerCertificate, FormerNumber, Person, RegisterEvent
from enrollment.people.numbers import Number, NumberKind
from enrollment.people.register import lock_household
from enrollment.people.rooms import MOVES, Follow, Unless, answers, followers, refuse_by_rooms
from enrollment.people.same_models import SamePerson
from enrollment.people.workflow import SAME

MIN_EVIDENCE = 4  # a paper is named by what it is and its number


def problem_of(kept: Person, given_up: Person) -> str:
    """Why these two cannot be made one record, in Chinese; "" when they can."""
    if kept.pk == given_up.pk:
        return "这就是同一条登记，请填写另一条登记的号码"
    if kept.household.division.county_code != given_up.household.division.county_code:
        return "两条登记不在同一个县，不能合并"
    for one in (kept, given_up):
        if one.same_as_id or one.number_kind == NumberKind.NONE:
            return f"{one.name}（{one.certificate_number}）的登记已停用，请用现行的登记"
    if given_up.death_date and given_up.death_date != kept.death_date:
        return "停用的登记有死亡日期而保留的没有，请先在保留的登记上登记死亡"
    return ""


@all_or_nothing()
def propose_same(
    *,
    actor: User,
    kept: Person,
    given_up: Person,
    evidence: str,
    reason: str,
    on: date,
    new_head: int | None = None,
) -> SamePerson:
    """Ask that two records be one. Nothing changes yet. Raises Refusal."""
    if problem := problem_of(kept, given_up):
        raise Refusal(problem, "number")
    refuse_by_rooms("joining_problem", kept, given_up)
    heirs = Person.objects.present().filter(household=given_up.household_id)
    name_head(list(heirs.exclude(pk=given_up.pk)), new_head, given_up)
    asked = SamePerson(kept=kept, given_up=given_up, new_head_id=new_head)
    return _ask(asked, actor=actor, evidence=evidence, reason=reason, on=on)


def _ask(row: SamePerson, *, actor: User, evidence: str, reason: str, on: date) -> SamePerson:
    row.evidence = given_reason(
        evidence,
        asks="证明材料的名称和编号，如“户口簿第 3 页”",
        least=MIN_EVIDENCE,
        at=("evidence",),
    )
    row.reason = given_reason(reason)
    row.proposed_by, row.proposed_on = actor, on
    row.save()
    SAME.note(row, "propose_same", actor=actor)
    return row


@all_or_nothing()
def propose_undoing(
    *, actor: User, same: SamePerson, evidence: str, reason: str, on: date
) -> SamePerson:
    """Ask that an approved merger of records be taken back. Raises Refusal."""
    if problem := undoing_problem(same):
        raise Refusal(problem)
    asked = SamePerson(kept_id=same.kept_id, given_up_id=same.given_up_id, undoes=same)
    return _ask(asked, actor=actor, evidence=evidence, reason=reason, on=on)


def undoing_problem(same: SamePerson) -> str:
    """Why this cannot be taken back, in Chinese: what has happened since; "" when it can."""
    if same.undoes_id or same.status != SamePerson.Status.APPROVED:
        return f"{same}没有生效，不能撤销"
    if same.undoings.filter(status=SamePerson.Status.APPROVED).exists():
        return f"{same}已经撤销"
    later = SamePerson.objects.filter(
        kept=same.kept_id, undoes=None, status=SamePerson.Status.APPROVED, pk__gt=same.pk
    ).exclude(undoings__status=SamePerson.Status.APPROVED)
    if Person.objects.filter(pk=same.kept_id).exclude(same_as=None).exists() or later.exists():
        return "保留的登记之后又与别的登记合并，请先撤销后面的合并"
    events = RegisterEvent.objects.filter(
        person__in=[same.kept_id, same.given_up_id], pk__gt=same.event_id or 0, undone_by=None
    ).exclude(kind=Kind.CORRECTION)
    if event := events.order_by("pk").first():
        return f"合并以后又登记了“{event}”，请先撤销这次变动"
    return next(filter(None, answers("undoing_problem", same)), "")


@all_or_nothing()
def approve_same(*, actor: User, same: SamePerson, on: date, reason: str = "") -> SamePerson:
    """The two become one, or, where the row undoes another, two again. Raises Refusal."""
    ids = sorted((same.kept_id, same.given_up_id))
    if not same.undoes_id:
        refuse_pending([same.kept, same.given_up])  # no cover is waited for that a window holds
    for question in ("lock_above", "lock"):  # claims before covers, covers before households
        for _ in answers(question, ids):
            pass
    if same.undoes_id:
        return _part(actor, same, on, reason)
    return _join(actor, same, on, reason)


@all_or_nothing()
def decide_same(
    *, actor: User, same: SamePerson, event: str, on: date, reason: str = ""
) -> SamePerson:
    """Agree; or refuse or take back, and everything stays."""
    if event == "approve_same":
        return approve_same(actor=actor, same=same, on=on, reason=reason)
    return SAME.decided(SAME.lock(same.pk), event, actor=actor, on=on, reason=reason)


def _join(actor: User, same: SamePerson, on: date, reason: str) -> SamePerson:
    home, to, passed = lock_ending(same.given_up.household, same.kept.household)
    houses = sorted({home, to}, key=lambda house: house.pk)
    members = {one.pk: one for house in houses for one in members_of(house)}
    kept, given_up = members.get(same.kept_id), members.get(same.given_up_id)
    if kept is None or given_up is None:
        raise Refusal("其中一条登记刚由另一窗口转到别的户，请刷新后再办")
    row = SAME.lock(same.pk)
    SAME.check(row, "approve_same", actor)
    if problem := problem_of(kept, given_up):
        raise Refusal(problem)
    refuse_pending([kept, given_up])
    refuse_by_rooms("joining_problem", kept, given_up)
    row = SAME.take(row, "approve_same", actor=actor, reason=reason, decided_on=on)
    there = [one for one in members.values() if one.household_id == home.pk]
    others = [one for one in there if one.is_present and one.pk != given_up.pk]
    change = Change([given_up, *others, home, *passed])
    old_certificate = given_up.certificate_number
    name_head(others, row.new_head_id, given_up)
    if given_up.is_present:
        given_up.departure_date = on
    if home.pk != to.pk and home.closed_on is None and not any(
        one.death_date is None for one in there if one.pk != given_up.pk
    ):  # fmt: skip
        end_household(home, to, passed, on)
    told = Told(actor, on, on, f"{row}：{row.reason}"[:200])
    row.event = change.keep(Happening(Kind.SAME, home, told, person=given_up, other_household=to))
    FormerCertificate.objects.create(
        person=kept, number=old_certificate, last_day=on, event=row.event
    )
    row.moved = _move(followers(), given_up, kept)
    row.moved["numbers"] = _join_numbers(kept, given_up, on, row.event)
    for sentences in answers("joined", row, actor, on):
        row.told += sentences
    row.save(update_fields=["event", "moved", "told"])
    return row


def _move(
    keys: Iterable[tuple[str, Follow | Unless]], source: Person, target: Person
) -> dict[str, Any]:
    """Repoint what moves; table and column → ids of the rows that came over."""
    moved: dict[str, Any] = {}
    for key, follow in keys:
        label, _, field = key.rpartition(".")
        if follow is not MOVES and not isinstance(follow, Unless):
            continue
        rows = apps.get_model(label)._default_manager.filter(**{field: source})
        if isinstance(follow, Unless):
            clash = follow.unless
            theirs = apps.get_model(label)._default_manager.filter(**{field: target})
            taken = set(theirs.values_list(*clash))
            ids = [pk for pk, *facts in rows.values_list("pk", *clash) if (*facts,) not in taken]
        else:
            ids = list(rows.values_list("pk", flat=True))
        rows.filter(pk__in=ids).update(**{field: target})
        moved[key] = sorted(ids)
    return moved


def _join_numbers(kept: Person, given_up: Person, on: date, event: RegisterEvent) -> dict[str, Any]:
    """Both numbers find the kept record; a resident id becomes today's. Saves both.

    Returns whether the numbers changed places, and the ids of the rows that keep the other one.
    """
    swaps = given_up.number_kind == NumberKind.RESIDENT_ID != kept.number_kind
    facts = {"sex": kept.sex, "birth_date": kept.birth_date.isoformat()}
    was = (given_up.resident_id, given_up.resident_id_index, given_up.number_kind)
    nothing = Number(NumberKind.NONE, f"并入{given_up.pk}")
    given_up.resident_id, given_up.number_kind = nothing.text, nothing.kind
    given_up.resident_id_index, given_up.same_as = nothing.index, kept
    given_up.save(update_fields=[*NUMBER_COLUMNS, "same_as"])
    if swaps:
        now = (kept.resident_id, kept.resident_id_index, kept.number_kind)
        kept.resident_id, kept.resident_id_index, kept.number_kind = was
        kept.sex, kept.birth_date = given_up.sex, given_up.birth_date  # as the number says
        kept.save(update_fields=NUMBER_COLUMNS)
        was = now
    former = FormerNumber.objects.filter(person=kept, number_index=was[1], mistaken=False).first()
    if former is None:
        former = FormerNumber.objects.create(
            person=kept, kind=was[2], number=was[0], number_index=was[1], mistaken=False,
            last_day=on, event=event,
        )  # fmt: skip
    return {"swaps": swaps, "former": former.pk, **facts}


def _part(actor: User, same: SamePerson, on: date, reason: str) -> SamePerson:
    undone = SamePerson.objects.select_for_update(no_key=True, of=("self",)).get(undoings=same.pk)
    homes = {undone.kept.household_id: undone.kept.household}
    homes[undone.given_up.household_id] = undone.given_up.household
    members = {one.pk: one for pk in sorted(homes) for one in members_of(lock_household(homes[pk]))}
    kept, given_up = members.get(undone.kept_id), members.get(undone.given_up_id)
    if kept is None or given_up is None or undone.event is None:
        raise Refusal("其中一条登记刚由另一窗口转到别的户，请刷新后再办")
    row = SAME.lock(same.pk)
    SAME.check(row, "approve_same", actor)
    if problem := undoing_problem(undone):
        raise Refusal(problem)
    row = SAME.take(row, "approve_same", actor=actor, reason=reason, decided_on=on)
    _part_numbers(kept, given_up, undone.moved["numbers"])
    row.event = correct_event(
        actor=actor, event=undone.event, on=on, reason=f"{row}：{row.reason}"[:200], by_two=True
    )
    _move_back(undone.moved, kept, given_up)
    for _ in answers("parted", row, undone, actor, on):
        pass
    row.save(update_fields=["event"])
    return row


def _move_back(moved: Mapping[str, Any], kept: Person, given_up: Person) -> None:
    for key, ids in moved.items():
        label, _, field = key.rpartition(".")
        if label:
            rows = apps.get_model(label)._default_manager.filter(pk__in=ids, **{field: kept})
            rows.update(**{field: given_up})


def _part_numbers(kept: Person, given_up: Person, numbers: Mapping[str, Any]) -> None:
    """Each bears its own number again; the row that kept it says that it was a mistake."""
    former = FormerNumber.objects.get(pk=numbers["former"])
    back = (former.number, former.number_index, former.kind)
    FormerNumber.objects.filter(pk=former.pk).update(mistaken=True)
    if numbers["swaps"]:
        theirs = (kept.resident_id, kept.resident_id_index, kept.number_kind)
        kept.resident_id, kept.resident_id_index, kept.number_kind = back
        kept.sex, kept.birth_date = numbers["sex"], date.fromisoformat(numbers["birth_date"])
        kept.save(update_fields=NUMBER_COLUMNS)
        back = theirs
    given_up.resident_id, given_up.resident_id_index, given_up.number_kind = back
    given_up.same_as = None
    given_up.save(update_fields=[*NUMBER_COLUMNS, "same_as"])
