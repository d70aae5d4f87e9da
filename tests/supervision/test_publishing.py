"""A village's notice under attack: the register in hand, who was paid what is not to be found."""

from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.templatetags.hezuo import mask_name
from supervision.publishing import MIN_ALIKE, OTHERS, Line, Payment, names_of, public_lines

WANG = ["王建国", "王爱国", "王卫国", "王小梅", "王大山", "王秀兰"]
VILLAGE = [*WANG, "李二", "赵四", "孙行者", "钱塘"]


def paid(*rows: tuple[str, int]) -> list[Payment]:
    return [Payment(name, fund) for name, fund in rows]


def test_as_fine_as_three_alike_allow() -> None:
    """王*国 are three, so one of them may stand so; of 王*梅 there is one, of the other 王 three;
    赵 and 孙 are one each and stand with all others."""
    rows = paid(("王小梅", 5_000), ("王建国", 240_000), ("赵四", 1_234), ("孙行者", 66))
    assert public_lines(rows, VILLAGE, mask_name) == [
        Line(OTHERS, 66),
        Line(OTHERS, 1_234),
        Line("王*国", 240_000),
        Line("王某", 5_000),
    ]


def test_who_alone_is_left_over_is_not_known_by_that() -> None:
    """Six 王 and one 赵: the rarest name of the 王 goes with him, whoever was paid."""
    names = names_of([*WANG, "赵四"], mask_name)
    assert [names[name] for name in ("赵四", "王小梅", "王建国")] == [OTHERS, "王某", OTHERS]


def test_of_two_people_nothing_is_told_but_that_they_are_of_the_village() -> None:
    assert set(names_of(["王建国", "赵四"], mask_name).values()) == {OTHERS}


NAMES = st.builds(
    lambda first, middle, last: first + middle + last,
    st.sampled_from("王王王李赵"),
    st.sampled_from(["", "大", "小"]),
    st.sampled_from("国明"),
)


@given(st.lists(NAMES, min_size=3, max_size=7), st.data())
@settings(deadline=None)
def test_with_the_register_in_hand_nobody_is_found(
    register: list[str], data: st.DataObject
) -> None:
    """The attacker knows the village and how notices are made, and goes through every way in which
    the sums can have been paid: for each sum at least three remain who may have got it, and nobody
    has got something in all of them."""
    who = data.draw(st.lists(st.integers(0, len(register) - 1), min_size=1, max_size=3))
    sums = [100 * (at + 1) + 7 for at in range(len(who))]
    put_up = told(register, who, sums)
    assert sum(line.fund for line in put_up) == sum(sums)
    worlds = [
        world
        for world in product(range(len(register)), repeat=len(who))
        if told(register, list(world), sums) == put_up
    ]
    for at in range(len(who)):
        assert len({world[at] for world in worlds}) >= MIN_ALIKE
    assert not set.intersection(*({*world} for world in worlds))


def told(register: list[str], who: list[int], sums: list[int]) -> list[Line]:
    rows = [Payment(register[at], fund) for at, fund in zip(who, sums, strict=True)]
    return public_lines(rows, register, mask_name)
