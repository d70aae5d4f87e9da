"""At the county hospital's counter: what the Dazu measures pay, to the fen."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import Division
from claims.models import Settlement, UsageEntry
from enrollment.models import Person
from tests.claims.conftest import Register, line, stay

Counter = Callable[..., Settlement]
APPROVED = stay(facts={"special_approved"})


def yuan(text: str) -> Decimal:
    return Decimal(text)


def test_stay_at_the_county_hospital(counter: Counter, wang: Person) -> None:
    """V1: 5000 in all, 300 outside the catalogue, 800 of CT: (5000-300-400-200) × 50 %."""
    settlement = counter(
        wang,
        line("X01", "30", "130.00"),
        line("X09", "1", "300.00"),
        line("S01", "1", "800.00"),
        visit=APPROVED,
        consent_signed=True,
    )
    assert settlement.status == "submitted"
    assert settlement.total_amount == yuan("5000.00")
    assert settlement.full_self_pay_amount == yuan("300.00")
    assert settlement.first_self_pay_amount == yuan("400.00")
    assert settlement.in_scope_amount == yuan("4300.00")
    assert settlement.deductible_amount == yuan("200.00")
    assert settlement.ratio == 5000
    assert settlement.fund_amount == yuan("2050.00")
    assert list(settlement.funds.values_list("layer", "fund_pay_type", "book", "amount")) == [
        ("basic", "390100", "resident", yuan("2050.00"))
    ]
    assert settlement.personal_amount == settlement.cash_amount == yuan("2950.00")
    assert settlement.pay_to == "institution"


def test_fifth_year_of_cover_adds_two_points(
    counter: Counter, register: Register, village_a: Division
) -> None:
    """V2: 4100 × 52 %."""
    loyal = register.person("刘忠信", register.household(village_a), years=5)
    settlement = counter(
        loyal,
        line("X01", "30", "130.00"),
        line("X09", "1", "300.00"),
        line("S01", "1", "800.00"),
        visit=APPROVED,
        consent_signed=True,
    )
    assert settlement.fund_amount == yuan("2132.00")
    assert settlement.personal_amount == yuan("2868.00")


def test_every_step_is_kept_with_its_article(counter: Counter, wang: Person) -> None:
    settlement = counter(wang, line("X01", "30", "130.00"), line("S01", "1", "800"), visit=APPROVED)
    steps = list(settlement.steps.all())
    assert [step.position for step in steps] == list(range(1, len(steps) + 1))
    articles = {step.code: step.article for step in steps}
    assert "第二十三条(三)" in articles["first_self_pay"]
    assert any("第二十三条(二)2" in step.article and "200.00元" in step.sentence for step in steps)
    assert steps[-1].after_amount == settlement.cash_amount


def test_the_sheet_says_what_is_left_of_the_cap(counter: Counter, wang: Person) -> None:
    settlement = counter(wang, line("X01", "120", "10"))
    told = settlement.steps.get(code="cap_left")
    assert told.parameter == "60000.00元"
    assert "此前已报销0.00元，加本次500.00元为500.00元，还剩59500.00元" in told.sentence
    assert "第二十三条(二)2" in told.article
    full = counter(
        wang, line("S03", "1", "200000"), visit=stay(date(2026, 3, 10), date(2026, 3, 12))
    )
    codes = list(full.steps.values_list("code", flat=True))
    assert full.fund_amount == yuan("59500.00")
    assert "cap" in codes
    assert "cap_left" not in codes


def test_the_cap_of_the_year_is_shared_by_stays_and_special_outpatient(
    counter: Counter, paper: Counter, wang: Person
) -> None:
    """V5: 50 000 paid already; of 15 000 only the 10 000 left are paid."""
    first = counter(
        wang,
        line("S03", "1", "100200.00"),
        visit=stay(
            care="special", diseases={"dialysis"}, starts=date(2026, 2, 1), ends=date(2026, 2, 1)
        ),
    )
    assert first.fund_amount == yuan("50000.00")
    second = counter(wang, line("S03", "1", "30200.00"))
    assert second.fund_amount == yuan("10000.00")
    assert second.personal_amount == yuan("20200.00")
    used = UsageEntry.objects.filter(person=wang, counter="annual_paid").totals()
    assert used == {"annual_paid": 6_000_000}


def test_bill_below_the_deductible_pays_nothing(counter: Counter, wang: Person) -> None:
    """V6 at the county hospital: 20 yuan, deductible 200."""
    settlement = counter(wang, line("X01", "2", "10.00"))
    assert settlement.fund_amount == 0
    assert settlement.cash_amount == yuan("20.00")


def test_chronic_outpatient_stops_at_its_own_limit(
    counter: Counter, register: Register, village_a: Division
) -> None:
    """V7: tier 1, 450 paid before; 1200 × 50 % = 600, of which 50 are left."""
    zhao = register.person("赵老三", register.household(village_a), tier="tier1")
    chronic: dict[str, Any] = {
        "care": "chronic",
        "diseases": {"diabetes"},
        "facts": {"chronic_certified"},
    }
    february = stay(starts=date(2026, 2, 3), ends=date(2026, 2, 3), **chronic)
    march = stay(starts=date(2026, 3, 3), ends=date(2026, 3, 3), **chronic)
    assert counter(zhao, line("X01", "90", "10.00"), visit=february).fund_amount == yuan("450.00")
    settlement = counter(zhao, line("X01", "120", "10.00"), visit=march)
    assert settlement.fund_amount == yuan("50.00")
    assert settlement.personal_amount == yuan("1150.00")


def test_family_shares_the_outpatient_account(
    counter: Counter, register: Register, village_a: Division
) -> None:
    """V8: four people, tier 1: 80 yuan; 65 used by one, so 15 of the other's 30 are paid."""
    home = register.household(village_a)
    family = [register.person(f"孙{name}", home, tier="tier1") for name in "一二三四"]
    visit = stay(care="outpatient", starts=date(2026, 3, 2), ends=date(2026, 3, 2))
    assert counter(family[0], line("X01", "1", "65"), visit=visit).fund_amount == yuan("65.00")
    settlement = counter(family[1], line("X01", "1", "30"), visit=visit)
    assert settlement.fund_amount == yuan("15.00")
    assert settlement.cash_amount == yuan("15.00")


def test_unused_account_carries_over_and_is_spent_only_once(
    counter: Counter, register: Register, village_a: Division
) -> None:
    """40 granted for 2025 and for 2026: 80 in 2026; a late 2025 visit finds what 2026 left."""
    home = register.household(village_a)
    li = register.person("李二嫂", home)
    register.cover(li, year=2025)
    this_year = stay(care="outpatient", starts=date(2026, 3, 2), ends=date(2026, 3, 2))
    last_year = stay(care="outpatient", starts=date(2025, 12, 20), ends=date(2025, 12, 20))
    assert counter(li, line("X01", "1", "50"), visit=this_year).fund_amount == yuan("50.00")
    assert counter(li, line("X01", "1", "45"), visit=last_year).fund_amount == yuan("30.00")
    assert counter(li, line("X01", "1", "45"), visit=this_year).fund_amount == 0


def test_subsidy_left_over_pays_the_patients_own_part(
    counter: Counter, register: Register, village_a: Division
) -> None:
    """V9: urban 低保, tier 1: own part 430, of which 50 from the balance kept by the centre."""
    he = register.person(
        "何秀兰",
        register.household(village_a),
        tier="tier1",
        residence="urban",
        statuses=["dibao"],
        credit=50,
    )
    settlement = counter(he, line("X01", "103", "10.00"))
    own = yuan("1030.00") - settlement.fund_amount
    assert settlement.fund_amount == yuan("332.00")  # (1030-200) × 40 % at the county hospital
    assert settlement.personal_amount == own
    assert settlement.credit_amount == yuan("50.00")
    assert settlement.cash_amount == own - 50
    assert settlement.payable_amount == yuan("382.00")


def test_price_above_the_limit_is_the_patients(counter: Counter, wang: Person) -> None:
    """Ten days of a bed at 45 with a limit of 30: 150 over the limit."""
    settlement = counter(wang, line("F01", "10", "45"), line("X01", "50", "10"))
    assert settlement.over_limit_amount == yuan("150.00")
    assert settlement.in_scope_amount == yuan("800.00")
    assert settlement.fund_amount == yuan("300.00")


def test_item_outside_the_catalogue_without_consent_is_borne_by_the_hospital(
    counter: Counter, wang: Person
) -> None:
    settlement = counter(wang, line("X01", "120", "10"), line("X09", "1", "300.00"))
    assert settlement.hospital_amount == yuan("300.00")
    assert settlement.fund_amount == yuan("500.00")
    assert settlement.personal_amount == yuan("700.00")


def test_unapproved_special_examination_is_wholly_the_patients(
    counter: Counter, wang: Person
) -> None:
    settlement = counter(wang, line("X01", "120", "10"), line("S01", "1", "800"))
    assert settlement.first_self_pay_amount == yuan("800.00")
    assert settlement.fund_amount == yuan("500.00")


def test_traffic_accident_is_refused_but_recorded(counter: Counter, wang: Person) -> None:
    settlement = counter(wang, line("X01", "120", "10"), visit=stay(reasons={"traffic"}))
    assert settlement.fund_amount == 0
    assert settlement.refusal_code == "accident"
    assert "第二十五条(三)" in settlement.refusal


@pytest.mark.parametrize(
    ("quantity", "price", "amount"),
    [
        ("1", "10.99", "10.99"),
        ("3", "0.335", "1.01"),
        ("0.5", "0.01", "0.01"),
        ("2.25", "1.9999", "4.50"),
    ],
)
def test_quantity_times_price_is_exact_to_the_fen(
    counter: Counter, wang: Person, quantity: str, price: str, amount: str
) -> None:
    """Golden case 4: 10.99 stays 10.99; halves go up."""
    settlement = counter(wang, line("X01", quantity, price, amount))
    assert settlement.total_amount == yuan(amount)
