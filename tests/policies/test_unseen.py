"""Measures of counties that nobody here had seen, as they were typed: what is wrong is told once.

Those that can be settled stand in tests/cases/packs/unseen, claims in tests/cases/unseen.yaml.
"""

import time
from datetime import date

import pytest

from claims.adjudication import Bill, Case, Member, Visit, settle
from policies.doubts import doubts_of
from policies.loader import PackError, load_text
from tests.claims.adjudication.stories import CASES

UNSEEN = CASES / "packs" / "unseen"
CHRONIC = '{name: 慢性病门诊, bed: no, counts_as_stay: no, booked_as: outpatient, med_type: "14"}'
OUTSIDE = "      - {when: {place: outside}, ratio: 40%}\n"
TOWNSHIP = "      - {when: {level: township}, ratio: 90%}\n"


def text_of(name: str) -> str:
    return (UNSEEN / f"{name}.yaml").read_text("utf-8")


def told(text: str) -> list[str]:
    with pytest.raises(PackError) as caught:
        load_text(text, "办法.yaml")
    return [str(problem).partition("行 ")[2] for problem in caught.value.problems]


def changed(name: str, old: str, new: str) -> str:
    text = text_of(name)
    assert text.count(old) == 1
    return text.replace(old, new)


def test_all_others_are_right() -> None:
    """Of two rows for a stay outside the order decides, which is pointed out and not refused."""
    names = sorted(path.stem for path in UNSEEN.glob("*.yaml"))
    assert len(names) == 17
    doubted = [name for name in names if doubts_of(load_text(text_of(name), name), name)]
    assert doubted == ["outside-township"]


def test_a_township_stay_outside_written_last() -> None:
    """As it was typed, 90 % would count where 40 % was meant: 900.00 of a stay of 2 000.00."""
    text = changed("outside-township", OUTSIDE + TOWNSHIP, TOWNSHIP)
    grade3 = "      - {when: {level: grade3}, ratio: 60%}\n"
    text = text.replace(grade3, grade3.replace("grade3}", "grade3, place: local}") + OUTSIDE)
    found = [str(doubt) for doubt in doubts_of(load_text(text, "办法.yaml"), "办法.yaml")]
    (ratio,) = [doubt for doubt in found if "benefits[2].ratio" in doubt]
    assert "第1行和第4行都符合“就医类别=住院，医疗机构级别=乡镇卫生院，就医地=市外”" in ratio
    assert "算第1行的 90%，不算第4行的 40%" in ratio


def test_a_ratio_typed_in_full_width() -> None:
    """８０％ of 2 000 − 100 is 1 520.00."""
    text = changed("outside-township", "ratio: 90%", "ratio: ８０％")
    day = date(2022, 3, 1)
    stay = Visit(key="一", care="inpatient", level="township", place="local", starts=day, ends=day)
    case = Case(
        member=Member(person="赵大", household="赵家", birth_date=date(1970, 1, 1), tier=""),
        visit=stay,
        bill=Bill(amounts={"in_scope": 200_000}),
    )
    assert settle(case, load_text(text, "办法.yaml"), {}).fund_pay == 152_000


@pytest.mark.parametrize("text", ["", "\n", "# 某县\n"])
def test_an_empty_file_is_said_to_be_one(text: str) -> None:
    assert told(text) == ["文件：文件是空的。改法：从文档示例的开头写起。"]


def test_names_for_names_are_counted_written_out() -> None:
    """Eleven thousand letters that would stand for millions of conditions are refused at once."""
    layers = "".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]\n" for n in range(1, 9))
    text = f"l0: &l0 [1, 2, 3, 4]\n{layers}" + text_of("outside-township")
    began = time.monotonic()
    (said,) = told(text)
    assert said == "文件：引用（*）全部展开后超过 100000 项。改法：减少 & 与 * 的层层引用。"
    assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        (
            "outside-township",
            "{when: {level: grade3}, ratio: 60%}",
            "{when: {level: grade4}, ratio: 60%}",
            "benefits[2].ratio[4].when[1].level：医疗机构级别没有“grade4”。"
            "改法：是不是 grade3？可用：village、township、grade2、grade3。",
        ),
        (
            "outside-township",
            "    when: {care: outpatient, level: [village, township]}\n    kind",
            "    when: {care: outpatient, level: [village, township]}\n\tkind",
            "文件：不是合格的 YAML：第 1 列用了制表符（Tab）缩进。改法：改成普通空格，一层两格。",
        ),
        (
            "outside-township",
            "    kind: scheme\n    visits: stays\n",
            "    kind：scheme\n    visits: stays\n",
            "文件：不是合格的 YAML：第 9 列键后面用了全角冒号“：”。改法：改成半角冒号加一个空格。",
        ),
        (
            "floor-amount",
            "floor: {amounts: 600}",
            "floor: {amount: 600}",
            "benefits[1].floor.amount：不认识的键“amount”。改法：是不是 amounts？"
            "可用：amounts、article、assumption、base、note、ratio。",
        ),
        (
            "floor-less-deductible",
            "ratio: 30%}",
            "ratio: 30%, amounts: 5}",
            "benefits[1].floor：ratio 与 amounts 只能写一个。"
            "改法：按比例保底写 ratio，按金额写 amounts。",
        ),
        (
            "three-a-week",
            "    ratio: 60%\n",
            "    ratio: 60%\n    caps: [{code: w, name: 每周三次, counter: week, limits: 3}]\n",
            "benefits[1].caps[1].counter：计数“week”的单位不是 fen。"
            "改法：改用 unit 为 fen 的计数；限次数的写在 refusals："
            "when: {visit: {from: 第几次}}, visits: week。",
        ),
        (
            "outside-layer",
            "base: outside_rest",
            "base: outside_scope",
            "layers[1].base：“outside_scope”不是可选的写法。改法：是不是 outside_rest？"
            "可用：in_scope_rest、compliant_rest、outside_rest、personal。",
        ),
        (
            "fixed-aid",
            "    kind: flat\n",
            "    kind: flat\n    deductible: {amounts: 10000}\n",
            "layers[1].deductible：定额的一层没有起付线。改法：写在金额表里："
            "amounts: [{when: {base: {above: 起付线}}, amount: 定额}, {amount: 0}]。",
        ),
        (
            "seventeen-diseases",
            CHRONIC,
            "慢性病门诊",
            "vocabulary.care.chronic：就医类别“慢性病门诊”没有写明是否住床、是否计住院人次、"
            f"怎样记账和国家代码。改法：写成 chronic: {CHRONIC}。",
        ),
    ],
)
def test_one_slip_is_one_complaint(name: str, old: str, new: str, said: str) -> None:
    assert told(changed(name, old, new)) == [said]
