"""What a claim's layer gave at the counter and what is applied for share one cap."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest

from accounts.errors import Refusal
from accounts.models import Division
from claims.assistance.models import AidApplication
from claims.assistance.services import publish_aid
from claims.models import Settlement
from enrollment.models import Person
from policies.models import Pack
from policies.services import adopt_pack, propose_pack
from reports.whatif.run import simulate
from tests.at_once import at_once
from tests.claims.assistance.conftest import PUBLIC, lists
from tests.claims.conftest import line, stay
from tests.conftest import PACKS

DAZU = (PACKS / "dazu.yaml").read_text(encoding="utf-8")
LAYER = """
layers:
  - code: assistance
    name: 医疗救助
    book: assistance
    fund_pay_type: "610100"
    article: 第二十四条
    when: {care: inpatient, status: [wubao, dibao]}
    base: in_scope_rest
    ratio: 70%
    caps:
      - {code: year, name: 救助年限额, counter: aid_paid, limits: 3000}

wallets:"""
COUNTER = "counters:\n  aid_paid: {title: 医疗救助年支付, owner: person}\n"
SHARED = "      counter: aid_paid\n      rates:\n"


def one_stop() -> str:
    """The Dazu measures with assistance as a layer of claims, under a cap of 3000 for both."""
    text = DAZU.replace("\nwallets:", LAYER).replace("counters:\n", COUNTER)
    text = text.replace("      rates:\n", SHARED, 2)  # 住院救助 and 门诊救助
    text = text.replace("cap: 30000", "cap: 3000").replace("cap: 5000", "cap: 3000")
    assert text.count("aid_paid") == 4
    return text


@pytest.fixture
def pack(cast: SimpleNamespace, county: Division) -> Pack:
    proposed = propose_pack(actor=cast.supervisor, area=county, source=one_stop())
    return adopt_pack(actor=cast.approver, pack=proposed, approval="府发〔2026〕1号")


SECOND = stay(date(2026, 3, 11), date(2026, 3, 15))
THIRD = stay(date(2026, 3, 17), date(2026, 3, 19))


def given(claim: Settlement) -> Decimal:
    return sum((one.amount for one in claim.funds.filter(layer="assistance")), Decimal(0))


@pytest.mark.django_db
def test_counter_and_application_share_the_cap(
    cast: SimpleNamespace, wang: Person, stay_of: Callable[..., Settlement],
    apply: Callable[..., AidApplication], county: Division,
) -> None:  # fmt: skip
    """Listed from 10 March. First stay: 2600 borne, no aid. Second: (1000 − 200) × 50% = 400, of
    the 600 left the layer pays 420 in the same settlement. Applied for: the 2600 only, 1820. Of
    the cap 3000 are left 760, which is all that the layer gives of the third stay."""
    first = stay_of(wang)
    lists(wang, first=date(2026, 3, 10))
    second = stay_of(wang, "1000.00", visit=SECOND)
    assert (given(first), given(second)) == (Decimal(0), Decimal("420.00"))
    row = apply(wang)
    assert (row.own_amount, row.amount) == (Decimal("2600.00"), Decimal("1820.00"))
    assert [one.settlement_id for one in row.claims.all()] == [first.pk]
    publish_aid(actor=cast.reviewer, application=row, on=PUBLIC)
    third = stay_of(wang, "5000.00", visit=THIRD)
    assert given(third) == Decimal("760.00")
    # The what-if settles claims alone: it says what of the cap it leaves out.
    figures = simulate(
        area=county,
        year=2026,
        source=one_stop(),
        name="草稿",
        on=PUBLIC,
        progress=lambda *told: None,
    )
    assert figures["aid"] == {"count": 1, "amount": 182_000}


@pytest.mark.django_db
def test_a_cap_that_was_used_up_meanwhile(
    cast: SimpleNamespace, wang: Person, stay_of: Callable[..., Settlement],
    apply: Callable[..., AidApplication],
) -> None:  # fmt: skip
    """Two stays of 5000 use 3000 of the cap before the publicity: nothing is left."""
    stay_of(wang)
    lists(wang, first=date(2026, 3, 10))
    row = apply(wang)
    assert given(stay_of(wang, visit=SECOND)) == Decimal("1820.00")
    assert given(stay_of(wang, visit=THIRD)) == Decimal("1180.00")
    with pytest.raises(Refusal, match=r"只能给付0\.00元"):
        publish_aid(actor=cast.reviewer, application=row, on=PUBLIC)


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_two_applications_and_a_claim_at_once_never_pass_the_cap(
    cast: SimpleNamespace, wang: Person, counter: Callable[..., Settlement],
    stay_of: Callable[..., Settlement], apply: Callable[..., AidApplication],
) -> None:  # fmt: skip
    """住院 1820 and 门诊 of one person, and a stay whose layer would pay 1820: 3000 in all."""
    stay_of(wang)
    day = date(2026, 3, 9)
    stay_of(wang, "4000.00", visit=stay(day, day, care="special", diseases={"dialysis"}))
    lists(wang, first=date(2026, 3, 10))
    rows = [apply(wang), apply(wang, "outpatient_aid")]
    acts: list[Callable[[], object]] = [
        lambda one=row: publish_aid(actor=cast.reviewer, application=one, on=PUBLIC)  # type: ignore[misc]
        for row in rows
    ]
    acts.append(lambda: counter(wang, line("S03", "1", "5000.00"), visit=SECOND))
    done = at_once(acts)
    assert not [one for one in done if isinstance(one, Exception) and not isinstance(one, Refusal)]
    applied = sum((one.amount for one in AidApplication.objects.standing()), Decimal(0))
    layer = sum((given(one) for one in Settlement.objects.effective()), Decimal(0))
    assert applied + layer == Decimal("3000.00")


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_one_kind_at_two_windows_is_taken_in_once(
    cast: SimpleNamespace, wang: Person, stay_of: Callable[..., Settlement],
    apply: Callable[..., AidApplication],
) -> None:  # fmt: skip
    stay_of(wang)
    lists(wang)
    done = at_once([lambda: apply(wang), lambda: apply(wang)])
    assert sum(isinstance(one, Refusal) for one in done) == 1
    assert AidApplication.objects.count() == 1
