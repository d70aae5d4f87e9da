"""Situations, claims and steps in the words of the pack."""

from __future__ import annotations

from collections.abc import Sequence

from claims.adjudication import Decision, asked_dimensions
from claims.probing.findings import Example
from claims.probing.situations import FRESH, PLAIN, Situation, papers
from claims.probing.trying import BESIDE, Bench
from policies.terms import CATEGORIES, DIMENSION_NAMES, FLAGS, Condition, Step, Terms, Test

# Steps that take away from what is helped; every other step helps.
TAKES = frozenset(
    {
        "refusal", "over_limit", "first_self_pay", "left_out", "deductible", "deductible_change",
        "deductible_share", "unreferred", "unreferred_lost",
        "unreferred_self_pay", "cap", "days_limit", "rounding",
    }
)  # fmt: skip
# Steps that only tell what is so.
SAYS_ONLY = frozenset(
    {
        "cash", "cap_left", "consent_limit", "year", "in_scope", "layer_base", "accumulated",
        "most", "observation", "layer_none",
    }
)  # fmt: skip
Key = tuple[str, str]
UNITS = {"fen": "元", "days": "天", "count": "次"}


def yuan(fen: int) -> str:
    """Fen as yuan, for people: 1234567 → 12,345.67."""
    return f"{fen / 100:,.2f}"


def said(situation: Situation, terms: Terms, bench: Bench, at: int) -> str:
    """Who, where and how, as far as the pack speaks of it."""
    words = []
    asked = asked_dimensions(terms)
    for dimension in CATEGORIES:
        code = situation.get(dimension)
        if code is not None and dimension in asked and len(terms.vocabulary[dimension]) > 1:
            words.append(terms.vocabulary[dimension][code])
    if asked & {"age", "age_group"}:
        words.append(f"{situation['age']} 岁")
    usual = papers(terms)
    for dimension in FLAGS:
        names = terms.vocabulary.get(dimension, {})
        words += [names[code] for code in names if code in situation[dimension] - usual]
    missing = usual - situation["fact"]
    if missing:
        names = terms.vocabulary["fact"]
        words.append("没有：" + "、".join(names[code] for code in names if code in missing))
    for dimension in ("years", "claim_free", "days", "babies"):
        if situation[dimension] != PLAIN[dimension]:
            words.append(f"{DIMENSION_NAMES[dimension]} {situation[dimension]}")
    if situation["visit"] > 1:
        words.append(f"年内第 {situation['visit']} 次")
    if situation["used"] != FRESH:
        words += _used(terms, bench, at)
    if situation["beside"]:
        words.append(f"另有{terms.bill.classes[situation['beside']].name} {yuan(BESIDE)} 元")
    if len(terms.bill.classes) > 1:
        words.append(f"费用为{terms.bill.classes[situation['running']].name}")
    return "，".join(words)


def _used(terms: Terms, bench: Bench, at: int) -> list[str]:
    found = []
    for name, value in bench.used(at).items():
        counter = terms.counters[name]
        if counter.kind == "used" and counter.unit != "count":
            amount = yuan(value) if counter.unit == "fen" else str(value)
            found.append(f"此前{counter.title} {amount} {UNITS[counter.unit]}")
    return found


def value_said(dimension: str, value: object, terms: Terms) -> str:
    """One value of a dimension: a code's name, several joined, or the number."""
    names = terms.vocabulary.get(dimension, {})
    if isinstance(value, frozenset):
        return "、".join(names[code] for code in names if code in value) or "一般人员"
    if isinstance(value, str):
        return names.get(value, value)
    return str(value)


def condition_said(condition: Condition, terms: Terms) -> str:
    """A condition of a row; nothing for one that always holds."""
    wanted = " 或 ".join(_clause(clause, terms) for clause in condition.when)
    barred = " 或 ".join(_clause(clause, terms) for clause in condition.unless)
    return "；".join(part for part in (wanted, f"除外：{barred}" if barred else "") if part)


def _clause(clause: Sequence[Test], terms: Terms) -> str:
    return "，".join(_test(test, terms) for test in clause)


def _test(test: Test, terms: Terms) -> str:
    if test.values:
        names = terms.vocabulary.get(test.dimension, {})
        return "/".join(names.get(code, code) for code in sorted(test.values))
    low, high = test.low, test.high
    return f"{DIMENSION_NAMES[test.dimension]} {low if low is not None else ''}—{high or ''}"


def example(
    bench: Bench, claims: Sequence[tuple[str, int, int]], decisions: Sequence[Decision]
) -> Example:
    """``claims``: (what it is, situation, cost); the steps are those of the last one that differ
    from the first one's."""
    first, last = claims[0][1], claims[-1][1]
    person = said(bench.situations[last], bench.terms, bench, last)
    if first != last:
        person = f"{said(bench.situations[first], bench.terms, bench, first)}；另一人：{person}"
    told = [
        (what, cost, each.fund_pay, each.personal)
        for (what, _, cost), each in zip(claims, decisions, strict=True)
    ]
    return Example(person=person, claims=tuple(told), steps=steps_apart(decisions))


def steps_apart(decisions: Sequence[Decision]) -> tuple[str, ...]:
    """The sentences of every claim in turn, without those that all of them share."""
    shared = set.intersection(*({s.sentence for s in each.steps} for each in decisions))
    found = []
    for number, each in enumerate(decisions):
        mark = "①②"[number] if len(decisions) > 1 else ""
        found += [f"{mark} {s.sentence}".strip() for s in each.steps if s.sentence not in shared]
    return tuple(found)


def cause(favoured: Decision, other: Decision, slack: int) -> Step | None:
    """The first step that does less for ``other`` than for ``favoured``, by more than ``slack``."""
    mine = {(step.code, step.name): step for step in favoured.steps}
    theirs = {(step.code, step.name): step for step in other.steps}
    for key in _in_turn(list(mine), list(theirs)):
        one, two = mine.get(key), theirs.get(key)
        if key[0] in SAYS_ONLY:
            continue
        if one is None or two is None:
            step = one or two
            assert step is not None
            # A step that only the favoured has helps, one that only the other has takes away.
            takes = key[0] in TAKES
            moved = abs(step.after - step.before) if takes else abs(step.after)
            if takes == (one is None) and moved > slack:
                return step
        elif _better(key[0], one.after - two.after) > slack:
            return two
    return None


def _in_turn(mine: list[Key], theirs: list[Key]) -> list[Key]:
    """The steps of both in one order: what only one has, stands after what it followed there."""
    found = list(theirs)
    for at, key in enumerate(mine):
        if key not in theirs:
            found.insert(found.index(mine[at - 1]) + 1 if at else 0, key)
    return found


def _better(code: str, more: int) -> int:
    """More after a step is better for the patient, but where the deductible itself is told."""
    return -more if code.startswith("deductible_") else more


def cited(*decisions: Decision) -> str:
    """Every article that the steps name, in their order."""
    found = [step.article for each in decisions for step in each.steps if step.article]
    parts = [part for article in found for part in article.split("、")]
    return "、".join(dict.fromkeys(parts))
