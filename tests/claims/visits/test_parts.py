"""A long stay that is settled in parts: together to the fen what one settlement would have paid."""

import random
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest

from accounts.errors import Refusal
from claims.models import Settlement, UsageEntry
from claims.services import Cut, cut_and_review, withdraw
from claims.visits import services
from enrollment.models import Person
from tests.claims.conftest import TODAY, Register, line, stay
from tests.claims.visits.conftest import Ward, charged, yuan

Counter = Callable[..., Settlement]


def fund(*claims: Settlement) -> list[Decimal]:
    return [claim.fund_amount for claim in claims]


def test_three_parts_and_the_rest(ward: Ward, wang: Person) -> None:
    """333.33 three times and 0.01: (333.33 - 200) × 50 % = 66.67, (666.66 - 200) × 50 % = 233.33,
    (999.99 - 200) × 50 % = 400.00, (1000.00 - 200) × 50 % = 400.00; each less the one before."""
    visit = ward.admit(wang)
    ward.bill(
        visit,
        charged("X01", "1", "333.33", 5),
        charged("X01", "1", "333.33", 10),
        charged("X01", "1", "333.33", 15),
        charged("X01", "1", "0.01", 18),
    )
    parts = [ward.part(visit, day) for day in (5, 10, 15)]
    assert fund(*parts) == [yuan("66.67"), yuan("166.66"), yuan("166.67")]
    assert [part.deductible_amount for part in parts] == [yuan("200.00"), 0, 0]
    assert [part.part for part in parts] == [1, 2, 3]
    visit.refresh_from_db()
    assert (visit.status, visit.ends, visit.days.ends) == ("open", date(2026, 3, 15), None)
    last = parts[-1].steps.get(code="interim")
    assert (last.before_amount, last.after_amount) == (yuan("400.00"), yuan("166.67"))
    assert f"{parts[0].number}（截至2026-03-05）66.67元" in last.sentence
    assert "合计233.33元，本次费用333.33元，本次支付166.67元，累计支付400.00元" in last.sentence

    ward.leave(visit, 18)
    rest = ward.settle(visit)
    assert (rest.part, rest.charged_to, rest.fund_amount) == (4, None, yuan("0.00"))
    assert (rest.total_amount, rest.cash_amount) == (yuan("0.01"), yuan("0.01"))
    assert UsageEntry.objects.totals()["annual_paid"] == 40_000


def test_the_last_part_goes_first(ward: Ward, wang: Person) -> None:
    visit = ward.admit(wang)
    batch = ward.bill(visit, charged("X01", "10", "100", 5))
    other = ward.bill(visit, charged("X01", "10", "100", 8))
    first, second = ward.part(visit, 5), ward.part(visit, 8)
    assert fund(first, second) == [yuan("400.00"), yuan("500.00")]
    with pytest.raises(Refusal, match=f"第 2 次结算 {second.number}（待初审），请先撤回后一次"):
        withdraw(actor=ward.clerk, settlement=first, reason="录错")
    with pytest.raises(Refusal, match=f"第 2 批费用已在结算单 {second.number} 中结算"):
        ward.withdraw(other)
    with pytest.raises(Refusal, match="已有结算"):
        services.change_registration(
            actor=ward.clerk,
            visit=visit,
            facts=services.facts_of(visit),
            consent_signed=False,
            admission_number="",
            on=TODAY,
        )
    withdraw(actor=ward.clerk, settlement=second, reason="录错")
    visit.refresh_from_db()
    assert (visit.status, visit.ends) == ("open", date(2026, 3, 5))
    ward.withdraw(other)
    with pytest.raises(Refusal, match="第 1 批费用已在结算单"):
        ward.withdraw(batch)
    withdraw(actor=ward.clerk, settlement=first, reason="录错")
    visit.refresh_from_db()
    assert visit.ends is None
    assert not any(UsageEntry.objects.totals().values())


def test_what_the_discharge_may_not_change(ward: Ward, wang: Person) -> None:
    visit = ward.admit(wang)
    ward.bill(visit, charged("X01", "10", "100", 5))
    part = ward.part(visit, 6)
    with pytest.raises(Refusal, match="已中途结算到 2026-03-06，出院日期不能更早"):
        ward.leave(visit, 5)
    with pytest.raises(Refusal, match=f"“情况”有变动.*请先撤回中途结算 {part.number}"):
        ward.leave(visit, 9, facts=frozenset({"special_approved"}))
    with pytest.raises(Refusal, match="这一次应截至更晚的日期"):
        ward.part(visit, 6)
    with pytest.raises(Refusal, match="没有可结算的费用明细"):
        ward.part(visit, 7)
    assert ward.leave(visit, 9, diagnosis="肺炎，好转").status == "closed"
    # Nothing was charged since: the last settlement is of nothing, and the stay is settled.
    rest = ward.settle(visit)
    assert (rest.total_amount, rest.fund_amount) == (0, 0)


def test_a_line_without_its_day(ward: Ward, wang: Person) -> None:
    visit = ward.admit(wang)
    ward.bill(visit, charged("X01", "10", "100", 5), charged("X01", "1", "100"))
    with pytest.raises(Refusal, match="有 1 行费用没有计费日期"):
        ward.part(visit, 6)


def test_a_line_that_comes_late(ward: Ward, wang: Person) -> None:
    """Charged on the 4th, told on the 8th, after the part to the 5th: it is in the next one."""
    visit = ward.admit(wang)
    ward.bill(visit, charged("X01", "10", "100", 5))
    first = ward.part(visit, 5)
    ward.bill(visit, charged("X02", "1", "100", 4), charged("X01", "1", "100", 8))
    second = ward.part(visit, 8)
    assert [each.item_code for each in first.bill_lines()] == ["X01"]
    assert [each.item_code for each in second.bill_lines()] == ["X02", "X01"]
    assert second.total_amount == yuan("200.00")


def test_a_ceiling_that_others_used_meanwhile(ward: Ward, wang: Person, counter: Counter) -> None:
    """Of 60 000 a year the part took (100000 - 200) × 50 % = 49 900, dialysis in between the other
    10 100: nothing is left for what was charged afterwards, and nothing is taken back."""
    visit = ward.admit(wang)
    ward.bill(visit, charged("S03", "1", "100000", 3))
    first = ward.part(visit, 5)
    dialysis = stay(
        date(2026, 3, 6), date(2026, 3, 6), care="special", diseases={"dialysis"},
        alike_reason="院外透析",
    )  # fmt: skip
    between = counter(wang, line("S03", "1", "30000"), visit=dialysis)
    assert fund(first, between) == [yuan("49900.00"), yuan("10100.00")]
    ward.bill(visit, charged("S03", "1", "10000", 8))
    ward.leave(visit, 9)
    rest = ward.settle(visit)
    assert (rest.fund_amount, rest.cash_amount) == (0, yuan("10000.00"))
    assert UsageEntry.objects.totals()["annual_paid"] == 6_000_000


def test_a_cut_in_the_last_part(ward: Ward, wang: Person, cast: object) -> None:
    """Of 1000.00 the reviewer allows 600.00: (1600 - 200) × 50 % less (1000 - 200) × 50 %."""
    visit = ward.admit(wang)
    ward.bill(visit, charged("X01", "10", "100", 5), charged("X01", "10", "100", 8))
    first, second = ward.part(visit, 5), ward.part(visit, 8)
    cut = {2: Cut(yuan("600.00"), "超量用药")}
    reviewer = vars(cast)["reviewer"]
    with pytest.raises(Refusal, match="请先撤回后一次"):
        cut_and_review(actor=reviewer, settlement=first, cuts=cut, on=TODAY)
    anew = cut_and_review(actor=reviewer, settlement=second, cuts=cut, on=TODAY)
    assert (anew.part, anew.fund_amount) == (2, yuan("300.00"))
    assert (anew.hospital_amount, anew.total_amount) == (yuan("400.00"), yuan("1000.00"))


@pytest.mark.parametrize("seed", range(4))
def test_parts_are_together_what_one_settlement_pays(
    ward: Ward, register: Register, village_a: object, seed: int
) -> None:
    """The same bill of two people, whole and in parts."""
    chance = random.Random(seed)
    days = sorted(chance.sample(range(2, 18), 8))
    bill = [
        charged(
            chance.choice(["X01", "X02", "S01", "S02", "F01"]),
            str(chance.randint(1, 9)),
            f"{chance.randint(1, 90_000) / 100:.2f}",
            day,
        )
        for day in days
    ]
    totals = []
    for cuts in ([], [days[1], days[4], days[6]]):
        person = register.person("周全", register.household(village_a))  # type: ignore[arg-type]
        visit = ward.admit(person)
        ward.bill(visit, *bill)
        for day in cuts:
            ward.part(visit, day)
        ward.leave(visit, 18)
        ward.settle(visit)
        claims = list(visit.settlements.order_by("part"))
        assert len(claims) == len(cuts) + 1
        for claim in claims:
            assert claim.total_amount == sum(each.amount for each in claim.bill_lines())
        names = ("total", "in_scope", "deductible", "fund", "personal", "cash", "account")
        sums = {name: sum(getattr(claim, f"{name}_amount") for claim in claims) for name in names}
        used = UsageEntry.objects.filter(person=person).totals()
        totals.append((sums, {key: each for key, each in used.items() if each}))
    assert totals[0] == totals[1]


def test_parts_follow_a_claim_that_falls(ward: Ward, wang: Person, counter: Counter) -> None:
    """Dialysis first takes (30000 - 200) × 50 % = 14 900; of the stay's two parts the second comes
    to the ceiling: 40 000 and 5 100. Once the dialysis is withdrawn, 40 000 and 10 000."""
    dialysis = stay(date(2026, 2, 6), date(2026, 2, 6), care="special", diseases={"dialysis"})
    before = counter(wang, line("S03", "1", "30000"), visit=dialysis)
    visit = ward.admit(wang)
    ward.bill(visit, charged("S03", "1", "80200", 3), charged("S03", "1", "20000", 8))
    parts = [ward.part(visit, 5), ward.part(visit, 8)]
    assert fund(before, *parts) == [yuan("14900.00"), yuan("40000.00"), yuan("5100.00")]
    withdraw(actor=ward.clerk, settlement=before, reason="录错")
    standing = visit.settlements.exclude(status="withdrawn").order_by("part")
    assert fund(*standing) == [yuan("40000.00"), yuan("10000.00")]
    assert [each.part for each in standing] == [1, 2]
    assert UsageEntry.objects.totals()["annual_paid"] == 5_000_000
