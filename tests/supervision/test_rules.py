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
    off_catalogue,
    overlapping_stays,
    same_day_admissions,
    split_stays,
)
from supervision.rules.facts import ClaimFacts, Known, Need

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
            "institution_name": NAMES[institution],
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
    """A rule that is written is run: nobody wires it."""
    files = {path.stem for path in Path(rules.__file__).parent.glob("*.py")} - {"__init__", "facts"}
    assert len(SCREENS) == len(RULES) == len(files)
    for screen in SCREENS:
        assert screen.rule.source
        assert screen.rule.needs <= set(Need)
        assert list(screen.find([], Known())) == []
