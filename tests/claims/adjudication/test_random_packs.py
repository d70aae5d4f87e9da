"""What must hold whatever a county writes: random measures, random claims, random order."""

from typing import get_args

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from claims.adjudication import adjudicate
from policies.loader import load_text
from policies.terms.schemes import FloorBase, LayerBase
from tests.claims.adjudication.at_random import OneByOne, random_cases

YUAN = st.integers(0, 30_000).map(lambda value: f"{value / 10:.2f}")
FACTOR = st.integers(0, 300).map("{}%".format)
PERCENT = st.integers(0, 10_000).map(lambda value: f"{value / 100:.2f}%")
FLOORS = get_args(FloorBase)
HEAD = """\
format: 2
area: {code: "1", name: 随机县}
title: 随机办法
version: 1
source: 自拟
valid: {from: 2026-01-01, to: 2027-12-31}
year: {starts: "04-01", article: 一}
cover: {article: 一}
vocabulary:
  care:
    a:
      name: 甲
      bed: yes
      counts_as_stay: yes
      booked_as: inpatient
      med_type: "21"
      asks: [babies, referred_from]
    b: {name: 乙, bed: no, counts_as_stay: no, booked_as: outpatient, med_type: "11"}
  level: {low: 低, high: 高}
  referral: {none: 无, unreferred: 未转诊}
  status: {poor: 困难}
  disease: {x: 病一, y: 病二}
counters:
  deductible_paid: {title: 起付, owner: person}
  paid: {title: 支付, owner: person}
  family_paid: {title: 全家支付, owner: household}
  eligible: {title: 可报, owner: person, period: quarter}
  visits: {title: 次数, owner: person, unit: count, by: level}
  serious_base: {title: 大病累计, owner: person}
  serious_paid: {title: 大病支付, owner: person}
  purse: {title: 账户, owner: household, kind: balance}
bill:
  article: 二
  classes:
    - {code: main, name: 主, kind: covered, first_self_pay: 0%}
    - {code: half, name: 半, kind: covered, first_self_pay: 33.33%}
    - {code: apart, name: 另, kind: covered, first_self_pay: 0%}
    - {code: own, name: 自, kind: self_pay}
    - {code: house, name: 院, kind: institution}
base_layer: {code: basic, name: 基本医疗统筹, book: resident, fund_pay_type: "390100"}
otherwise: {name: 无, article: 九}
wallets: [{code: account, name: 账户, counter: purse, article: 八}]
"""


@st.composite
def segments(draw, indent):
    bounds = sorted(draw(st.sets(st.integers(1, 50_000), min_size=1, max_size=4)))
    lines = [f"{indent}  - {{up_to: {bound}, ratio: {draw(PERCENT)}}}" for bound in bounds]
    lines.append(f"{indent}  - {{ratio: {draw(PERCENT)}}}")
    band, thresholds = (
        draw(st.sampled_from(["marginal", "whole"])),
        draw(st.sampled_from(["net", "gross"])),
    )
    head = f"{indent}band: {band}\n{indent}thresholds: {thresholds}\n{indent}segments:\n"
    return head + "\n".join(lines) + "\n"


@st.composite
def deductibles(draw, indent):
    extras = [
        "",
        ", counter: deductible_paid",
        f", share: {{base: total, ratio: {draw(PERCENT)}}}",
        f", share: {{ratio: {draw(PERCENT)}, least: 10, most: {draw(st.integers(10, 5_000))}}}",
        f", ceiling: {{counter: deductible_paid, limits: {draw(YUAN)}}}",
        f", changes: [{{name: 减, when: {{visit: {{from: 2}}}}, factor: {draw(FACTOR)}}}]",
        f", changes: [{{name: 递减, minus: {draw(YUAN)}, per_visit: yes, least: {draw(YUAN)}}}]",
        ", credit_prior: {when: {level: high}}",
    ]
    return f"{indent}deductible: {{amounts: {draw(YUAN)}{draw(st.sampled_from(extras))}}}\n"


@st.composite
def caps(draw, indent, counter):
    kinds = [
        f"counter: {counter}, limits: {draw(YUAN)}",
        f"counter: family_paid, limits: {draw(YUAN)}",
        f"on: eligible, counter: eligible, limits: {draw(YUAN)}",
        f"per_day: yes, limits: {draw(YUAN)}",
        f"limits: {draw(YUAN)}, growths: [{{start: 2, step: 100, ceiling: 900}}]",
        f"limits: {draw(YUAN)}, further: {{amount: 50, diseases: [x, y]}}",
        f"limits: {draw(YUAN)}, further: {{amount: 50, ceiling: 70, per: day}}",
        f"limits: [{{when: {{total: {{up_to: {draw(YUAN)}}}}}, amount: 9}}, {{amount: 99.99}}]",
        f"when: {{status: poor}}, counter: {counter}, limits: {draw(YUAN)}",
    ]
    chosen = draw(st.lists(st.sampled_from(kinds), max_size=3))
    lines = [f"{indent}  - {{code: c{n}, name: 限, {kind}}}" for n, kind in enumerate(chosen)]
    return f"{indent}caps:\n" + "\n".join(lines) + "\n" if chosen else ""


@st.composite
def packs(draw):
    indent = "    "
    ratio = draw(st.one_of(PERCENT.map(lambda each: f"{indent}ratio: {each}\n"), segments(indent)))
    options = [
        f"{indent}floor: {{base: {draw(st.sampled_from(FLOORS))}, ratio: {draw(PERCENT)}}}\n",
        f"{indent}rounding: {draw(st.sampled_from(['yuan', '{to: jiao, way: up}']))}\n",
        f"{indent}bonuses: [{{code: p, name: 加, when: {{status: poor}}, points: {draw(PERCENT)}}},"
        f" {{code: h, name: 类, points: {draw(PERCENT)}, classes: [half]}}]\n"
        f"{indent}ratio_ceiling: {draw(PERCENT)}\n",
        f"{indent}unreferred: {{form: {draw(st.sampled_from(['points', 'factor', 'self_pay']))}, "
        f"ratio: [{{when: {{referral: unreferred}}, ratio: {draw(PERCENT)}}}]}}\n",
        f"{indent}streams: [{{code: s, name: 另, classes: [apart], ratio: {draw(PERCENT)}, "
        f"after_deductible: {draw(st.sampled_from(['yes', 'no']))}}}]\n",
    ]
    chosen = "".join(each for each in options if draw(st.booleans()))
    first = (
        "benefits:\n  - code: one\n    name: 一\n    article: 三\n    when: {care: a}\n"
        "    kind: scheme\n    visits: visits\n"
    )
    second = (
        "  - code: two\n    name: 二\n    article: 四\n    kind: package\n    visits: visits\n"
        f"    prices: {draw(YUAN)}\n    ratio: {draw(PERCENT)}\n"
    )
    layer = (
        "layers:\n  - code: serious\n    name: 大病\n    article: 五\n"
        '    book: resident\n    fund_pay_type: "390200"\n    booked_as: serious\n'
        f"    base: {draw(st.sampled_from(get_args(LayerBase)))}\n"
        f"    without: {draw(st.sampled_from(['unreferred', '[unreferred, deductible]']))}\n"
        "    accumulates: serious_base\n"
        f"    deductible: {{amounts: {draw(YUAN)}}}\n"
    )
    lift = (
        "  - code: lift\n    name: 兜底\n    article: 六\n    base: personal\n"
        '    book: assistance\n    fund_pay_type: "610100"\n'
        f"    top_up: {{base: total, ratio: {draw(PERCENT)}}}\n"
    )
    return "".join(
        (
            HEAD,
            first,
            draw(deductibles(indent)),
            ratio,
            chosen,
            draw(caps(indent, "paid")),
            second,
            layer,
            draw(segments(indent)),
            draw(caps(indent, "serious_paid")),
            lift if draw(st.booleans()) else "",
        )
    )


@given(packs(), st.integers(0, 1_000))
@settings(max_examples=40, deadline=None)
def test_any_measures_any_claims(text, seed):
    terms = load_text(text, "随机.yaml")
    cases = random_cases(terms, 60, seed=seed, people=12, rare=0.4)
    start = {name: {"purse": 5_000} for name in cases.households}
    out = adjudicate(cases, terms, start, keep_steps=True)
    parts = out.full_self_pay + out.over_limit + out.first_self_pay + out.in_scope
    assert (out.total == parts).all()
    assert (out.fund_pay == sum(out.layers.values())).all()
    assert (out.personal == out.total - out.fund_pay - out.hospital_part).all()
    for amount in (out.cash, out.hospital_part, out.account, *out.layers.values()):
        assert amount.min() >= 0
    assert (out.fund_pay <= out.total - out.hospital_part).all()
    moved = out.usage.values["family_paid"].sum()
    assert moved <= out.fund_pay.sum()
    assert np.all(out.usage.values["purse"] >= 0)
    apart = OneByOne(terms, start)
    for at in range(len(cases)):
        assert apart.settle(cases, at) == out.one(at)


@given(packs(), st.integers(0, 1_000))
@settings(max_examples=25, deadline=None)
def test_counted_payments_never_pass_their_ceiling(text, seed):
    """With one plain yearly cap of 500 yuan nobody is ever paid more in a year."""
    capped = text.split("    caps:")[0].split("  - code: two")[0] + (
        "    caps: [{code: y, name: 限, counter: paid, limits: 500}]\n"
    )
    terms = load_text(capped, "随机.yaml")
    cases = random_cases(terms, 200, seed=seed, people=10, rare=0.3)
    out = adjudicate(cases, terms)
    assert out.usage.values["paid"].max() <= 50_000
    assert out.usage.values["paid"].sum() == out.fund_pay.sum()
