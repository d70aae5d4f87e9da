"""The screening rules: what they find, and above all what they leave alone."""

from datetime import date
from itertools import count
from pathlib import Path

import pytest

from policies.loader import load_pack
from supervision import rules
from supervision.rules import (
    RULES,
    SCREENS,
    Certainty,
    after_death,
    charges,
    far_hospitals,
    injuries,
    invoice_order,
    like_bills,
    more_than_beds,
    off_catalogue,
    overlapping_stays,
    same_day_admissions,
    split_stays,
)
from supervision.rules.facts import (
    Charge,
    ClaimFacts,
    Injury,
    InvoiceFacts,
    Known,
    Need,
    Ward,
)
from supervision.rules.library import RULE_OF

LIU, ZHANG, WANG, HE = 1, 2, 3, 4  # 刘大娘, 张建国, 王小明, 何秀兰
QIAOTING, SHIMIAO = "500225101201", "500225102201"
COUNTY_HOSPITAL, TOWN_HOSPITAL = "H50022500001", "H50022500101"
NAMES = {COUNTY_HOSPITAL: "大足县人民医院", TOWN_HOSPITAL: "龙水镇卫生院"}
numbers = count(1)


def stay(person, starts, ends, **facts) -> ClaimFacts:
    """A stay in March 2026, in the county hospital unless told otherwise."""
    settlement = facts.pop("settlement", None) or next(numbers)
    institution = facts.pop("institution", COUNTY_HOSPITAL)
    return ClaimFacts(
        **{
            "settlement": settlement,
            "number": f"J{settlement:04d}",
            "person": person,
            "village": QIAOTING,
            "institution": institution,
            "institution_name": NAMES.get(institution, institution),
            "designated": True,
            "level": "county" if institution == COUNTY_HOSPITAL else "township",
            "care": "inpatient",
            "bed": facts.get("care", "inpatient") in {"inpatient", "delivery"},
            "counts_as_stay": facts.get("care", "inpatient") == "inpatient",
            "starts": date(2026, 3, starts),
            "ends": date(2026, 3, ends),
            "diagnosis": "J18.9",
            "total": 500_000,
            "off_catalogue": 0,
        }
        | facts
    )


class TestAfterDeath:
    def test_a_visit_three_days_after_death_is_certain(self):
        claim = stay(LIU, 8, 9, death_date=date(2026, 3, 5))
        (hit,) = after_death.find([], Known(outlived=[claim]))
        assert (hit.rule, hit.certainty) == ("A01", Certainty.CERTAIN)
        assert hit.finding == "登记的死亡日期为 2026-03-05，此后 2026-03-08 就诊（大足县人民医院）"

    def test_a_stay_that_outlives_the_patient_is_suspect(self):
        (hit,) = after_death.find(
            [], Known(outlived=[stay(LIU, 1, 9, death_date=date(2026, 3, 5))])
        )
        assert hit.certainty == Certainty.SUSPECT
        assert "2026-03-09 才出院" in hit.finding

    @pytest.mark.parametrize("death", [None, date(2026, 3, 9), date(2026, 4, 1)])
    def test_dying_in_hospital_or_later_is_in_order(self, death):
        assert list(after_death.find([], Known(outlived=[stay(LIU, 1, 9, death_date=death)]))) == []


class TestOverlappingStays:
    def test_two_beds_on_one_night(self):
        earlier = stay(ZHANG, 1, 9)
        new = stay(ZHANG, 8, 12, institution=TOWN_HOSPITAL)
        (hit,) = overlapping_stays.find([new], Known(stays=[earlier, new]))
        assert (hit.settlement, hit.certainty) == (new.settlement, Certainty.CERTAIN)
        assert earlier.number in hit.finding
        assert "2026-03-01 至 2026-03-09" in hit.finding

    def test_a_claim_handed_in_late_is_found_too(self):
        known = stay(ZHANG, 8, 12)
        late = stay(ZHANG, 1, 9, institution=TOWN_HOSPITAL)
        (hit,) = overlapping_stays.find([late], Known(stays=[known, late]))
        assert hit.settlement == late.settlement

    def test_of_two_new_claims_only_the_later_settled_is_hit(self):
        first, second = stay(ZHANG, 1, 9), stay(ZHANG, 5, 7)
        (hit,) = overlapping_stays.find([second, first], Known(stays=[first, second]))
        assert hit.settlement == second.settlement

    def test_the_same_stay_claimed_twice(self):
        first, second = stay(ZHANG, 1, 9), stay(ZHANG, 1, 9)
        assert len(list(overlapping_stays.find([second], Known(stays=[first, second])))) == 1

    def test_transfer_on_the_day_of_discharge_is_in_order(self):
        first, second = stay(ZHANG, 1, 5), stay(ZHANG, 5, 9, institution=TOWN_HOSPITAL)
        assert list(overlapping_stays.find([second], Known(stays=[first, second]))) == []

    def test_an_outpatient_visit_during_a_stay_is_not_this_rule(self):
        first, second = stay(ZHANG, 1, 9), stay(ZHANG, 5, 5, care="outpatient")
        assert list(overlapping_stays.find([second], Known(stays=[first, second]))) == []

    def test_other_people_do_not_matter(self):
        first, second = stay(ZHANG, 1, 9), stay(WANG, 5, 7)
        assert list(overlapping_stays.find([second], Known(stays=[first, second]))) == []


class TestSplitStays:
    def test_back_after_five_days_with_the_same_diagnosis(self):
        earlier, later = stay(WANG, 1, 5), stay(WANG, 10, 14)
        (hit,) = split_stays.find([later], Known(stays=[earlier, later]))
        assert (hit.rule, hit.settlement) == ("A05", later.settlement)
        assert "5 天后于 2026-03-10 因同一诊断再入大足县人民医院" in hit.finding

    @pytest.mark.parametrize(("starts", "hits"), [(5, 1), (15, 1), (16, 0)])
    def test_ten_days_is_the_limit(self, starts, hits):
        earlier, later = stay(WANG, 1, 5), stay(WANG, starts, 20)
        assert len(list(split_stays.find([later], Known(stays=[earlier, later])))) == hits

    def test_the_hit_stands_on_the_later_stay_even_when_it_was_settled_first(self):
        later, earlier = stay(WANG, 10, 14), stay(WANG, 1, 5)
        (hit,) = split_stays.find([earlier], Known(stays=[later, earlier]))
        assert hit.settlement == later.settlement

    @pytest.mark.parametrize(
        "difference",
        [{"institution": TOWN_HOSPITAL}, {"diagnosis": "I10"}, {"care": "delivery"}],
    )
    def test_another_hospital_illness_or_care_is_in_order(self, difference):
        earlier, later = stay(WANG, 1, 5), stay(WANG, 10, 14, **difference)
        assert list(split_stays.find([later], Known(stays=[earlier, later]))) == []

    def test_no_diagnosis_is_not_the_same_diagnosis(self):
        earlier, later = stay(WANG, 1, 5, diagnosis=""), stay(WANG, 10, 14, diagnosis="")
        assert list(split_stays.find([later], Known(stays=[earlier, later]))) == []

    def test_old_pairs_are_not_found_again(self):
        earlier, later, new = stay(WANG, 1, 5), stay(WANG, 10, 14), stay(WANG, 30, 31)
        assert list(split_stays.find([new], Known(stays=[earlier, later, new]))) == []


def under(limit, claim):
    return off_catalogue.find([claim], Known(limits={claim.settlement: limit}))


class TestOffCatalogue:
    @pytest.fixture
    def limit(self):
        packs = Path(__file__).resolve().parents[2] / "policies" / "packs"
        return load_pack(packs / "dazu.yaml").bill.consent_limit

    def test_the_county_hospital_may_use_five_percent(self, limit):
        (hit,) = under(limit, stay(HE, 1, 5, off_catalogue=25_050))
        assert hit.certainty == Certainty.SUSPECT
        assert "占比 5.01%，超过第三十条的 5.00%" in hit.finding

    @pytest.mark.parametrize(
        ("institution", "off"), [(COUNTY_HOSPITAL, 25_000), (TOWN_HOSPITAL, 50_000)]
    )
    def test_exactly_the_limit_is_in_order(self, limit, institution, off):
        claim = stay(HE, 1, 5, institution=institution, off_catalogue=off)
        assert list(under(limit, claim)) == []

    def test_the_township_hospital_may_use_ten_percent(self, limit):
        claim = stay(HE, 1, 5, institution=TOWN_HOSPITAL, off_catalogue=50_001)
        (hit,) = under(limit, claim)
        assert "龙水镇卫生院" in hit.finding

    def test_a_hospital_without_agreement_owes_no_consent(self, limit):
        claim = stay(HE, 1, 5, off_catalogue=400_000, designated=False)
        assert list(under(limit, claim)) == []

    def test_measures_without_a_limit_find_nothing(self):
        assert list(under(None, stay(HE, 1, 5, off_catalogue=500_000))) == []

    def test_an_empty_bill_is_no_breach(self, limit):
        assert list(under(limit, stay(HE, 1, 5, total=0))) == []


class TestSameDayAdmissions:
    def test_three_neighbours_on_one_day(self):
        known = [stay(person, 3, 8) for person in (LIU, ZHANG)]
        new = stay(WANG, 3, 6)
        hits = list(same_day_admissions.find([new], Known(neighbours=[*known, new])))
        assert [hit.settlement for hit in hits] == [
            known[0].settlement,
            known[1].settlement,
            new.settlement,
        ]
        assert hits[0].finding == "同村 3 人于 2026-03-03 同日入住大足县人民医院"

    def test_two_neighbours_are_chance(self):
        new = stay(ZHANG, 3, 6)
        assert list(same_day_admissions.find([new], Known(neighbours=[stay(LIU, 3, 8), new]))) == []

    def test_three_claims_of_one_person_are_one_person(self):
        claims = [stay(LIU, 3, 8) for _ in range(3)]
        assert list(same_day_admissions.find(claims, Known(neighbours=claims))) == []

    @pytest.mark.parametrize(
        "difference",
        [{"village": SHIMIAO}, {"institution": TOWN_HOSPITAL}, {"care": "delivery"}],
    )
    def test_another_village_hospital_or_a_birth_does_not_count(self, difference):
        claims = [stay(LIU, 3, 8), stay(ZHANG, 3, 8), stay(WANG, 3, 8, **difference)]
        assert list(same_day_admissions.find(claims, Known(neighbours=claims))) == []


def test_every_rule_has_a_card():
    assert {"A01", "A03", "A05", "A11", "A12"} <= RULES.keys()
    assert all(rule.title and rule.source for rule in RULES.values())


def test_every_rule_module_is_in_the_list_and_says_what_it_needs():
    """A rule that is written is run: nobody wires it. What people or sales tell is not found. The
    kinds of the rule library are rules of one package."""
    files = {path.stem for path in Path(rules.__file__).parent.glob("*.py")} - {
        "__init__",
        "bounds",
        "facts",
        "points",
    }
    assert len(RULES) == len(files) + len(RULE_OF)
    assert RULES.keys() - {screen.rule.code for screen in SCREENS} == {"A23", "A25"}
    for screen in SCREENS:
        assert screen.rule.source
        assert screen.rule.needs <= set(Need)
        assert list(screen.find([], Known())) == []


def charge(name="CT平扫", category="special_examination", **facts) -> Charge:
    return Charge(**{"name": name, "category": category, "quantity": 100, "amount": 2_000} | facts)


class TestCharges:
    def hits(self, claim, *rows):
        return list(charges.find([claim], Known(charges={claim.settlement: rows})))

    def test_each_kind_is_named_once(self):
        twice = charge(charged_on=date(2026, 3, 2))
        beds = charge("床位", "bed", quantity=1_000, amount=50_000, limit=30_000)
        (hit,) = self.hits(stay(LIU, 1, 9), twice, twice, beds)
        assert (hit.rule, hit.certainty) == ("A08", Certainty.SUSPECT)
        assert hit.finding == (
            "“CT平扫”在 2026-03-02 收费 2 次；床位收费 10 天，住院只有 9 天；"
            "“床位”等 1 行收费超过限价，共超 200.00 元"
        )

    @pytest.mark.parametrize(
        "rows",
        [
            [charge(charged_on=date(2026, 3, day)) for day in (2, 3)],
            [charge(), charge()],  # nobody told the days
            [charge("头孢", "western_drug", charged_on=date(2026, 3, 2))] * 2,
            [charge("床位", "bed", quantity=900, amount=27_000, limit=27_000)],
        ],
    )
    def test_what_is_in_order(self, rows):
        assert self.hits(stay(LIU, 1, 9), *rows) == []


@pytest.mark.parametrize(
    ("liable", "words"),
    [("", "没有经批准的外伤备案"), ("open", "责任未定"), ("third", "由第三方负责"), ("nobody", "")],
)
def test_an_injury_waits_for_its_statement(liable, words):
    injury = Injury(settlement=1, diagnosis="S72.0 股骨颈骨折", liable=liable)
    found = list(injuries.find([], Known(injuries=[injury])))
    assert [hit.certainty for hit in found] == ([Certainty.CERTAIN] if words else [])
    assert all(words in hit.finding for hit in found)


def far(person, day, **facts) -> ClaimFacts:
    there = {"institution": "重庆某医院", "institution_name": "重庆某医院", "here": False}
    return stay(person, day, day + 1, **{"designated": False, "level": "city"} | there | facts)


def test_three_of_a_village_in_one_far_hospital():
    one, two, three = far(LIU, 1), far(ZHANG, 5), far(WANG, 9)
    again, elsewhere = far(ZHANG, 12), far(HE, 10, village=SHIMIAO)
    known = Known(far=[one, two, again, elsewhere])
    assert list(far_hospitals.find([two, again, elsewhere], known)) == []
    (hit,) = far_hospitals.find([three], Known(far=[*known.far, three]))
    assert (hit.settlement, "同村 3 人" in hit.finding) == (three.settlement, True)


class TestLikeBills:
    ROWS = tuple(charge(f"药品{at}", amount=1_000 + at) for at in range(5))

    def hits(self, mine, other, person=ZHANG):
        new, old = far(LIU, 5), far(person, 1)
        known = Known(far=[old, new], charges={new.settlement: mine, old.settlement: other})
        return list(like_bills.find([new], known))

    def test_four_of_five(self):
        (hit,) = self.hits(self.ROWS, (*self.ROWS[:4], charge("床位")))
        assert "共 5 行，其中 4 行" in hit.finding

    def test_three_of_five_two_of_two_and_the_same_person_are_in_order(self):
        assert self.hits(self.ROWS, self.ROWS[:3]) == []
        assert self.hits(self.ROWS[:2], self.ROWS[:2]) == []
        assert self.hits(self.ROWS, self.ROWS, person=LIU) == []


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([("00000417", 2), ("00000123", 9)], "日期在后的号码反而在前"),
        ([("00000417", 1), ("00000419", 21)], "相隔 20 天却几乎连号"),
        ([("00000417", 1), ("00000419", 20)], ""),
        ([("00000417", 1), ("00000423", 25)], ""),
        ([("00000417", 1), ("00000418", 1)], ""),
        ([("A0000417", 2), ("B0000123", 9)], ""),  # two books
    ],
)
def test_numbers_run_with_the_days(rows, words):
    found = [
        InvoiceFacts(settlement=at, person=LIU, issuer="某医院", number=number,
                     issued_on=date(2026, 3, day))
        for at, (number, day) in enumerate(rows)
    ]  # fmt: skip
    hits = list(invoice_order.find([stay(LIU, 1, 9, settlement=1)], Known(invoices=found)))
    assert [hit.settlement for hit in hits] == ([1] if words else [])
    assert all(words in hit.finding for hit in hits)


def test_beds_are_counted_by_the_night():
    def hits(claim, beds, *others):
        stays = [(claim.starts, claim.ends), *others]
        wards = {COUNTY_HOSPITAL: Ward(beds=beds, stays=stays)}
        return [hit.finding for hit in more_than_beds.find([claim], Known(wards=wards))]

    claim = stay(LIU, 3, 6)
    day = [date(2026, 3, at) for at in range(1, 10)]
    leaves, comes, stays_on = (day[0], day[2]), (day[5], day[8]), (day[3], None)
    assert hits(claim, 1, leaves, comes) == []
    assert hits(claim, 1, stays_on) == [
        "2026-03-04 当晚大足县人民医院有 2 人住院，核定床位 1 张；请与参保人核实是否住院"
    ]
    assert hits(claim, 2, stays_on, leaves) == []
    assert list(more_than_beds.find([claim], Known())) == []  # nobody told the beds
