"""Whole premiums, sentence by sentence, and the corners of windows, waiting and tiers."""

from datetime import date
from functools import cache
from pathlib import Path

import pytest

from enrollment.cover.premiums import (
    Payer,
    Premium,
    PremiumError,
    SubsidyPart,
    assess,
    campaign_reward,
    cover,
    enrolment_window,
    household_problem,
    late_cover,
    remittance_deadline,
    tier_change_problem,
    waiting_months,
)
from policies.loader import load_pack, load_text
from policies.terms import Step

PACKS = Path(__file__).resolve().parents[3] / "policies" / "packs"
DAZU = load_pack(PACKS / "dazu.yaml")
RESIDENT = load_pack(PACKS / "resident-2025.yaml")
DISTRICT = load_pack(PACKS / "district-premiums.yaml")
TOWNSHIP = load_pack(PACKS / "township-campaign.yaml")
STREET = load_pack(PACKS / "street-campaign.yaml")
GROWN_UP = date(1970, 1, 1)


@cache
def edited(pack, *changes):
    """A shipped pack with some text replaced, each piece occurring once."""
    text = (PACKS / f"{pack}.yaml").read_text("utf-8")
    for old, new in changes:
        assert text.count(old) == 1
        text = text.replace(old, new)
    return load_text(text, "样本")


def said(**facts):
    def of(terms, year):
        premium = assess(Payer(birth_date=GROWN_UP, **facts), terms, year=year)
        return [step.sentence for step in premium.steps]

    return of


def step(*told):
    """Code, name and article, fen before and after, parameter and sentence."""
    names = ("code", "name", "article", "before", "after", "parameter", "sentence")
    return Step(**dict(zip(names, told, strict=True)))


class TestATownDwellersYear:
    """低保, first tier: 100 = 10 + 80 + 60 - 50 (第十四条(一)、(三)、(四)1)."""

    payer = Payer(
        birth_date=GROWN_UP, tier="tier1", residence="urban", statuses=frozenset({"dibao"})
    )
    general = SubsidyPart(
        code="general",
        name="普补",
        article="第十四条(一)",
        amount=8_000,
        toward_premium=8_000,
        credit=0,
        shares={"central": 4_000, "city": 3_000, "county": 1_000},
    )
    special = SubsidyPart(
        code="special",
        name="特补",
        article="第十四条(三)、(四)1",
        amount=6_000,
        toward_premium=1_000,
        credit=5_000,
        shares={"central": 3_000, "city": 2_250, "county": 750},
    )

    def test_every_amount(self):
        found = assess(self.payer, DAZU, year=2026)
        assert found == Premium(
            standard=10_000,
            personal=1_000,
            subsidies=(self.general, self.special),
            shares={"central": 7_000, "city": 5_250, "county": 1_750},
            subsidy=14_000,
            credit=5_000,
            grants={"household_account": 2_000},
            receipt_only=False,
            paid_by="",
            steps=found.steps,
        )
        assert found.cash == 1_000

    def test_every_step(self):
        standard = "筹资标准100.00元（第十三条）。"
        general = (
            "普补80.00元（其中中央财政40.00元、市财政30.00元、县财政10.00元）（第十四条(一)）。"
        )
        special = (
            "特补60.00元（其中中央财政30.00元、市财政22.50元、县财政7.50元），"
            "抵缴保费10.00元，记账50.00元（第十四条(三)、(四)1）。"
        )
        assert assess(self.payer, DAZU, year=2026).steps == (
            step("standard", "筹资标准", "第十三条", 0, 10_000, "100.00元", standard),
            step("subsidy", "普补", "第十四条(一)", 10_000, 2_000, "80.00元", general),
            step("subsidy", "特补", "第十四条(三)、(四)1", 2_000, 1_000, "60.00元", special),
            step("personal", "个人缴费", "", 1_000, 1_000, "10.00元", "个人缴费10.00元。"),
        )


@pytest.mark.parametrize(
    ("terms", "year", "payer", "sentences"),
    [
        (
            STREET,
            2010,
            "disabled",
            [
                "筹资标准100.00元（缴费标准）。",
                "财政专项补助80.00元（其中各级财政80.00元）（缴费标准）。",
                "个人缴费20.00元，由区残联代缴，只开票不收现金（(二)）。",
            ],
        ),
        (
            TOWNSHIP,
            2013,
            "wubao",
            [
                "筹资标准60.00元（三3）。",
                "个人缴费60.00元，由镇民政办代缴，只开票不收现金（三4、四4）。",
            ],
        ),
        (
            RESIDENT,
            2025,
            "orphan",
            [
                "筹资标准1100.00元（医保发〔2024〕19号、冀医保发〔2025〕6号）。",
                "财政补助700.00元（其中中央财政420.00元、省财政140.00元、市县财政140.00元）"
                "（冀医保发〔2025〕6号）。",
                "资助参保400.00元（其中医疗救助基金400.00元）（国办发〔2021〕42号）。",
                "个人缴费0.00元。",
            ],
        ),
    ],
)
def test_read_aloud(terms, year, payer, sentences):
    assert said(statuses=frozenset({payer}))(terms, year) == sentences


def test_a_payer_of_whom_only_the_birthday_is_known():
    payer = Payer(birth_date=GROWN_UP)
    assert (payer.tier, payer.residence, payer.sex, payer.statuses) == ("", "", "", frozenset())


def test_who_pays_when_another_does():
    """Residents of the street: 100 - 80 = 20, collected from the disabled federation."""
    found = assess(Payer(birth_date=GROWN_UP, statuses=frozenset({"disabled"})), STREET, year=2010)
    assert (found.personal, found.cash, found.receipt_only) == (2_000, 0, True)
    assert found.paid_by == "disabled_federation"
    own = assess(Payer(birth_date=GROWN_UP), STREET, year=2010)
    assert (own.personal, own.cash, own.receipt_only, own.paid_by) == (2_000, 2_000, False, "")


def test_a_subsidy_of_nothing_is_not_told():
    """Somebody from outside gets no 普补 (第四条(二)); the account still gets its 40 yuan."""
    payer = Payer(birth_date=GROWN_UP, tier="tier2", residence="outside")
    found = assess(payer, DAZU, year=2026)
    assert (found.personal, found.subsidies, found.subsidy, found.credit) == (20_000, (), 0, 0)
    assert (found.shares, found.grants) == ({}, {"household_account": 4_000})
    assert [step.code for step in found.steps] == ["standard", "personal"]


def test_the_next_subsidy_counts_where_the_first_gives_nothing():
    """农村五保 20 yuan (第十四条(二)) for somebody whom 普补 leaves out."""
    terms = edited("dazu", ("{when: {residence: outside}", "{when: {residence: [outside, rural]}"))
    payer = Payer(
        birth_date=GROWN_UP, tier="tier2", residence="rural", statuses=frozenset({"wubao"})
    )
    found = assess(payer, terms, year=2026)
    assert (found.personal, found.subsidy, found.shares) == (18_000, 2_000, {"county": 2_000})


def test_grants_of_one_counter_add_up():
    row = "        - {when: {tier: tier1}, amount: 20, article: 第二十三条(一)1}\n"
    second = "    - counter: household_account\n      amounts: 5\n      article: 第二十三条\n"
    other = "        - {when: {tier: tier2}, amount: 40, article: 第二十三条(二)1}\n"
    terms = edited("dazu", (row + other, row + other + second))
    payer = Payer(birth_date=GROWN_UP, tier="tier2", residence="rural")
    assert assess(payer, terms, year=2026).grants == {"household_account": 4_500}


AGES = "[{when: {age: {to: 0}}, amount: 10}, {when: {age: {to: 1}}, amount: 20}, {amount: 60}]"


@pytest.mark.parametrize(
    ("born", "fen"),
    [
        (date(2013, 6, 1), 1_000),
        (date(2012, 1, 2), 1_000),
        (date(2012, 1, 1), 2_000),
        (date(2011, 1, 1), 6_000),
    ],
)
def test_age_on_the_first_day_of_the_year(born, fen):
    """Somebody born during the year is nought years old."""
    terms = edited("township-campaign", ("standards: 60", f"standards: {AGES}"))
    assert assess(Payer(birth_date=born), terms, year=2013).standard == fen


@pytest.mark.parametrize(
    ("facts", "field", "message"),
    [
        ({"tier": ""}, "tier", "没有填写缴费档次，可用：一档、二档"),
        ({"tier": "tier3"}, "tier", "缴费档次“tier3”不在办法中，可用：一档、二档"),
        (
            {"residence": "moon"},
            "residence",
            "户籍类别“moon”不在办法中，可用：" + "、".join(DAZU.vocabulary["residence"].values()),
        ),
        (
            {"statuses": frozenset({"rich", "famous", "dibao"})},
            "statuses",
            "办法没有这种人员身份：famous、rich",
        ),
    ],
)
def test_whole_refusals(facts, field, message):
    right = {"birth_date": GROWN_UP, "tier": "tier1", "residence": "rural"}
    with pytest.raises(PremiumError) as caught:
        assess(Payer(**right | facts), DAZU, year=2026)
    assert (caught.value.field, str(caught.value)) == (field, message)


def test_the_tier_is_needed_for_the_standard_alone():
    text = (PACKS / "dazu.yaml").read_text("utf-8")
    grants = text[text.index("  grants:\n") : text.index("\nbill:\n")]
    terms = edited("dazu", (grants, ""))
    with pytest.raises(PremiumError, match=r"^没有填写缴费档次"):
        assess(Payer(birth_date=GROWN_UP, residence="rural"), terms, year=2026)


def test_what_the_premium_does_not_depend_on_may_be_anything():
    payer = Payer(birth_date=GROWN_UP, tier="gold", residence="moon", sex="other")
    assert assess(payer, STREET, year=2010).personal == 2_000


def test_sex_is_needed_where_the_premium_depends_on_it():
    rows = "[{when: {sex: female}, amount: 50}, {amount: 60}]"
    terms = edited("township-campaign", ("standards: 60", f"standards: {rows}"))
    woman = Payer(birth_date=GROWN_UP, sex="female")
    assert assess(woman, terms, year=2013).standard == 5_000
    with pytest.raises(PremiumError) as caught:
        assess(Payer(birth_date=GROWN_UP), terms, year=2013)
    assert caught.value.field == "sex"
    assert str(caught.value) == "没有填写性别，可用：" + "、".join(terms.vocabulary["sex"].values())


def test_a_pack_without_premiums_tells_what_to_do():
    terms = load_pack(PACKS / "yueyang.yaml")
    with pytest.raises(PremiumError) as caught:
        assess(Payer(birth_date=GROWN_UP), terms, year=2023)
    assert caught.value.field == "policy"
    assert str(caught.value) == f"《{terms.title}》没有规定筹资，请选用有筹资规定的办法"


def test_subsidies_above_the_premium_name_the_article():
    terms = edited("street-campaign", ("standards: 100", "standards: 79.99"))
    with pytest.raises(PremiumError) as caught:
        assess(Payer(birth_date=GROWN_UP), terms, year=2010)
    assert caught.value.field == "policy"
    assert str(caught.value) == "财政专项补助超过了应缴保费（缴费标准），请更正办法"
    enough = edited("street-campaign", ("standards: 100", "standards: 80"))
    assert assess(Payer(birth_date=GROWN_UP), enough, year=2010).personal == 0


def test_windows_in_full():
    assert enrolment_window(DAZU, year=2026) == (date(2025, 10, 1), date(2025, 11, 30))
    assert enrolment_window(TOWNSHIP, year=2013) == (date(2012, 11, 1), date(2013, 1, 10))
    assert remittance_deadline(DISTRICT, year=2009) is None
    assert remittance_deadline(STREET, year=2010) == date(2009, 12, 10)
    assert cover(DISTRICT, year=2009) == (date(2009, 1, 1), date(2009, 12, 31))


def test_households_and_tiers():
    assert household_problem(["tier1", "tier2"], RESIDENT) is None
    assert household_problem([], DAZU) is None
    assert household_problem(["tier2", "gold", "tier2"], DAZU) == (
        "同一家庭的所有成员须选择同一档次，现有二档、gold，请统一（第十六条(一)）。"
    )
    assert (
        tier_change_problem(DAZU, year=2026, tier="tier2", chosen_year=2025, chosen_tier="tier1")
        == "2025年度选择了一档，2年内不得变更，最早2027年度可以改档（第十六条(一)）。"
    )
    assert (
        tier_change_problem(DAZU, year=2026, tier="tier2", chosen_year=2025, chosen_tier="gold")
        == "2025年度选择了gold，2年内不得变更，最早2027年度可以改档（第十六条(一)）。"
    )
    assert (
        tier_change_problem(
            RESIDENT, year=2025, tier="tier2", chosen_year=2025, chosen_tier="tier1"
        )
        is None
    )


def late(terms, year, paid_on, gap, *, repaired=0, born=GROWN_UP, statuses=()):
    payer = Payer(birth_date=born, statuses=frozenset(statuses))
    return late_cover(
        payer, terms, year=year, paid_on=paid_on, gap_years=gap, repaired_years=repaired
    )


@pytest.mark.parametrize(
    ("paid", "gap", "repaired", "first"),
    [
        (date(2025, 3, 10), 0, 0, date(2025, 6, 10)),  # 3 months
        (date(2025, 3, 10), 2, 0, date(2025, 8, 10)),  # 3 + 2
        (date(2025, 3, 10), 2, 1, date(2025, 7, 10)),  # 3 + 2 - 1
        (date(2025, 8, 15), 1, 0, date(2025, 12, 15)),
        (date(2025, 9, 15), 1, 0, date(2026, 1, 15)),
        (date(2025, 10, 31), 1, 0, date(2026, 2, 28)),
        (date(2024, 10, 31), 1, 0, date(2025, 2, 28)),
        (date(2024, 9, 30), 0, 0, date(2025, 1, 1)),
    ],
)
def test_waiting_from_the_day_of_payment(paid, gap, repaired, first):
    assert late(RESIDENT, 2025, paid, gap, repaired=repaired) == (first, date(2025, 12, 31))


def test_the_last_of_february_in_a_leap_year():
    assert late(RESIDENT, 2023, date(2023, 10, 31), 1)[0] == date(2024, 2, 29)


def test_nobody_is_covered_before_the_year():
    born = date(2024, 12, 1)
    newborn = late(RESIDENT, 2025, date(2025, 1, 10), 0, born=born)
    assert newborn == (date(2025, 1, 1), date(2025, 12, 31))
    veteran = late(RESIDENT, 2025, date(2024, 12, 1), 3, statuses=["veteran"])
    assert veteran == (date(2025, 1, 1), date(2025, 12, 31))
    nobody_waits = late_cover(
        Payer(birth_date=GROWN_UP, tier="tier1", residence="rural"),
        DAZU,
        year=2026,
        paid_on=date(2025, 12, 5),
        gap_years=2,
    )
    assert nobody_waits == (date(2026, 1, 1), date(2026, 12, 31))


def test_cover_resumes_in_july_but_not_before_payment():
    assert late(DISTRICT, 2009, date(2009, 8, 1), 1) == (date(2009, 8, 1), date(2009, 12, 31))
    assert late(DISTRICT, 2009, date(2009, 6, 30), 2)[0] == date(2009, 7, 1)


@pytest.mark.parametrize(
    ("starts", "first"), [("09-01", date(2010, 7, 1)), ("07-01", date(2009, 7, 1))]
)
def test_the_july_of_a_year_that_starts_later(starts, first):
    terms = edited("district-premiums", ('year: {starts: "01-01"', f'year: {{starts: "{starts}"'))
    assert late(terms, 2009, date(2009, 5, 1), 1)[0] == first


def test_no_waiting_where_the_pack_counts_no_months():
    assert waiting_months(DISTRICT, gap_years=3) == 0
    assert late(DISTRICT, 2009, date(2009, 3, 1), 0)[0] == date(2009, 3, 1)


def test_rewards_of_small_villages():
    assert campaign_reward(TOWNSHIP, enrolled=1, due=1) == 50
    assert campaign_reward(TOWNSHIP, enrolled=0, due=1) == 0
    assert campaign_reward(TOWNSHIP, enrolled=9, due=10) == 270
    # 94.995 % is not 95 %
    assert campaign_reward(TOWNSHIP, enrolled=94_995, due=100_000) == 94_995 * 30
    assert campaign_reward(TOWNSHIP, enrolled=5, due=-1) == 0
    assert campaign_reward(STREET, enrolled=98, due=100) == 0
