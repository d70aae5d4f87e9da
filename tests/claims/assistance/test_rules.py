"""What an application comes to, by hand and for any numbers."""

from hypothesis import given
from hypothesis import strategies as st

from claims.assistance.rules import Bill, Standing, compute
from policies.terms import AidKind, AidRate, AidRules, AidWarning

FEN = st.integers(0, 50_000_000)


def rate(floor: int = 0, ratio: int = 7000) -> AidRate:
    return AidRate(statuses=("dibao",), floor=floor, ratio=ratio, article="第二十四条")


def kind(cap: int = 3_000_000, *rates: AidRate) -> AidKind:
    return AidKind(
        code="inpatient_aid",
        name="住院救助",
        base="own_pay",
        care=("inpatient",),
        booked_as="inpatient",
        rates=rates or (rate(),),
        cap=cap,
        counter="",
        article="第二十四条",
    )


def test_seventy_percent_of_what_was_borne():
    """2600.00 × 70% = 1820.00."""
    aid = compute(kind(), rate(), Standing(own=260_000))
    assert aid.fen == 182_000
    assert aid.steps == (
        "政策范围内个人自付2,600.00元",
        "按70%救助（第二十四条），应1,820.00元",
    )


def test_floor_others_and_what_was_given_come_off():
    """40000 − 12000 of another kind − 10000 floor = 18000; 50% = 9000; 4000 were given."""
    so_far = Standing(own=4_000_000, others=1_200_000, granted=400_000, used=400_000)
    aid = compute(kind(10_000_000), rate(1_000_000, 5000), so_far)
    assert aid.fen == 500_000
    assert aid.steps[-1] == "减去本年同类救助已给付4,000.00元，余5,000.00元"


def test_the_cap_leaves_what_is_left_of_it():
    """60000 × 70% = 42000; of 30000 there are 12345.67 left."""
    aid = compute(kind(), rate(), Standing(own=6_000_000, used=1_765_433))
    assert aid.fen == 1_234_567
    assert aid.steps[-1] == "年限额30,000.00元，已用17,654.33元，只能给付12,345.67元"


def test_half_a_fen_goes_to_the_person():
    """0.05 × 70% = 0.035 → 0.04."""
    assert compute(kind(), rate(), Standing(own=5)).fen == 4


@given(own=FEN, floor=FEN, ratio=st.integers(0, 10_000), others=FEN, cap=FEN, used=FEN)
def test_never_more_than_was_borne_nor_than_the_cap(own, floor, ratio, others, cap, used):
    so_far = Standing(own=own, others=others, used=used)
    aid = compute(kind(cap), rate(floor, ratio), so_far)
    assert 0 <= aid.fen <= max(0, cap - used)
    assert aid.fen + min(others, own) <= own


@given(st.lists(FEN, min_size=1, max_size=6), st.integers(0, 10_000), FEN, FEN)
def test_in_parts_or_at_once_it_comes_to_the_same(parts, ratio, floor, cap):
    own = granted = 0
    for part in parts:
        own += part
        so_far = Standing(own=own, granted=granted, used=granted)
        granted += compute(kind(cap), rate(floor, ratio), so_far).fen
    assert granted == compute(kind(cap), rate(floor, ratio), Standing(own=own)).fen


@given(FEN, FEN, FEN, FEN, FEN)
def test_own_pay_is_never_more_than_cash(in_scope, fund, hospital, cash, more):
    bill = Bill(
        in_scope=in_scope, fund=fund, beyond=0, hospital=hospital, borne=0, cash=cash, more=more
    )
    assert 0 <= bill.own <= cash


def test_the_first_rate_that_names_a_status_counts():
    first = AidRate(statuses=("wubao",), floor=0, ratio=9000, article="甲")
    both = kind(1, first, rate())
    assert both.rate_of(["dibao", "wubao"]) == ("wubao", first)
    assert both.rate_of(["student"]) is None


def test_warnings_reach_from_their_figure_on():
    rules = AidRules(
        kinds=(),
        publicity_days=7,
        task_days=15,
        warnings=(
            AidWarning("ordinary", "普通", 600_000),
            AidWarning("large", "大额", 6_000_000),
            AidWarning("serious", "重特大", 10_000_000),
        ),
        article="",
    )
    said = {
        fen: (found.name if (found := rules.warning(fen)) else "")
        for fen in (599_999, 600_000, 5_999_999, 6_000_000, 10_000_000)
    }
    assert list(said.values()) == ["", "普通", "普通", "大额", "重特大"]
