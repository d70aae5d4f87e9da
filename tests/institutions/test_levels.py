"""A hospital's level for deductible and price limit, where it is another than its own, from a day.

大足办法 第二十三条 by hand, 1200 yuan in scope, second tier, county hospital: own deductible
(1200 - 200) × 50 % = 500.00; that of a central one (1200 - 100) × 50 % = 550.00: the ratio stays.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from accounts.errors import Refusal
from accounts.models import Division
from claims.adjudication import adjudicate
from claims.entries import Hospital
from claims.models import Settlement
from claims.services.patients import workplace
from claims.visits.services import change_registration, facts_of
from claims.why.asking import Question, ask_why
from enrollment.models import Person
from institutions.models import Institution
from institutions.registry.columns import Levels
from institutions.registry.services import apply_due
from lib.money import to_yuan
from policies.models import Pack
from policies.services import terms_of
from reports.whatif.columns import Codes
from reports.whatif.loading import load_year
from tests.claims.conftest import (
    book,
    catalogue,
    counter,
    invoice,
    line,
    paper,
    register,
    stay,
    wang,
)
from tests.claims.visits.conftest import Ward, in_bed, ward
from tests.institutions.test_registry import APRIL, LATER, agreed

__all__ = ["book", "catalogue", "counter", "paper", "register", "wang", "ward"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("as_application")]
Enter = Callable[..., Settlement]
EVE = date(2026, 3, 31)


def borne_as_central(cast: SimpleNamespace, hospital: Institution, **given: Any) -> None:
    agreed(cast, hospital, column="deductible_level", **given)


def test_the_deductible_is_that_of_the_registered_level_and_the_ratio_stays(
    counter: Enter, wang: Person, cast: SimpleNamespace, hospital: Institution
) -> None:
    borne_as_central(cast, hospital)
    before = counter(wang, line("S03", "1", "1200"), visit=stay(EVE, date(2026, 4, 9)), on=LATER)
    assert (before.deductible_amount, before.fund_amount) == (Decimal("200.00"), Decimal("500.00"))
    after = counter(
        wang, line("S03", "1", "1200"), visit=stay(date(2026, 4, 12), date(2026, 4, 20)), on=LATER
    )
    assert after.visit.level == "county" and after.visit.deductible_by == "central"
    assert (after.deductible_amount, after.fund_amount) == (Decimal("100.00"), Decimal("550.00"))
    told = after.steps.get(code="deductible")
    assert "起付线100.00元" in told.sentence and "中心卫生院" in told.sentence


def test_on_paper_it_is_the_same(
    paper: Enter, wang: Person, cast: SimpleNamespace, hospital: Institution
) -> None:
    borne_as_central(cast, hospital)
    here = Hospital(name="大足县人民医院", level="county", place="local")
    bill = {"invoices": [invoice("NO1", "1200.00")], "on": LATER}
    row = paper(wang, "1200.00", hospital=here, visit=stay(APRIL, date(2026, 4, 9)), **bill)
    assert (row.deductible_amount, row.fund_amount) == (Decimal("100.00"), Decimal("550.00"))


def test_a_trial_of_the_year_bears_the_same_deductible(
    counter: Enter, wang: Person, cast: SimpleNamespace, hospital: Institution,
    county: Division, pack: Pack,
) -> None:  # fmt: skip
    """The year's columns give to the fen what the counter settled."""
    borne_as_central(cast, hospital)
    for first, last in ((EVE, date(2026, 4, 9)), (date(2026, 4, 12), date(2026, 4, 20))):
        counter(wang, line("S03", "1", "1200"), visit=stay(first, last), on=LATER)
    terms = terms_of(pack)
    year = load_year(area=county, year=2026, codes=Codes.of(terms))
    decisions = adjudicate(year.cases(terms), terms, year.opening(terms))
    assert sorted(decisions.fund_pay.tolist()) == [500_00, 550_00]


def test_it_is_given_back_to_the_own_level_from_a_day(
    cast: SimpleNamespace, hospital: Institution
) -> None:
    borne_as_central(cast, hospital)
    with pytest.raises(Refusal, match="已是“中心卫生院”"):
        borne_as_central(cast, hospital, first_day=date(2026, 5, 1))
    borne_as_central(cast, hospital, becomes="同本级", first_day=date(2026, 6, 1))
    assert apply_due(APRIL) == 1
    hospital.refresh_from_db()
    assert (hospital.deductible_level, hospital.price_level) == ("central", "")

    def then(day: date) -> str:
        return Institution.objects.as_of(day).get(pk=hospital.pk).deductible_level_then

    assert [then(day) for day in (APRIL, date(2026, 5, 31), date(2026, 6, 1))] == [
        "central", "central", "own",
    ]  # fmt: skip
    assert apply_due(date(2026, 6, 1)) == 1
    hospital.refresh_from_db()
    assert hospital.deductible_level == ""


def test_a_level_that_is_none_is_refused(cast: SimpleNamespace, hospital: Institution) -> None:
    with pytest.raises(Refusal, match="限价级别应为：村卫生室"):
        agreed(cast, hospital, column="price_level", becomes="三级")


def test_a_prescription_is_limited_by_the_level_for_price_limits(
    counter: Enter, wang: Person, cast: SimpleNamespace, hospital: Institution
) -> None:
    """第三十一条: 县级 40 元, 乡镇 25 元; what a visit keeps is what its screening asks by."""
    agreed(cast, hospital, column="price_level", becomes="乡镇(社区)卫生院")
    row = counter(wang, line("S03", "1", "1200"), visit=stay(APRIL, date(2026, 4, 9)), on=LATER)
    assert (row.visit.level, row.visit.limits_by) == ("county", "township")
    assert row.fund_amount == Decimal("500.00")


def test_a_corrected_day_is_borne_by_the_level_of_that_day(
    ward: Ward, wang: Person, cast: SimpleNamespace, hospital: Institution
) -> None:
    """Registered on the first day of the new level; in truth he came in the evening before."""
    borne_as_central(cast, hospital)
    ward.on = LATER
    visit = ward.admit(wang, in_bed(starts=APRIL))
    assert visit.deductible_by == "central"

    def corrected(day: date) -> str:
        row = change_registration(
            actor=ward.clerk, visit=visit, facts=replace(facts_of(visit), starts=day),
            consent_signed=False, admission_number="", on=LATER,
        )  # fmt: skip
        return row.deductible_by

    assert corrected(EVE) == "county"
    assert corrected(APRIL) == "central"


def test_who_asks_why_is_told_what_would_be_settled(
    counter: Enter, wang: Person, cast: SimpleNamespace, hospital: Institution
) -> None:
    """1200.00 as above: 550.00 from April, as the hospital's own counter settles it, and 500.00 on
    the evening before; who asks by a level alone is told by that."""
    borne_as_central(cast, hospital)
    apply_due(APRIL)
    asked = Question(
        who=wang.resident_id, day=APRIL, item="S03", care="inpatient", level="county",
        price=Decimal("1200.00"),
    )  # fmt: skip

    def paid(question: Question, actor: Any) -> Decimal:
        decision = ask_why(question, actor=actor).decision
        assert decision is not None
        return to_yuan(decision.fund_pay)

    assert paid(asked, cast.hospital_clerk) == Decimal("550.00")
    assert paid(replace(asked, day=EVE), cast.hospital_clerk) == Decimal("500.00")
    assert paid(asked, cast.reviewer) == Decimal("500.00")
    said = [one.sentence for one in ask_why(asked, actor=cast.hospital_clerk).said]
    assert "本机构 2026-04-01 登记的级别是县级医院，起付线按中心卫生院" in said
    row = counter(wang, line("S03", "1", "1200"), visit=stay(APRIL, date(2026, 4, 9)), on=LATER)
    assert row.fund_amount == Decimal("550.00")


def test_a_level_of_another_day_is_that_of_its_day(
    counter: Enter, wang: Person, cast: SimpleNamespace, hospital: Institution
) -> None:
    """县级 until 31 March, 乡镇 from April: (1200 - 30) × 70 % = 819.00; before, 500.00."""
    agreed(cast, hospital, column="level", becomes="乡镇(社区)卫生院")
    apply_due(APRIL)
    asked = Question(
        who=wang.resident_id, day=EVE, item="S03", care="inpatient", level="township",
        price=Decimal("1200.00"),
    )  # fmt: skip
    before, after = (
        ask_why(one, actor=cast.hospital_clerk).decision
        for one in (asked, replace(asked, day=APRIL))
    )
    assert before is not None and after is not None
    assert (before.fund_pay, after.fund_pay) == (500_00, 819_00)


def test_what_is_typed_is_warned_of_by_the_level_of_the_day(
    cast: SimpleNamespace, hospital: Institution
) -> None:
    agreed(cast, hospital, column="price_level", becomes="乡镇(社区)卫生院")
    apply_due(APRIL)
    by = [Levels.of(workplace(cast.hospital_clerk, as_of=day)).limits_by for day in (EVE, APRIL)]
    assert by == ["county", "township"]
