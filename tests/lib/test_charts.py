"""Charts: round scales, honest lengths, Chinese labels, nothing lost for those who cannot see."""

import xml.etree.ElementTree as ET

import pytest

from lib.charts import Curve, Series, axis, bar_chart, column_chart, curve_chart, line_chart

SVG = "{http://www.w3.org/2000/svg}"


def yuan(fen: int) -> str:
    return f"{fen // 100}元"


def parse(svg: str) -> ET.Element:
    return ET.fromstring(svg)


def blocks(svg: str) -> dict[str, tuple[int, int]]:
    """Tooltip → (width, height) of every block that carries a value."""
    return {
        block.findtext(f"{SVG}title"): (int(block.get("width")), int(block.get("height")))
        for block in parse(svg).iter(f"{SVG}rect")
        if "：" in block.findtext(f"{SVG}title", "")
    }


def words(svg: str) -> list[str]:
    return [text.text for text in parse(svg).iter(f"{SVG}text")]


class TestAxis:
    @pytest.mark.parametrize(
        ("values", "ticks"),
        [
            ([0, 93], (0, 20, 40, 60, 80, 100)),
            ([120_000], (0, 50_000, 100_000, 150_000)),
            ([-30, 70], (-50, 0, 50, 100)),
            ([], (0, 1)),
            ([None, 0], (0, 1)),
        ],
    )
    def test_round_ticks_hold_all_values(self, values, ticks):
        assert axis(values).ticks == ticks

    def test_every_value_lies_on_the_axis(self):
        for high in (1, 7, 99, 101, 123_456_789_012):
            scale = axis([high])
            assert 0 < scale.place(high, 1000) <= 1000
            assert len(scale.ticks) <= 6


class TestColumns:
    chart = column_chart(
        "各月收支",
        ["1月", "2月"],
        [Series("收入", [20_000, 0]), Series("支出", [10_000, None])],
        label=yuan,
        height=240,
    )

    def test_heights_are_in_proportion_and_a_gap_draws_nothing(self):
        found = blocks(self.chart)
        assert found["1月 收入：200元"][1] == pytest.approx(2 * found["1月 支出：100元"][1], abs=1)
        assert found["2月 收入：0元"][1] == 0
        assert "2月 支出" not in " ".join(found)

    def test_title_description_and_labels(self):
        root = parse(self.chart)
        assert root.get("role") == "img"
        assert root.findtext(f"{SVG}title") == "各月收支"
        assert root.findtext(f"{SVG}desc") == "收入：1月 200元，2月 0元；支出：1月 100元"
        assert {"1月", "2月", "收入", "支出", "0元"} <= set(words(self.chart))

    def test_a_deficit_hangs_below_zero(self):
        found = parse(
            column_chart(
                "结余", ["1月", "2月"], [Series("结余", [100, -100])], label=str, height=200
            )
        )
        up, down = (b for b in found.iter(f"{SVG}rect") if "：" in b.findtext(f"{SVG}title", ""))
        assert int(up.get("y")) + int(up.get("height")) == int(down.get("y"))


class TestBars:
    def test_lengths_and_values_behind_the_bars(self):
        svg = bar_chart(
            "各乡镇支出", ["龙水镇", "万古镇"], [Series("支出", [30_000, 10_000])], label=yuan
        )
        found = blocks(svg)
        longest, shortest = found["龙水镇 支出：300元"][0], found["万古镇 支出：100元"][0]
        assert longest == pytest.approx(3 * shortest, abs=2)
        assert {"龙水镇", "万古镇", "300元", "100元"} <= set(words(svg))

    def test_no_township_at_all_is_still_a_chart(self):
        svg = bar_chart("各乡镇支出", [], [Series("支出", [])], label=yuan)
        assert parse(svg).findtext(f"{SVG}desc") == "支出：无数据"


class TestLines:
    def test_a_missing_month_interrupts_the_line(self):
        svg = line_chart(
            "累计结余",
            ["1月", "2月", "3月", "4月", "5月"],
            [Series("结余", [1, 2, None, 4, 5])],
            label=str,
            height=200,
        )
        lines = list(parse(svg).iter(f"{SVG}polyline"))
        assert [len(line.get("points").split()) for line in lines] == [2, 2]
        assert len(list(parse(svg).iter(f"{SVG}circle"))) == 4


def test_a_hostile_name_stays_text():
    svg = bar_chart("<b>&", ["<script>"], [Series('"x"', [1])], label=str)
    assert "<script>" not in svg
    assert parse(svg).findtext(f"{SVG}title") == "<b>&"


def test_the_same_data_gives_the_same_text():
    arguments = ("题", ["一"], [Series("甲", [1])])
    assert bar_chart(*arguments, label=str) == bar_chart(*arguments, label=str)


class TestCurves:
    def test_places_are_true_to_both_scales_and_the_mark_stands_at_its_cost(self):
        curve = Curve("基金支付", [(0, 0), (500, 300), (1000, 300)])
        svg = curve_chart("图", [curve], label=yuan, mark=500, height=200)
        root = parse(svg)
        points = root.find(f"{SVG}polyline").get("points").split()
        (left, low), (middle, high), (right, flat) = [
            tuple(map(int, each.split(","))) for each in points
        ]
        assert middle - left == right - middle
        assert high == flat < low
        marks = [line for line in root.iter(f"{SVG}line") if line.get("stroke-dasharray")]
        assert [int(each.get("x1")) for each in marks] == [middle]
        assert "基金支付：0元 时 0元，5元 时 3元，10元 时 3元" in root.findtext(f"{SVG}desc")
