"""Finding the patient at the counter, and what is left of the patient's benefits."""

from dataclasses import dataclass
from datetime import date

from accounts.audit import record
from accounts.errors import Refusal
from accounts.models import User
from claims.carried.year import paid_before
from claims.computation import carried, paid_to_person, usage_to_date
from claims.models import Visit
from claims.services.settling import settled_stays
from desk.changes import all_or_nothing
from enrollment.cover.covering import cover_on
from enrollment.models import Enrollment, Person
from enrollment.people.numbers import NumberKind, indexes_of, plain, read_number
from enrollment.people.register import statuses_on
from enrollment.people.search import Bearer, found_people
from institutions.models import Institution
from lib.money import to_yuan, told
from policies.services import Measures
from policies.terms import Counter, Terms
from policies.terms.pack import HOSPITAL

# What is seen at a glance beside the entry; the rest is in the list of claims.
STAYS_SHOWN = 6
# A household fits on the page; more are no answer to who sits at the desk.
MOST_PATIENTS = 12
HOUSEHOLD_NUMBER = 16  # digits


@dataclass(frozen=True)
class Standing:
    """Who the patient is and what the year has come to so far. Counters: (title, yuan or count)."""

    person: Person
    enrollment: Enrollment | None
    tier: str
    statuses: list[str]
    counters: list[tuple[str, str]]

    @property
    def pending(self) -> list[str]:
        """Changes that wait for a decision: what is seen here may become otherwise."""
        return [one.get_kind_display() for one in self.person.proposals.waiting()]


def workplace(actor: User, *, as_of: date | None = None) -> Institution:
    """The institution of an institution clerk; with what was registered of it for the day, where
    one is given. Raises Refusal when the code is not registered."""
    rows = Institution.objects.select_related("division")
    rows = rows if as_of is None else rows.as_of(as_of)
    institution = rows.filter(code=actor.institution_code).first()
    if institution is None:
        raise Refusal("您的账号没有对应的定点机构，请与系统管理员联系")
    return institution


def area_code_of(actor: User) -> str:
    """The pooling area in which the actor enters claims."""
    return actor.county_code or workplace(actor).division.county_code


@all_or_nothing()
def find_patients(*, actor: User, text: str) -> list[Bearer]:
    """Whom the text finds, for entering a claim or asking about one: by any number of theirs, now
    or before.

    An institution finds everybody of its county, by numbers only; a township clerk the own people,
    also by name. The trail keeps who was looked up. Raises Refusal: nobody, or too many.
    """
    people = Person.objects.select_related("household__division__parent")
    where = "本乡镇" if actor.may("claims.enter_paper") else "本县"
    if actor.may("claims.enter_counter"):
        people = people.filter(household__division__code__startswith=area_code_of(actor))
        where = "本县"
        if not any(letter.isdecimal() for letter in text):
            raise Refusal(
                "请按证件录入证件号码、医疗证号或户编号，就医结算不按姓名查找", "resident_id"
            )
    else:
        people = people.visible_to(actor)
    found = found_people(people, text, MOST_PATIENTS + 1)
    if not found:
        raise Refusal(_nobody(text, where), "resident_id")
    if len(found) > MOST_PATIENTS:
        raise Refusal(f"相符的超过 {MOST_PATIENTS} 人，请改用证件号码或医疗证号查找", "resident_id")
    for one in found:
        record(actor=actor, action="claims.look_up", subject=one.person)
    return found


def _nobody(text: str, where: str) -> str:
    """What is wrong with a number that finds nobody: a slip of the hand comes before all else."""
    number = plain(text)
    if number[:-1].isdecimal() and len(number) != HOUSEHOLD_NUMBER and not indexes_of(number):
        try:
            read_number(NumberKind.RESIDENT_ID, number, on=date.max)
        except Refusal as refusal:
            return refusal.message
    return f"{where}没有这个号码或姓名的登记，请核对证件和参保地"


def standing_of(person: Person, *, on: date, area_code: str) -> Standing:
    """The patient's cover on the day with everything counted so far this year."""
    enrollment = cover_on(person, on)
    terms = Measures.on(area_code=area_code, day=on).terms
    names = terms.vocabulary.get("status", {})
    statuses = [names.get(code, code) for code in sorted(statuses_on([person.pk], on)[person.pk])]
    if enrollment is None:
        return Standing(person, None, "", statuses, [])
    used = usage_to_date(enrollment, terms)
    year = enrollment.year
    paid = paid_to_person(person.pk, year) + paid_before(person.pk, year)
    counters: list[tuple[str, str]] = [("本年基金支付（含门诊）", f"{told(paid)} 元")]
    for name, counter in terms.counters.items():
        for code, title in _kept_apart(counter, terms):
            amount = used.get(counter.key(on, code), 0)
            if amount or counter.kind == "balance" or name == "annual_paid":
                shown = f"{told(to_yuan(amount))} 元" if counter.unit == "fen" else str(amount)
                capped = "（计入封顶的）" if name == "annual_paid" else ""
                counters.append((f"{title}{capped}", shown))
    counters += _brought(enrollment)
    tier = terms.vocabulary["tier"].get(enrollment.tier, enrollment.tier)
    return Standing(person, enrollment, tier, statuses, counters)


def _brought(enrollment: Enrollment) -> list[tuple[str, str]]:
    """What of it was used in the old system, before the county moved in."""
    rows = (
        carried()
        .filter(usage__person=enrollment.person_id, policy_year=enrollment.year)
        .select_related("usage")
    )
    return [
        (f"其中原系统已用：{row.title}（截至 {row.usage.counted_to}）", row.shown)
        for row in rows.order_by("pk")
    ]


def _kept_apart(counter: Counter, terms: Terms) -> list[tuple[str, str]]:
    """(code, title) of everything that the counter counts for itself: levels, or nothing."""
    if not counter.by:
        return [("", counter.title)]
    if counter.by == HOSPITAL:
        return []  # told on the claim; the window does not know which hospital comes next
    names = terms.vocabulary[counter.by]
    return [(code, f"{counter.title}（{name}）") for code, name in names.items()]


def stays_before(person: Person) -> list[Visit]:
    """The person's last stays that were settled, to say from which one the patient was referred."""
    return list(settled_stays(person.pk)[:STAYS_SHOWN])
