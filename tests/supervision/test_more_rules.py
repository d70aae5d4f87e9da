"""Rules of the claims of one person, of a village and of a month: what is told and what is not."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from policies.loader import load_pack
from supervision.rules import (
    Certainty,
    cards_collected,
    during_stay,
    empty_days,
    large,
    many_shops,
    not_covered,
    off_catalogue_month,
    other_person,
    paid_twice,
    premium_aid,
    prescribed,
    same_bill,
    same_hands,
    tests_only,
)
from supervision.rules.bounds import CARDS, DEFAULT_BOUNDS, Bounds
from supervision.rules.facts import Charge, InvoiceFacts, Known, MonthOf, Standing, Supply
from tests.supervision.test_rules import (
    HE,
    LIU,
    SHIMIAO,
    TOWN_HOSPITAL,
    WANG,
    ZHANG,
    charge,
    stay,
)

PACKS = Path(__file__).resolve().parents[2] / "policies" / "packs"
HERE_AND_THERE = ("某市人民医院", "某市 人民医院（本部）")


def visit(person, day, **facts):
    return stay(person, day, day, **{"care": "outpatient", "total": 2_000} | facts)


class TestPaidTwice:
    def invoices(self, **other):
        one = InvoiceFacts(
            settlement=1, person=LIU, issuer=HERE_AND_THERE[0], number="00417",
            issued_on=date(2026, 3, 2), amount=120_000,
        )  # fmt: skip
        return [one, replace(one, **{"settlement": 2, "issuer": HERE_AND_THERE[1]} | other)]

    def test_the_same_invoice_under_another_spelling(self):
        new = [stay(ZHANG, 3, 4, settlement=2)]
        (hit,) = paid_twice.find(new, Known(invoices=self.invoices(person=ZHANG)))
        assert (hit.settlement, hit.certainty) == (2, Certainty.CERTAIN)
        assert "发票 00417（2026-03-02）" in hit.finding

    @pytest.mark.parametrize(
        "other",
        [{"amount": 120_001}, {"issued_on": date(2026, 3, 3)}, {"number": "00418"},
         {"settlement": 1}],
    )  # fmt: skip
    def test_another_amount_day_number_or_the_same_claim(self, other):
        new = [stay(LIU, 3, 4, settlement=2)]
        assert list(paid_twice.find(new, Known(invoices=self.invoices(**other)))) == []

    def test_settled_at_the_counter_and_handed_in_on_paper(self):
        first, again = visit(WANG, 3), visit(WANG, 3, paper=True)
        (hit,) = paid_twice.find([again], Known(visits=[first, again]))
        assert (hit.settlement, hit.certainty) == (again.settlement, Certainty.CERTAIN)
        assert first.number in hit.finding

    def test_another_sum_is_another_visit(self):
        first, again = visit(WANG, 3), visit(WANG, 3, paper=True, total=2_001)
        assert list(paid_twice.find([again], Known(visits=[first, again]))) == []


class TestSameBill:
    def test_twice_on_one_day(self):
        first, again = visit(WANG, 3), visit(WANG, 3)
        (hit,) = same_bill.find([first, again], Known(visits=[first, again]))
        assert (hit.settlement, hit.certainty) == (again.settlement, Certainty.SUSPECT)

    @pytest.mark.parametrize(
        "difference", [{"total": 2_100}, {"institution": TOWN_HOSPITAL}, {"person": HE}]
    )
    def test_another_sum_place_or_person(self, difference):
        first = visit(WANG, 3)
        again = visit(difference.pop("person", WANG), 3, **difference)
        assert list(same_bill.find([again], Known(visits=[first, again]))) == []


class TestDuringStay:
    def test_drugs_on_the_third_day_of_a_stay(self):
        bed, bought = stay(LIU, 1, 9), visit(LIU, 3, fund=1_200)
        for new in (bed, bought):
            (hit,) = during_stay.find([new], Known(stays=[bed], visits=[bought]))
            assert (hit.settlement, hit.amount) == (bought.settlement, 1_200)

    @pytest.mark.parametrize(("person", "day"), [(LIU, 1), (LIU, 9), (ZHANG, 3)])
    def test_on_the_day_of_admission_or_discharge_or_another_patient(self, person, day):
        bed, bought = stay(LIU, 1, 9), visit(person, day)
        assert list(during_stay.find([bought], Known(stays=[bed], visits=[bought]))) == []


class TestEmptyDays:
    """刘大娘 lies from 1 to 5 March, four nights."""

    def hits(self, *days, bed_days=(1, 2, 3, 4), **facts):
        claim = stay(LIU, 1, 5, **facts)
        rows = [charge(charged_on=date(2026, 3, day)) for day in days]
        rows += [charge("床位", "bed", charged_on=date(2026, 3, day)) for day in bed_days]
        return list(empty_days.find([claim], Known(charges={claim.settlement: rows})))

    def test_two_days_without_anything(self):
        (hit,) = self.hits(1, 4)
        assert hit.finding.startswith(
            "有 2 天收了床位、护理或诊察费而没有任何其他费用，首日 2026-03-02"
        )

    def test_one_day_is_a_sunday(self):
        assert self.hits(1, 3, 4) == []

    def test_a_delivery_and_a_bill_that_is_not_kept_by_the_day(self):
        assert self.hits(1, care="delivery") == []
        assert self.hits(1, bed_days=(4,)) == []
        claim = stay(LIU, 1, 5)
        assert list(empty_days.find([claim], Known(charges={claim.settlement: [charge()]}))) == []

    def test_the_day_of_discharge_does_not_count(self):
        assert self.hits(1, 2, 4, bed_days=(1, 2, 3, 4, 5)) == []


class TestTestsOnly:
    def hits(self, tests, drugs, last=4):
        claim = stay(LIU, 1, last)
        rows = [
            charge(amount=tests),
            charge("头孢", "western_drug", amount=drugs),
            charge("床位", "bed", amount=9_000),
        ]
        return list(tests_only.find([claim], Known(charges={claim.settlement: rows})))

    def test_eighty_percent_in_three_days(self):
        (hit,) = self.hits(80_000, 20_000)
        assert "住院 3 天，检查化验占费用（床位除外）的 80%" in hit.finding

    def test_less_or_longer(self):
        assert self.hits(79_900, 20_100) == []
        assert self.hits(90_000, 10_000, last=5) == []


class TestPrescribed:
    TERMS = load_pack(PACKS / "dazu.yaml")

    def hits(self, *rows, **facts):
        claim = visit(LIU, 3, **{"institution": TOWN_HOSPITAL} | facts)
        known = Known(charges={claim.settlement: rows}, terms={claim.settlement: self.TERMS})
        return list(prescribed.find([claim], known))

    def drug(self, name, amount=100, **facts) -> Charge:
        return charge(name, "western_drug", amount=amount, **facts)

    def test_article_31(self):
        """25 yuan at a township hospital, two antibiotics, three days, five medicines."""
        assert self.hits(self.drug("头孢", 2_500, days=3)) == []
        (hit,) = self.hits(self.drug("头孢", 2_501))
        assert "25.01 元" in hit.finding and "25.00 元" in hit.finding
        (hit,) = self.hits(*(self.drug(name, antibiotic=True) for name in "甲乙丙"))
        assert "抗菌药物 3 种" in hit.finding
        (hit,) = self.hits(self.drug("头孢", days=4))
        assert "头孢 4 天，单张门诊处方用药量不超过 3 天" in hit.finding

    def test_chronic_fifteen_days_a_bed_and_no_agreement(self):
        assert self.hits(self.drug("二甲双胍", days=15), care="chronic") == []
        assert len(self.hits(self.drug("二甲双胍", days=16), care="chronic")) == 1
        assert self.hits(self.drug("头孢", 99_900), care="inpatient") == []
        assert self.hits(self.drug("头孢", 99_900), designated=False) == []


@pytest.mark.parametrize(
    ("total", "fund", "words"),
    [
        (5_000_000, 0, "医疗费总额 50,000.00 元"),
        (4_999_999, 2_000_000, ""),
        (500_000, 480_000, "基金支付占医疗费的 96%"),
        (500_000, 475_000, ""),
        (499_999, 499_999, ""),
    ],
)
def test_large_sums_and_shares(total, fund, words):
    hits = list(large.find([stay(LIU, 1, 9, total=total, fund=fund)], Known()))
    assert [words in hit.finding for hit in hits] == ([True] if words else [])


def standing(claim, **facts) -> Known:
    return Known(standings=[Standing(settlement=claim.settlement, **facts)])


def test_without_cover_is_certain_and_after_a_death_is_another_rule():
    claim = stay(LIU, 3, 9)
    (hit,) = not_covered.find([claim], standing(claim, covered=False))
    assert hit.certainty == Certainty.CERTAIN
    assert list(not_covered.find([claim], standing(claim))) == []
    dead = replace(claim, death_date=date(2026, 3, 1))
    assert list(not_covered.find([dead], standing(dead, covered=False))) == []


class TestOtherPerson:
    @pytest.mark.parametrize(
        ("sex", "born", "code", "words"),
        [
            ("1", 1975, "O80.0", "登记性别为男，诊断 O80.0 为女性疾病或妊娠分娩"),
            ("2", 2007, "O80.0", ""),
            ("2", 1960, "O80.0", "登记年龄 66 岁，诊断 O80.0 为妊娠、分娩"),
            ("2", 1960, "N40", "登记性别为女，诊断 N40 为男性疾病"),
            ("1", 1960, "N40", ""),
            ("1", 2020, "P22.0", "登记年龄 6 岁，诊断 P22.0 为围生期疾病"),
            ("1", 2026, "P22.0", ""),
            ("1", 1975, "J18.9", ""),
            ("1", 1975, "N10", ""),
            ("", 1975, "O80.0", ""),
        ],
    )
    def test_sex_and_age_of_the_register(self, sex, born, code, words):
        claim = stay(LIU, 3, 9, sex=sex, born_on=date(born, 1, 1), diagnosis=code)
        assert [hit.finding for hit in other_person.find([claim], Known())] == (
            [words] if words else []
        )

    def test_an_account_of_strangers(self):
        claim = visit(LIU, 3)
        strange = standing(claim, account=2_000, of_the_account=False)
        (hit,) = other_person.find([claim], strange)
        assert hit.finding == "动用家庭账户 20.00 元，患者不是这一账户的家庭成员"
        assert list(other_person.find([claim], standing(claim, account=2_000))) == []


@pytest.mark.parametrize(
    ("aided", "lists", "words"),
    [
        ("dibao", {"wubao"}, "非对象享资助"),
        ("dibao", {"dibao"}, ""),
        ("", {"wubao"}, "应助未助"),
        ("", {"student"}, ""),
        ("", set(), ""),
    ],
)
def test_premiums_and_lists(aided, lists, words):
    claim = stay(LIU, 3, 9)
    known = standing(claim, premium_status=aided, premium_name="低保", statuses=frozenset(lists))
    hits = list(premium_aid.find([claim], known))
    assert [words in hit.finding for hit in hits] == ([True] if words else [])


@pytest.mark.parametrize(
    ("changed", "paper", "hits"), [(1, True, 1), (1, False, 0), (None, True, 0)]
)
def test_the_same_hands(changed, paper, hits):
    claim = stay(LIU, 3, 9, paper=paper)
    known = standing(
        claim,
        changed_on=changed and date(2026, 3, changed),
        entered_on=date(2026, 3, 31),
    )
    found = list(same_hands.find([claim], known))
    assert len(found) == hits
    later = replace(known.standings[0], entered_on=date(2026, 4, 1))
    assert list(same_hands.find([claim], replace(known, standings=[later]))) == []


class TestManyShops:
    def hits(self, *rows):
        return list(many_shops.find([], Known(supplies=rows)))

    def supply(self, shops, packs, name="布洛芬", person=LIU) -> Supply:
        return Supply(
            person=person, month=date(2026, 3, 1), name=name, shops=shops, quantity=packs * 100,
            settlement=7,
        )  # fmt: skip

    def test_three_shops_or_thirty_one_packs_once_a_month(self):
        assert self.hits(self.supply(2, 30)) == []
        (hit,) = self.hits(self.supply(3, 3), self.supply(1, 31, "头孢"))
        assert hit.finding == "2026-03 在 3 家机构共购“布洛芬” 3 单位，请核对用药需要"
        assert len(self.hits(self.supply(1, 31), self.supply(1, 31, person=WANG))) == 2


class TestCardsCollected:
    def test_five_equal_sums_and_not_four(self):
        claims = [visit(person, 3) for person in range(5)]
        assert len(list(cards_collected.find(claims[-1:], Known(crowds=claims)))) == 5
        assert list(cards_collected.find(claims[:4], Known(crowds=claims[:4]))) == []

    @pytest.mark.parametrize("difference", [{"village": SHIMIAO}, {"total": 2_001}])
    def test_another_village_or_sum(self, difference):
        claims = [visit(person, 3) for person in range(4)] + [visit(9, 3, **difference)]
        assert list(cards_collected.find(claims, Known(crowds=claims))) == []


def test_a_month_outside_the_catalogue():
    """大足 第三十条: 10 per cent of 1 000.00 at a township hospital."""
    terms = load_pack(PACKS / "dazu.yaml")
    claim = stay(LIU, 1, 5, institution=TOWN_HOSPITAL)

    def hits(off):
        month = MonthOf(
            institution_name="龙水镇卫生院", level="township", month=date(2026, 3, 1),
            total=100_000, off_catalogue=off, settlement=claim.settlement,
        )  # fmt: skip
        known = Known(months=[month], terms={claim.settlement: terms})
        return list(off_catalogue_month.find([claim], known))

    assert hits(10_000) == []
    (hit,) = hits(10_050)
    assert (hit.settlement, hit.amount) == (claim.settlement, 50)
    assert "占 10.05%，超过第三十条的 10.00%" in hit.finding


def test_every_threshold_has_a_card_whose_range_holds_its_default():
    assert CARDS.keys() == Bounds.__dataclass_fields__.keys()
    for name, card in CARDS.items():
        assert card.least <= getattr(DEFAULT_BOUNDS, name) <= card.most
