"""A referred stay is credited with the deductible of the stay it came from, once.

As dazu.yaml with `credit_prior`: the county hospital's deductible is 200.00, the city's 1 000.00.
"""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest

from accounts.models import Division
from claims.dependence.models import Dependent
from claims.models import Settlement
from claims.services import withdraw
from enrollment.models import Person
from policies.models import Pack
from policies.services import adopt_pack, propose_pack
from tests.claims.conftest import invoice, line, stay
from tests.conftest import PACKS

Enter = Callable[..., Settlement]
FIRST = stay(date(2026, 3, 1), date(2026, 3, 5))


@pytest.fixture
def pack(cast: SimpleNamespace, county: Division) -> Pack:
    text = (PACKS / "dazu.yaml").read_text("utf-8")
    text = text.replace(
        "deductible: {amounts: *deductibles}",
        "deductible: {amounts: *deductibles, credit_prior: {when: {referral: referred}}}",
    ).replace('med_type: "21"}', 'med_type: "21", asks: [referred_from]}')
    proposed = propose_pack(actor=cast.supervisor, area=county, source=text)
    return adopt_pack(actor=cast.approver, pack=proposed, approval="府发〔2026〕1号")


def onward(stay_before: Settlement, first: int, last: int) -> object:
    return stay(
        date(2026, 3, first),
        date(2026, 3, last),
        referral="referred",
        referred_from=stay_before.visit_id,
    )


def test_one_deductible_is_credited_once(
    counter: Enter, paper: Enter, cast: SimpleNamespace, wang: Person
) -> None:
    """Withdrawn and entered again, the first stay is credited to whoever comes from it now, and
    to the earlier one no longer."""
    first = counter(wang, line("X01", "100", "10"), visit=FIRST)
    assert first.deductible_amount == Decimal("200.00")
    second = paper(wang, "6000.00", visit=onward(first, 5, 9))
    assert second.deductible_amount == Decimal("800.00")
    withdraw(actor=cast.hospital_clerk, settlement=first, reason="金额录错")
    anew = Settlement.objects.get(recomputed_from__settlement=second)
    assert anew.deductible_amount == Decimal("1000.00")
    assert anew.fund_amount < second.fund_amount
    counters = {one["key"]: one for one in Dependent.objects.get().counters}
    assert counters["prior_deductible"]["title"] == "转出住院已付起付线"
    assert (counters["prior_deductible"]["old"], counters["prior_deductible"]["new"]) == (20_000, 0)
    again = counter(wang, line("X01", "100", "10"), visit=FIRST)
    third = paper(
        wang, "6000.00", visit=onward(again, 10, 12), invoices=[invoice("NO2", "6000.00")]
    )
    assert third.deductible_amount == Decimal("800.00")
    standing = Settlement.objects.effective().filter(visit__person=wang)
    assert sum(one.deductible_amount for one in standing) == Decimal("2000.00")
