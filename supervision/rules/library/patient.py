"""Points on who was treated, where and on whose account: sex, age, insurance, care, level."""

from collections.abc import Sequence
from datetime import date

from supervision.rules.library.judged import Bill, Verdict, age_on
from supervision.rules.points import AgeBounds, Missing, Point

SEXES = {"1": "男", "2": "女"}


def sex(point: Point, places: Sequence[int], bill: Bill) -> Verdict:
    """By the register; what the hospital says of its patient is not asked."""
    known = bill.claim.sex
    if known not in SEXES:
        return Missing.PERSON
    if known == point.value:
        return None
    return bill.found(point, places, f"限{SEXES[point.value]}性，参保人登记为{SEXES[known]}性")


def age(point: Point, places: Sequence[int], bill: Bill) -> Verdict:
    """Each line on its own day, on the first one where it has none; by the register."""
    born = bill.claim.born_on
    if born is None:
        return Missing.PERSON
    starts = bill.claim.starts
    ages, group = bill.library.ages, point.value
    wrong = [place for place in places if not _is_of(group, born, bill.day(place) or starts, ages)]
    if not wrong:
        return None
    day = bill.day(wrong[0]) or starts
    return bill.found(point, wrong, f"限{_group(group, ages)}，当日 {_told(born, day)}")


def _is_of(group: str, born: date, day: date, ages: AgeBounds) -> bool:
    years = age_on(born, day)
    return {
        "child": years < ages.child_years,
        "newborn": (day - born).days <= ages.newborn_days,
        "infant": years < ages.infant_years,
        "working_age": ages.working_from <= years < ages.working_until,
    }[group]


def _group(group: str, ages: AgeBounds) -> str:
    return {
        "child": f"儿童（{ages.child_years} 周岁以下）",
        "newborn": f"新生儿（{ages.newborn_days} 天以内）",
        "infant": f"婴幼儿（{ages.infant_years} 周岁以下）",
        "working_age": f"就业年龄（{ages.working_from} 至 {ages.working_until} 周岁以下）",
    }[group]


def _told(born: date, day: date) -> str:
    years = age_on(born, day)
    return f"{years} 周岁" if years else f"出生 {(day - born).days} 天"


INSURANCES = {"work_injury": "工伤保险", "maternity": "生育保险"}


def insurance(point: Point, places: Sequence[int], bill: Bill) -> Verdict:
    """This fund pays no work injury at all. It pays deliveries; whether a visit without a bed was
    for a pregnancy the bill does not say, so that it is a suspicion."""
    claim = bill.claim
    if point.value == "maternity" and claim.bed and not claim.counts_as_stay:
        return None
    sure = point.value != "maternity" or claim.bed
    words = f"限{INSURANCES[point.value]}支付，本次由居民医保支付"
    return bill.found(point, places, words, sure=sure)


def care_kind(point: Point, places: Sequence[int], bill: Bill) -> Verdict:
    return None if bill.claim.bed else bill.found(point, places, "限住院使用，本次不是住院")


# The house's levels (institutions.Level) are those of the measures and no grades of hospitals
# (医院分级管理办法: 一级 to 三级): least and highest grade that such an institution has.
GRADES = {
    "village": (0, 0),
    "township": (0, 1),
    "central": (1, 2),
    "county": (2, 3),
    "city": (2, 3),
    "province": (3, 3),
}
GRADE_NAMES = {"2": "二级", "3": "三级"}


def institution_level(point: Point, places: Sequence[int], bill: Bill) -> Verdict:
    """Not judged where such an institution may have the grade or not."""
    if bill.claim.level not in GRADES:
        return Missing.GRADE
    least, most = GRADES[bill.claim.level]
    asked = int(point.value)
    if least >= asked:
        return None
    if most >= asked:
        return Missing.GRADE
    words = f"限{GRADE_NAMES[point.value]}及以上机构，{bill.claim.institution_name}不到"
    return bill.found(point, places, words)
