"""What a hand types wrong is told word for word: one cause, its place, what to type instead."""

import time

import pytest

from policies.doubts import doubts_of
from policies.loader import PackError, load_pack, load_text
from policies.unreadable import slips_of
from tests.policies.test_pack_checks import SMALL

RATIOS = """\
    ratio:
      - {when: {level: township}, ratio: 60%}
      - {when: {level: county}, ratio: 50%}
"""
WIDE = SMALL.replace("    ratio: 60%\n", RATIOS)


def told(text: str) -> list[str]:
    with pytest.raises(PackError) as caught:
        load_text(text, "办法.yaml")
    return [str(problem) for problem in caught.value.problems]


def line_of(text: str, fragment: str) -> int:
    return next(n for n, line in enumerate(text.splitlines(), 1) if fragment in line)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "    kind: scheme\n",
            "\tkind: scheme\n",
            "文件：不是合格的 YAML：第 1 列用了制表符（Tab）缩进。改法：改成普通空格，一层两格。",
        ),
        (
            "    kind: scheme\n",
            "    kind：scheme\n",
            "文件：不是合格的 YAML：第 9 列键后面用了全角冒号“：”。改法：改成半角冒号加一个空格。",
        ),
        (
            "    kind: scheme\n",
            "    kind:scheme\n",
            "文件：不是合格的 YAML：第 9 列冒号后面少一个空格。改法：在冒号后面加一个空格。",
        ),
        (
            "    kind: scheme\n",
            "\xa0\xa0\xa0\xa0kind: scheme\n",
            "文件：不是合格的 YAML：第 1 列用了不间断空格缩进。改法：改成普通空格，一层两格。",
        ),
        (
            "    kind: scheme\n",
            "\u3000\u3000kind: scheme\n",
            "文件：不是合格的 YAML：第 1 列用了全角空格缩进。改法：改成普通空格，一层两格。",
        ),
        (
            "{when: {level: county}, ratio: 50%}",
            "{when: {level：county}, ratio: 50%}",
            "benefits[1].ratio[2].when[1].level：第 22 列键后面用了全角冒号“：”。"
            "改法：改成半角冒号加一个空格。",
        ),
        (
            "{when: {level: county}, ratio: 50%}",
            "{when: {level: county}, ratio: 50%",
            "文件：不是合格的 YAML：第 9 列花括号没有配对，或两项之间缺逗号。改法：补上 } 或逗号。",
        ),
        (
            "{when: {level: county}, ratio: 50%}",
            "{when: {level: grade4}, ratio: 50%}",
            "benefits[1].ratio[2].when[1].level：医疗机构级别没有“grade4”。"
            "改法：在 vocabulary.level 中声明；可用：township、county。",
        ),
        (
            "{when: {level: county}, ratio: 50%}",
            "{when: {level: conty}, ratio: 50%}",
            "benefits[1].ratio[2].when[1].level：医疗机构级别没有“conty”。"
            "改法：是不是 county？可用：township、county。",
        ),
        (
            "{when: {level: county}, ratio: 50%}",
            "{when: {levle: county}, ratio: 50%}",
            "benefits[1].ratio[2].when[1].levle：不认识的条件“levle”。"
            "改法：是不是 level？可用：care、level、place、referral、tier、residence、sex、"
            "age_group、status、disease、procedure、fact、reason、age、years、claim_free、days、"
            "visit、visit_here、babies、total、in_scope、base。",
        ),
        (
            "level: county}, amount: 200}",
            "level: county}, amount: 1,000}",
            "benefits[1].deductible.amounts[2].000：逗号把数字断开了，“000”成了另一项。"
            "改法：写数字不用千分位逗号，例如 1000。",
        ),
        (
            "level: county}, amount: 200}",
            'level: county}, amount: "1,000"}',
            "benefits[1].deductible.amounts[2].amount：“1,000”带了千分位逗号。改法：写 1000。",
        ),
        (
            "to: 2026-12-31",
            "to: 2026-02-30",
            "valid.to：没有“2026-02-30”这一天。改法：2026 年 2 月有 28 天，核对日期。",
        ),
        (
            "owner: person}\nbill",
            "owner: persn}\nbill",
            "counters.paid.owner：“persn”不是可选的写法。"
            "改法：是不是 person？可用：person、household。",
        ),
        (
            "owner: person}\nbill",
            "owner: person, unti: days}\nbill",
            "counters.paid.unti：不认识的键“unti”。改法：是不是 unit？可用：article、assumption、"
            "by、kind、note、owner、period、title、unit。",
        ),
    ],
)
def test_one_cause_at_its_place(old, new, said):
    assert WIDE.count(old) == 1
    text = WIDE.replace(old, new)
    (found,) = told(text)[:1] if "1,000" in new else told(text)
    assert found.partition("行 ")[2] == said


def test_full_width_figures_are_the_figures_they_look_like():
    text = WIDE.replace("ratio: 50%", "ratio: ５０％").replace(
        "amount: 200", "amount: ２００．５０"
    )
    terms = load_text(text, "办法.yaml")
    scheme = terms.benefit("stay").scheme
    assert scheme is not None and scheme.deductible is not None
    assert [row.value for row in scheme.deductible.amounts.rows] == [10_000, 20_050]


@pytest.mark.parametrize("content", ["", "\n\n", "# 只有说明\n"])
def test_an_empty_file(content):
    assert told(content) == ["办法.yaml 第1行 文件：文件是空的。改法：从文档示例的开头写起。"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_file_in_the_encodings_that_people_save(tmp_path, encoding):
    path = tmp_path / "办法.yaml"
    path.write_bytes(SMALL.encode(encoding))
    assert load_pack(path).title == "试验办法"


PLACES = WIDE.replace("vocabulary:\n", "vocabulary:\n  place: {local: 市内, outside: 市外}\n")


def test_a_row_of_which_an_earlier_one_takes_a_part_is_pointed_out():
    """Township 60 %, outside 40 %: of a township stay outside the first row counts."""
    text = PLACES.replace(
        "      - {when: {level: county}, ratio: 50%}\n",
        "      - {when: {level: county, place: local}, ratio: 50%}\n"
        "      - {when: {place: outside}, ratio: 40%}\n",
    )
    (doubt,) = doubts_of(load_text(text, "办法.yaml"), "办法.yaml")
    assert str(doubt) == (
        f"办法.yaml 第{line_of(text, 'ratio: 40%')}行 benefits[1].ratio：第1行和第3行都符合"
        "“就医类别=住院，医疗机构级别=乡镇卫生院，就医地=市外”，算第1行的 60%，不算第3行的 40%。"
        "改法：本意如此就不用改；否则把应当算数的一行移到前面。"
    )


def test_an_exception_before_its_rule_is_no_doubt():
    text = PLACES.replace(
        RATIOS,
        "    ratio:\n"
        "      - {when: {level: township, place: outside}, ratio: 40%}\n"
        "      - {when: {level: township}, ratio: 60%}\n"
        "      - {ratio: 50%}\n",
    )
    assert doubts_of(load_text(text, "办法.yaml"), "办法.yaml") == []


def test_a_rule_on_visits_says_which_benefit_counts_none():
    text = SMALL.replace("  paid:", "  stays: {title: 次数, owner: person, unit: count}\n  paid:")
    text += "refusals:\n  - {code: no, name: 不付, when: {visit: {from: 4}}, article: 第七条}\n"
    (found,) = told(text)
    assert found.endswith(
        "用了“年内第几次”，却没有计次（待遇“住院”）。改法：在待遇“住院”中写 visits，可用：stays；"
        "只管别的待遇的，在 when 中写明 care。"
    )


def test_a_very_long_line_is_told_at_once() -> None:
    """100 000 opening braces took minutes while slips were looked for in them."""
    started = time.monotonic()
    found = told("{" * 50 + "a" * 100 + "\n" + "b: " + "{" * 100_000 + "\n")
    assert found
    slips = list(slips_of("k：v\n" + "{ " * 100_000 + "\nm：v\nn：v\n", 3))
    assert [slip.line for slip in slips] == [1, 3]
    assert time.monotonic() - started < 5
