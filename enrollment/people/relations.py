"""Which relations of a household can be, by the birth dates, and which must be asked about. Pure.

Relations are to the head (户主). What cannot be is refused; what seldom is (an early marriage, a
late child) is asked, and goes through with a reason. Step- and adopted children of nearly their
parents' age are 其他: 子、女 says the generation.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from lib.periods import age_on

# Years by which a parent is older: no birth is known below the first; below the second it is rare.
LEAST_PARENT, USUAL_PARENT, LATE_PARENT = 12, 16, 60
# Two generations.
LEAST_GRANDPARENT, USUAL_GRANDPARENT = 2 * LEAST_PARENT, 2 * USUAL_PARENT
# 《民法典》第一千零四十七条: a man of 22, a woman of 20 may marry.
MARRIAGE = {"1": 22, "2": 20}
LEAST_SPOUSE = 14
OLDEST = 120  # the oldest known people did not reach it by much
CONCEIVED = 300  # days: a child may be born so long after its father's death

HEAD, SPOUSE, SON, DAUGHTER = "0", "1", "2", "3"
GRANDCHILD, PARENT, GRANDPARENT = "4", "5", "6"
# Relation → (named, generations below the head).
GENERATIONS = {
    SON: ("子", 1),
    DAUGHTER: ("女", 1),
    GRANDCHILD: ("孙辈", 2),
    PARENT: ("父母", -1),
    GRANDPARENT: ("祖父母", -2),
}


@dataclass(frozen=True)
class Member:
    """Somebody of the household. `key`: how the caller knows them; keys of Person.Relationship."""

    key: object
    name: str
    relationship: str
    sex: str
    birth_date: date
    death_date: date | None = None


@dataclass(frozen=True)
class Remark:
    """What is wrong with a member's relation or birth date; `impossible`: no reason helps."""

    key: object
    field: str
    text: str
    impossible: bool


def _years(older: date, younger: date) -> int:
    """Whole years between two births, below zero when the first is the later one."""
    return age_on(older, younger) if older <= younger else -1 - age_on(younger, older)


def born_problem(name: str, birth_date: date, on: date) -> str:
    """Why nobody living can be born on the day; "" when somebody can."""
    if birth_date > on:
        return f"{name}的出生日期 {birth_date} 晚于今天，请核对"
    age = age_on(birth_date, on)
    return f"{name}按出生日期 {birth_date} 已 {age} 岁，请核对证件" if age > OLDEST else ""


def remarks(members: Sequence[Member], on: date) -> list[Remark]:
    """Everything odd in a household as it will be. `members`: who is present, and the dead."""
    found = [
        Remark(one.key, "relationship", text, impossible=True)
        for one in members
        if one.death_date is None and (text := born_problem(one.name, one.birth_date, on))
    ]
    living = [one for one in members if one.death_date is None]
    heads = [one for one in living if one.relationship == HEAD]
    if len(heads) != 1:
        return found  # told elsewhere: a household has one head
    head = heads[0]
    found += _spouses(head, living, on)
    for one in living:
        found += _generation(head, one)
        found += _orphan(one, members)
    return found


def _spouses(head: Member, living: Sequence[Member], on: date) -> list[Remark]:
    spouses = [one for one in living if one.relationship == SPOUSE]
    found = [
        Remark(one.key, "relationship", "户主只能有一位配偶，请改“与户主关系”", impossible=True)
        for one in spouses[1:]
    ]
    for one in spouses[:1]:
        if one.sex == head.sex:
            text = f"{one.name}与户主{head.name}同性，关系却是配偶，请核对"
            found.append(Remark(one.key, "relationship", text, impossible=False))
        for each in (one, head):
            age = age_on(each.birth_date, on)
            if age >= MARRIAGE[each.sex]:
                continue
            text = f"{each.name}今年 {age} 岁，不到法定婚龄 {MARRIAGE[each.sex]} 岁，关系却是夫妻"
            found.append(Remark(one.key, "relationship", text, impossible=age < LEAST_SPOUSE))
    return found


def _generation(head: Member, one: Member) -> list[Remark]:
    """Parents are older than their children, grandparents than both."""
    if one.relationship not in GENERATIONS:
        return []
    named, below = GENERATIONS[one.relationship]
    elder, younger = (head, one) if below > 0 else (one, head)
    years = _years(elder.birth_date, younger.birth_date)
    grand = abs(below) == 2
    least = LEAST_GRANDPARENT if grand else LEAST_PARENT
    usual = USUAL_GRANDPARENT if grand else USUAL_PARENT
    late = 2 * LATE_PARENT if grand else LATE_PARENT
    told = f"{one.name}是户主{head.name}的{named}，"
    if years < least:
        gap = f"只比他小 {years} 岁" if below > 0 else f"只比他大 {years} 岁"
        if years < 0:
            gap = "年纪却比他大" if below > 0 else "年纪却比他小"
        text = f"{told}{gap}，请核对证件和关系；继、养关系不足此数的选“其他”"
        return [Remark(one.key, "relationship", text, impossible=True)]
    if years < usual or years > late:
        return [Remark(one.key, "relationship", f"{told}相差 {years} 岁，请核对", impossible=False)]
    return []


def _orphan(one: Member, members: Sequence[Member]) -> list[Remark]:
    """A child of the head born when the only mother, or the only father, was dead."""
    if one.relationship not in {SON, DAUGHTER}:
        return []
    couple = [each for each in members if each.relationship in {HEAD, SPOUSE}]
    for sex, named, days in (("2", "母亲", 0), ("1", "父亲", CONCEIVED)):
        parents = [each for each in couple if each.sex == sex]
        last = [each.death_date for each in parents if each.death_date is not None]
        if last and len(last) == len(parents) and (one.birth_date - max(last)).days > days:
            text = f"{one.name}生于{named}去世（{max(last)}）之后，请核对"
            return [Remark(one.key, "relationship", text, impossible=False)]
    return []
