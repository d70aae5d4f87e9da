"""Which lines are which vouchers: even on both sides, and everything once."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from funds.reconciling.pairing import Entry, pair

DAY = date(2025, 10, 9)


def test_of_two_alike_neither_is_taken() -> None:
    """Two lines of 100 near one voucher of 100: a person has to say which."""
    lines = [Entry(1, DAY, -100), Entry(2, DAY, -100)]
    assert pair(lines, [Entry(7, DAY, -100)]) == []
    assert len(pair(lines[:1], [Entry(7, DAY, -100)])) == 1
    assert pair(lines[:1], [Entry(7, date(2025, 10, 13), -100)]) == []


def test_one_line_pays_the_vouchers_of_one_batch() -> None:
    """A batch is a voucher for each township, and one movement at the bank."""
    source = "支付批次 202500001"
    vouchers = [Entry(1, DAY, -60, source), Entry(2, DAY, -40, source)]
    (found,) = pair([Entry(9, date(2025, 10, 30), -100, "S7 代发202500001")], vouchers)
    assert [one.key for one in found.vouchers] == [1, 2]


entries = st.lists(
    st.builds(
        Entry,
        key=st.integers(1, 10**6),
        day=st.dates(date(2025, 10, 1), date(2025, 10, 12)),
        amount=st.sampled_from([-300, -200, -100, 100, 200, 300]),
        words=st.sampled_from(["", "批次 202500001", "批次 202500002", "付款"]),
    ),
    max_size=8,
    unique_by=lambda one: one.key,
)


@given(entries, entries)
def test_pairs_are_even_and_take_everything_once(lines: list[Entry], vouchers: list[Entry]) -> None:
    found = pair(lines, vouchers)
    for side, all_ in (("lines", lines), ("vouchers", vouchers)):
        taken = [one.key for each in found for one in getattr(each, side)]
        assert len(taken) == len(set(taken))
        assert set(taken) <= {one.key for one in all_}
    for each in found:
        assert sum(one.amount for one in each.lines) == sum(one.amount for one in each.vouchers)
        assert each.lines and each.vouchers
