"""The measures as the tables of their document: each number under whom it is for, with article."""

import pytest

from policies.loader import load_pack
from policies.matrices import Matrix, matrices_of
from tests.conftest import PACKS

LEVELS = ("乡镇(社区)卫生院", "中心卫生院", "县级医院", "市级医院", "省级医院")


@pytest.fixture(scope="module")
def parts() -> dict[str, dict[str, Matrix]]:
    terms = load_pack(PACKS / "dazu.yaml")
    return {part: {each.title: each for each in tables} for part, tables in matrices_of(terms)}


def rows(matrix: Matrix) -> list[tuple[str, str, list[str], str]]:
    return [
        (line.rule, line.whom, [cell.text for cell in line.cells], line.articles)
        for line in matrix.lines
    ]


def test_the_second_tiers_stays_by_level_and_age(parts):
    table = parts["待遇"]["二档住院"]
    assert table.columns == LEVELS
    article = "第二十三条(二)2"
    assert rows(table) == [
        ("起付线", "", ["30 元", "100 元", "200 元", "1,000 元", "1,000 元"], article),
        ("报销比例", "未成年人", ["75%", "70%", "55%", "40%", "40%"], article),
        ("报销比例", "成年人", ["70%", "65%", "50%", "35%", "35%"], article),
        ("连续参保", "", ["从参保第 3 年起每 2 年加 1%，最多 5%"], "第二十三条(二)4"),
        ("年累计报销限额", "未成年人", ["72,000 元"], article),
        ("年累计报销限额", "成年人", ["60,000 元"], article),
        ("年内可付天数", "精神病", ["90 天"], "第二十三条(四)2"),
    ]


def test_what_holds_for_all_levels_stands_in_the_middle_of_them(parts):
    """At the right edge it would read as the last level's alone."""
    lines = parts["待遇"]["二档住院"].lines
    assert [cell.place for cell in lines[0].cells] == ["num"] * 5
    assert [(cell.place, cell.wide) for cell in lines[-1].cells] == [("text-center", 5)]


def test_what_is_paid_in_by_tier_and_who_adds_what(parts):
    standards = parts["筹资"]["筹资标准（每人每年）"]
    assert standards.columns == ("一档", "二档")
    assert rows(standards)[0] == ("筹资标准", "", ["100 元", "200 元"], "第十三条")
    assert standards.lines[1].is_mixed  # the grants of the two tiers stand on two articles
    subsidies = parts["筹资"]["补助（每人每年）"]
    assert subsidies.columns == ("补助", "抵个人缴费", "中央财政", "市财政", "县财政")
    assert ("普补", "", ["80 元", "80 元", "40 元", "30 元", "10 元"], "第十四条(一)") in rows(
        subsidies
    )


def test_statuses_stand_in_the_order_that_counts():
    terms = load_pack(PACKS / "resident-2025.yaml")
    layers = dict(matrices_of(terms))["各层保障"]
    aid = next(each for each in layers if each.title == "医疗救助")
    ratios = [line[1:3] for line in rows(aid) if line[0] == "报销比例"]
    assert ratios[:2] == [
        ("特困人员、孤儿", ["100%"]),
        ("低保对象、返贫监测对象", ["70%"]),
    ]
    assert ratios[2][1] == ["60%"]


@pytest.mark.parametrize("path", sorted(PACKS.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_pack_can_be_shown_and_every_number_has_its_article(path):
    terms = load_pack(path)
    for _, tables in matrices_of(terms):
        for table in tables:
            assert table.lines, table.title
            for line in table.lines:
                assert sum(cell.wide for cell in line.cells) == len(table.columns)
                assert all(cell.article for cell in line.cells if cell.text != "—")
