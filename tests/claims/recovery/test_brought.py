"""What was brought goes back to the layers that had it, in however many parts it goes."""

from hypothesis import given, settings
from hypothesis import strategies as st

from claims.recovery.brought import taken_last
from claims.shares import Share, Shares, as_fen, plus, total

Fen = st.integers(1, 40)
LAYERS = ("base", "serious", "aid")


def shares(*fen: int) -> Shares:
    books = ("resident", "resident", "assistance")
    return {
        layer: Share(book, "inpatient", part)
        for layer, book, part in zip(LAYERS, books, fen, strict=False)
    }


def test_a_third_part_takes_what_the_first_two_left() -> None:
    """0.02 of the pool and 0.01 of the serious-illness layer, given back fen by fen. Of 0.01 the
    pool bears two thirds, so it is the pool's; of the next the two have 0.01 each, and the first
    comes first. The last is the serious-illness layer's."""
    came = [shares(2, 1)]
    assert as_fen(taken_last(came, [1])[0]) == {"base": 1}
    assert as_fen(taken_last(came, [1, 1])[0]) == {"base": 1}
    assert as_fen(taken_last(came, [1, 1, 1])[0]) == {"serious": 1}


def test_the_receipt_that_came_last_goes_first() -> None:
    """Of 5.00 and before it 3.00: 4.00 go, then 2.50 take 1.00 of the later and 1.50 of the
    earlier."""
    came = [shares(500), shares(0, 300)]
    first, second = taken_last(came, [400]), taken_last(came, [400, 250])
    assert [total(one) for one in first] == [400, 0]
    assert [total(one) for one in second] == [100, 150]


@settings(max_examples=60)
@given(
    st.lists(st.tuples(Fen, Fen, Fen), min_size=1, max_size=3),
    st.lists(Fen, min_size=1, max_size=4),
)
def test_in_parts_each_layer_gets_what_it_brought(
    brought: list[tuple[int, int, int]], amounts: list[int]
) -> None:
    came = [shares(*fen) for fen in brought]
    left = sum(map(total, came))
    amounts = [*amounts, left]  # the last one takes the rest
    gone: list[Shares] = [{} for _ in came]
    for at in range(len(amounts)):
        amounts[at] = min(amounts[at], left)
        left -= amounts[at]
        taken = taken_last(came, amounts[: at + 1])
        assert sum(map(total, taken)) == amounts[at]
        gone = [plus(one, more) for one, more in zip(gone, taken, strict=True)]
        for one, whole in zip(gone, came, strict=True):
            assert all(0 <= share.fen <= whole[layer].fen for layer, share in one.items())
    assert [as_fen(one) for one in gone] == [as_fen(one) for one in came]
