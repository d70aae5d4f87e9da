"""What the measures ask of a visit beside the usual fields, and whether it was answered. Pure."""

from collections.abc import Mapping, Sequence

from claims.adjudication import asked_dimensions
from policies.terms import ASKED_FIELDS, Care, Question, Terms

MAX_ANSWER = 100  # characters: one line of the settlement sheet


def answer_field(code: str) -> str:
    """The name of the field that asks the question with this code."""
    return f"answer_{code}"


def asked_fields(terms: Terms) -> frozenset[str]:
    """The fields of ASKED_FIELDS that some rule reads and some kind of care asks for."""
    read = asked_dimensions(terms)
    return frozenset(
        field
        for field, dimension in ASKED_FIELDS.items()
        if dimension in read and asking(terms, field)
    )


def asking(terms: Terms, field: str) -> Sequence[Care]:
    """The kinds of care that ask for a field of ASKED_FIELDS."""
    return [care for care in terms.cares.values() if field in care.asks]


def questions_of(terms: Terms) -> Mapping[str, tuple[Question, Sequence[Care]]]:
    """Code → the question and the kinds of care that ask it, in the order of the pack."""
    found: dict[str, tuple[Question, list[Care]]] = {}
    for care in terms.cares.values():
        for question in care.questions:
            found.setdefault(question.code, (question, []))[1].append(care)
    return found


def answer_problem(terms: Terms, care: Care, answers: Mapping[str, str]) -> tuple[str, str] | None:
    """(code, what is wrong) of the first answer that cannot stand, in Chinese; None when all can.

    An answer to what another kind of care asks is refused: nothing typed is dropped in silence.
    """
    known = questions_of(terms)
    for code in answers:
        if code not in known:
            return code, f"办法没有“{code}”这一项，请更正"
        question, cares = known[code]
        if care not in cares:
            names = "、".join(each.name for each in cares)
            return code, f"{question.name}只在{names}时填写，请清空或更正就医类别"
    shown = ((one.code, _problem(one, answers.get(one.code, ""))) for one in care.questions)
    return next(((code, problem) for code, problem in shown if problem), None)


def _problem(question: Question, answer: str) -> str:
    if not answer:
        return f"请填写{question.name}" if question.required else ""
    if question.kind == "choice" and answer not in question.options:
        return f"请选择{question.name}"
    if question.kind == "whole" and not answer.isdecimal():
        return f"{question.name}应为整数"
    return f"{question.name}不超过 {MAX_ANSWER} 字" if len(answer) > MAX_ANSWER else ""


def answers_shown(terms: Terms, answers: Mapping[str, str]) -> list[str]:
    """The answers in words, as pages and papers show them."""
    known = questions_of(terms)
    shown = []
    for code, answer in answers.items():
        question = known[code][0] if code in known else None
        name = question.name if question else code
        shown.append(f"{name}：{question.options.get(answer, answer) if question else answer}")
    return shown
