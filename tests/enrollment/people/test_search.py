"""The search at the window finds the right household by any handle, whole names first."""

from itertools import count

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from enrollment.models import Person
from enrollment.people.search import found_households
from tests.enrollment.conftest import member, resident_id, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_october")]


@pytest.fixture
def names(enter):
    """Households of one, by name; numbers of the ids run on."""
    numbers = count()

    def go(*wanted):
        found = {}
        for name in wanted:
            n = next(numbers)
            number = resident_id(f"19{50 + n % 45}0{1 + n // 45}11", 30 + n % 400)
            found[name] = enter([member(0, name, number, "0")], paid=False).pk
        return found

    return go


def found(cast, text, at_most=50):
    people = Person.objects.visible_to(cast.clerk_a)
    return found_households(people, text, at_most)


def test_by_part_of_the_name_from_either_end(names, cast):
    rows = names("王小明", "王晓明", "欧阳建国", "李建国", "王明")
    for text, wanted in (
        ("王", {"王小明", "王晓明", "王明"}),
        ("明", {"王小明", "王晓明", "王明"}),
        ("小明", {"王小明"}),
        ("王小", {"王小明"}),
        ("建国", {"欧阳建国", "李建国"}),
        ("阳建国", {"欧阳建国"}),
        ("欧 阳", {"欧阳建国"}),
        ("龘", set()),
        ("%", set()),
        ("_明", set()),
    ):
        assert set(found(cast, text)) == {rows[name] for name in wanted}, text


def test_by_initials_and_pinyin(names, cast):
    rows = names("王小明", "王晓梅", "吴雪梅", "曾小明")
    for text, wanted in (
        ("wxm", {"王小明", "王晓梅", "吴雪梅"}),
        ("WX", {"王小明", "王晓梅", "吴雪梅"}),
        ("wangxiaom", {"王小明", "王晓梅"}),
        ("zeng", {"曾小明"}),
    ):
        assert set(found(cast, text)) == {rows[name] for name in wanted}, text


def test_whole_names_come_first_when_there_are_too_many(names, cast):
    rows = names("王伟明", "王伟国", "王伟民", "王伟", "王伟强")
    assert found(cast, "王伟", 1) == [rows["王伟"]]
    assert found(cast, "ww", 1) == [rows["王伟"]]
    assert len(found(cast, "王伟", 3)) == 3


def test_by_numbers_each_by_its_own_index(autumn, cast):
    chens = autumn.chens
    for text in (
        resident_id("19780512"),
        resident_id("19780512").replace("5", "５"),
        chens.number,
        f"{chens.number}03",
    ):
        assert found(cast, text) == [chens.pk], text
    assert found(cast, f"{chens.number}09") == []
    assert found(cast, autumn.luos.number) == []  # another township's


def test_the_number_of_statements_does_not_grow(names, cast, as_user):
    clerk = as_user(cast.clerk_a)
    names("王小明", "王小眉")

    def statements(text):
        with CaptureQueriesContext(connection) as asked:
            way = clerk.post("/enrollment/", {"text": text}).url
        with CaptureQueriesContext(connection) as queries:
            assert clerk.get(way).status_code == 200
        return len(asked), len(queries)

    kinds = ("王小", "wxm", "张")
    few = [statements(text) for text in kinds]
    names(*(f"王小{c}" for c in "一丁七万丈三上下不与丑专且世丘丙业丛东丝"))
    assert [statements(text) for text in kinds] == few
    assert max(few) <= (9, 13), few


def test_more_than_fifty_are_cut_and_the_clerk_is_told(names, cast, as_user):
    given = "一丁七万丈三上下不与丑专且世丘丙业丛东丝丞丢两严丧个中丰串临丸丹为主丽举"
    names(*(f"王{one}" for one in given + "乃久么义之乌乍乎乏乐乔乖乘乙九"))
    page = text_of(as_user(cast.clerk_a).post("/enrollment/", {"text": "王"}, follow=True))
    assert "相符的家庭超过 50 户" in page
    assert page.count("待缴费") >= 50
