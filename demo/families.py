"""Households and the people in them: ages, kinship, names, ids, statuses, cover. Pure.

Shares are those of a western county with many people working away: about 3.2 people a household,
one in five a child, one in four over 60; 五保 0.6 %, 低保 5 %, 重残 1.5 %, 优抚 0.6 %.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from demo import names
from demo.numbers import IdNumbers, bank_account, phone
from demo.places import Township, Village
from demo.plan import Plan, Wheel
from enrollment.people.models import IdentityStatus
from enrollment.people.numbers import household_number, household_prefix
from lib.periods import age_on

HEAD, SPOUSE, SON, DAUGHTER, GRANDCHILD, PARENT = "0", "1", "2", "3", "4", "5"
MALE, FEMALE = "1", "2"

ETHNICITIES = Wheel(("01", "15", "06"), (975, 17, 8))
MORTALITY = ((1, 0.006), (15, 0.0004), (40, 0.001), (60, 0.004), (75, 0.02), (200, 0.075))

# Chronic diseases by the pack's codes: (code, share of those of 40–59, share of those over 60).
CHRONIC = (
    ("hypertension_3", 0.010, 0.052),
    ("diabetes", 0.007, 0.026),
    ("bronchitis_emphysema", 0.003, 0.022),
    ("cor_pulmonale", 0.001, 0.008),
    ("rheumatoid", 0.004, 0.008),
    ("cirrhosis", 0.002, 0.003),
    ("stroke_recovery", 0.002, 0.014),
    ("malignant_tumor", 0.002, 0.006),
)
Code = IdentityStatus.Code
STATUS_SOURCES = {
    Code.WUBAO.value: "县民政局",
    Code.DIBAO.value: "县民政局",
    Code.PREFERENTIAL.value: "县退役军人事务局",
    Code.SEVERE_DISABILITY.value: "县残联",
    Code.FAMILY_PLANNING.value: "县卫生健康委",
    Code.LOW_INCOME_ELDERLY.value: "县民政局",
    Code.STUDENT.value: "县教育委员会",
}


@dataclass(slots=True)
class Resident:
    """One member of a household. `years`: consecutive years of cover including the plan's year,
    0 when the person is not covered in it; `covered_before`: covered in the year before.

    `death_date` may lie after the plan's last day: then nobody knows of it yet. `row_id` and
    `cover_id` are the ids of the rows once they are written (this year's cover)."""

    number: int
    relationship: str
    surname: str
    given: str
    sex: str
    birth_date: date
    resident_id: str
    residence: str
    ethnicity: str = "01"
    statuses: tuple[str, ...] = ()
    chronic: str = ""
    death_date: date | None = None
    years: int = 0
    covered_before: bool = False
    row_id: int = 0
    cover_id: int = 0
    credit: int = 0

    @property
    def name(self) -> str:
        return self.surname + self.given

    def dead_by(self, day: date) -> bool:
        return self.death_date is not None and self.death_date <= day


@dataclass(slots=True)
class Family:
    """A household. `account`: fen in its outpatient account on the first day of the year."""

    number: str
    group_code: str
    village_code: str
    address: str
    phone: str
    bank_account: str
    tier: str
    members: list[Resident] = field(default_factory=list)
    row_id: int = 0
    account: int = 0


@dataclass(slots=True)
class _Sketch:
    """A member before names and numbers: relationship, sex and age on the first of the year."""

    relationship: str
    sex: str
    age: int
    own_surname: bool = False


def families_of(plan: Plan, township: Township, ids: IdNumbers) -> list[Family]:
    """The township's families, group by group; `ids` hands out resident ids across townships."""
    chance = plan.chance("families", township.index)
    families: list[Family] = []
    for village in township.villages:
        for group in village.groups:
            left, serial = group.persons, 0
            while left > 0:
                sketches = KINDS.spin(chance)(chance)[:left]
                serial += 1
                code = group.code
                number = household_number(household_prefix(code), serial)
                address = f"{township.name}{village.name}{group.name}{serial}号"
                family = _family(plan, chance, village, sketches, ids)
                family.number, family.group_code, family.address = number, code, address
                families.append(family)
                left -= len(sketches)
    return families


# -- who lives together ------------------------------------------------------------------------


def _elder(chance: Random) -> list[_Sketch]:
    return [_head(chance, _age(chance, 72, 7, 60, 96), male=0.45)]


def _adult(chance: Random) -> list[_Sketch]:
    return [_head(chance, _age(chance, 45, 12, 19, 59), male=0.72)]


def _elders(chance: Random) -> list[_Sketch]:
    return _couple(chance, _age(chance, 69, 6, 58, 92))


def _pair(chance: Random) -> list[_Sketch]:
    return _couple(chance, _age(chance, 50, 9, 22, 60))


def _grandparents(chance: Random) -> list[_Sketch]:
    members = _couple(chance, _age(chance, 62, 5, 48, 78))
    return members + _grandchildren(chance, members[0].age - 50, 1 + (chance.random() < 0.35))


def _one_parent(chance: Random) -> list[_Sketch]:
    head = _head(chance, _age(chance, 40, 7, 24, 58), male=0.55)
    return [head, *_children(chance, head.age, 1)]


def _parents(chance: Random) -> list[_Sketch]:
    members = _couple(chance, _age(chance, 39, 9, 23, 62))
    return members + _children(chance, _younger(members), 1 + (chance.random() < 0.38))


def _three_generations(chance: Random) -> list[_Sketch]:
    members = _couple(chance, _age(chance, 39, 7, 25, 58))
    members += _children(chance, _younger(members), 1 + (chance.random() < 0.45))
    parents = _couple(chance, members[0].age + _age(chance, 25, 3, 19, 36))
    for parent in parents if chance.random() < 0.6 else [chance.choice(parents)]:
        parent.own_surname = parent.sex == FEMALE
        parent.relationship = PARENT
        members.append(parent)
    return members


# What households are made of, by weight.
KINDS = Wheel(
    (
        _elder,
        _adult,
        _elders,
        _pair,
        _parents,
        _three_generations,
        _grandparents,
        _one_parent,
    ),
    (7, 4, 11, 9, 40, 19, 7, 3),
)


def _head(chance: Random, age: int, male: float) -> _Sketch:
    return _Sketch(HEAD, MALE if chance.random() < male else FEMALE, age)


def _couple(chance: Random, age: int) -> list[_Sketch]:
    wife = max(20, age - round(chance.gauss(2, 2.2)))
    return [_Sketch(HEAD, MALE, age), _Sketch(SPOUSE, FEMALE, wife, own_surname=True)]


def _younger(couple: list[_Sketch]) -> int:
    return min(couple[0].age, couple[1].age)


def _children(chance: Random, parent: int, count: int) -> list[_Sketch]:
    """Children of a parent of that age; the grown-up ones mostly live elsewhere."""
    children = []
    age = parent - _age(chance, 25, 3, 19, 38)
    for _ in range(count):
        if 0 <= age <= 26 or (age > 26 and chance.random() < 0.35):
            male = chance.random() < 0.53
            children.append(_Sketch(SON if male else DAUGHTER, MALE if male else FEMALE, age))
        age -= _age(chance, 4, 2, 1, 9)
    return children


def _grandchildren(chance: Random, oldest: int, count: int) -> list[_Sketch]:
    return [
        _Sketch(
            GRANDCHILD,
            MALE if chance.random() < 0.53 else FEMALE,
            min(17, max(0, oldest - chance.randrange(0, 9))),
        )
        for _ in range(count)
    ]


def _age(chance: Random, mean: float, spread: float, low: int, high: int) -> int:
    return max(low, min(high, round(chance.gauss(mean, spread))))


# -- from a sketch to people -------------------------------------------------------------------


def _family(
    plan: Plan, chance: Random, village: Village, sketches: list[_Sketch], ids: IdNumbers
) -> Family:
    residence = _residence(chance, village)
    family = Family(
        number="",
        group_code="",
        village_code=village.code,
        address="",
        phone=phone(chance) if chance.random() < 0.93 else "",
        bank_account=bank_account(chance) if chance.random() < 0.8 else "",
        tier="tier2" if chance.random() < (0.42 if residence == "urban" else 0.24) else "tier1",
    )
    line = names.surname(chance)
    for number, sketch in enumerate(sketches, start=1):
        surname = names.surname(chance) if sketch.own_surname else line
        family.members.append(
            _resident(
                plan, chance, sketch, ids, number=number, surname=surname, residence=residence
            )
        )
    _give_statuses(plan, chance, family)
    _give_cover(plan, chance, family)
    return family


def _residence(chance: Random, village: Village) -> str:
    if chance.random() < 0.012:
        return "outside"
    return "urban" if chance.random() < (0.55 if village.is_urban else 0.02) else "rural"


def _resident(
    plan: Plan,
    chance: Random,
    sketch: _Sketch,
    ids: IdNumbers,
    *,
    number: int,
    surname: str,
    residence: str,
) -> Resident:
    first_of_year = date(plan.year, 1, 1)
    born = _birth_date(chance, first_of_year, sketch.age)
    married_in = sketch.relationship == SPOUSE and chance.random() < 0.3
    resident = Resident(
        number=number,
        relationship=sketch.relationship,
        surname=surname,
        given=names.given(chance, male=sketch.sex == MALE, birth_year=born.year),
        sex=sketch.sex,
        birth_date=born,
        resident_id=ids.next(
            chance, born, male=sketch.sex == MALE, elsewhere=married_in or residence == "outside"
        ),
        residence=residence,
        ethnicity=ETHNICITIES.spin(chance),
    )
    if sketch.age >= 40:
        resident.chronic = _chronic(chance, sketch.age)
    resident.death_date = _death(plan, chance, sketch.age)
    return resident


def _birth_date(chance: Random, day: date, age: int) -> date:
    """A birth date with which the person is `age` on `day`."""
    latest = date(day.year - age, day.month, day.day) - timedelta(days=1)
    return latest - timedelta(days=chance.randrange(0, 365))


def _chronic(chance: Random, age: int) -> str:
    place = chance.random()
    for code, middle, old in CHRONIC:
        place -= old if age >= 60 else middle
        if place < 0:
            return code
    return ""


def _death(plan: Plan, chance: Random, age: int) -> date | None:
    """A day in the plan's year or the year before, by the mortality of the age."""
    yearly = next(share for below, share in MORTALITY if age < below)
    if chance.random() >= 2 * yearly or age == 0:
        return None
    return date(plan.year - 1, 1, 15) + timedelta(days=chance.randrange(0, 700))


def _give_statuses(plan: Plan, chance: Random, family: Family) -> None:
    rural = family.members[0].residence == "rural"
    alone = len(family.members) == 1 and family.members[0].sex == MALE
    poor = chance.random() < (0.048 if rural else 0.055)
    for resident in family.members:
        if resident.residence == "outside":
            continue
        age = age_on(resident.birth_date, date(plan.year - 1, 9, 1))
        found = []
        if rural and alone and age >= 60 and chance.random() < 0.6:
            found.append(Code.WUBAO.value)
        elif poor:
            found.append(Code.DIBAO.value)
        elif not rural and age >= 60 and chance.random() < 0.06:
            found.append(Code.LOW_INCOME_ELDERLY.value)
        if chance.random() < (0.02 if age >= 45 else 0.009):
            found.append(Code.SEVERE_DISABILITY.value)
        if resident.sex == MALE and age >= 55 and chance.random() < 0.03:
            found.append(Code.PREFERENTIAL.value)
        if rural and age >= 60 and chance.random() < 0.02:
            found.append(Code.FAMILY_PLANNING.value)
        if not rural and found and 6 <= age <= 22:
            found.append(Code.STUDENT.value)
        resident.statuses = tuple(found)


def _give_cover(plan: Plan, chance: Random, family: Family) -> None:
    """Households enrol together: 96 in 100 this year, most of them for years already."""
    special = any(resident.statuses for resident in family.members)
    joins = special or chance.random() < 0.965
    stayed = chance.random() < 0.955
    history = 2 + min(chance.randrange(0, 12), chance.randrange(0, 12)) if stayed else 1
    this_year, year_before = date(plan.year - 1, 11, 30), date(plan.year - 2, 11, 30)
    for resident in family.members:
        if resident.death_date is None or resident.death_date > this_year:
            away = not special and chance.random() < 0.008
            born_in_time = resident.birth_date <= this_year
            if joins and born_in_time and not away:
                in_age = this_year.year - resident.birth_date.year + 1
                resident.years = max(1, min(history, in_age))
                if resident.birth_date > year_before:
                    resident.years = 1
        was_there = resident.birth_date <= year_before
        resident.covered_before = was_there and (
            resident.years > 1 or (resident.years == 0 and history > 1)
        )
