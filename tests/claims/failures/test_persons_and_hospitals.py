"""More published cases: insiders, split and invented stays, cards in the wrong hands.

As in `test_stories`; `test_all_of_them` says where each of the 36 is.
"""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from accounts.models import Division
from enrollment.models import Enrollment, IdentityStatus, Person
from enrollment.people.register import change_household
from lib.money import half_up
from tests.claims.conftest import Register, line, stay
from tests.claims.failures.test_stories import Enter, found
from tests.claims.visits.conftest import Ward, charged
from tests.conftest import past_the_guards

pytestmark = pytest.mark.django_db


def bought(day: int, **facts: Any) -> Any:
    return stay(date(2026, 3, day), date(2026, 3, day), **{"care": "outpatient"} | facts)


# -- 7: poor and not helped, helped and not poor ------------------------------------------------


def test_premiums_that_do_not_agree_with_the_lists_show(
    counter: Enter, register: Register, village_a: Division, county: Division
) -> None:
    """何秀兰 is on the list of 五保 and paid 200.00 herself; 张建国 was aided and is on none;
    刘大娘 came onto the list after she had paid, and was aided by nobody: in order."""
    home = register.household(village_a)
    he = register.person("何秀兰", home, statuses=("wubao",))
    zhang, liu = (register.person(name, home) for name in ("张建国", "刘大娘"))
    past_the_guards(Enrollment.objects.filter(person=zhang), premium_status="dibao")
    IdentityStatus.objects.create(
        person=liu, code="dibao", first_day=date(2026, 1, 5), source="民政局"
    )
    poor, aided, _ = (counter(one, line("X01", "100", "10")) for one in (he, zhang, liu))
    assert found(county, "A18") == {
        poor.pk: "参保时已在五保、低保名单，个人仍全额缴费（应助未助）",
        aided.pk: "按“低保”资助参保，参保时部门名单中没有本人（非对象享资助）",
    }


# -- 16: who changes the record enters the claim -------------------------------------------------


@pytest.mark.parametrize(("by", "shown"), [("clerk_a", True), ("clerk_b", False)])
def test_an_account_changed_by_who_enters_the_claim_shows(
    paper: Enter, wang: Person, county: Division, cast: SimpleNamespace, by: str, *, shown: bool
) -> None:
    change_household(
        actor=getattr(cast, by),
        household=wang.household,
        address="桥亭村 8 号",
        bank_account="6217003760011112222",
        bank_account_name="王建国",
    )
    claim = paper(wang, "21000.00")
    said = found(county, "A26")
    assert list(said) == ([claim.pk] if shown else [])
    assert all("0 天后录入这张手工报销单" in each for each in said.values())


# -- 18, 25: stays that are none -----------------------------------------------------------------


def test_a_bed_that_is_charged_and_empty_shows(ward: Ward, wang: Person, county: Division) -> None:
    """Nine beds charged by the day; drugs on the first and the last day alone. What is recovered
    with the penalty of the story: 30 % of 1 819.25 is 545.775, 545.78."""
    visit = ward.admit(wang)
    ward.bill(
        visit,
        *(charged("F01", "1", "30", day) for day in range(1, 9)),
        charged("X01", "10", "10", 1),
        charged("X01", "10", "10", 8),
    )
    ward.leave(visit)
    claim = ward.settle(visit)
    assert found(county, "A06") == {
        claim.pk: "有 6 天收了床位、护理或诊察费而没有任何其他费用，首日 2026-03-02；"
        "请核对病历和夜间查房"
    }
    assert half_up(1819_25 * 30, 100) == 545_78


def test_a_check_up_in_a_bed_shows(counter: Enter, wang: Person, county: Division) -> None:
    """Two days, 900.00 of CT and 100.00 of drugs; with 300.00 of drugs it is 75 %."""
    days = stay(date(2026, 3, 1), date(2026, 3, 3))
    claim = counter(wang, line("S01", "3", "300"), line("X01", "10", "10"), visit=days)
    assert found(county, "A07") == {
        claim.pk: "住院 2 天，检查化验占费用（床位除外）的 90%，请核对入院指征"
    }


def test_drugs_bought_while_in_a_bed_show(counter: Enter, wang: Person, county: Division) -> None:
    counter(wang, line("X01", "100", "10"), visit=stay())
    alike = {"alike_reason": "家属代购"}
    claim = counter(wang, line("X01", "1", "10"), visit=bought(4, **alike))
    (said,) = found(county, "A04").items()
    assert said[0] == claim.pk and "当时正在大足县人民医院住院" in said[1]


# -- 21: another sex, another age ----------------------------------------------------------------


def test_a_man_over_fifty_bears_no_child(counter: Enter, wang: Person, county: Division) -> None:
    Person.objects.filter(pk=wang.pk).update(sex="1")
    given = stay(diagnosis="顺产", diagnosis_code="O80.0")
    claim = counter(wang, line("X01", "100", "10"), visit=given)
    assert found(county, "A17") == {claim.pk: "登记性别为男，诊断 O80.0 为女性疾病或妊娠分娩"}


# -- 22: one stay made two -----------------------------------------------------------------------


def test_one_stay_made_two_shows(counter: Enter, wang: Person, county: Division) -> None:
    counter(wang, line("X01", "100", "10"), visit=stay(date(2026, 3, 1), date(2026, 3, 5)))
    again = counter(wang, line("X01", "100", "10"), visit=stay(date(2026, 3, 6), date(2026, 3, 9)))
    (said,) = found(county, "A05").items()
    assert said[0] == again.pk and "1 天后于 2026-03-06 因同一诊断再入" in said[1]


# -- 23: driven to hospital in groups ------------------------------------------------------------


def test_three_of_a_village_and_who_is_aided_show(
    counter: Enter, register: Register, village_a: Division, county: Division
) -> None:
    people = [register.person(f"邹{at}", register.household(village_a)) for at in "一二三"]
    past_the_guards(Enrollment.objects.filter(person__in=people[:2]), premium_status="wubao")
    for person in people:
        counter(person, line("X01", "100", "10"), visit=stay())
    said = found(county, "A12")
    assert len(said) == 3
    assert set(said.values()) == {
        "同村 3 人于 2026-03-01 同日入住大足县人民医院，其中 2 人由政府资助参保"
    }


# -- 31: one card, many purchases ----------------------------------------------------------------


def test_what_one_person_buys_in_a_month_is_summed(
    counter: Enter, wang: Person, county: Division
) -> None:
    """16 boxes, then 14: 30 is the most that nobody asks about. The 31st is told."""
    for day, boxes in ((2, "16"), (9, "14")):
        counter(wang, line("X01", boxes, "1"), visit=bought(day))
    assert found(county, "A27") == {}
    last = counter(wang, line("X01", "1", "1"), visit=bought(16))
    assert found(county, "A27") == {
        last.pk: "2026-03 在 1 家机构共购“阿莫西林胶囊” 31 单位，请核对用药需要"
    }
