"""What a clerk is told about somebody who is in the register already: as much as the own scope.

The own people in full, with the household to go to; people of other townships and counties only
as being there, and every such answer leaves a line in the trail, of which there are only so many
a day: a number tried at the window is no way to find out where somebody lives.
"""

from collections.abc import Mapping
from functools import partial

from django.db.models import QuerySet
from django.utils import timezone

from accounts.audit import record
from accounts.errors import Place, Refusal
from accounts.models import AuditLine, Division, User
from desk.kept import Kept, among, given
from enrollment.people.models import FormerNumber, Person

TOLD = "enrollment.told_elsewhere"
# Answers about people elsewhere that one clerk gets a day. A busy day in the campaign is about a
# hundred households, and few of them bring somebody who is registered elsewhere.
MOST_TOLD = 50
WITH_PLACE = "household__division__parent__parent__parent"
COUNTY = 6  # digits of a division's code


def place_of(division: Division) -> str:
    """Township and village as said to another township: enough to find, nothing personal."""
    place, step = division.name, division.parent
    while step is not None and step.level != Division.Level.COUNTY:
        if not place.startswith(step.name):  # many villages carry their township's name
            place = step.name + place
        step = step.parent
    return place


def is_near(code: str, scope: str) -> bool:
    """Whether somebody of the place is the clerk's own."""
    return bool(scope) and code.startswith(scope)


def registered_far(code: str, scope: str) -> str:
    """What to say about somebody of another township or county."""
    if code[:COUNTY] == scope[:COUNTY]:
        return (
            "此证件号码已在本县其他乡镇登记，不能重复登记；请核对证件，确属迁入的由原登记地办理转户"
        )
    return "此证件号码已在外地登记，不能重复登记；请核对证件，确属迁入的先由原登记地办理迁出"


def registered_near(person: Person, place: str) -> str:
    """What to say about one of the own people: alive, gone or dead, and what to do."""
    where = f"{place}，户编号 {person.household.number}"
    if person.death_date:
        return (
            f"{person.name}已于 {person.death_date:%Y-%m-%d} 登记死亡（{where}），不能登记参保；"
            "请核对证件，死亡登记有误的在该户“变动记录”中撤销"
        )
    if person.departure_date:
        return (
            f"{person.name}已于 {person.departure_date:%Y-%m-%d} 登记迁出（{where}）；"
            "已回来的在该户办理迁回"
        )
    return registered_at(place, person.household.number)


def namesake_told(person: Person, user: User) -> str:
    """That the user's scope has another of the same name, sex and day of birth, whose number is
    another: a child with two certificates, most likely; "" if there is none."""
    people = Person.objects.visible_to(user).present().filter(same_as=None).exclude(pk=person.pk)
    twin = (
        people.filter(name=person.name, sex=person.sex, birth_date=person.birth_date)
        .select_related(WITH_PLACE)
        .first()
    )
    if twin is None:
        return ""
    home = twin.household
    return (
        f"{place_of(home.division)}（户编号 {home.number}）也有一位{twin.name}，"
        "性别、出生日期相同而证件号码不同：是同一人的，请在成员一行办理“重复登记”"
    )


def registered_at(place: str, household_number: str) -> str:
    """What to say about somebody who lives with the own people."""
    return (
        f"此证件号码已在{place}登记（户编号 {household_number}），不能重复登记；"
        "请打开该户办理参保，要转到别的户的在该户办理婚嫁、转户，"
        "同一人登记了两次的在该户办理“重复登记”"
    )


def told(person: Person, actor: User) -> str:
    """What this actor is told about the person, who is in the register. `WITH_PLACE` is loaded."""
    code = person.household.division.code
    if is_near(code, actor.division_code):
        return registered_near(person, place_of(person.household.division))
    return registered_far(code, actor.division_code)


def note_told(person: Person, actor: User) -> str:
    """Keep in the trail that the actor was told of somebody elsewhere, once a day for each.

    Returns "" or, when the day's answers are used up, what to say instead.
    """
    if is_near(person.household.division.code, actor.division_code):
        return ""
    day = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    today = AuditLine.objects.filter(user=actor, action=TOLD, at__gte=day)
    mine = today.filter(subject_type=Person._meta.label_lower, subject_id=str(person.pk))
    if mine.exists():
        return ""
    if today.count() >= MOST_TOLD:
        return (
            f"此证件号码不能登记；今天查到的外地登记已达 {MOST_TOLD} 次，"
            "请明天再办，或与县经办中心联系"
        )
    record(actor=actor, action=TOLD, subject=person)
    return ""


def _bearer() -> QuerySet[Person]:
    """Who bears or bore one of the numbers: the first of them."""
    former = FormerNumber.objects.filter(among("number_index", given("indexes")), mistaken=False)
    now = Person.objects.filter(among("resident_id_index", given("indexes")))
    either = now.order_by().values("pk").union(former.order_by().values("person"))
    return Person.objects.filter(pk__in=either).select_related(WITH_PLACE)[:1]


BEARER = Kept(_bearer)


def refuse_registered(entries: Mapping[str, Place], actor: User) -> None:
    """Stop people who are in the register already, anywhere. `entries`: blind index → input."""
    other = BEARER.first(indexes=list(entries))
    if other is None:
        return
    index = other.resident_id_index
    if index not in entries:  # borne before: never given to anybody else
        former = FormerNumber.objects.filter(number_index__in=list(entries), mistaken=False)
        index = former.values_list("number_index", flat=True).filter(person=other)[0]
    spent = note_told(other, actor)
    refusal = Refusal(spent or told(other, actor), at=entries[index])
    if not spent:  # the transaction that this ends takes the line with it
        refusal.kept = partial(note_told, other, actor)
    raise refusal
