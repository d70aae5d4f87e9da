"""The measures' own words behind what a step cites."""

from pathlib import Path

import pytest

from policies.loader import load_pack
from policies.problems import PackError
from policies.terms.articles import behind, cited

DAZU_FILE = Path(__file__).resolve().parents[2] / "policies" / "packs" / "dazu.yaml"
DAZU = load_pack(DAZU_FILE)


def test_a_citation_of_two() -> None:
    assert cited("第十四条(三)、(四)2") == ["第十四条(三)", "第十四条(四)2"]
    assert cited("第十八条、第十九条、第二十五条(二)") == ["第十八条", "第十九条", "第二十五条(二)"]
    assert cited("") == []


TEXTS = {
    "第二条": "两",
    "第二条(一)": "甲",
    "第二条(一)1": "子",
    "第三条(一)": "丙",
    "第三条(二)": "丁",
    "第三十条": "三十",
}


@pytest.mark.parametrize(
    ("article", "words"),
    [
        ("第二条(一)1", ["子"]),  # as it is quoted
        ("第二条(一)12", ["甲"]),  # not 1
        ("第二条(二)", ["两"]),  # the nearest that contains it
        ("第三条", ["丙", "丁"]),  # all that it consists of, and not 第三十条
        ("第二条(一)1、第三条(二)", ["子", "丁"]),
        ("第九条", []),
        ("", []),
    ],
)
def test_what_stands_behind_it(article: str, words: list[str]) -> None:
    assert [text for _, text in behind(TEXTS, article)] == words


def test_a_pack_without_texts_tells_none() -> None:
    assert behind({}, "第二条") == []


def test_what_dazu_pays_by_is_quoted() -> None:
    """Each row of a benefit and each refusal leads to the law's own words."""
    told = [each.article for each in DAZU.refusals]
    told += [each.article for each in DAZU.benefits]
    assert [article for article in told if not behind(DAZU.texts, article)] == []
    ((_, words),) = behind(DAZU.texts, "第二十三条(三)")
    assert "先自付50%后，剩余金额作为报销基数" in words


def test_an_article_is_quoted_once(tmp_path: Path) -> None:
    text = DAZU_FILE.read_text(encoding="utf-8")
    path = tmp_path / "twice.yaml"
    path.write_text(text + "  - {article: 第三十条, text: 又一次}\n", encoding="utf-8")
    with pytest.raises(PackError, match="“第三十条”的原文重复"):
        load_pack(path)
