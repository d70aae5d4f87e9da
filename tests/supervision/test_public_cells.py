"""What notices may tell of sums, under attack: by difference of any two nobody is found."""

from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from supervision.public.cells import TOGETHER, Cell, told
from supervision.publishing import MIN_ALIKE, OTHERS, Line, late_lines

A, B, C = "500225101201", "500225101202", "500225102201"
TOWN, COUNTY = "500225101", "500225"


def test_a_small_cell_is_told_with_the_others_of_its_village() -> None:
    """桥亭村: 10 people got 600.00, two of them and one more got relief: 1 + 2 are not three."""
    cells = [Cell(A, "资助参保", 10, 60_000), Cell(A, "医疗救助", 2, 90_000), Cell(A, "x", 1, 1)]
    assert told(cells) == [Cell(A, "资助参保", 10, 60_000)]  # the two may hold the one


def test_what_is_still_small_rises_to_the_township_and_then_to_the_county() -> None:
    cells = [Cell(A, "医疗救助", 2, 500), Cell(B, "医疗救助", 1, 70), Cell(C, "医疗救助", 2, 9)]
    assert told(cells) == [Cell(TOWN, TOGETHER, 3, 570)]
    assert told(cells[1:]) == [Cell(COUNTY, TOGETHER, 3, 79)]
    assert told(cells[1:2]) == []


CELLS = st.lists(
    st.builds(
        Cell,
        st.sampled_from([A, B, C]),
        st.sampled_from(["资助参保", "医疗救助"]),
        st.integers(0, 5),
        st.integers(1, 10**6),
    ),
    max_size=6,
    unique_by=lambda cell: (cell.place, cell.kind),
)


@given(CELLS)
@settings(deadline=None)
def test_no_sum_and_no_difference_of_sums_is_of_one_or_two(cells: list[Cell]) -> None:
    """The attacker has every notice of all three levels: each is a sum of what `told` gives under
    its place. Any two of them differ by nothing, or by somebody else's three at least."""
    parts = told(cells)
    assert all(part.people >= MIN_ALIKE for part in parts)
    places = [A, B, C, TOWN, "500225102", COUNTY]
    known = [{one for one in parts if one.place.startswith(place)} for place in places]
    known += [{one} for one in parts]
    for first, second in combinations(known, 2):
        for rest in (first - second, second - first, first & second):
            assert not rest or sum(one.people for one in rest) >= MIN_ALIKE
    assert sum(part.sum for part in parts) <= sum(cell.sum for cell in cells)


@given(CELLS)
@settings(deadline=None)
def test_a_village_tells_the_same_whoever_asks(cells: list[Cell]) -> None:
    """Read for one place alone or for the county: the cells below the place are the same."""
    for place in (A, TOWN):
        alone = told([one for one in cells if one.place.startswith(place)])
        whole = told(cells)
        assert {one for one in alone if one.place.startswith(place)} == {
            one for one in whole if one.place.startswith(place)
        }


LINES = st.lists(
    st.builds(Line, st.sampled_from(["王某", "李某", OTHERS]), st.integers(1, 4)), max_size=6
)


@given(LINES, LINES)
def test_a_payment_stands_on_one_notice(first: list[Line], late: list[Line]) -> None:
    """Whatever the village's names have become since: both notices together tell each sum once,
    and a sum that was told already is nobody's the second time. So with notices that kept no
    keys."""
    now = [Line(OTHERS if one.name == "李某" else one.name, one.fund) for one in [*first, *late]]
    more = late_lines(now, [(one.fund, 0) for one in first])
    assert sorted(one.fund for one in more) == sorted(one.fund for one in late)
    again = {one.fund for one in first}
    assert all(one.name == OTHERS for one in more if one.fund in again)


@given(LINES, LINES, st.sets(st.integers(1, 6)))
def test_what_came_back_hides_no_late_payment(
    first: list[Line], late: list[Line], back: set[int]
) -> None:
    """Payments 1, 2, … were told; some of them came back; others of whatever sum came late: just
    these are on the second notice, and a third one has nothing left to tell."""
    keyed = [Line(one.name, one.fund, at) for at, one in enumerate([*first, *late], 1)]
    put_up = [(one.fund, one.key) for one in keyed[: len(first)]]
    now = [one for one in keyed if one.key > len(first) or one.key not in back]
    more = late_lines(now, put_up)
    assert {one.key for one in more} == {one.key for one in keyed[len(first) :]}
    assert late_lines(now, [*put_up, *((one.fund, one.key) for one in more)]) == []


def test_a_payment_of_the_sum_of_one_that_came_back_is_told() -> None:
    """2,400.00 were told and came back; another 2,400.00 are paid after that."""
    assert late_lines([Line("王某", 240_000, 2)], [(240_000, 1)]) == [Line(OTHERS, 240_000)]
