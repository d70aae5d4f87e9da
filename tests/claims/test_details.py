"""What measures ask beyond the sums of a bill: unit prices, origin, babies, referrals, free years.

The county's measures here: materials are paid first by origin and unit price, a bed day counts up
to a limit by level, a referral upward credits the deductible borne before, a birth brings 400 yuan
per baby, and every level has a yearly limit of its own that grows 500 yuan per year without a
payment.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.errors import Refusal
from accounts.models import Division, User
from claims.computation import prior_deductibles, usage_to_date
from claims.entries import PaperLine
from claims.models import Settlement, UsageEntry, Visit
from claims.services import Cut, cut_and_review, standing_of, withdraw
from enrollment.models import Enrollment, Person
from institutions.models import CatalogueItem
from policies.models import Pack
from policies.services import Measures, adopt_pack, propose_pack
from tests.claims.conftest import TODAY, Register, invoice, item, line, stay
from tests.claims.test_pages import bill, body, found, rows, token

MEASURES = """
format: 2
area: {code: "500225", name: 大足县}
title: 大足县逐行计算办法
version: 1
source: 自拟
valid: {from: 2025-01-01, to: 2026-12-31}
year: {starts: "01-01", article: 第一条}
cover: {article: 第一条}
vocabulary:
  care:
    inpatient:
      name: 住院
      bed: yes
      counts_as_stay: yes
      booked_as: inpatient
      med_type: "21"
      asks: [referred_from]
    delivery:
      name: 住院分娩
      bed: yes
      counts_as_stay: no
      booked_as: inpatient
      med_type: "52"
      asks: [babies]
  level: {township: 乡镇卫生院, county: 县级医院, city: 市级医院}
  place: {local: 县内, outside: 县外}
  referral: {none: 无需转诊, up: 上转}
  tier: {tier1: 一档, tier2: 二档}
  procedure: {dialysis: 透析}
counters:
  level_paid: {title: 同级医院年支付, owner: person, by: level}
bill:
  article: 第二条
  classes:
    - {code: in_scope, name: 目录内, kind: covered, first_self_pay: 0%}
    - {code: class_b, name: 乙类, kind: covered, first_self_pay: 10%}
    - code: material
      name: 材料费
      kind: covered
      first_self_pay: 0%
      line_shares:
        - {origin: imported, up_to: 1000, ratio: 20%}
        - {origin: imported, ratio: 40%}
        - {origin: [domestic, joint], above: 1000, ratio: 10%}
    - code: bed
      name: 床位费
      kind: covered
      first_self_pay: 0%
      unit_limits:
        - {when: {level: township}, amount: 15}
        - {when: {level: county}, amount: 30}
        - {when: {level: city}, amount: 50}
    - {code: off_catalogue, name: 目录外, kind: self_pay}
base_layer: {code: basic, name: 基本医疗统筹, book: resident, fund_pay_type: "390100"}
benefits:
  - code: inpatient
    name: 住院
    article: 第三条
    when: {care: inpatient}
    kind: scheme
    deductible:
      amounts:
        - {when: {level: township}, amount: 100}
        - {when: {level: county}, amount: 400}
        - {when: {level: city}, amount: 600}
      credit_prior: {when: {referral: up}}
    ratio:
      - {when: {level: township}, ratio: 70%}
      - {when: {level: county}, ratio: 60%}
      - {when: {level: city}, ratio: 50%}
    caps:
      - code: level
        name: 同级医院年限额
        counter: level_paid
        limits:
          - {when: {level: township}, amount: 1000}
          - {when: {level: county}, amount: 5000}
          - {when: {level: city}, amount: 8000}
        growths: [{by: claim_free, start: 1, every: 1, step: 500, ceiling: 2000}]
  - code: delivery
    name: 住院分娩
    article: 第四条
    when: {care: delivery}
    kind: flat
    amounts: 400
    per: baby
    base: in_scope
otherwise: {name: 没有规定, article: 第三条}
"""
Enter = Callable[..., Settlement]
MATERIAL: dict[str, Any] = {"catalogue": "service", "category": "material", "unit": "个"}
TRANSFER = stay(date(2026, 3, 9), date(2026, 3, 15), referral="up")


@pytest.fixture
def pack(cast: SimpleNamespace, county: Division) -> Pack:
    proposed = propose_pack(actor=cast.supervisor, area=county, source=MEASURES)
    return adopt_pack(actor=cast.approver, pack=proposed, approval="府发〔2026〕1号")


@pytest.fixture(autouse=True)
def materials(catalogue: dict[str, CatalogueItem], county: Division) -> None:
    item(county, "M01", "进口钢板", origin="imported", **MATERIAL)
    item(county, "M02", "国产钢板", origin="domestic", **MATERIAL)
    item(county, "M03", "缝合线", **MATERIAL)
    item(county, "F02", "双人间床位", catalogue="facility", category="bed", unit="日")


def yuan(text: str) -> Decimal:
    return Decimal(text)


def test_every_line_is_judged_by_its_own_price_origin_and_days(counter: Enter, wang: Person):
    """Bed 10 × 45 = 450, of which 300 count. Plates: 2 × 1200 imported 40% = 960; 1000.00 imported
    20% = 200; 1500 home-made 10% = 150. In scope 5450 − 150 − 1310 = 3990; less 400, 60% = 2154."""
    settlement = counter(
        wang,
        line("F02", "10", "45"),
        line("M01", "2", "1200"),
        line("M01", "1", "1000"),
        line("M02", "1", "1500"),
        line("X01", "1", "100"),
    )
    assert settlement.over_limit_amount == yuan("150.00")
    assert settlement.first_self_pay_amount == yuan("1310.00")
    assert settlement.in_scope_amount == yuan("3990.00")
    assert settlement.fund_amount == yuan("2154.00")
    assert settlement.personal_amount == yuan("3296.00")


def test_a_price_a_hair_above_the_bound_is_above_it(counter: Enter, wang: Person):
    """1000.005 is above 1000: 40% of 1000.01, not 20%. (1000.01 − 400.00 − 400) × 60% = 120.01"""
    settlement = counter(wang, line("M01", "1", "1000.005", "1000.01"))
    assert settlement.first_self_pay_amount == yuan("400.00")
    assert settlement.fund_amount == yuan("120.01")


def test_what_the_reviewer_takes_off_leaves_the_price_as_billed(
    counter: Enter, cast: SimpleNamespace, wang: Person
):
    """One of two imported plates at 1200 is allowed: 480 first, (1200 − 480 − 400) × 60% = 192."""
    entered = counter(wang, line("M01", "2", "1200"))
    settled = cut_and_review(
        actor=cast.reviewer,
        settlement=entered,
        cuts={1: Cut(yuan("1200.00"), "多计一块")},
        on=TODAY,
    )
    assert settled.first_self_pay_amount == yuan("480.00")
    assert settled.fund_amount == yuan("192.00")


def test_an_item_whose_origin_nobody_told_is_refused(counter: Enter, wang: Person):
    with pytest.raises(Refusal, match="材料费按产地先自付，目录没有写明“缝合线”的产地") as why:
        counter(wang, line("M03", "1", "20"))
    assert why.value.at == ("lines", 0, "origin")
    assert not Visit.objects.exists()


def test_the_clerk_tells_the_origin_where_the_catalogue_does_not(counter: Enter, wang: Person):
    """50 imported threads at 20: 200 first; (1000 − 200 − 400) × 60% = 240."""
    told = replace(line("M03", "50", "20"), origin="imported")
    settlement = counter(wang, told)
    assert settlement.first_self_pay_amount == yuan("200.00")
    assert settlement.fund_amount == yuan("240.00")
    assert settlement.visit.lines.get().origin == "imported"
    with pytest.raises(Refusal, match="目录写明“进口钢板”是进口，与所选产地不符"):
        counter(wang, replace(line("M01", "1", "500"), origin="domestic"))
    with pytest.raises(Refusal, match="请选择产地"):
        counter(wang, replace(line("M03", "1", "20"), origin="mars"))


def test_payment_class_b_falls_into_the_class_of_that_name(counter: Enter, wang: Person):
    """乙类 1400: 140 first, (1260 − 400) × 60% = 516."""
    settlement = counter(wang, line("X02", "14", "100"))
    assert settlement.first_self_pay_amount == yuan("140.00")
    assert settlement.fund_amount == yuan("516.00")


def test_a_paper_bill_needs_quantity_and_origin_where_lines_are_judged(
    paper: Enter, wang: Person, cast: SimpleNamespace
):
    """City: ten bed days for 600, 500 count; 2 imported plates for 2400, 960 first.
    (500 + 1440 − 600) × 50% = 670."""
    bed = {"name": "床位费", "category": "bed", "bill_class": "bed", "amount": yuan("600.00")}
    plate = {
        "name": "进口钢板",
        "category": "material",
        "bill_class": "material",
        "amount": yuan("2400.00"),
    }

    def hand_in(*lines: PaperLine) -> Settlement:
        total = f"{sum(one.amount for one in lines):.2f}"
        return paper(wang, total, lines=lines, visit=stay(), invoices=[invoice("NO1", total)])

    with pytest.raises(Refusal, match="床位费按数量或单价计算，请逐项录入并填写数量") as why:
        hand_in(PaperLine(**bed))
    assert why.value.at == ("lines", 0, "quantity")
    with pytest.raises(Refusal, match="材料费按产地先自付，请选择产地") as why:
        hand_in(PaperLine(**plate, quantity=yuan("2")))
    assert why.value.at == ("lines", 0, "origin")
    for quantity in ("0", "-1", "0.001", "100001"):
        with pytest.raises(Refusal, match="数量应大于 0"):
            hand_in(PaperLine(**bed, quantity=yuan(quantity)))
    settlement = hand_in(
        PaperLine(**bed, quantity=yuan("10")),
        PaperLine(**plate, quantity=yuan("2"), origin="imported"),
    )
    assert settlement.over_limit_amount == yuan("100.00")
    assert settlement.first_self_pay_amount == yuan("960.00")
    assert settlement.fund_amount == yuan("670.00")
    assert [one.unit_price for one in settlement.visit.lines.all()] == [yuan("60"), yuan("1200")]


def test_each_level_of_hospital_uses_its_own_limit_from_case_to_case(
    counter: Enter, paper: Enter, wang: Person
):
    """County: (4000 − 400) × 60% = 2160, then 2840 of 11760; the city's 8000 are untouched."""
    first = counter(wang, line("X01", "40", "100"))
    told = first.steps.get(code="cap_left")
    assert "加本次2160.00元为2160.00元，还剩2840.00元" in told.sentence
    second = counter(
        wang, line("X01", "200", "100"), visit=stay(date(2026, 3, 10), date(2026, 3, 12))
    )
    assert second.fund_amount == yuan("2840.00")
    city = paper(wang, "20000.00", visit=stay(date(2026, 3, 13), date(2026, 3, 15)))
    assert city.fund_amount == yuan("8000.00")
    assert UsageEntry.objects.filter(person=wang).totals() == {
        "level_paid@county": 500_000,
        "level_paid@city": 800_000,
    }
    standing = standing_of(wang, on=TODAY, area_code="500225")
    assert standing.counters == [
        ("本年基金支付（含门诊）", "13,000.00 元"),
        ("同级医院年支付（县级医院）", "5,000.00 元"),
        ("同级医院年支付（市级医院）", "8,000.00 元"),
    ]


def test_usage_of_a_quarter_outlives_the_insurance_year(
    counter: Enter, register: Register, wang: Person
):
    """2160 paid in March 2026: nothing of the year 2027, but the quarter's key stays the same."""
    counter(wang, line("X01", "40", "100"))
    terms = Measures.on(area_code="500225", day=TODAY).terms
    level = replace(terms.counters["level_paid"], period="quarter")
    quarterly = replace(terms, counters={"level_paid": level})
    following = register.cover(wang, year=2027)
    assert usage_to_date(following, terms) == {"level_paid@county": 0}
    assert usage_to_date(following, quarterly) == {"level_paid@county": 216_000}


def test_a_referral_upward_credits_what_was_borne_on_the_way(
    counter: Enter, paper: Enter, wang: Person
):
    """400 at the county; the city asks 600 − 400 = 200: (4200 − 200) × 50% = 2000. Sent on to
    another city hospital: 600 − 400 − 200 = 0, 4200 × 50% = 2100."""
    county = counter(wang, line("X01", "10", "100"))
    assert county.deductible_amount == yuan("400.00")
    facts = stay(date(2026, 3, 9), date(2026, 3, 12), referral="up", referred_from=county.visit_id)
    city = paper(wang, "4200.00", visit=facts)
    assert city.deductible_amount == yuan("200.00")
    assert city.fund_amount == yuan("2000.00")
    further = stay(date(2026, 3, 12), date(2026, 3, 15), referral="up", referred_from=city.visit_id)
    last = paper(wang, "4200.00", visit=further, invoices=[invoice("NO1002", "4200.00")])
    assert last.deductible_amount == 0
    assert last.fund_amount == yuan("2100.00")
    assert prior_deductibles([county.visit_id, city.visit_id]) == {
        county.visit_id: 40_000,
        city.visit_id: 60_000,
    }


def test_a_referral_is_checked(
    counter: Enter, paper: Enter, wang: Person, register: Register, village_a: Division, cast: Any
):
    county = counter(wang, line("X01", "10", "100"))
    neighbour = register.person("李二嫂", register.household(village_a))
    sent_on = stay(
        date(2026, 3, 9), date(2026, 3, 12), referral="up", referred_from=county.visit_id
    )
    with pytest.raises(Refusal, match="应是此人已经结算的住院"):
        paper(neighbour, "4200.00", visit=sent_on)
    too_early = stay(
        date(2026, 2, 1), date(2026, 2, 3), referral="up", referred_from=county.visit_id
    )
    with pytest.raises(Refusal, match="2026-03-09 才出院，晚于本次入院 2026-02-01"):
        paper(wang, "4200.00", visit=too_early)
    city = paper(wang, "4200.00", visit=sent_on)
    again = stay(date(2026, 3, 13), date(2026, 3, 14), referral="up", referred_from=county.visit_id)
    with pytest.raises(Refusal, match=f"已在结算单 {city.number} 中抵过起付线") as why:
        paper(wang, "4200.00", visit=again, invoices=[invoice("NO1002", "4200.00")])
    assert why.value.field == "referred_from"
    withdraw(actor=cast.hospital_clerk, settlement=county, reason="录错")
    with pytest.raises(Refusal, match="应是此人已经结算的住院"):
        paper(wang, "4200.00", visit=again, invoices=[invoice("NO1002", "4200.00")])


@pytest.mark.parametrize(("babies", "paid"), [(1, "400.00"), (2, "800.00"), (3, "1000.00")])
def test_a_birth_is_paid_by_the_number_of_babies(
    counter: Enter, register: Register, village_a: Division, babies: int, paid: str
):
    """400 for each, never more than the 1000 that the bill was."""
    mother = register.person("陈春梅", register.household(village_a), born=date(1998, 6, 1))
    birth = stay(care="delivery", babies=babies)
    settlement = counter(mother, line("X01", "10", "100"), visit=birth)
    assert settlement.fund_amount == yuan(paid)


def test_ten_babies_are_a_typing_error(counter: Enter, wang: Person):
    with pytest.raises(Refusal, match="婴儿数应为 0 至 9") as why:
        counter(wang, line("X01", "10", "100"), visit=stay(care="delivery", babies=10))
    assert why.value.field == "babies"


def test_years_without_a_payment_raise_the_limit(counter: Enter, register: Register, wang: Person):
    """Two years without: 5000 + 2 × 500 = 6000 of (20000 − 400) × 60% = 11760."""
    for year in (2024, 2025):
        cover = register.cover(wang, year=year)
        Enrollment.objects.filter(pk=cover.pk).update(
            claim_free=True, entered_at=f"{year - 1}-11-01T00:00:00Z"
        )
    assert counter(wang, line("X01", "200", "100")).fund_amount == yuan("6000.00")


# -- the pages -----------------------------------------------------------------------------------

COUNTER, PAPER = reverse("claims:enter_counter"), reverse("claims:enter_paper")
SignIn = Callable[[User], Client]
BIRTH = {
    "care": "delivery",
    "starts": "2026-03-01",
    "ends": "2026-03-05",
    "diagnosis": "双胎妊娠",
    "referral": "none",
}


def test_the_counter_asks_for_babies_and_the_stay_before(
    as_user: SignIn, cast: SimpleNamespace, wang: Person, counter: Enter, settings: Any
):
    settings.TODAY = TODAY
    before = counter(wang, line("X01", "10", "100"), visit=stay(date(2026, 2, 1), date(2026, 2, 5)))
    client = as_user(cast.hospital_clerk)
    page = found(client, COUNTER, wang)
    assert "婴儿数" in page
    assert f'<option value="{before.visit_id}">大足县人民医院 2026-02-01 至 2026-02-05' in page
    posted = {"patient": token(page), "action": "submit"} | BIRTH | bill(("X01", "10", "100"))
    wrong = body(client.post(COUNTER, posted | {"babies": "12"}))
    assert "婴儿数应为 0 至 9 的整数，不是分娩填 1" in wrong
    assert Settlement.objects.count() == 1
    response = client.post(COUNTER, posted | {"babies": "2"})
    assert response.status_code == 302
    settlement = Settlement.objects.get(visit__diagnosis="双胎妊娠")
    assert settlement.fund_amount == yuan("800.00")
    assert "<dt>婴儿数</dt><dd>2</dd>" in body(client.get(response.url))


def test_the_window_asks_for_quantity_and_origin(
    as_user: SignIn, cast: SimpleNamespace, wang: Person, settings: Any
):
    settings.TODAY = TODAY
    client = as_user(cast.clerk_a)
    page = found(client, PAPER, wang)
    assert "<th>数量</th><th>产地</th>" in re.sub(r">\s+<", "><", page)
    plate = {
        "name": "进口钢板",
        "category": "material",
        "bill_class": "material",
        "quantity": "2",
        "amount": "2400",
    }
    visit = BIRTH | {
        "care": "inpatient",
        "hospital": "重庆市第一医院",
        "level": "city",
        "place": "outside",
        "babies": "1",
        "patient": token(page),
        "action": "submit",
    }
    receipt = rows("invoices", {"number": "NO7", "issued_on": "2026-03-05", "amount": "2400"})
    wrong = body(client.post(PAPER, visit | receipt | rows("lines", plate)))
    assert "材料费按产地先自付，请选择产地" in wrong
    response = client.post(PAPER, visit | receipt | rows("lines", plate | {"origin": "imported"}))
    assert response.status_code == 302
    # 2400 − 960 first = 1440; (1440 − 600) × 50%
    assert Settlement.objects.get().fund_amount == yuan("420.00")
    assert "进口钢板（进口）" in body(client.get(response.url))
