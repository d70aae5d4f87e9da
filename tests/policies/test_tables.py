"""Tables: rows that select, first match wins; the grid is what the rows say, cell by cell."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.checker import check_table, describe_cell
from policies.problems import Reader
from policies.terms import (
    ALWAYS,
    UNCOVERED,
    Condition,
    GridTooLargeError,
    Row,
    Subject,
    Table,
    build_table,
)
from policies.terms import Test as Demand

WORDS = {
    "level": {"village": "村卫生室", "township": "乡镇卫生院", "county": "县级医院"},
    "tier": {"tier1": "一档", "tier2": "二档"},
    "status": {"wubao": "五保", "dibao": "低保", "student": "学生"},
}


def one_of(dimension: str, *values: str) -> Demand:
    return Demand(dimension, values=frozenset(values))


def when(*tests: Demand) -> Condition:
    return Condition((tests,))


def table(*rows: tuple[Condition, int], domain: Condition = ALWAYS) -> Table:
    numbered = tuple(
        Row(condition, value, f"第{place}条", place)
        for place, (condition, value) in enumerate(rows, start=1)
    )
    return build_table("ratio", "ratio", numbered, WORDS, domain)


def of(level: str = "county", tier: str = "tier1", *statuses: str, **numbers: int) -> Subject:
    return Subject(
        categories={"level": level, "tier": tier},
        flags={"status": frozenset(statuses)},
        numbers=numbers,
    )


def problems(made: Table, *, complete: bool = True) -> list[str]:
    reader = Reader("办法.yaml")
    check_table(reader, made, WORDS, 9, complete=complete)
    return [f"{each.line} {each.wrong}" for each in reader.problems]


def test_the_first_row_that_fits_counts() -> None:
    made = table(
        (when(one_of("level", "county"), one_of("tier", "tier2")), 5_000),
        (when(one_of("level", "county")), 4_000),
        (ALWAYS, 6_000),
    )
    found = [made.find(of("county", "tier2")), made.find(of()), made.find(of("village"))]
    assert [row.value for row in found if row] == [5_000, 4_000, 6_000]
    assert [row.article for row in found if row] == ["第1条", "第2条", "第3条"]
    assert problems(made) == []


def test_codes_that_no_row_tells_apart_are_one_cell() -> None:
    made = table((when(one_of("level", "county")), 1), (ALWAYS, 2))
    (axis,) = made.axes
    assert sorted(map(sorted, axis.groups)) == [["county"], ["township", "village"]]
    assert made.dimensions() == {"level"} and len(made.grid) == 2


def test_a_gap_is_named_in_the_packs_words_with_the_number_of_cases() -> None:
    made = table((when(one_of("level", "county"), one_of("tier", "tier2")), 5_000))
    assert made.find(of("village")) is None
    assert sorted(problems(made)) == [
        "9 没有规定：医疗机构级别=乡镇卫生院/村卫生室，缴费档次=一档（共3种情形）",
        "9 没有规定：医疗机构级别=乡镇卫生院/村卫生室，缴费档次=二档（共3种情形）",
        "9 没有规定：医疗机构级别=县级医院，缴费档次=一档（共3种情形）",
    ]
    assert problems(made, complete=False) == []


def test_a_table_without_rows_leaves_everything_open() -> None:
    assert problems(table()) == ["9 没有规定：任何情形"]


def test_a_row_behind_a_wider_one_is_never_reached() -> None:
    made = table((ALWAYS, 1), (when(one_of("status", "wubao")), 2))
    assert problems(made) == ["2 第2行永远用不到，前面的行或适用范围已经排除了它"]


def test_outside_of_what_the_benefit_is_for_nothing_need_be_said() -> None:
    county = when(one_of("level", "county"))
    made = table((county, 1), domain=county)
    assert problems(made) == []
    assert made.find(of("village")) is None
    assert UNCOVERED not in made.grid


def test_statuses_may_be_borne_together_but_not_none_of_one_alone() -> None:
    """Who is 五保 or 低保 is one of them: a row for nobody's case is not asked for."""
    made = table(
        (when(one_of("status", "wubao")), 1),
        (when(one_of("status", "dibao")), 2),
        (when(one_of("status", "wubao", "dibao")), 3),
        (ALWAYS, 4),
    )
    assert problems(made) == ["3 第3行永远用不到，前面的行或适用范围已经排除了它"]
    both = made.find(of("county", "tier1", "wubao", "dibao"))
    assert both is not None and both.value == 1
    neither = made.find(of("county", "tier1", "student"))
    assert neither is not None and neither.value == 4


def test_numbers_are_cut_where_a_row_cuts_them() -> None:
    made = table(
        (Condition(((Demand("age", low=60),),)), 3),
        (Condition(((Demand("age", low=18, high=59),),)), 2),
    )
    (axis,) = made.axes
    assert axis.breaks == (18, 60)
    assert [axis.describe(place, {}) for place in range(axis.size)] == [
        "小于18",
        "18至59",
        "60及以上",
    ]
    assert problems(made) == ["9 没有规定：年龄=小于18"]
    ages = (17, 18, 59, 60)
    assert [row and row.value for row in (made.find(of(age=age)) for age in ages)] == [
        None,
        2,
        2,
        3,
    ]


def test_unless_takes_out_of_what_when_lets_in() -> None:
    rule = Condition(when=((one_of("level", "county"),),), unless=((one_of("status", "wubao"),),))
    made = table((rule, 1), (ALWAYS, 2))
    assert [made.find(each).value for each in (of(), of("county", "tier1", "wubao"))] == [1, 2]


def sixty(*, also: tuple[Demand, ...] = ()) -> list[tuple[Condition, int]]:
    return [(when(one_of("status", f"s{n}"), *also), n) for n in range(60)]


def test_sixty_statuses_with_a_row_each_are_walked() -> None:
    """2^60 combinations are never spread out, and the first row that fits counts."""
    made = table(*sixty())
    assert problems(made) == [
        f"9 没有规定：{'，'.join(f'人员身份=无s{n}' for n in sorted(range(60), key=str))}"
    ]
    both = made.find(of("county", "tier1", "s59", "s7"))
    assert both is not None and both.value == 7
    assert made.find(of("county", "tier1", "s60")) is None


def test_a_walk_finds_the_row_behind_a_wider_one_and_the_level_without_a_row() -> None:
    county = sixty(also=(one_of("level", "county"),))
    wider = (when(one_of("status", *(f"s{n}" for n in range(60)))), 99)
    made = table(*county, wider, (when(one_of("status", "s3")), 100))
    told = problems(made)
    assert "62 第62行永远用不到，前面的行或适用范围已经排除了它" in told
    assert len(told) == 2  # and nobody of the sixty has no row
    assert told[0].startswith("9 没有规定：")
    inside = Condition(((one_of("status", *(f"s{n}" for n in range(60))),),))
    assert problems(table(*sixty(), domain=inside)) == []


def test_more_combinations_than_can_be_tried_are_refused() -> None:
    """Rows that come back to the same sixteen statuses have to remember all of them."""
    rows = [
        (when(one_of("status", f"s{n}"), one_of(other, f"x{n}")), n)
        for other in ("disease", "procedure")
        for n in range(16)
    ]
    with pytest.raises(GridTooLargeError):
        table(*rows)


def test_a_cell_in_words() -> None:
    made = table((when(one_of("tier", "tier1"), one_of("status", "wubao", "dibao")), 1))
    described = {describe_cell(made, places, WORDS) for _, places in made.cells()}
    assert described == {
        "缴费档次=一档，人员身份=有低保/五保",
        "缴费档次=一档，人员身份=无低保/五保",
        "缴费档次=二档，人员身份=有低保/五保",
        "缴费档次=二档，人员身份=无低保/五保",
    }


LEVELS = st.sets(st.sampled_from(sorted(WORDS["level"])), min_size=1)
STATUSES = st.sets(st.sampled_from(sorted(WORDS["status"])), min_size=1)
TESTS = st.one_of(
    LEVELS.map(lambda codes: Demand("level", values=frozenset(codes))),
    STATUSES.map(lambda codes: Demand("status", values=frozenset(codes))),
    st.tuples(st.integers(0, 9), st.integers(0, 9)).map(
        lambda pair: Demand("years", low=min(pair), high=max(pair))
    ),
    st.integers(0, 9).map(lambda low: Demand("years", low=low)),
)
CLAUSES = st.lists(TESTS, min_size=1, max_size=2, unique_by=lambda test: test.dimension).map(tuple)
CONDITIONS = st.builds(
    Condition,
    when=st.lists(CLAUSES, max_size=2).map(tuple),
    unless=st.lists(CLAUSES, max_size=1).map(tuple),
)
SUBJECTS = st.builds(
    lambda level, statuses, years: of(level, "tier1", *statuses, years=years),
    st.sampled_from(sorted(WORDS["level"])),
    st.sets(st.sampled_from(sorted(WORDS["status"]))),
    st.integers(0, 12),
)


@settings(deadline=None)
@given(st.lists(CONDITIONS, min_size=1, max_size=4), CONDITIONS, SUBJECTS)
def test_the_grid_finds_what_reading_row_by_row_finds(
    conditions: list[Condition], domain: Condition, subject: Subject
) -> None:
    made = table(*((condition, place) for place, condition in enumerate(conditions)), domain=domain)
    found = made.find(subject)
    if not subject.meets(domain):
        assert found is None
        return
    expected = next((row for row in made.rows if subject.meets(row.condition)), None)
    assert found == expected
