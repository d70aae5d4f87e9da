"""Finding the patient at the counter, and what is left of the patient's benefits."""

from dataclasses import dataclass
from datetime import date

from accounts.audit import record
from accounts.errors import Refusal
from accounts.fields import blind_index
from accounts.models import User
from claims.computation import usage_to_date
from claims.models import Visit
from claims.services.settling import settled_stays
from desk.changes import all_or_nothing
from enrollment.cover.covering import cover_on
from enrollment.models import Enrollment, Person
from enrollment.people.register import statuses_on
from institutions.models import Institution
from lib.money import to_yuan, told
from lib.resident_id import ResidentIdError, parse
from policies.services import Measures
from policies.terms import Counter, Terms

# What is seen at a glance beside the entry; the rest is in the list of claims.
STAYS_SHOWN = 6


@dataclass(frozen=True)
class Standing:
    """Who the patient is and what the year has come to so far. Counters: (title, yuan or count)."""

    person: Person
    enrollment: Enrollment | None
    tier: str
    statuses: list[str]
    counters: list[tuple[str, str]]


def workplace(actor: User) -> Institution:
    """The institution of an institution clerk. Raises Refusal when the code is not registered."""
    institution = (
        Institution.objects.select_related("division").filter(code=actor.institution_code).first()
    )
    if institution is None:
        raise Refusal("您的账号没有对应的定点机构，请与系统管理员联系")
    return institution


def area_code_of(actor: User) -> str:
    """The pooling area in which the actor enters claims."""
    return actor.county_code or workplace(actor).division.county_code


@all_or_nothing()
def find_patient(*, actor: User, resident_id: str, on: date) -> Person:
    """The person with this number, for entering a claim; the trail keeps that it was looked up.

    An institution finds everybody of its county, a township clerk the own people. Raises Refusal.
    """
    try:
        number = parse(resident_id, on).number
    except ResidentIdError as error:
        raise Refusal(str(error), "resident_id") from None
    people = Person.objects.with_resident_id(blind_index("resident_id", number))
    if actor.may("claims.enter_counter"):
        area = area_code_of(actor)
        people = people.filter(household__division__code__startswith=area)
        where = "本县"
    else:
        people = people.visible_to(actor)
        where = "本乡镇"
    person = people.select_related("household__division__parent").first()
    if person is None:
        raise Refusal(f"{where}没有这个身份证号的参保登记，请核对证件和参保地", "resident_id")
    record(
        actor=actor,
        action="claims.look_up",
        subject=person,
    )
    return person


def standing_of(person: Person, *, on: date, area_code: str) -> Standing:
    """The patient's cover on the day with everything counted so far this year."""
    enrollment = cover_on(person, on)
    terms = Measures.on(area_code=area_code, day=on).terms
    names = terms.vocabulary.get("status", {})
    statuses = [names.get(code, code) for code in sorted(statuses_on([person.pk], on)[person.pk])]
    if enrollment is None:
        return Standing(person, None, "", statuses, [])
    used = usage_to_date(enrollment, terms)
    counters = []
    for name, counter in terms.counters.items():
        for code, title in _kept_apart(counter, terms):
            amount = used.get(counter.key(on, code), 0)
            if amount or counter.kind == "balance" or name == "annual_paid":
                shown = f"{told(to_yuan(amount))} 元" if counter.unit == "fen" else str(amount)
                counters.append((title, shown))
    tier = terms.vocabulary["tier"].get(enrollment.tier, enrollment.tier)
    return Standing(person, enrollment, tier, statuses, counters)


def _kept_apart(counter: Counter, terms: Terms) -> list[tuple[str, str]]:
    """(code, title) of everything that the counter counts for itself: levels, or nothing."""
    if not counter.by:
        return [("", counter.title)]
    names = terms.vocabulary[counter.by]
    return [(code, f"{counter.title}（{name}）") for code, name in names.items()]


def stays_before(person: Person) -> list[Visit]:
    """The person's last stays that were settled, to say from which one the patient was referred."""
    return list(settled_stays(person.pk)[:STAYS_SHOWN])
