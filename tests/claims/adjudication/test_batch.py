"""Every story at once: a batch of many people, years and benefits comes to the stories' fen."""

from dataclasses import fields, replace
from datetime import date

import numpy as np
import pytest

from claims.adjudication import Bill, Case, Cases, Decisions, Member, Opening, Visit, adjudicate
from claims.adjudication.lookup import Part
from claims.adjudication.usage import Usage
from lib.money import to_fen
from policies.loader import load_text
from tests.claims.adjudication.stories import case_of, listed, terms_of
from tests.policies.test_pack_checks import SMALL

DAZU = terms_of("dazu")
MECHANISMS = terms_of("mechanisms")
PACKS = sorted({pack for pack, _ in listed("stories")})
CHECKED = (
    "total", "full_self_pay", "over_limit", "first_self_pay", "in_scope", "deductible",
    "fund_pay", "hospital_part", "personal", "account", "credit", "cash",
)  # fmt: skip


def all_stories(pack):
    """Visits, usage by owner at the start, and what each visit should come to.  Each story has
    people of its own; a story that states usage after its first visit cannot be batched."""
    terms = terms_of(pack)
    cases, start, wanted = [], {}, []
    for number, (owner, story) in enumerate(listed("stories")):
        if owner != pack or any("used" in entry for entry in story["visits"][1:]):
            continue
        for entry in story["visits"]:
            case, used = case_of(story["member"], entry, terms)
            person, household = f"{case.member.person}{number}", f"家{number}"
            member = replace(case.member, person=person, household=household)
            cases.append(replace(case, member=member))
            start |= dict.fromkeys((person, household), used) if used else {}
            wanted.append(entry["expect"])
    return cases, start, wanted


def interleaved(pack):
    """The same with everybody's first visit first: owners do not lie together."""
    cases, start, wanted = all_stories(pack)
    seen, rank = {}, []
    for case in cases:
        seen[case.member.household] = seen.get(case.member.household, -1) + 1
        rank.append(seen[case.member.household])
    order = sorted(range(len(cases)), key=lambda at: rank[at])
    return [cases[at] for at in order], start, [wanted[at] for at in order]


@pytest.mark.parametrize("arranged", [all_stories, interleaved])
@pytest.mark.parametrize("pack", PACKS)
def test_all_stories_of_a_pack_in_one_batch(pack, arranged):
    terms = terms_of(pack)
    cases, start, wanted = arranged(pack)
    decisions = adjudicate(Cases.from_cases(cases, terms), terms, start)
    assert len(decisions) == len(wanted) > 0
    for at, expected in enumerate(wanted):
        for name, amount in expected.items():
            if name in CHECKED:
                assert getattr(decisions, name)[at] == to_fen(amount), (cases[at].visit.key, name)
            elif name in decisions.layers:
                assert decisions.layers[name][at] == to_fen(amount), (cases[at].visit.key, name)
    parts = decisions.full_self_pay + decisions.over_limit + decisions.first_self_pay
    assert (decisions.total == parts + decisions.in_scope).all()
    assert (decisions.fund_pay == sum(decisions.layers.values())).all()


def test_every_column_is_whole_fen():
    cases, start, _ = all_stories("mechanisms")
    columns = Cases.from_cases(cases, MECHANISMS)
    decisions = adjudicate(columns, MECHANISMS, start, keep_steps=True)
    found = [getattr(decisions, field.name) for field in fields(Decisions)]
    found += [*decisions.layers.values(), *decisions.usage.values.values()]
    found += [*columns.numbers.values(), *columns.categories.values(), *columns.flags.values()]
    found += [getattr(columns, field.name) for field in fields(Cases)]
    found += [before for before, _, _ in decisions.usage.moves.values()]
    found += [after for _, after, _ in decisions.usage.moves.values()]
    whole = [each for each in found if isinstance(each, np.ndarray)]
    assert len(whole) > 60
    assert {str(each.dtype) for each in whole} == {"int64", "bool"}
    touched = [touched.dtype for _, _, touched in decisions.usage.moves.values()]
    assert set(map(str, touched)) == {"bool"}


def test_steps_and_changes_of_one_claim_do_not_depend_on_the_others():
    cases, start, _ = all_stories("mechanisms")
    together = adjudicate(Cases.from_cases(cases, MECHANISMS), MECHANISMS, start, keep_steps=True)
    first = {}
    for at, case in enumerate(cases):
        if first.setdefault(case.member.household, at) == at:
            alone = Cases.from_cases([case], MECHANISMS)
            assert together.one(at) == adjudicate(alone, MECHANISMS, start, keep_steps=True).one(0)


def test_two_claims_of_one_owner_move_a_counter_once_each():
    day = date(2026, 7, 1)
    member = Member(person="张", household="张家", birth_date=day, tier="", sex="male")
    visit = Visit(key="一", care="cap_today", level="county", starts=day, ends=day)
    case = Case(member=member, visit=visit, bill=Bill(amounts={"main": 10_000}))
    decisions = adjudicate(Cases.from_cases([case] * 3, MECHANISMS), MECHANISMS, keep_steps=True)
    moved = [decisions.one(at).changes for at in range(3)]
    assert [[(c.before, c.after) for c in changes] for changes in moved] == [
        [(0, 5_000)],
        [(5_000, 6_000)],
        [],
    ]
    assert moved[0][0].counter == "today_paid@20260701"


def test_openings_by_column():
    """A counter by category has one column per code, the others one number per owner; what is
    not given starts at zero, a household's counter is found by household."""
    day = date(2026, 7, 1)
    people = [("张", "一家"), ("王", "二家"), ("李", "一家")]
    cases = Cases.from_cases(
        [
            Case(
                member=Member(person=p, household=h, birth_date=day, tier="", sex="male"),
                visit=Visit(key=p, care="plain", level=level, starts=day, ends=day),
                bill=Bill(amounts={}),
            )
            for (p, h), level in zip(people, ("county", "township", "county"), strict=True)
        ],
        MECHANISMS,
    )
    counters, every = MECHANISMS.counters, np.arange(3)
    stays = np.array([[1, 2], [3, 4], [5, 6]])
    opening = Opening({"stays": stays, "family_money": np.array([7, 8])})
    assert list(MECHANISMS.vocabulary["level"]) == ["township", "county"]
    assert opening.at(counters["stays"], cases, every).tolist() == [2, 3, 6]
    assert opening.at(counters["family_money"], cases, every).tolist() == [7, 8, 7]
    nothing = opening.at(counters["visits"], cases, every)
    assert (nothing.tolist(), str(nothing.dtype)) == ([0, 0, 0], "int64")


BY_YEAR_OR_LIFE = ("deductible_paid", "life_paid")


@pytest.mark.parametrize(
    ("counter", "slots"),
    [
        ("deductible_paid", [0, 0, 1, 0, 2]),  # by insurance year, which starts on 1 July
        ("quarter_deductible", [0, 0, 1, 1, 2]),
        ("month_paid", [0, 0, 1, 2, 3]),
        ("today_paid", [0, 1, 2, 3, 4]),
        ("life_paid", [0, 0, 0, 0, 1]),
    ],
)
def test_claims_of_one_owner_and_period_share_a_slot(counter, slots):
    visits = [
        ("张", date(2026, 8, 1)),
        ("张", date(2026, 8, 31)),
        ("张", date(2027, 7, 31) if counter in BY_YEAR_OR_LIFE else date(2026, 10, 1)),
        ("张", date(2026, 11, 30)),
        ("王", date(2026, 8, 1)),
    ]
    cases = Cases.from_cases(
        [
            Case(
                member=Member(
                    person=person, household="家", birth_date=date(1990, 1, 1), tier="", sex="male"
                ),
                visit=Visit(key="一", care="plain", level="county", starts=day, ends=day),
                bill=Bill(amounts={}),
            )
            for person, day in visits
        ],
        MECHANISMS,
    )
    usage = Usage.begin(cases, MECHANISMS, {}, keep_moves=False)
    assert usage.slots[counter].tolist() == slots
    assert usage.moves is None
    assert len(usage.values[counter]) == max(slots) + 1


def test_every_owner_has_a_slot_for_every_level():
    day = date(2026, 7, 1)
    visits = [("张", "county"), ("王", "township"), ("李", "township"), ("张", "township")]
    cases = Cases.from_cases(
        [
            Case(
                member=Member(person=person, household="家", birth_date=day, tier="", sex="male"),
                visit=Visit(key="一", care="later", level=level, starts=day, ends=day),
                bill=Bill(amounts={}),
            )
            for person, level in visits
        ],
        MECHANISMS,
    )
    usage = Usage.begin(cases, MECHANISMS, None, keep_moves=False)
    assert usage.slots["stays"].tolist() == [1, 2, 3, 0]


def test_numbers_of_a_part_are_its_own():
    """A part sees its claims only, in its order, and numbers known only here come first."""
    day = date(2026, 7, 1)
    cases = Cases.from_cases(
        [
            Case(
                member=Member(
                    person=care, household="家", birth_date=day, tier="", sex="male", statuses=poor
                ),
                visit=Visit(key=care, care=care, level="county", starts=day, ends=last),
                bill=Bill(amounts={}),
            )
            for care, last, poor in (
                ("later", date(2026, 7, 4), frozenset()),
                ("status", date(2026, 7, 6), frozenset({"dibao"})),
                ("steps", date(2026, 7, 8), frozenset({"wubao", "dibao"})),
            )
        ],
        MECHANISMS,
    )
    part = Part(cases, MECHANISMS, np.array([2, 1]), 2, {"visit": np.array([5, 6])})
    assert part.number("visit").tolist() == [5, 6]
    assert part.number("days").tolist() == [7, 5]
    assert part.flag("status").tolist() == [3, 2]
    assert part.category("care").tolist() == [2, 1]
    assert part.category("tier").tolist() == [-1, -1]


def stays(*people):
    """Claims of 100 200 yuan at the county, (person, household) on the first of each month.
    Each pays 50 000; a person's year ends at 60 000 (第二十三条(二)2)."""
    return Cases.from_cases(
        [
            Case(
                member=Member(
                    person=person, household=household, birth_date=date(1970, 5, 1), tier="tier2"
                ),
                visit=Visit(
                    key=str(month),
                    care="inpatient",
                    level="county",
                    starts=date(2026, month, 1),
                    ends=date(2026, month, 1),
                ),
                bill=Bill(amounts={"in_scope": 10_020_000}),
            )
            for month, (person, household) in enumerate(people, start=1)
        ],
        DAZU,
    )


@pytest.mark.parametrize(
    ("people", "paid"),
    [
        ([("王", "甲"), ("王", "甲")], "50000 10000"),
        # 王秀英 marries into another household in February
        ([("王", "甲"), ("王", "乙")], "50000 10000"),
        ([("王", "乙"), ("李", "乙"), ("王", "甲"), ("李", "丙"), ("王", "甲")],
         "50000 50000 10000 10000 0"),
        ([("李", "丙"), ("李", "乙"), ("王", "乙"), ("王", "甲"), ("张", "丁"), ("王", "丙")],
         "50000 10000 50000 10000 50000 0"),
    ],
)  # fmt: skip
def test_who_moves_between_households_keeps_the_years_ceiling(people, paid):
    decisions = adjudicate(stays(*people), DAZU, {})
    assert decisions.fund_pay.tolist() == [int(amount) * 100 for amount in paid.split()]


@pytest.mark.parametrize(("owner", "paid"), [("person", "480 480 20"), ("household", "480 20 0")])
def test_a_ceiling_of_the_person_and_one_of_the_household(owner, paid):
    """(1000-200)×60 % = 480 a stay; 500 a year, for each person or for the family together."""
    text = SMALL.replace("owner: person", f"owner: {owner}").replace("limits: 50000", "limits: 500")
    terms = load_text(text, "试验.yaml")
    day = date(2026, 3, 1)
    cases = [
        Case(
            member=Member(person=person, household="家", birth_date=day, tier=""),
            visit=Visit(key=person, care="inpatient", level="county", starts=day, ends=day),
            bill=Bill(amounts={"in_scope": 100_000}),
        )
        for person in ("兄", "弟", "兄")
    ]
    decisions = adjudicate(Cases.from_cases(cases, terms), terms)
    assert decisions.fund_pay.tolist() == [int(amount) * 100 for amount in paid.split()]


def test_who_has_no_benefit_or_refusal_has_minus_one():
    day = date(2026, 7, 1)
    member = Member(person="张", household="家", birth_date=day, tier="", sex="male")
    cases = [
        Case(
            member=member,
            visit=Visit(key=care, care=care, level="county", starts=day, ends=day),
            bill=Bill(amounts={"main": 100}),
        )
        for care in ("plain", "accident", "once")
    ]
    decisions = adjudicate(Cases.from_cases(cases, MECHANISMS), MECHANISMS)
    half = [benefit.code for benefit in MECHANISMS.benefits].index("half")
    assert decisions.benefit.tolist() == [half, -1, -1]
    assert decisions.refusal.tolist() == [-1, 2, 3]
