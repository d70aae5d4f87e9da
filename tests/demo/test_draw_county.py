"""The drawn county before anything is written: pure, and quick."""

from collections import Counter
from datetime import date, timedelta
from random import Random

import pytest

from accounts.roles import Role
from demo.bills import BillMaker
from demo.catalogue import catalogue
from demo.families import Family, families_of
from demo.illnesses import illnesses
from demo.names import spelled
from demo.numbers import IdNumbers
from demo.places import lay_out
from demo.plan import Plan, PlanError, Wheel
from demo.providers import providers_of
from demo.settling import progress_of
from demo.staff import staff_of
from demo.visits import Trip, trips_of
from lib.divisions import level_of
from lib.periods import age_on
from lib.resident_id import parse
from lib.spelling import spell

YEAR_END = date(2026, 12, 31)


def plan_of(persons: int, through: date = YEAR_END, seed: int = 7) -> Plan:
    return Plan(persons, 2026, seed, through)


def people_of(plan: Plan) -> list[Family]:
    numbers = IdNumbers()
    return [f for township in lay_out(plan) for f in families_of(plan, township, numbers)]


def trips(plan: Plan) -> list[Trip]:
    townships = lay_out(plan)
    providers, numbers = providers_of(townships), IdNumbers()
    return [
        trip
        for township in townships
        for trip in trips_of(plan, township, families_of(plan, township, numbers), providers)
    ]


@pytest.fixture(scope="module")
def county() -> list[Family]:
    return people_of(plan_of(20_000))


@pytest.fixture(scope="module")
def year() -> list[Trip]:
    return trips(plan_of(20_000))


@pytest.mark.parametrize(
    ("persons", "year", "through", "part"),
    [
        (499, 2026, YEAR_END, "人数 499 不对"),
        (1_000_001, 2026, YEAR_END, "人数 1000001 不对"),
        (500, 2012, YEAR_END, "年度 2012 不对"),
        (500, 2027, YEAR_END, "早于 2027 年度的第一天"),
    ],
)
def test_an_impossible_county_is_refused_in_words(
    persons: int, year: int, through: date, part: str
) -> None:
    with pytest.raises(PlanError, match=part):
        Plan(persons, year, 1, through)


@pytest.mark.parametrize("persons", [500, 5_000, 200_000, 1_000_000])
def test_places_hold_exactly_the_people_asked_for(persons: int) -> None:
    townships = lay_out(plan_of(persons))
    villages = [village for township in townships for village in township.villages]
    groups = [group for village in villages for group in village.groups]
    assert sum(group.persons for group in groups) == persons
    assert sum(township.persons for township in townships) == persons
    codes = [place.code for place in [*townships, *villages, *groups]]
    assert len(set(codes)) == len(codes)
    assert {level_of(code) for code in codes} == {"township", "village", "group"}
    # Household numbers keep two digits of each: the groups must still be told apart.
    short = {code[7:9] + code[10:12] + code[12:14] for code in (group.code for group in groups)}
    assert len(short) == len(groups)
    assert len({township.name for township in townships}) == len(townships)
    assert len({village.name for village in villages}) == len(villages)


def test_a_bigger_county_has_more_townships_not_only_bigger_ones() -> None:
    counts = [len(lay_out(plan_of(persons))) for persons in (500, 5_000, 200_000, 1_000_000)]
    assert counts == [3, 4, 13, 27]


def test_resident_ids_are_valid_unique_and_say_birth_date_and_sex(county: list[Family]) -> None:
    people = [resident for family in county for resident in family.members]
    assert len(people) == 20_000
    assert len({resident.resident_id for resident in people}) == 20_000
    for resident in people:
        read = parse(resident.resident_id, YEAR_END)
        assert (read.birth_date, read.sex) == (resident.birth_date, resident.sex)


def test_more_births_on_one_day_than_a_number_area_holds() -> None:
    numbers, chance, born = IdNumbers(), Random(1), date(2001, 5, 5)
    given = [numbers.next(chance, born, male=True, elsewhere=False) for _ in range(1_200)]
    assert len(set(given)) == 1_200
    assert Counter(number[:6] for number in given)["500225"] == 500
    assert all(parse(number, YEAR_END).sex == "1" for number in given)


def test_the_county_is_as_old_and_as_mixed_as_a_county(county: list[Family]) -> None:
    people = [resident for family in county for resident in family.members]
    ages = [age_on(resident.birth_date, date(2026, 1, 1)) for resident in people]
    assert 0.18 < sum(age < 18 for age in ages) / len(ages) < 0.25
    assert 0.17 < sum(age >= 60 for age in ages) / len(ages) < 0.25
    assert max(ages) < 105
    assert 0.48 < sum(resident.sex == "1" for resident in people) / len(people) < 0.54
    assert 2.8 < len(people) / len(county) < 3.4
    assert 0.93 < sum(resident.years > 0 for resident in people) / len(people) < 0.98


def test_statuses_come_in_their_usual_shares(county: list[Family]) -> None:
    people = [resident for family in county for resident in family.members]
    share = {
        code: count / len(people)
        for code, count in Counter(s for r in people for s in r.statuses).items()
    }
    assert 0.003 < share["wubao"] < 0.01
    assert 0.035 < share["dibao"] < 0.065
    assert 0.008 < share["severe_disability"] < 0.02
    assert 0.002 < share["preferential"] < 0.01
    assert share["student"] < 0.01
    alone = [family for family in county if "wubao" in family.members[0].statuses]
    assert all(len(family.members) == 1 for family in alone)


def test_families_hang_together(county: list[Family]) -> None:
    for family in county:
        head = family.members[0]
        assert [m.number for m in family.members] == list(range(1, len(family.members) + 1))
        assert [m.relationship for m in family.members].count("0") == 1
        for member in family.members[1:]:
            if member.relationship in {"2", "3"}:
                assert member.surname == head.surname
                assert member.sex == ("1" if member.relationship == "2" else "2")
                assert 17 <= age_on(head.birth_date, member.birth_date) <= 55
            if member.relationship == "5":
                assert member.birth_date < head.birth_date


def test_names_are_spelled_as_the_register_spells_them(county: list[Family]) -> None:
    people = [resident for family in county[:700] for resident in family.members]
    wrong = [r.name for r in people if spelled(r.surname, r.given) != spell(r.name)]
    # A dictionary of words may read a rare pair of characters otherwise; never the initials.
    assert len(wrong) < len(people) * 0.01
    assert all(
        spelled(r.surname, r.given).initials == spell(r.name).initials
        for r in people
        if r.name not in wrong
    )


def test_visits_come_at_the_rates_of_a_district(year: list[Trip]) -> None:
    per_person = {care: count / 20_000 for care, count in Counter(t.care for t in year).items()}
    assert 0.095 < per_person["inpatient"] + per_person["delivery"] < 0.125
    assert 0.08 < per_person["chronic"] < 0.14
    assert 0.45 < per_person["outpatient"] < 0.68
    stays = Counter(trip.level for trip in year if trip.care == "inpatient")
    whole = stays.total()
    assert 0.2 < stays["township"] / whole < 0.42
    assert 0.3 < stays["county"] / whole < 0.5
    assert 0.03 < (stays["city"] + stays["province"]) / whole < 0.15


def test_nobody_is_ill_before_cover_or_settled_before_discharge(year: list[Trip]) -> None:
    for trip in year:
        assert trip.resident.years > 0
        assert date(2026, 1, 1) <= trip.starts <= trip.ends <= trip.settled_on <= YEAR_END
        assert trip.starts >= trip.resident.birth_date
        assert trip.paper == (trip.place == "outside")
        assert trip.provider is not None or "working_away" in trip.facts
        if trip.care == "special":
            assert trip.family.tier == "tier2"


def test_what_the_screening_rules_look_for_is_planted_and_rare(year: list[Trip]) -> None:
    after_death = [t for t in year if t.resident.death_date and t.starts > t.resident.death_date]
    assert 1 <= len(after_death) < 40
    stays: dict[int, list[Trip]] = {}
    for trip in year:
        if trip.care in {"inpatient", "delivery"}:
            stays.setdefault(id(trip.resident), []).append(trip)
    overlaps = sum(
        one.starts < other.ends and other.starts < one.ends
        for own in stays.values()
        for at, one in enumerate(own)
        for other in own[at + 1 :]
    )
    assert 1 <= overlaps < 30
    split = sum(
        0 < (other.starts - one.ends).days <= 10
        and (one.illness, one.provider_name) == (other.illness, other.provider_name)
        for own in stays.values()
        for one in own
        for other in own
    )
    assert 5 <= split < 80
    together = Counter(
        (t.family.village_code, t.provider_name, t.starts) for t in year if t.care == "inpatient"
    )
    assert together.most_common(1)[0][1] >= 5


def test_a_county_seeded_in_june_is_the_beginning_of_decembers(year: list[Trip]) -> None:
    june = date(2026, 6, 30)

    def told(found: list[Trip]) -> list[tuple[str, date, date, int, str]]:
        return [
            (t.resident.resident_id, t.starts, t.settled_on, t.target, t.illness.code)
            for t in found
        ]

    early = trips(plan_of(20_000, june))
    assert told(early) == told([trip for trip in year if trip.settled_on <= june])
    assert len(early) > 5_000


@pytest.mark.parametrize("level", ["township", "central", "county"])
def test_a_stay_costs_about_what_it_should_and_adds_up(level: str) -> None:
    maker = BillMaker(Random(3), catalogue())
    for illness in illnesses()["stay"]:
        if illness.surgery == "surgery_large" and level != "county":
            continue  # nobody opens a heart in a township
        target = 300_000 if level == "county" else 120_000
        bills = [maker.bill(illness, level, 7, target) for _ in range(30)]
        for lines in bills:
            assert all(line.quantity > 0 and line.unit_price > 0 for line in lines)
            items = [line.item for line in lines]
            assert len({item.code for item in items if item}) == len(items)
        average = sum(line.amount for lines in bills for line in lines) / len(bills)
        assert 0.5 * target < average < 2.2 * target, illness.name


def test_limits_and_classes_follow_the_catalogue() -> None:
    maker = BillMaker(Random(5), catalogue())
    illness = illnesses()["stay"][3]
    seen = Counter()
    for _ in range(400):
        for line in maker.bill(illness, "county", 9, 500_000):
            seen[line.bill_class] += 1
            assert line.item is not None
            if line.item.payment_class == "C":
                assert line.bill_class.startswith("off_catalogue")
                assert line.limit is None
            elif line.item.limit is not None:
                assert line.limit == line.quantity * line.item.limit
            seen["over"] += line.limit is not None and line.amount > line.limit
    assert min(seen[c] for c in ("in_scope", "special_exam", "off_catalogue", "blood")) > 0
    assert 0 < seen["over"] < 0.03 * seen["in_scope"]


def test_paper_bills_are_subtotals_that_make_the_whole() -> None:
    lines = BillMaker(Random(2), catalogue()).paper_bill(illnesses()["stay"][0], "city", 654_321)
    assert sum(line.amount for line in lines) == 654_321
    assert {line.bill_class for line in lines} == {"in_scope", "special_exam", "off_catalogue"}


def test_everybody_has_work_and_one_role() -> None:
    plan = plan_of(5_000)
    townships = lay_out(plan)
    providers = providers_of(townships)
    staff = staff_of(plan, townships, providers)
    assert len({worker.username for worker in staff.workers}) == len(staff.workers)
    assert {worker.role for worker in staff.workers} == set(Role)
    assert set(staff.clerks) == {township.index for township in townships}
    inside = {p.code for p in providers.everyone if not p.is_outside}
    assert set(staff.counters) == inside
    clinic = providers.clinics[townships[2].villages[0].code]
    assert staff.counters[clinic.code].institution_code == providers.hospitals[2].code


@pytest.mark.parametrize(
    ("settled_on", "status", "paid_on"),
    [
        (date(2026, 10, 31), "paid", date(2026, 11, 15)),
        (date(2026, 11, 1), "approved", None),
        (date(2026, 11, 9), "approved", None),
        (date(2026, 11, 10), "reviewed", None),
        (date(2026, 11, 15), "reviewed", None),
        (date(2026, 11, 16), "submitted", None),
        (date(2026, 11, 20), "submitted", None),
    ],
)
def test_how_far_a_claim_has_come_by_20_november(
    settled_on: date, status: str, paid_on: date | None
) -> None:
    progress = progress_of(settled_on, date(2026, 11, 20))
    assert (progress.status, progress.paid_on) == (status, paid_on)
    for day in (progress.reviewed_on, progress.approved_on):
        assert day is None or settled_on < day <= date(2026, 11, 20)


def test_every_queue_has_something_on_every_day_of_a_month() -> None:
    for days in range(365):
        today = date(2026, 2, 1) + timedelta(days=days)
        found = {progress_of(today - timedelta(days=back), today).status for back in range(60)}
        assert found == {"submitted", "reviewed", "approved", "paid"}, today


def test_a_wheel_spins_by_weight() -> None:
    chance, wheel = Random(1), Wheel(("seldom", "often"), (1, 9))
    drawn = Counter(wheel.spin(chance) for _ in range(2_000))
    assert 130 < drawn["seldom"] < 280
    with pytest.raises(ValueError, match="one positive weight"):
        Wheel((), ())
