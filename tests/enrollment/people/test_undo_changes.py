"""The way back from every change: what was is again, the change and its correction both stay."""

from datetime import date

import pytest

from enrollment.collection.receipts import take_payment, void_receipt
from enrollment.cover.enrolling import cancel_pending, enroll_household
from enrollment.models import Household, Person
from enrollment.people.households import (
    correct_event,
    merge_households,
    move_household,
    split_household,
)
from enrollment.people.lifecycle import (
    Newcomer,
    change_number,
    record_death,
    record_departure,
    record_newcomer,
    record_return,
    transfer_person,
)
from enrollment.people.models import FormerCertificate, FormerNumber, RegisterEvent
from tests.enrollment.conftest import MARCH, OCTOBER, resident_id
from tests.enrollment.people.conftest import named, people_of
from tests.enrollment.refusals import refuses

pytestmark = pytest.mark.django_db
FEBRUARY = date(2026, 2, 1)


def undo(cast, event, reason="登记有误"):
    return correct_event(actor=cast.clerk_a, event=event, on=MARCH, reason=reason)


def state(*households):
    """Everything that a change may move, of everybody in these households."""
    return [
        (people_of(home), home.number, home.closed_on, home.division_id)
        for home in Household.objects.filter(pk__in=[one.pk for one in households]).order_by("pk")
    ] + list(
        Person.objects.filter(household__in=households)
        .order_by("pk")
        .values_list("death_date", "departure_date", "number_kind", "resident_id_index")
    )


def depart(cast, person, day=FEBRUARY):
    return record_departure(
        actor=cast.clerk_a, person=person, effective_on=day, on=MARCH, reason="随子女外迁"
    )


def test_a_departure_and_a_return_are_undone_in_turn(cast, chens):
    before, son = state(chens), named("陈小明")
    left = depart(cast, son)
    away = state(chens)
    back = record_return(
        actor=cast.clerk_a, person=son, effective_on=MARCH, on=MARCH, relationship="8"
    )
    with refuses("这次变动之后又有新的变动，请先撤销后面的变动"):
        undo(cast, left)
    undo(cast, back, "人还在外地")
    assert state(chens) == away
    correction = undo(cast, left, "没有迁走")
    assert state(chens) == before
    assert (correction.kind, correction.undoes, correction.reason) == (
        "correction", left, "没有迁走",
    )  # fmt: skip
    kinds = RegisterEvent.objects.order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["departure", "return", "correction", "correction"]


def test_every_change_of_one_household_goes_back(cast, chens, zhaos, village_b):
    """Head dies, daughter marries, the rest move: undone from the last to the first."""
    states = [state(chens, zhaos)]
    wife, daughter = named("李桂芳"), named("陈小红")
    facts = {"actor": cast.clerk_a, "effective_on": MARCH, "on": MARCH}
    acts = [
        lambda: record_death(person=named("陈国强"), new_head=wife.pk, **facts),
        lambda: transfer_person(
            person=daughter, to=zhaos, relationship="8", reason="与赵志远结婚", **facts
        ),
        lambda: move_household(household=chens, division=village_b, reason="易地搬迁", **facts),
    ]
    events = []
    for act in acts:
        events.append(act())
        states.append(state(chens, zhaos))
    assert len({str(one) for one in states}) == 4
    for event, earlier in zip(reversed(events), reversed(states[:-1]), strict=True):
        undo(cast, event)
        assert state(chens, zhaos) == earlier
    with refuses("这次变动已经撤销"):
        undo(cast, events[0])


def test_a_correction_says_why_and_is_final(cast, chens):
    event = depart(cast, named("陈小明"))
    for reason in ("", "  ", "错"):
        with refuses("请写明事由", ("reason",)):
            undo(cast, event, reason)
    done = undo(cast, event)
    with refuses("更正不能再撤销，请重新登记正确的变动"):
        undo(cast, done)


def test_an_arrival_is_struck_off_and_a_split_off_household_is_closed(cast, chens):
    niece = Newcomer(
        name="李晓芸", relationship="8", kind="resident_id",
        number=resident_id("19990606", 40, male=False),
    )  # fmt: skip
    person = record_newcomer(
        actor=cast.clerk_a, household=chens, newcomer=niece, kind="arrival",
        effective_on=FEBRUARY, on=MARCH, reason="户口迁入",
    )  # fmt: skip
    assert Person.objects.present().count() == 5
    undo(cast, RegisterEvent.objects.get(kind="arrival"), "迁入的是另一户")
    person.refresh_from_db()
    assert (person.departure_date, person.number_kind) == (FEBRUARY, "none")
    assert Person.objects.present().count() == 4
    # Her number is free for the household where she really is, and is still found here.
    assert list(Person.objects.search(niece.number)) == [person]
    again = record_newcomer(
        actor=cast.clerk_a, household=chens, newcomer=niece, kind="arrival",
        effective_on=FEBRUARY, on=MARCH,
    )  # fmt: skip
    assert again.member_number == 6


def test_a_birth_that_is_enrolled_is_not_struck_off(cast, campaign, books, chens):
    """First the receipt is voided, then the entry withdrawn, then the birth is undone."""
    child = record_newcomer(
        actor=cast.clerk_a, household=chens, on=OCTOBER, kind="birth",
        newcomer=Newcomer(
            name="陈安安", relationship="4", kind="birth_certificate", number="P500123456",
            sex="2", birth_date=date(2025, 9, 1),
        ),
    )  # fmt: skip
    event = RegisterEvent.objects.get(kind="birth")
    told = "陈安安已办理参保，请先作废收据、撤销参保后再撤销登记"
    facts = {"actor": cast.clerk_a, "household": chens}
    enroll_household(members=[child], tier="tier2", on=OCTOBER, **facts)
    with refuses(told):
        undo(cast, event)
    receipt, _ = take_payment(received=120, on=OCTOBER, **facts)
    with refuses(told):
        undo(cast, event)
    void_receipt(actor=cast.clerk_a, receipt=receipt, reason="登记错户", on=OCTOBER)
    with refuses(told):
        undo(cast, event)
    cancel_pending(year=2026, reason="登记错户", **facts)
    undo(cast, event, "登记错户")
    child.refresh_from_db()
    assert not child.is_present


def test_a_split_is_undone_only_while_nobody_waits_to_pay_there(cast, campaign, chens):
    relationships = {one.pk: one.relationship for one in chens.members.all()}
    son = named("陈小明")
    new = split_household(
        actor=cast.clerk_a, household=chens, leaving=[son.pk],
        relationships=relationships | {son.pk: "0"}, division=chens.division,
        effective_on=OCTOBER, on=OCTOBER, reason="成家",
    )  # fmt: skip
    event = RegisterEvent.objects.get(kind="split")
    facts = {"actor": cast.clerk_a, "household": new}
    enroll_household(members=[named("陈小明")], tier="tier2", on=OCTOBER, **facts)
    with refuses("新户已办理参保，请先作废收据、撤销参保后再撤销分户"):
        undo(cast, event)
    cancel_pending(year=2026, reason="并回原户参保", **facts)
    undo(cast, event)
    assert people_of(chens)[2] == "陈小明 子 03"
    assert people_of(new) == []


def test_an_undone_transfer_frees_the_number_it_gave(cast, chens, zhaos):
    """A certificate number once shown is not given again, even when the transfer is undone."""
    bride = named("陈小红")
    facts = {"actor": cast.clerk_a, "effective_on": MARCH, "on": MARCH, "relationship": "8"}
    wedding = transfer_person(person=bride, to=zhaos, reason="结婚", **facts)
    undo(cast, wedding, "婚期推迟")
    assert named("陈小红").certificate_number == f"{chens.number}04"
    gone = [row.number for row in FormerCertificate.objects.order_by("pk")]
    assert gone == [f"{chens.number}04", f"{zhaos.number}03"]
    transfer_person(person=bride, to=zhaos, reason="结婚", **facts)
    assert named("陈小红").certificate_number == f"{zhaos.number}04"


def test_two_documents_are_undone_from_the_last(cast, chens):
    daughter = named("陈小红")
    id_card = daughter.resident_id
    facts = {"actor": cast.clerk_a, "person": daughter, "effective_on": MARCH, "on": MARCH}
    first = change_number(kind="passport", number="E1234567", **facts)
    second = change_number(kind="passport", number="E7654321", **facts)
    with refuses("这次变动之后又有新的变动，请先撤销后面的变动"):
        undo(cast, first)
    undo(cast, second)
    assert named("陈小红").resident_id == "E1234567"
    undo(cast, first)
    again = named("陈小红")
    assert (again.resident_id, again.number_kind) == (id_card, "resident_id")
    mistaken = FormerNumber.objects.filter(mistaken=True).values_list("event__kind", flat=True)
    assert set(mistaken) == {"correction"}  # both passports never were hers
    zhao = change_number(
        actor=cast.clerk_a, person=named("李桂芳"), kind="passport", number="E7654321",
        effective_on=MARCH, on=MARCH,
    )  # fmt: skip
    assert zhao.kind == "number"


def test_a_document_taken_back_by_its_own_bearer(cast, chens):
    """Passport, resident id again, and the undoing of that: no number is kept twice."""
    daughter = named("陈小红")
    id_card = daughter.resident_id
    facts = {"actor": cast.clerk_a, "person": daughter, "effective_on": MARCH, "on": MARCH}
    change_number(kind="passport", number="E1234567", **facts)
    back = change_number(kind="resident_id", number=id_card, **facts)
    assert named("陈小红").resident_id == id_card
    undo(cast, back)
    assert named("陈小红").resident_id == "E1234567"


def test_a_merger_is_undone_while_its_people_are_where_it_put_them(cast, chens, zhaos):
    before = state(chens, zhaos)
    relationships = {one.pk: one.relationship for one in chens.members.all()}
    relationships |= {named("赵文斌").pk: "8", named("赵志远").pk: "8"}
    facts = {"actor": cast.clerk_a, "effective_on": MARCH, "on": MARCH}
    merger = merge_households(
        household=zhaos, into=chens, relationships=relationships, reason="合住", **facts
    )
    gone = depart(cast, named("赵志远"), MARCH)
    undo(cast, gone)
    dead = record_death(person=named("赵志远"), **facts)
    # What the merger changed of him is as it left it: a death is no change of household.
    undo(cast, merger)
    assert named("赵志远").death_date == MARCH
    undo(cast, dead)
    assert state(chens, zhaos) == before
