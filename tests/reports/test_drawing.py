"""Charts of a report: labels no longer than they help, whatever the size of the county."""

import xml.etree.ElementTree as ET

import pytest

from reports.drawing import drawings

SVG = "{http://www.w3.org/2000/svg}"


def figures(spent: str) -> dict:
    return {
        "flows": [
            {"month": "2026-01", "income": spent, "expenditure": "0.00", "balance": "-1.00"},
            {"month": "2026-02", "income": "0.00", "expenditure": spent, "balance": spent},
        ],
        "townships": [{"name": "龙水镇", "spent": spent}],
        "levels": [
            {"name": "县级医院", "year": {"actual_ratio": 4100, "in_scope_ratio": None}},
            {"name": "中心卫生院", "year": {"actual_ratio": 5555, "in_scope_ratio": 6000}},
        ],
    }


def words(svg: str) -> list[str]:
    return [text.text for text in ET.fromstring(svg).iter(f"{SVG}text")]


@pytest.mark.parametrize(
    ("spent", "label"),
    [
        ("9999.49", "9,999元"),
        ("12345.00", "1.2万"),
        ("120000.00", "12万"),
        ("12345678.00", "1,235万"),
        ("0.00", "0元"),
    ],
)
def test_amounts_are_told_in_yuan_or_ten_thousands(spent, label):
    assert label in words(drawings(figures(spent))["townships"])


def test_ratios_and_gaps():
    told = words(drawings(figures("1.00"))["levels"])
    assert {"41%", "55.6%", "60%"} <= set(told)


def test_months_stand_below_the_columns():
    told = words(drawings(figures("1.00"))["flows"])
    assert {"1月", "2月", "收入", "支出"} <= set(told)


def test_a_county_without_townships_or_claims_has_charts_too():
    empty = figures("0.00") | {"townships": [], "levels": []}
    assert all(svg.startswith("<svg") for svg in drawings(empty).values())
