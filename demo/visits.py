"""Who goes to which doctor when: a year of visits of one township. Pure.

How often follows a district's report of 2021 (per person and year, about: 0.116 stays, 0.22
chronic and 1.16 ordinary outpatient visits that were reimbursed). Stays come at their real rate;
the many small outpatient visits at about half, which keeps their proportion to each other and the
demo quick to make:

    stays 0.11 · chronic 0.11 · ordinary outpatient 0.6      (OUTPATIENT_FACTOR 0.52)

The whole year is drawn whatever the last day is, and then cut: a county that was seeded in June is
the beginning of the one seeded in December.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from random import Random

from demo.families import FEMALE, Family, Resident
from demo.illnesses import Illness, of_disease, wheel
from demo.places import Township
from demo.plan import Plan, Wheel
from demo.providers import AWAY_HOSPITALS, Provider, Providers
from lib.periods import age_on

OUTPATIENT_FACTOR = 0.52
# Yearly visits by age: (below this age, stays, ordinary outpatient visits of the full rate).
RATES = (
    (5, 0.125, 1.9),
    (15, 0.04, 1.15),
    (40, 0.048, 0.6),
    (60, 0.1, 0.95),
    (75, 0.26, 1.75),
    (200, 0.36, 1.8),
)
CHRONIC_VISITS = 6.2 * OUTPATIENT_FACTOR
BIRTHS = ((22, 0.03), (30, 0.085), (36, 0.04), (43, 0.008))
MONTHS = (1.16, 0.95, 1.06, 1.0, 0.96, 0.93, 0.95, 0.94, 0.94, 0.98, 1.04, 1.09)
# Where people lie ill when the illness is of severity 1, and how severity pulls them upward.
LEVELS = (
    ("township", 0.38, -1.6),
    ("central", 0.17, -0.7),
    ("county", 0.37, 0.7),
    ("city", 0.045, 1.5),
    ("province", 0.022, 1.9),
)
LENGTHS = {"township": 5.6, "central": 6.4, "county": 7.6, "city": 9.5, "province": 10.0}
# Cost of a stay in yuan at severity 1: (median, spread of the logarithm).
COSTS = {
    "township": (600, 0.45),
    "central": (870, 0.5),
    "county": (2180, 0.6),
    "city": (5500, 0.7),
    "province": (7200, 0.75),
}
# Planted for the screening rules: shares of the cases concerned.
AFTER_DEATH = 0.12
DOUBLE_STAY = 0.004
SPLIT_STAY = 0.01
VILLAGE_TRIP = 9  # people of one village admitted on one day, once in a county


@dataclass(slots=True)
class Trip:
    """One visit. `place`: local or outside; `paper`: the patient paid and hands invoices in.

    `target`: about what it costs, fen. `provider` None: a hospital our register does not know.
    """

    family: Family
    resident: Resident
    illness: Illness
    level: str
    place: str
    provider: Provider | None
    provider_name: str
    starts: date
    ends: date
    settled_on: date
    target: int
    referral: str = "none"
    paper: bool = False
    facts: set[str] = field(default_factory=set)
    reasons: set[str] = field(default_factory=set)

    @property
    def care(self) -> str:
        return self.illness.care


def trips_of(
    plan: Plan, township: Township, families: Sequence[Family], providers: Providers
) -> list[Trip]:
    """The township's visits up to the plan's last day, in the order in which they are settled."""
    drawer = _Drawer(plan, township, providers)
    found: list[Trip] = []
    for family in families:
        for resident in family.members:
            if resident.years:
                found += drawer.year_of(family, resident)
    if township.index == 0:
        found += drawer.village_trip(families)
    found = [trip for trip in found if trip.settled_on <= plan.last_day]
    found.sort(key=lambda trip: trip.settled_on)
    return found


class _Drawer:
    """Draws one township's visits with one stream of chance."""

    def __init__(self, plan: Plan, township: Township, providers: Providers) -> None:
        self.plan = plan
        self.township = township
        self.providers = providers
        self.chance = plan.chance("visits", township.index)
        self.days = _days(plan.year)

    def year_of(self, family: Family, resident: Resident) -> list[Trip]:
        chance = self.chance
        age = age_on(resident.birth_date, date(self.plan.year, 7, 1))
        stays, outpatient = next(row[1:] for row in RATES if age < row[0])
        frailty = chance.gammavariate(0.7, 1 / 0.7)
        found = [
            *self._stays(family, resident, age, _count(chance, stays * self.plan.stays * frailty)),
            *self._outpatient(
                family,
                resident,
                age,
                _count(chance, outpatient * OUTPATIENT_FACTOR * self.plan.often * frailty),
            ),
        ]
        if resident.chronic:
            found += self._chronic(
                family, resident, _count(chance, CHRONIC_VISITS * self.plan.often)
            )
        if resident.sex == FEMALE and 19 <= age < 43:
            found += self._birth(family, resident, age)
        found += self._rare(family, resident, age)
        return list(self._alive(family, resident, found))

    def village_trip(self, families: Sequence[Family]) -> list[Trip]:
        """One village, one hospital, one day: what rule A12 looks for."""
        day = date(self.plan.year, 3, 17)
        village = families[len(families) // 2].village_code
        elders = [
            (family, resident)
            for family in families
            if family.village_code == village
            for resident in family.members
            if resident.years
            and resident.birth_date.year < self.plan.year - 50
            and (resident.death_date is None or resident.death_date > date(self.plan.year, 6, 1))
        ]
        illness = next(i for i in _inpatient() if i.code == "M54.5")
        hospital = self.providers.hospitals[self.township.index]
        return [
            self._trip(
                family,
                resident,
                illness,
                hospital,
                starts=day,
                ends=day + timedelta(days=5),
                target=62_000 + 700 * at,
            )
            for at, (family, resident) in enumerate(elders[:VILLAGE_TRIP])
        ]

    # -- kinds of care -----------------------------------------------------------------------

    def _stays(self, family: Family, resident: Resident, age: int, count: int) -> Iterator[Trip]:
        free_from = date(self.plan.year, 1, 1)
        for starts in sorted(self.days.spin(self.chance) for _ in range(count)):
            illnesses = wheel("stay", resident.sex, age)
            if illnesses is None or starts < free_from:
                continue
            trip = self._stay(family, resident, illnesses.spin(self.chance), starts, age)
            yield trip
            free_from = trip.ends + timedelta(days=1)
            planted = self.chance.random()
            if trip.paper or trip.starts == trip.ends:
                continue
            if planted < DOUBLE_STAY:
                double = self._stay(family, resident, trip.illness, starts, age, local=True)
                if double.provider is not trip.provider:
                    yield double
            elif planted < DOUBLE_STAY + SPLIT_STAY:
                again = self._again(trip)
                yield again
                free_from = again.ends + timedelta(days=1)

    def _stay(
        self,
        family: Family,
        resident: Resident,
        illness: Illness,
        starts: date,
        age: int,
        *,
        local: bool = False,
    ) -> Trip:
        chance = self.chance
        away = not local and 18 <= age < 56 and chance.random() < 0.05
        level = chance.choice(AWAY_HOSPITALS)[0] if away else self._level(illness, local)
        length = _length(chance, LENGTHS[level], illness)
        ends = starts + timedelta(days=length)
        median, spread = COSTS[level]
        target = median * 100 * illness.severity**0.8 * math.exp(chance.gauss(0, spread))
        if illness.fact == "psychiatric":
            target = 9000 * length
        target *= 0.55 + 0.45 * min(length / LENGTHS[level], 3)
        provider = None if away else self._hospital(level, illness)
        trip = self._trip(
            family, resident, illness, provider, starts=starts, ends=ends, target=round(target)
        )
        if illness.fact:
            trip.facts.add(illness.fact)
        if illness.fact == "trauma":
            self._trauma(trip)
        if chance.random() < 0.93:
            trip.facts.add("special_approved")
        if away:
            trip.level, trip.place = level, "outside"
            trip.provider_name = chance.choice([n for lev, n in AWAY_HOSPITALS if lev == level])
            trip.facts |= {"working_away"} | ({"notified"} if chance.random() < 0.9 else set())
        if trip.place == "outside":
            self._outside(trip, away)
        return trip

    def _again(self, trip: Trip) -> Trip:
        """Back in the same bed two days after discharge: one stay cut in two."""
        starts = trip.ends + timedelta(days=2)
        again = self._trip(
            trip.family,
            trip.resident,
            trip.illness,
            trip.provider,
            starts=starts,
            ends=starts + timedelta(days=4),
            target=trip.target * 2 // 3,
        )
        again.facts |= trip.facts
        return again

    def _outpatient(
        self, family: Family, resident: Resident, age: int, count: int
    ) -> Iterator[Trip]:
        chance = self.chance
        illnesses = wheel("clinic", resident.sex, age)
        for _ in range(count if illnesses else 0):
            assert illnesses is not None
            day, where = self.days.spin(chance), chance.random()
            if where < 0.62:
                provider, median = self.providers.clinics[family.village_code], 900
            elif where < 0.9:
                provider, median = self.providers.hospitals[self.township.index], 1900
            else:
                provider, median = self.providers.county["general"][0], 3400
            target = round(median * math.exp(chance.gauss(0, 0.35)))
            illness = illnesses.spin(chance)
            yield self._trip(
                family, resident, illness, provider, starts=day, ends=day, target=target
            )

    def _chronic(self, family: Family, resident: Resident, count: int) -> Iterator[Trip]:
        chance = self.chance
        illness = of_disease("repeat", resident.chronic)
        certified = chance.random() < 0.97
        for day in sorted(self.days.spin(chance) for _ in range(count)):
            provider = self.providers.hospitals[self.township.index]
            if chance.random() < 0.4:
                provider = chance.choice(self.providers.county["general"])
            target = round(9000 * illness.severity * math.exp(chance.gauss(0, 0.55)))
            trip = self._trip(
                family, resident, illness, provider, starts=day, ends=day, target=target
            )
            if certified:
                trip.facts.add("chronic_certified")
            yield trip
            certified = True  # who was refused once has the certificate the next time

    def _birth(self, family: Family, resident: Resident, age: int) -> Iterator[Trip]:
        chance = self.chance
        if chance.random() >= next(rate for below, rate in BIRTHS if age < below):
            return
        day = self.days.spin(chance)
        planned = chance.random() < 0.97
        clinic = chance.choice(
            [*self.providers.county["maternity"], self.providers.hospitals[self.township.index]]
        )
        before = wheel("check", FEMALE, age)
        delivery = wheel("birth", FEMALE, age)
        assert before is not None
        assert delivery is not None
        check = day - timedelta(days=chance.randrange(20, 120))
        illness = delivery.spin(chance)
        target = round(160_000 * illness.severity * math.exp(chance.gauss(0, 0.2)))
        ends = day + timedelta(days=3 if illness.severity == 1 else 6)
        trips = [
            self._trip(family, resident, illness, clinic, starts=day, ends=ends, target=target)
        ]
        if check.year == self.plan.year:
            seen = before.spin(chance)
            trips.append(
                self._trip(family, resident, seen, clinic, starts=check, ends=check, target=12_000)
            )
            trips[-1].facts.add("prenatal_complete")
        for trip in trips:
            trip.facts |= {"family_planning_ok"} if planned else set()
            yield trip

    def _rare(self, family: Family, resident: Resident, age: int) -> Iterator[Trip]:
        """Courses of treatment: dialysis and chemotherapy under tier two, tuberculosis."""
        chance = self.chance
        draw = chance.random()
        kind, sessions, share = "", 0, 0.0
        if draw < 0.0007:
            kind, sessions, share = "notified", 4, 0.95
        elif draw < 0.0026 and family.tier == "tier2" and age >= 12:
            kind, sessions, share = "infusion", 9, 0.9
        illnesses = wheel(kind, resident.sex, age) if kind else None
        if illnesses is None:
            return
        illness = illnesses.spin(chance)
        hospital = self.providers.county["general"][0]
        registered = chance.random() < share
        for day in sorted(self.days.spin(chance) for _ in range(sessions)):
            base = 13_000 if kind == "notified" else 150_000
            target = round(base * illness.severity * math.exp(chance.gauss(0, 0.3)))
            trip = self._trip(
                family, resident, illness, hospital, starts=day, ends=day, target=target
            )
            if kind == "notified" and registered:
                trip.facts.add("tb_registered")
            yield trip

    # -- details -----------------------------------------------------------------------------

    def _trip(
        self,
        family: Family,
        resident: Resident,
        illness: Illness,
        provider: Provider | None,
        *,
        starts: date,
        ends: date,
        target: int,
    ) -> Trip:
        outside = provider is not None and provider.is_outside
        return Trip(
            family=family,
            resident=resident,
            illness=illness,
            level=provider.level if provider else "",
            place="outside" if outside else "local",
            provider=provider,
            provider_name=provider.name if provider else "",
            starts=starts,
            ends=ends,
            settled_on=ends,
            target=target,
        )

    def _level(self, illness: Illness, local: bool) -> str:
        if illness.fact == "psychiatric":
            return "county"
        levels = LEVELS[:3] if local else LEVELS
        unfit = {"": set(), "surgery_large": {"township", "central"}}.get(
            illness.surgery, {"township"}
        )
        weights = [
            0 if name in unfit else share * illness.severity**pull for name, share, pull in levels
        ]
        return Wheel([name for name, _, _ in levels], weights).spin(self.chance)

    def _hospital(self, level: str, illness: Illness) -> Provider:
        chance = self.chance
        if level == "county":
            kind = "psychiatric" if illness.fact == "psychiatric" else "general"
            return chance.choice(self.providers.county[kind])
        if level in self.providers.outside:
            return chance.choice(self.providers.outside[level])
        own = self.providers.hospitals[self.township.index]
        if level == own.level or not self.providers.central:
            return own
        return chance.choice(self.providers.central) if level == "central" else own

    def _trauma(self, trip: Trip) -> None:
        if self.chance.random() < 0.94:
            trip.facts.add("trauma_certified")
        if self.chance.random() < 0.04:
            trip.reasons.add(self.chance.choice(("traffic", "work_injury", "crime")))

    def _outside(self, trip: Trip, away: bool) -> None:
        """Outside the county people pay first, and bring their invoices home afterwards."""
        chance = self.chance
        if not away:
            trip.referral = "referred" if chance.random() < 0.93 else "unreferred"
            if trip.referral == "unreferred" and chance.random() < 0.4:
                trip.facts.add("emergency")
        trip.paper = True
        waited = 2 + min(int(chance.expovariate(1 / 11)), 70)
        trip.settled_on = trip.ends + timedelta(days=waited)
        if waited > 30:
            trip.facts.add("claimed_late")

    def _alive(self, family: Family, resident: Resident, trips: Sequence[Trip]) -> Iterator[Trip]:
        """Cut at death. A few "visits" after it are left in for rule A01 to find."""
        died = resident.death_date
        for trip in trips:
            if died is None or trip.starts <= died:
                if died is not None and trip.ends > died:
                    trip.settled_on += died - trip.ends
                    trip.ends = died
                yield trip
            elif trip.illness.kind == "clinic" and self.chance.random() < AFTER_DEATH:
                yield trip


def _inpatient() -> Sequence[Illness]:
    found = wheel("stay", "1", 60)
    assert found is not None
    return found.items


@cache
def _days(year: int) -> Wheel[date]:
    """The days of the year by season; fewer people come on Sundays."""
    first = date(year, 1, 1)
    days = [first + timedelta(days=at) for at in range((date(year + 1, 1, 1) - first).days)]
    return Wheel(
        days, [MONTHS[day.month - 1] * (0.6 if day.weekday() == 6 else 1.0) for day in days]
    )


def _count(chance: Random, rate: float) -> int:
    """A Poisson number."""
    limit, product, count = math.exp(-rate), chance.random(), 0
    while product > limit:
        product *= chance.random()
        count += 1
    return count


def _length(chance: Random, mean: float, illness: Illness) -> int:
    if illness.fact == "psychiatric":
        return chance.randrange(25, 75)
    drawn: int = round(mean * illness.severity**0.35 * math.exp(chance.gauss(-0.08, 0.42)))
    return max(1, min(60, drawn))
