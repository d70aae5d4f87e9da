"""``vocabulary.care``: the kinds of care, as they are written in a pack."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, cast

from policies.reading import CODE, Block
from policies.terms import ASKED_FIELDS, BOOKED_AS, MED_TYPE_PATTERN, MED_TYPES, Care, Question
from policies.terms.care import FIELD_NAMES

STAY = '{name: %s, bed: yes, counts_as_stay: yes, booked_as: inpatient, med_type: "21"}'
VISIT = '{name: %s, bed: no, counts_as_stay: no, booked_as: outpatient, med_type: "%s"}'


def read_cares(vocabulary: Block) -> Mapping[str, Care]:
    """Every kind of care with what it means; one that only has a name is a problem."""
    nested = vocabulary.block("care")
    if nested is None:
        return {}
    cares: dict[str, Care] = {}
    asked: dict[str, Question] = {}
    for code in nested.keys:
        if not CODE.fullmatch(code):
            nested.complain(code, f"代码“{code}”不合格", "用小写英文字母、数字和下划线")
        if nested.is_scalar(code):
            name = nested.text(code)
            nested.complain(
                code,
                f"就医类别“{name}”没有写明是否住床、是否计住院人次、怎样记账和国家代码",
                f"写成 {code}: {_example(name)}",
            )
            cares[code] = _unknown(code, name)  # so that only this line is complained of
            continue
        each = nested.block(code)
        if each is not None:
            cares[code] = _care(code, each)
            for question in cares[code].questions:
                if asked.setdefault(question.code, question) != question:
                    each.complain(
                        "asks",
                        f"录入项“{question.code}”与另一就医类别的写法不同",
                        "两处写成一样，或改用另一个代码",
                    )
            each.done()
    return cares


def _example(name: str) -> str:
    """How a kind of care of this name is most likely meant: one that takes no bed says so."""
    if "慢" in name or "特殊" in name:
        return VISIT % (name, "14")
    return VISIT % (name, "11") if "门诊" in name else STAY % name


def _unknown(code: str, name: str) -> Care:
    return Care(
        code=code,
        name=name,
        bed=False,
        counts_as_stay=False,
        booked_as="other",
        med_type="",
        asks=frozenset(),
        questions=(),
    )


def _care(code: str, block: Block) -> Care:
    asks: set[str] = set()
    questions: list[Question] = []
    for item in block.items("asks"):
        if isinstance(item, Block):
            questions.append(_question(item))
        elif item in ASKED_FIELDS:
            asks.add(item)
        else:
            known = "、".join(f"{field}（{FIELD_NAMES[field]}）" for field in ASKED_FIELDS)
            remedy = f"改为 {known} 之一，或写成 {{code, name, kind}} 自定一项"
            block.complain("asks", f"录入页没有“{item}”这一项", remedy)
    for question in questions:
        if question.code in FIELD_NAMES or [q.code for q in questions].count(question.code) > 1:
            block.complain("asks", f"录入项“{question.code}”重名", "改名")
    return Care(
        code=code,
        name=block.text("name"),
        bed=_told(block, "bed"),
        counts_as_stay=_told(block, "counts_as_stay"),
        booked_as=block.choice("booked_as", tuple(BOOKED_AS)),
        med_type=_med_type(block),
        asks=frozenset(asks),
        questions=tuple(questions),
    )


def _told(block: Block, key: str) -> bool:
    """yes or no, which has to be written."""
    return block.choice(key, ("yes", "no")) == "yes"


def _med_type(block: Block) -> str:
    value = block.text("med_type")
    if value and value not in MED_TYPES and not MED_TYPE_PATTERN.fullmatch(value):
        known = "、".join(f"{code} {name}" for code, name in MED_TYPES.items())
        block.complain(
            "med_type",
            f"“{value}”不是国家医保就医类别代码",
            f"改为 {known} 之一，慢特病细分写 14 加四位，地方代码写 99 开头",
        )
    return value


def _question(block: Block) -> Question:
    kind = block.choice("kind", ("text", "whole", "choice"))
    question = Question(
        code=block.code("code"),
        name=block.text("name"),
        kind=cast(Literal["text", "whole", "choice"], kind),
        required=block.yes("required", default=False),
        options=block.names("options") if kind == "choice" else {},
    )
    if kind == "choice" and not question.options:
        block.complain("options", "没有可选的答案", "写成 options: {代码: 名称, …}")
    block.done()
    return question
