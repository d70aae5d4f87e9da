"""第二十六条(三)(四) by hand and for any figures (fen)."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from claims.quotas.sharing import Standing, Use, borne_by, standings
from policies.fund_rules import quota_split, share_overspend
from policies.loader import load_pack

DAZU = load_pack(Path(__file__).resolve().parents[3] / "policies" / "packs" / "dazu.yaml")
TOWNS = ("龙水", "万古", "邮亭")
USES = st.lists(
    st.tuples(
        st.sampled_from(TOWNS),
        st.sampled_from((*TOWNS, "")),
        st.sampled_from(("", "院", "室")),
        st.integers(0, 10**6),
    ),
    max_size=6,
)
GIVEN = st.tuples(*(st.integers(0, 10**7) for _ in TOWNS))


def test_by_hand() -> None:
    """1,000,000.00 over 30,000 and 20,000 insured; 龙水's people use 12,000.00 in 万古, 万古's
    410,000.00 at home and in the county's hospitals."""
    quotas = quota_split(total=100_000_000, members={"龙水": 30_000, "万古": 20_000})
    assert quotas == {"龙水": 60_000_000, "万古": 40_000_000}
    found = standings(
        quotas,
        [
            Use("龙水", "万古", "万古院", 1_200_000),
            Use("万古", "万古", "万古院", 30_000_000),
            Use("万古", "", "县院", 11_000_000),
        ],
    )
    assert (found["龙水"].quota, found["万古"].quota) == (58_800_000, 41_200_000)
    assert (found["龙水"].used, found["龙水"].overspend) == (0, 0)
    # 万古 used 422,000.00 of 412,000.00: 10,000.00 beyond, 4,000.00 and 6,000.00 (V12).
    assert (found["万古"].used, found["万古"].overspend) == (42_200_000, 1_000_000)
    parts = share_overspend(DAZU, pool="township", overspend=1_000_000)
    assert parts == {"township": 400_000, "institutions": 600_000}
    assert borne_by(600_000, found["万古"].by_institution) == {"万古院": 439_024, "县院": 160_976}


def test_nobody_bears_where_nobody_drew() -> None:
    assert borne_by(600, {}) == {}
    assert borne_by(600, {"院": 0, "室": -5}) == {}
    assert borne_by(0, {"院": 30}) == {}


@given(GIVEN, USES)
def test_nothing_is_made_or_lost_between_townships(
    fen: tuple[int, ...], cases: list[tuple[str, str, str, int]]
) -> None:
    given, uses = dict(zip(TOWNS, fen, strict=True)), [Use(*case) for case in cases]
    found = standings(given, uses)
    assert sum(one.quota for one in found.values()) == sum(given.values())
    assert sum(one.used for one in found.values()) == sum(use.fen for use in uses)
    for town, one in found.items():
        of_people = sum(use.fen for use in uses if use.home == town)
        assert one.overspend == max(0, of_people - given[town])


@given(
    st.integers(0, 10**9), st.dictionaries(st.sampled_from(("院", "室", "")), st.integers(1, 10**8))
)
def test_the_institutions_part_is_borne_to_the_fen(amount: int, spent: dict[str, int]) -> None:
    shares = borne_by(amount, spent)
    assert sum(shares.values()) == (amount if spent else 0)
    assert all(shares.values()) and Standing(0).overspend == 0
