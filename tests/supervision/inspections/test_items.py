"""What a checklist says, and what an answer to it means."""

from datetime import date
from decimal import Decimal

import pytest

from accounts.errors import Refusal
from supervision.inspections.items import Item, library, read

ON = date(2026, 4, 2)
ITEM = Item("drugs", "用药", "一张处方的药品最多几种", "大足办法第三十一条", "按限量开具")


def test_every_item_of_the_library_names_its_source_and_what_to_do() -> None:
    assert set(library()) == {"hospital-2026", "preparation-room-2026", "village-clinic-2026"}
    for item_list, _ in library().values():
        for item in item_list.items:
            assert len(item.source) > 5 and len(item.requires) > 3, item.code


def test_the_limits_of_article_31_are_those_of_the_clinics_list() -> None:
    item_list, _ = library()["village-clinic-2026"]
    found = {one.code: one.at_most for one in item_list.items if one.at_most is not None}
    assert found["prescription-drugs"] == 5 and found["prescription-amount"] == 15
    township = {one.code for one in item_list.of_level("township")}
    assert "prescription-amount" not in township  # 15 yuan are those of 村卫生室 alone


def test_a_drug_that_ends_today_may_still_be_used_and_one_of_yesterday_not() -> None:
    item = Item("until", "用药", "抢救药品有效期至", "卫生室问题与整改", "更换", kind="day")
    assert item.judged("2026-04-02", ON) == "good"
    assert item.judged("2026-04-01", ON) == "bad"
    assert item.judged("none", ON) == "none"


@pytest.mark.parametrize(
    ("value", "verdict"), [("5", "good"), ("5.01", "bad"), ("0", "good"), ("-1", "bad")]
)
def test_a_number_is_in_order_within_its_bounds(value: str, verdict: str) -> None:
    bounded = {"at_least": Decimal(0), "at_most": Decimal(5)}
    item = Item("n", "处方", "几种", "第三十一条", "改", kind="number", **bounded)  # type: ignore[arg-type]
    assert item.judged(value, ON) == verdict


@pytest.mark.parametrize("value", ["", "NaN", "Infinity", "1e99", "很多"])
def test_what_is_no_number_is_refused_in_words(value: str) -> None:
    item = Item("n", "处方", "几种", "第三十一条", "改", kind="number", at_most=Decimal(5))
    with pytest.raises(Refusal, match="应填数字"):
        item.judged(value, ON)


def test_another_word_is_no_answer() -> None:
    with pytest.raises(Refusal, match="符合、不符合或不适用"):
        ITEM.judged("maybe", ON)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[", "读不出来"),
        ("items: []", "first_day"),
        ("first_day: 2026-01-01\nitems: [{code: a}]", "缺少"),
        ("first_day: 2026-01-01\nitems: [{code: a, colour: red}]", "不认识"),
        ("first_day: 2026-01-01\nitems: []", "1 至 80 项"),
    ],
)
def test_a_list_that_says_too_little_is_refused(text: str, said: str) -> None:
    with pytest.raises(Refusal, match=said):
        read(text)
