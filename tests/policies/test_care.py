"""What a pack says of each kind of care, and what the reader refuses."""

import pytest

from policies.loader import PackError, load_text
from policies.terms import Question
from tests.policies.test_pack_checks import SMALL, line_of

INPATIENT = (
    "    inpatient: "
    '{name: 住院, bed: yes, counts_as_stay: yes, booked_as: inpatient, med_type: "21"}'
)
EYES = (
    "asks: [babies, {code: eye, name: 手术眼别, kind: choice, required: yes, "
    "options: {left: 左眼, right: 右眼}}]"
)


def told(new):
    assert SMALL.count(INPATIENT) == 1
    with pytest.raises(PackError) as caught:
        load_text(SMALL.replace(INPATIENT, new), "试验.yaml")
    return [str(problem) for problem in caught.value.problems]


def test_a_care_says_what_it_means():
    care = load_text(SMALL.replace('"21"}', f'"26", {EYES}}}'), "试验.yaml").cares["inpatient"]
    assert (care.name, care.bed, care.counts_as_stay) == ("住院", True, True)
    assert (care.booked_as, care.med_type) == ("inpatient", "26")
    assert care.asks == {"babies"}
    assert care.questions == (
        Question(
            code="eye",
            name="手术眼别",
            kind="choice",
            required=True,
            options={"left": "左眼", "right": "右眼"},
        ),
    )


def test_a_care_that_only_has_a_name_is_refused_with_line_and_remedy():
    (found,) = told("    inpatient: 住院")
    assert f"第{line_of('inpatient: {name')}行 vocabulary.care.inpatient" in found
    assert "没有写明是否住床" in found
    assert "inpatient: {name: 住院, bed: yes, counts_as_stay: yes, booked_as: inpatient" in found


@pytest.mark.parametrize("left_out", ["bed: yes, ", "counts_as_stay: yes, ", ', med_type: "21"'])
def test_nothing_of_a_care_is_guessed(left_out):
    (found,) = told(INPATIENT.replace(left_out, ""))
    assert "缺少" in found


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("booked_as: inpatient", "booked_as: ward", "“ward”不是可选的写法"),
        ('"21"', '"29"', "不是国家医保就医类别代码"),
        ("bed: yes", "bed: 1", "“1”不是可选的写法"),
        ('"21"}', '"21", asks: [twins]}', "录入页没有“twins”这一项"),
        ('"21"}', '"21", asks: [{code: babies, name: 双胞胎, kind: whole}]}', "重名"),
        ('"21"}', '"21", asks: [{code: eye, name: 眼别, kind: choice}]}', "没有可选的答案"),
        ('"21"}', '"21", ask: [babies]}', "不认识的键“ask”"),
    ],
)
def test_a_wrong_care_is_refused(old, new, said):
    assert any(said in each for each in told(INPATIENT.replace(old, new)))


def test_one_question_means_one_thing():
    other = INPATIENT.replace("inpatient: {", "surgery: {", 1)
    text = "\n".join(
        each.replace('"21"}', f'"21", {asks}}}')
        for each, asks in ((INPATIENT, EYES), (other, EYES.replace("左眼", "左侧")))
    )
    (found,) = told(text)
    assert "录入项“eye”与另一就医类别的写法不同" in found


@pytest.mark.parametrize("code", ["140104", "9901"])
def test_subdivisions_and_codes_of_the_place_are_taken(code):
    assert load_text(SMALL.replace('"21"', f'"{code}"'), "试验.yaml").cares["inpatient"].med_type


def test_what_a_rule_reads_some_care_has_to_ask():
    flat = SMALL.replace(
        "    kind: scheme\n",
        "    kind: flat\n    amounts: 400\n    per: baby\n    base: in_scope\n",
    )
    start, end = flat.index("    deductible:"), flat.index("    caps:")
    flat = flat[:start] + flat[end:]
    with pytest.raises(PackError, match="待遇按婴儿数计算，却没有一种就医类别录入它"):
        load_text(flat, "试验.yaml")
    assert load_text(flat.replace('"21"}', '"21", asks: [babies]}'), "试验.yaml")
