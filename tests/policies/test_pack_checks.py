"""A wrong pack is refused with its line, what is wrong and the remedy, in Chinese."""

from pathlib import Path

import pytest

from policies.checker import check_overlaps
from policies.loader import PackError, load_pack, load_text

PACKS = Path(__file__).resolve().parents[2] / "policies" / "packs"

SMALL = """\
format: 2
area: {code: "410000", name: 试验县}
title: 试验办法
version: 1
source: 自拟
valid: {from: 2026-01-01, to: 2026-12-31}
year: {starts: "01-01", article: 第一条}
cover: {article: 第二条}
vocabulary:
  care:
    inpatient: {name: 住院, bed: yes, counts_as_stay: yes, booked_as: inpatient, med_type: "21"}
  level: {township: 乡镇卫生院, county: 县级医院}
  status: {wubao: 五保}
counters:
  paid: {title: 年支付, owner: person}
bill:
  article: 第三条
  classes:
    - {code: in_scope, name: 目录内, kind: covered, first_self_pay: 0%}
benefits:
  - code: stay
    name: 住院
    article: 第四条
    when: {care: inpatient}
    kind: scheme
    deductible:
      amounts:
        - {when: {level: township}, amount: 100}
        - {when: {level: county}, amount: 200}
    ratio: 60%
    caps: [{code: annual, name: 年限额, counter: paid, limits: 50000}]
otherwise: {name: 没有规定, article: 第五条}
base_layer: {code: basic, name: 基本医疗统筹, book: resident, fund_pay_type: "390100"}
"""


def problems_of(text):
    with pytest.raises(PackError) as caught:
        load_text(text, "试验.yaml")
    return [str(problem) for problem in caught.value.problems]


def wrong(old, new):
    assert SMALL.count(old) == 1
    return problems_of(SMALL.replace(old, new))


def line_of(fragment):
    return next(n for n, line in enumerate(SMALL.splitlines(), 1) if fragment in line)


def test_the_small_pack_is_right():
    assert load_text(SMALL, "试验.yaml").benefit("stay").name == "住院"


def test_uncovered_case_is_named():
    (found,) = wrong("        - {when: {level: county}, amount: 200}\n", "")
    assert found == (
        f"试验.yaml 第{line_of('amounts:')}行 benefits[1].deductible.amounts："
        "没有规定：就医类别=住院，医疗机构级别=县级医院。改法：补一行，或放宽已有的行。"
    )


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("[{when: {age: {from: 18, to: 59}}, ratio: 60%}]", "年龄=小于18（共2种情形）"),
        ("[{when: {age: {to: 59}}, ratio: 60%}]", "年龄=60及以上"),
        ("[{when: [{age: {to: 17}}, {age: {from: 60}}], ratio: 60%}]", "年龄=18至59"),
        ("[{when: {status: wubao}, ratio: 60%}]", "人员身份=无五保"),
        ("[{unless: {status: wubao}, ratio: 60%}]", "人员身份=有五保"),
    ],
)
def test_gap_is_described_in_the_packs_words(rows, said):
    found = wrong("ratio: 60%", f"ratio: {rows}")[0]
    assert f"没有规定：就医类别=住院，{said}" in found


def test_gap_without_any_condition():
    (found,) = problems_of(
        SMALL + "premium: {article: 一, standards: [], window: {opens: '10-01', closes: '11-30'}}"
    )
    assert "没有规定：任何情形" in found


def test_unreachable_row_is_named():
    (found,) = wrong(
        "        - {when: {level: county}, amount: 200}",
        "        - {when: {level: [county, township]}, amount: 200}\n"
        "        - {when: {level: county}, amount: 300}",
    )
    assert f"第{line_of('level: county}') + 1}行" in found
    assert "第3行永远用不到" in found


def test_row_outside_the_benefit_is_unreachable():
    found = wrong(
        "    ratio: 60%", "    ratio: [{when: {care: outpatient}, ratio: 50%}, {ratio: 60%}]"
    )
    assert any("就医类别没有“outpatient”" in each for each in found)


def test_missing_article():
    (found,) = wrong("    article: 第四条\n", "")[:1]
    assert "缺少条文依据" in found
    assert "第21行" in found


@pytest.mark.parametrize(
    ("ratio", "said"),
    [
        ("160%", "比例“160%”不可能"),
        ("0.6", "“0.6”不是比例"),
        ("60.005%", "“60.005%”不是比例"),
        ("-5%", "“-5%”不是比例"),
        ("六成", "“六成”不是比例"),
    ],
)
def test_impossible_ratio(ratio, said):
    (found,) = wrong("ratio: 60%", f"ratio: {ratio}")
    assert said in found
    assert "第30行" in found


@pytest.mark.parametrize("amount", ["100.005", "-100", "一百", "1e3", "99999999"])
def test_impossible_amount(amount):
    (found,) = wrong(
        "{when: {level: township}, amount: 100}", f"{{when: {{level: township}}, amount: {amount}}}"
    )
    assert "金额" in found


def test_misspelt_key_is_not_lost():
    (found,) = wrong("    ratio: 60%", "    ratio: 60%\n    bonus: 5%")
    assert "不认识的键“bonus”" in found


def test_key_written_twice():
    (found,) = wrong("    ratio: 60%", "    ratio: 60%\n    ratio: 70%")
    assert "同一个键写了两次" in found


def test_undeclared_counter():
    (found,) = wrong("counter: paid", "counter: payed")
    assert "没有声明过计数“payed”" in found
    assert "可用：paid" in found


def test_balance_is_no_cap_counter():
    (found,) = wrong("owner: person}", "owner: person, kind: balance}")
    assert "计数“paid”不是累计(used)类" in found


def test_segments_must_rise_and_end_open():
    found = wrong(
        "    ratio: 60%",
        "    band: marginal\n    thresholds: net\n    segments:\n"
        "      - {up_to: 2000, ratio: 50%}\n      - {up_to: 1000, ratio: 60%}",
    )
    assert any("最后一段有上限" in each for each in found)
    assert any("没有从小到大" in each for each in found)


def test_segments_must_say_how_they_count():
    found = wrong("    ratio: 60%", "    segments: [{up_to: 2000, ratio: 50%}, {ratio: 60%}]")
    assert [each.split("：")[1] for each in found] == ["缺少“band”。改法", "缺少“thresholds”。改法"]


def test_range_turned_round():
    found = wrong("    when: {care: inpatient}", "    when: {age: {from: 60, to: 18}}")
    assert any("from 60 大于 to 18" in each for each in found)


def test_not_yaml_at_all():
    (found,) = problems_of("format: [1\nx: {")
    assert "不是合格的 YAML" in found


def test_not_a_mapping():
    assert "最外层不是" in problems_of("- 1\n- 2\n")[0]


def test_empty_file():
    assert problems_of("")


def test_dates_turned_round():
    (found,) = wrong("to: 2026-12-31", "to: 2025-12-31")
    assert "有效期的开始晚于结束" in found


@pytest.mark.parametrize("day", ["20260101", "2026-W01-1", "2026-1-1"])
def test_only_one_way_to_write_a_date(day):
    assert any(f"“{day}”不是日期" in each for each in wrong("to: 2026-12-31", f"to: {day}"))


def test_every_mistake_is_told_at_once():
    text = SMALL.replace("ratio: 60%", "ratio: 600%").replace("to: 2026-12-31", "to: 今年")
    assert len(problems_of(text)) == 2


def test_overlapping_packs_of_one_area():
    first = load_text(SMALL, "甲.yaml")
    second = load_text(SMALL.replace("from: 2026-01-01", "from: 2026-07-01"), "乙.yaml")
    elsewhere = load_text(SMALL.replace("410000", "420000"), "丙.yaml")
    (found,) = check_overlaps([("甲.yaml", first), ("乙.yaml", second), ("丙.yaml", elsewhere)])
    assert str(found) == (
        "乙.yaml 第1行 valid：与 甲.yaml 的有效期重叠：2026-07-01 至 2026-12-31。"
        "改法：改其中一个的 valid.from 或 valid.to，使两段日期相接而不相交。"
    )


PREMIUM = """\
premium:
  article: 第六条
  standards: 100
  window: {opens: "10-01", closes: "11-30"}
  subsidies:
    - code: general
      name: 普补
      rows: [{amount: 80, shares: {central: 50, county: 30}}]
"""


def premium_problems(old, new):
    assert PREMIUM.count(old) == 1
    text = SMALL.replace("  status:", "  payer: {central: 中央, county: 县}\n  status:")
    return problems_of(text + PREMIUM.replace(old, new))


def test_shares_must_make_the_subsidy():
    (found,) = premium_problems("county: 30", "county: 20")
    assert "各方相加 70.00 元，不等于补助额" in found


def test_percent_shares_must_make_a_whole():
    (found,) = premium_problems("{central: 50, county: 30}", "{central: 50%, county: 30%}")
    assert "各方比例相加不是 100%" in found


def test_unknown_payer():
    (found,) = premium_problems("central: 50", "province: 50")
    assert "没有出资方“province”" in found


def test_credit_needs_a_balance():
    (found,) = premium_problems("{amount: 80,", "{amount: 80, toward_premium: 60,")
    assert "没有写记入哪个余额" in found


def test_window_turned_round():
    (found,) = premium_problems('opens: "10-01"', 'opens: "12-01"')
    assert "缴费期截止早于开始" in found


@pytest.mark.parametrize("path", sorted(PACKS.glob("*.yaml")), ids=lambda path: path.stem)
def test_shipped_pack_loads_and_says_its_assumptions(path):
    terms = load_pack(path)
    assert terms.benefits or terms.premium
    assert all(assumption.article for assumption in terms.assumptions)


def test_shipped_packs_do_not_overlap():
    packs = [(path.name, load_pack(path)) for path in sorted(PACKS.glob("*.yaml"))]
    assert check_overlaps(packs) == []
