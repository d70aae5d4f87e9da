"""Anomalies planted in copies of shipped packs: each is found, with its smallest example.

The fen are worked out by hand in each case. Rounding alone may put two people apart by a fen for
the bill and one for each layer, so an inversion begins at the first difference above that: above
five fen in 岳阳, which has four layers.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from claims.probing import COARSE, probe
from claims.probing.axes import ages, clauses_in
from policies.loader import load_text

PACKS = Path("policies/packs")


@dataclass(frozen=True)
class Planted:
    """``edits``: (text, text instead).  ``claims``: (cost, fund, personal) of the example."""

    pack: str
    edits: tuple[tuple[str, str], ...]
    kind: str
    told: str
    article: str
    claims: tuple[tuple[int, int, int], ...] = ()
    size: int | None = None


PLANTED = {
    # 10 000.00 × 60% = 6 000.00, a fen more: all of it at 30%, 3 000.003.
    "the whole amount by a lower ratio above a bound": Planted(
        "liuyang",
        (
            (
                "    ratio: 30%",
                "    band: whole\n    thresholds: gross\n"
                "    segments: [{up_to: 10000, ratio: 60%}, {ratio: 30%}]",
            ),
        ),
        "cliff",
        "多花 1 分，基金少付 3,000.00 元",
        "一2",
        ((1000000, 600000, 400000), (1000001, 300000, 700001)),
        3000_00,
    ),
    # 5 000.00 × 30% = 1 500.00; 5 000.01 × 50% = 2 500.005, half up.
    "the whole amount by a higher ratio above a bound": Planted(
        "liuyang",
        (
            (
                "    ratio: 30%",
                "    band: whole\n    thresholds: gross\n"
                "    segments: [{up_to: 5000, ratio: 30%}, {ratio: 50%}]",
            ),
        ),
        "cliff",
        "多花 1 分，个人反而少负担 1,000.00 元",
        "一2",
        ((500000, 150000, 350000), (500001, 250001, 250000)),
        1000_00,
    ),
    # 9 999.99 − 200 = 9 799.99 × 85% = 8 329.9915; (10 000 − 2 000) × 85% = 6 800.
    "a deductible that leaps with the bill": Planted(
        "yueyang",
        (
            (
                "        - {when: {level: township}, amount: 200}",
                "        - {when: {level: township, total: {at_least: 10000}}, amount: 2000}\n"
                "        - {when: {level: township}, amount: 200}",
            ),
        ),
        "cliff",
        "多花 1 分，基金少付 1,529.99 元",
        "岳阳材料 基本医保",
        ((999999, 832999, 167000), (1000000, 680000, 320000)),
    ),
    # A person of 特困, township: 100 000 − 200 = 99 800 × 85% = 84 830; rest 15 170 − 8 000 at 65%
    # is 4 660.50; assistance 90% of 10 509.50 = 9 458.55.  A fen more: no assistance, but 再救助 of
    # 10 509.50 − 5 000 at 70% = 3 856.65.
    "assistance that ends with the bill": Planted(
        "yueyang",
        (
            (
                "monitored, ill_poor]}\n    base: in_scope_rest\n    ratio:",
                "monitored, ill_poor], total: {up_to: 100000}}\n"
                "    base: in_scope_rest\n    ratio:",
            ),
        ),
        "cliff",
        "医疗救助报销比例：多花 1 分，基金少付 5,601.89 元",
        "岳阳材料 住院救助、门诊救助",
        ((10000000, 9894905, 105095), (10000001, 9334716, 665285)),
    ),
    # County (x − 500) × 55%, city (x − 800) × 65%: equal at 2 450.00; 55 fen more give 36 and 30.
    "the county hospital below the city's ratio": Planted(
        "yueyang",
        (("{when: {level: county}, ratio: 75%}", "{when: {level: county}, ratio: 55%}"),),
        "inversion",
        "医疗机构级别“县级医院”比“市级医院”负担重（基本医保住院报销比例）",
        "岳阳材料 基本医保",
        ((245055, 107280, 137775), (245055, 107286, 137769)),
    ),
    # Below the deductible all is left over: 18 fen × 40% = 7.2, × 70% = 12.6.
    "the destitute with less assistance than 低保": Planted(
        "yueyang",
        (("status: destitute}, ratio: 90%}", "status: destitute}, ratio: 40%}"),),
        "inversion",
        "人员身份“特困人员(第一类)”比“低保对象(第二类)”负担重（医疗救助报销比例）",
        "岳阳材料 住院救助、门诊救助",
        ((18, 7, 11), (18, 13, 5)),
    ),
    # Township: 200 the first time, 400 from the second: 7 fen above 200 give 5.95.
    "the second stay with twice the deductible": Planted(
        "yueyang",
        (
            (
                "  further_paid:",
                "  stays: {title: 年内住院次数, owner: person, unit: count}\n  further_paid:",
            ),
            (
                "    when: {care: inpatient}\n    kind: scheme\n    deductible:\n",
                "    when: {care: inpatient}\n    kind: scheme\n    visits: stays\n"
                "    deductible:\n"
                "      changes:\n        - {name: 第二次起加倍, when: {visit: {from: 2}},"
                " factor: 200%, article: 附一}\n",
            ),
        ),
        "inversion",
        "年内第几次“2”比“1”负担重（第二次起加倍）",
        "附一",
        ((20007, 0, 20007), (20007, 6, 20001)),
    ),
    # City: 800, after three years 900: 9 fen above 800 × 65% = 5.85.
    "longer cover with a higher deductible": Planted(
        "yueyang",
        (
            (
                "    when: {care: inpatient}\n    kind: scheme\n    deductible:\n",
                "    when: {care: inpatient}\n    kind: scheme\n    deductible:\n"
                "      changes:\n        - {name: 连续参保, when: {years: {from: 3}, level: city},"
                " amount: 900, article: 附二}\n",
            ),
        ),
        "inversion",
        "连续参保年数“3”比“2”负担重（连续参保）",
        "附二",
        ((80009, 0, 80009), (80009, 6, 80003)),
    ),
    "a cap above another cap": Planted(
        "liuyang",
        (
            (
                "    ratio: 30%",
                "    ratio: 30%\n    caps:\n"
                "      - {code: one, name: 每次限额, limits: 30000, article: 附三}\n"
                "      - {code: two, name: 每次最高, limits: 20000}",
            ),
        ),
        "idle",
        "住院补助 · 封顶“每次限额”，在全部情形中从不起作用",
        "附三",
    ),
    "a layer whose limit is nothing": Planted(
        "yueyang",
        (("counter: further_paid, limits: 100000", "counter: further_paid, limits: 0"),),
        "idle",
        "保障层“再救助”，在全部情形中从不起作用",
        "岳阳材料 再救助",
    ),
    "a row that a refusal has taken away": Planted(
        "resident-2025",
        (
            (
                "refusals:\n",
                "refusals:\n  - {code: far, name: 异地未备案, when: {place: outside,"
                " referral: [unfiled, none]}, article: 附四}\n",
            ),
        ),
        "idle",
        "住院 · 未转诊 · 未转诊第 2 行（异地，本地就医或未填备案/未备案）",
        "医保发〔2022〕22号、南昌异地就医",
    ),
    # 75% → 100% closes the burden, a limit of 50 000 opens it again at 50 000.00.
    "a limit on what was paid in full": Planted(
        "nanjing-2012",
        (
            (
                "    ratio: 75%\n    assumption: 重大疾病",
                "    ratio: 100%\n    caps: [{code: one, name: 每次限额, limits: 50000}]\n"
                "    assumption: 重大疾病",
            ),
        ),
        "open_ended",
        "农村重大疾病：费用超过 50,000.00 元以后，每多花 100 元个人负担 100.00 元",
        "二(一)9",
        ((5000000, 5000000, 0), (300000000, 5000000, 295000000)),
        10000,
    ),
}


def copy_of(planted: Planted) -> str:
    text = (PACKS / f"{planted.pack}.yaml").read_text()
    for old, new in planted.edits:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


@cache
def titles_as_shipped(pack: str) -> tuple[str, ...]:
    terms = load_text((PACKS / f"{pack}.yaml").read_text(), pack)
    return tuple(each.title for each in probe(terms, COARSE).findings)


@pytest.mark.parametrize("name", PLANTED)
def test_found_with_its_smallest_example(name):
    planted = PLANTED[name]
    found = probe(load_text(copy_of(planted), name), COARSE).findings
    fitting = [each for each in found if each.kind == planted.kind and planted.told in each.title]
    assert len(fitting) == 1, [each.title for each in found]
    one = fitting[0]
    assert planted.article in one.article
    if planted.claims:
        assert one.example is not None
        assert tuple(claim[1:] for claim in one.example.claims) == planted.claims
    if planted.size is not None:
        assert one.size == planted.size
    assert not [title for title in titles_as_shipped(planted.pack) if planted.told in title]


# A cap of the year that only earlier months can have used up; a layer whose payment a later one
# would make up: both act.
@pytest.mark.parametrize("pack", ["by-discharge", "six-layers"])
def test_what_acts_seldom_is_not_called_idle(pack):
    terms = load_text(Path(f"tests/cases/packs/{pack}.yaml").read_text(), pack)
    assert not [each.title for each in probe(terms, COARSE).findings if each.kind == "idle"]


def test_growth_by_age_is_tried_where_it_begins():
    """60 is when the growth of 年龄加点 begins; nobody of 40 shows it."""
    terms = load_text(Path("tests/cases/packs/mechanisms.yaml").read_text(), "m")
    rules = (terms.benefits, terms.layers)
    assert {40, 60, 65} <= set(ages(terms, rules, clauses_in(rules)))
