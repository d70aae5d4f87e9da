"""Between the interface's words and those of the county's measures: kinds of care, facts, diseases.

The measures say which national code a kind of care has (`med_type`). What they ask beyond the
interface's own fields comes in `exp_content`, a JSON object whose keys stand in EXTRA.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import simplejson

from accounts.errors import Refusal
from claims.entries import VisitFacts
from claims.filings.services import proposed_facts
from enrollment.models import Person
from gateway.asked import Asked, Row
from gateway.identifiers import visit_of
from gateway.interface.reading import dictionaries
from policies.terms import Terms
from policies.terms.care import Care

# Key of exp_content → whether several codes may stand there.
EXTRA: Mapping[str, type] = {
    "care": str,
    "referral": str,
    "facts": list,
    "diseases": list,
    "procedures": list,
    "reasons": list,
    "babies": int,
    "referred_from": str,
    "answers": dict,
    "filing_document": str,
    "alike_reason": str,
    "consent_signed": bool,
    # Why a bill is settled although the pre-check warned of it (2207, 2304).
    "precheck_reason": str,
}
WRITTEN = {
    str: "字符串",
    list: '字符串数组，如 ["代码"]',
    int: "整数",
    dict: '对象，如 {"代码": "答案"}',
    bool: "true 或 false",
}
DISTINCT_DIGITS = 2  # of a national code of care; what follows divides it further


def extra_of(asked: Asked, row: Row) -> dict[str, Any]:
    """What exp_content says, checked. What is no JSON object is told and left."""
    text = row.get("exp_content", "")
    if not text:
        return {}
    if text not in asked.extras:
        asked.extras[text] = _read_extra(asked, text)
    return asked.extras[text]


def _read_extra(asked: Asked, text: str) -> dict[str, Any]:
    try:
        found = simplejson.loads(text) if text.lstrip().startswith("{") else None
    except ValueError:
        found = None
    if not isinstance(found, dict):
        asked.warn("exp_content 不是 JSON 对象，没有读取")
        return {}
    unknown = [name for name in found if name not in EXTRA]
    if unknown:
        asked.warn(f"exp_content 中没有读取的内容：{'、'.join(unknown)[:80]}")
    extra = {name: value for name, value in found.items() if name in EXTRA}
    for name, value in extra.items():
        wanted = EXTRA[name]
        right = isinstance(value, wanted) and (wanted is bool or not isinstance(value, bool))
        parts = value if wanted is list else value.values() if wanted is dict else ()
        if not right or not all(isinstance(part, str) for part in (parts if right else ())):
            raise Refusal(
                f"exp_content 中 {name} 应为{WRITTEN[wanted]}，请改正", at=("exp_content",)
            )
    return extra


def care_of(terms: Terms, med_type: str, extra: Mapping[str, Any], *, node: str) -> Care:
    """The county's kind of care that the national code means. Raises Refusal."""
    named = extra.get("care")
    if named:
        care = terms.cares.get(named)
        if care is None:
            raise Refusal(f"本地办法没有就医类别 {named}，请核对", at=(node, "exp_content"))
        if not same_kind(med_type, care.med_type):
            raise Refusal(
                f"care 为 {named}（{care.name}），是医疗类别 {care.med_type}，"
                f"与 med_type {med_type} 不符，请核对",
                at=(node, "exp_content"),
            )
        return care
    cares = list(terms.cares.values())
    fitting = [one for one in cares if one.med_type == med_type] or [
        one for one in cares if one.med_type[:DISTINCT_DIGITS] == med_type[:DISTINCT_DIGITS]
    ]
    if not fitting:
        raise Refusal(f"本地办法没有医疗类别 {med_type}，请核对", at=(node, "med_type"))
    if len(fitting) > 1:
        names = "、".join(f"{one.code}（{one.name}）" for one in fitting)
        raise Refusal(
            f"医疗类别 {med_type} 在本地办法中有：{names}，请在 exp_content 中用 care 写明",
            at=(node, "med_type"),
        )
    return fitting[0]


def same_kind(one: str, other: str) -> bool:
    """Whether two national codes of care mean the same kind, however far each is divided."""
    return one[:DISTINCT_DIGITS] == other[:DISTINCT_DIGITS]


def med_type_of(terms: Terms, care: str) -> str:
    """The national code of a kind of care, as the interface's dictionary spells it."""
    kind = terms.cares.get(care)
    if kind is None:
        return ""
    known = dictionaries()["med_type"]
    if kind.med_type in known:
        return kind.med_type
    # 21 is told as 2101 普通住院, the first of its kinds and not the first that is printed.
    return min((code for code in known if code.startswith(kind.med_type)), default=kind.med_type)


def disease_codes(terms: Terms, *told: str) -> frozenset[str]:
    """Listed diseases of the measures that a code or a name of the message means."""
    names = terms.vocabulary.get("disease", {})
    return frozenset(code for code, name in names.items() if code in told or name in told)


def with_local(
    asked: Asked, facts: VisitFacts, extra: Mapping[str, Any], *, person: Person, terms: Terms
) -> VisitFacts:
    """The facts of the visit with what the person's filings give and exp_content says."""
    filed = proposed_facts(person, facts.starts, terms)
    sets = {
        name: getattr(facts, name) | frozenset(extra.get(name, ())) | frozenset(filed.get(name, ()))
        for name in ("facts", "diseases", "procedures", "reasons")
    }
    known = {"facts": "fact", "diseases": "disease", "procedures": "procedure", "reasons": "reason"}
    for name, dimension in known.items():
        wrong = sets[name] - terms.vocabulary.get(dimension, {}).keys()
        if wrong:
            raise Refusal(f"{name} 中的 {min(wrong)} 不是本地办法的代码", at=("exp_content",))
    from_stay = extra.get("referred_from")
    return replace(
        facts,
        **sets,
        referral=extra.get("referral") or filed.get("referral") or facts.referral,
        babies=extra.get("babies", facts.babies),
        referred_from=visit_of(asked, from_stay).pk if from_stay else facts.referred_from,
        answers={**facts.answers, **extra.get("answers", {})},
        filing_document=extra.get("filing_document", facts.filing_document),
        alike_reason=extra.get("alike_reason", facts.alike_reason),
    )


def day_of(row: Row, name: str) -> date:
    """The day of a moment in the message."""
    at = row[name]
    found: date = at.date() if hasattr(at, "date") else at
    return found
