"""A year under measures that ask for unit prices, origin, babies, referrals and free years.

The measures are those of tests/claims/test_details.py, where most of the claims are worked out:
王建国's plates and bed, 2154.00. 李二嫂, sent from the county's hospital to the city's and on to
another: 360.00, 2000.00, 2100.00. 张大山's plates, one of two struck off: 192.00. 陈春梅's
twins: 800.00. 赵三哥 after two years without a payment: 6000.00. Together 13606.00.
"""

from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from claims.adjudication import BillItem, bill_from_lines
from claims.services import Cut, cut_and_review
from enrollment.models import Enrollment
from policies.loader import load_text
from policies.terms import Subject
from reports.whatif.lines import Lines, with_line_rules
from reports.whatif.run import simulate
from tests.claims.adjudication.at_random import random_cases
from tests.claims.conftest import (  # noqa: F401
    TODAY,
    catalogue,
    counter,
    invoice,
    line,
    paper,
    register,
    stay,
    wang,
)
from tests.claims.test_details import MEASURES, materials, pack  # noqa: F401

YEAR = 2026


@pytest.fixture
def year(counter, paper, register, wang, village_a, cast):  # noqa: F811
    counter(
        wang,
        line("F02", "10", "45"),
        line("M01", "2", "1200"),
        line("M01", "1", "1000"),
        line("M02", "1", "1500"),
        line("X01", "1", "100"),
    )
    _sent_on(register.person("李二嫂", register.household(village_a)), counter, paper)
    plates = counter(
        register.person("张大山", register.household(village_a)), line("M01", "2", "1200")
    )
    cut = {1: Cut(Decimal("1200.00"), "多计一块")}
    cut_and_review(actor=cast.reviewer, settlement=plates, cuts=cut, on=TODAY)
    mother = register.person("陈春梅", register.household(village_a), born=date(1998, 6, 1))
    counter(mother, line("X01", "10", "100"), visit=stay(care="delivery", babies=2))
    healthy = register.person("赵三哥", register.household(village_a))
    for before in (2024, 2025):
        cover = register.cover(healthy, year=before)
        Enrollment.objects.filter(pk=cover.pk).update(
            claim_free=True, entered_at=f"{before - 1}-11-01T00:00:00Z"
        )
    counter(healthy, line("X01", "200", "100"))


def _sent_on(patient, counter, paper):  # noqa: F811
    first = counter(patient, line("X01", "10", "100"))
    city = paper(
        patient,
        "4200.00",
        visit=stay(
            date(2026, 3, 9), date(2026, 3, 12), referral="up", referred_from=first.visit_id
        ),
    )
    paper(
        patient,
        "4200.00",
        visit=stay(
            date(2026, 3, 12), date(2026, 3, 15), referral="up", referred_from=city.visit_id
        ),
        invoices=[invoice("NO1002", "4200.00")],
    )


def run(county, source):
    return simulate(
        area=county, year=YEAR, source=source, name="x", on=TODAY, progress=lambda *told: None
    )


def changed(*pairs):
    source = MEASURES
    for before, after in pairs:
        assert source.count(before) == 1, before
        source = source.replace(before, after)
    return source


def test_the_measures_in_force_give_what_was_settled(year, county):
    assert run(county, MEASURES)["check"] == {
        "compared": 7, "others": 0, "differing": 0, "settled": 13606_00, "computed": 13606_00,
        "examples": [],
    }  # fmt: skip


def test_a_draft_changes_what_depends_on_single_lines(year, county):
    """王建国: plates 1440 + 500 + 150 first, bed 200 of 450, (5450 - 250 - 2090 - 400) x 60% =
    1626. 张大山: (1200 - 720 - 400) x 60% = 48. So 13606 - 528 - 144."""
    draft = changed(
        ("imported, up_to: 1000, ratio: 20%", "imported, up_to: 1000, ratio: 50%"),
        ("{origin: imported, ratio: 40%}", "{origin: imported, ratio: 60%}"),
        ("{when: {level: county}, amount: 30}", "{when: {level: county}, amount: 20}"),
    )  # fmt: skip
    total = run(county, draft)["total"]
    assert (total["before"], total["after"]) == (13606_00, 12934_00)


def test_a_draft_without_such_rules_sums_the_lines(year, county):
    """王建国: the bed counts as billed and nothing is paid first, (5450 - 400) x 60% = 3030;
    张大山: (1200 - 400) x 60% = 480."""
    start = MEASURES.index("      line_shares:\n")
    end = MEASURES.index("    - code: bed\n")
    source = MEASURES[:start] + MEASURES[end:]
    start = source.index("      unit_limits:\n")
    end = source.index("    - {code: off_catalogue")
    total = run(county, source[:start] + source[end:])["total"]
    assert total["after"] == 13606_00 - 2154_00 + 3030_00 - 192_00 + 480_00


def test_a_draft_changes_what_a_baby_and_a_free_year_bring(year, county):
    """Twins 2 x 500, no more than their bill of 1000; 5000 + 2 x 1000 for 赵三哥."""
    draft = changed(("amounts: 400", "amounts: 500"), ("step: 500", "step: 1000"))
    assert run(county, draft)["total"]["change"] == 200_00 + 1000_00


def test_a_draft_credits_the_deductible_that_was_really_borne(year, county):
    """At 800 in the city, of which the 400 of the county are credited: 400 at the first hospital
    and, with 400 + 200 borne as settled, 200 at the second: (4200 - 400) and (4200 - 200) x 50%."""
    draft = changed(("{when: {level: city}, amount: 600}", "{when: {level: city}, amount: 800}"))
    assert run(county, draft)["total"]["change"] == -100_00 - 100_00


@pytest.mark.parametrize("seed", range(5))
def test_columns_of_lines_are_sorted_as_single_lines_are(seed):
    terms = load_text(MEASURES, "x")
    rng = np.random.default_rng(seed)
    origins = ("domestic", "imported", "joint")
    cases = random_cases(terms, 40, seed=seed, people=40)
    cases.amounts[:] = 0
    size = 400
    lines, items = {}, [[] for _ in range(len(cases))]
    for row, code in enumerate(terms.bill.classes):
        if code not in ("material", "bed"):
            continue
        facts = {
            "claim": rng.integers(0, len(cases), size),
            "approved": rng.integers(1, 300_000, size),
            "unit_price": rng.choice([99_999, 100_000, 100_001, 5], size),
            "units": rng.integers(0, 40, size) * 2_500,
            "origin": rng.integers(-1, len(origins), size),
            "self_pay": np.zeros(size, dtype=np.int64),
        }
        limited = rng.random(size) < 0.5
        limit = np.where(limited, rng.integers(0, 300_000, size), facts["approved"])
        lines[code] = Lines(limit=limit, **facts)
        np.add.at(cases.amounts[row], facts["claim"], facts["approved"])
        for at in range(size):
            items[facts["claim"][at]].append(
                BillItem(
                    bill_class=code,
                    amount=int(facts["approved"][at]),
                    limit=int(limit[at]) if limited[at] else None,
                    unit_price=int(facts["unit_price"][at]),
                    units=int(facts["units"][at]),
                    origin="" if facts["origin"][at] < 0 else origins[facts["origin"][at]],
                )
            )
    found = with_line_rules(cases, terms, lines, origins)
    levels = list(terms.vocabulary["level"])
    for at, mine in enumerate(items):
        level = levels[cases.categories["level"][at]]
        bill = bill_from_lines(mine, terms, Subject(categories={"level": level}))
        for row, code in enumerate(terms.bill.classes):
            assert found.over_limit[row, at] == bill.over_limit.get(code, 0)
            assert found.own_amount[row, at] == bill.own_amount.get(code, 0)
            assert found.own_self_pay[row, at] == bill.own_self_pay.get(code, 0)
