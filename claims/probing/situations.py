"""Who is treated where and how: every combination that the rules of a benefit tell apart.

A situation is a mapping: categories by code, flags as sets of codes, ``age``, ``years``,
``claim_free``, ``days``, ``babies``, ``visit`` (which of the year), ``prior`` (fen), ``used`` (how
much of the limits is used up: nothing, half, nearly all, or nearly all of the one counter named),
``running`` (the bill class whose cost is varied) and ``beside`` (one that costs a fixed amount
beside it).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any

from claims.adjudication import asked_dimensions
from claims.probing.axes import (
    DAYS,
    GROWN_UP,
    ages,
    clauses_in,
    has_per_day,
    limits_of,
    numbers,
    told_apart,
)
from policies.terms import CATEGORIES, FLAGS, Benefit, Clause, Terms

Situation = dict[str, Any]
Options = list[Mapping[str, Any]]

# What is tried in turn from the start: one thing unlike the plain at a time, or what one clause
# wants together.
ASIDE = ("fact", "reason", "years", "claim_free", "days", "babies")
# What is tried in turn instead of with everything else, when everything would be too much.
IN_TURN = ("sex", "residence", "procedure", "disease", "age", "tier", "status", "referral", "place")
# Used up: nothing, half of every limit, all but 100 yuan.
FRESH, HALF, NEARLY = "fresh", "half", "nearly"
PLAIN: Situation = {
    "age": GROWN_UP, "years": 1, "claim_free": 0, "days": DAYS, "babies": 1, "visit": 1,
    "prior": 0, "used": FRESH, "beside": "",
}  # fmt: skip


def situations(terms: Terms, most: int) -> list[Situation]:
    """Every situation once, those nearest to the plain one first; about ``most`` for each way
    into a benefit."""
    found: dict[frozenset[tuple[str, Any]], tuple[int, Situation]] = {}
    for benefit in terms.benefits:
        for clause in benefit.condition.when or ((),):
            for odd, each in _of(terms, benefit, clause, most):
                key = frozenset(each.items())
                if key not in found or odd < found[key][0]:
                    found[key] = (odd, each)
    ordered = sorted(found.values(), key=lambda pair: pair[0])
    return [each for _, each in ordered]


def _of(
    terms: Terms, benefit: Benefit, clause: Clause, most: int
) -> Iterator[tuple[int, Situation]]:
    """Situations of one way into a benefit, each with how many things are unlike the plain."""
    rules = (benefit, terms.bill, terms.refusals, terms.layers, terms.wallets)
    clauses = [each for each in clauses_in(rules) if _may_hold(each, clause)]
    core = _core(terms, benefit, clause, clauses)
    overlays = [
        *_facts(terms, clause, clauses),
        *_refused(terms),
        *_numbers(rules, clauses),
        *_bills(terms),
        *[{"used": name} for name in limits_of(terms, (benefit, terms.layers))],
    ]
    aside = set(ASIDE)
    for dimension in IN_TURN:
        if _size(core) * (1 + len(overlays)) <= most:
            break
        if len(core.get(dimension, ())) > 1:
            overlays += core[dimension][1:]
            core[dimension] = core[dimension][:1]
            aside.add(dimension)
    overlays += _together(terms, clauses, aside)
    plain = PLAIN | {"running": main_class(terms)} | _base_facts(terms, clause)
    step = -(-_size(core) * (1 + len(overlays)) // most)
    for at, chosen in enumerate(product(*(enumerate(axis) for axis in core.values()))):
        base: Situation = dict(plain)
        for _, values in chosen:
            base |= values
        odd = sum(place > 0 for place, _ in chosen)
        yield odd, base
        for number, overlay in enumerate(overlays):
            if (at + number) % step == 0:
                yield odd + 1, base | dict(overlay)


def mixed(situation: Situation) -> int:
    """How far an example is from the simplest: another class beside, a year half used up."""
    return int(situation["beside"] != "") + int(situation["used"] != FRESH)


def _may_hold(clause: Clause, within: Clause) -> bool:
    """Whether somebody who came in by ``within`` may pass ``clause`` as well."""
    wanted = {test.dimension: test.values for test in within if test.dimension in CATEGORIES}
    return all(
        test.values & wanted.get(test.dimension, test.values)
        for test in clause
        if test.dimension in CATEGORIES
    )


def _size(core: Mapping[str, Options]) -> int:
    size = 1
    for axis in core.values():
        size *= len(axis)
    return size


def _core(
    terms: Terms, benefit: Benefit, clause: Clause, clauses: Sequence[Clause]
) -> dict[str, Options]:
    """What is combined with everything: where, who, and where in the year."""
    asked = asked_dimensions(terms)
    tests = [test for each in clauses for test in each]
    core: dict[str, Options] = {}
    for dimension in CATEGORIES:
        codes = list(terms.vocabulary.get(dimension, {}))
        if dimension == "age_group" or not codes:
            continue
        wanted = [test.values for test in clause if test.dimension == dimension]
        if wanted:
            codes = [code for code in codes if all(code in values for values in wanted)]
        own = [test for test in tests if test.dimension == dimension]
        kept = told_apart(codes, own) if dimension in asked else codes[:1]
        core[dimension] = [{dimension: code} for code in kept]
    rules = (benefit, terms.layers)
    aged = [age for age in ages(terms, rules, clauses) if _fits_age(terms, clause, age)]
    core["age"] = [{"age": age} for age in aged]
    for dimension in ("status", "disease", "procedure"):
        core[dimension] = _flag_options(terms, dimension, clause, clauses)
    core["state"] = _states(terms, benefit, clauses)
    return {name: options for name, options in core.items() if options}


def _fits_age(terms: Terms, clause: Clause, age: int) -> bool:
    for test in clause:
        if test.dimension == "age" and not test.holds_number(age):
            return False
        if test.dimension == "age_group" and terms.age_group(age) not in test.values:
            return False
    return True


def _flag_options(
    terms: Terms, dimension: str, clause: Clause, clauses: Sequence[Clause]
) -> Options:
    """Nothing (where the benefit allows it), each that is told apart, and what rules want
    together."""
    names = terms.vocabulary.get(dimension, {})
    own = [test for each in clauses for test in each if test.dimension == dimension]
    needed = [test.values for test in clause if test.dimension == dimension]
    needs = frozenset(min(values, key=list(names).index) for values in needed)
    sets = [] if needed else [frozenset[str]()]
    tested = frozenset().union(*(test.values for test in own))
    codes = [code for code in names if code in tested]
    if len(needed) == 1:
        codes = [code for code in codes if code in needed[0]]
    sets += [
        frozenset({code}) if len(needed) <= 1 else needs | {code} for code in told_apart(codes, own)
    ]
    for each in clauses:
        together = [test.values for test in each if test.dimension == dimension]
        if len(together) > 1:
            sets.append(needs | {min(values, key=list(names).index) for values in together})
    return [{dimension: each} for each in dict.fromkeys(sets)]


def _states(terms: Terms, benefit: Benefit, clauses: Sequence[Clause]) -> Options:
    """First, second, third visit of a fresh year; then a year half and nearly used up."""
    found: Options = [{"visit": 1, "used": FRESH}]
    if benefit.visits:
        asked = numbers("visit", (), clauses)
        found += [{"visit": n, "used": FRESH} for n in sorted({2, 3, *asked} - {1}) if n <= 20]
    if limits_of(terms, (benefit, terms.layers)):
        last = min(len(found), 3)
        found += [{"visit": min(2, last), "used": HALF}, {"visit": last, "used": NEARLY}]
    return found


def _base_facts(terms: Terms, clause: Clause) -> Situation:
    found: Situation = {dimension: frozenset() for dimension in FLAGS}
    found["fact"] = papers(terms) | {
        min(test.values) for test in clause if test.dimension == "fact"
    }
    found["reason"] = frozenset(min(test.values) for test in clause if test.dimension == "reason")
    return found


def papers(terms: Terms) -> frozenset[str]:
    """Facts that only open doors: they excuse from a refusal, and nothing else speaks of them."""
    excuse: set[str] = set()
    other = _tested("fact", clauses_in((terms.bill, terms.benefits, terms.layers, terms.wallets)))
    for rule in terms.refusals:
        excuse |= _tested("fact", rule.condition.unless)
        other |= _tested("fact", rule.condition.when)
    return frozenset(excuse - other)


def _tested(dimension: str, clauses: Sequence[Clause]) -> frozenset[str]:
    tests = [test for clause in clauses for test in clause if test.dimension == dimension]
    return frozenset().union(*(test.values for test in tests))


def _facts(terms: Terms, clause: Clause, clauses: Sequence[Clause]) -> Options:
    """No paper at all; each paper missing; each other fact, and each reason, once."""
    base = _base_facts(terms, clause)
    found: Options = []
    for dimension in ("fact", "reason"):
        held: frozenset[str] = base[dimension]
        own = [test for each in clauses for test in each if test.dimension == dimension]
        tested = _tested(dimension, clauses)
        codes = [code for code in terms.vocabulary.get(dimension, {}) if code in tested]
        if held:
            found.append({dimension: frozenset()})
        found += [{dimension: held ^ {code}} for code in told_apart(codes, own)]
    return found


def _refused(terms: Terms) -> Options:
    """What leads into each refusal, without the papers that excuse from it."""
    found: Options = []
    for rule in terms.refusals:
        excuse = _tested("fact", rule.condition.unless)
        for clause in rule.condition.when:
            wanted = _wanted(terms, clause, {"fact", "reason", "disease", "procedure"})
            held = wanted.get("fact", frozenset()) | (papers(terms) - excuse)
            found.append(wanted | {"fact": held})
    return found


def _numbers(rules: object, clauses: Sequence[Clause]) -> Options:
    found: Options = []
    for dimension in ("years", "claim_free", "days", "babies"):
        tried = set(numbers(dimension, rules, clauses)) - {PLAIN[dimension]}
        found += [{dimension: each} for each in sorted(tried)]
    found.append({"babies": 2})
    if has_per_day(rules):
        found += [{"days": 1}, {"days": 30}]
    found.append({"prior": 100_00})
    return found


def _bills(terms: Terms) -> Options:
    """Each class alone, with each fact that its share speaks of, and each beside the main one."""
    main = main_class(terms)
    found: Options = []
    consent = _tested("fact", clauses_in(terms.bill.consent_limit))
    for code, rule in terms.bill.classes.items():
        facts = _tested("fact", clauses_in(rule)) | consent
        found += [{"running": code, "fact": papers(terms) | {each}} for each in sorted(facts)]
        if code != main:
            found += [{"running": code}, {"beside": code}]
    return found


def _together(terms: Terms, clauses: Sequence[Clause], aside: set[str]) -> Options:
    """What a single clause wants at once of things that are otherwise tried one at a time."""
    found: Options = []
    for clause in clauses:
        wanted = _wanted(terms, clause, aside)
        if len(wanted) > 1:
            if "fact" in wanted:
                wanted["fact"] |= papers(terms)
            found.append(wanted)
    return found


def _wanted(terms: Terms, clause: Clause, dimensions: set[str]) -> Situation:
    """Values that pass the clause's tests of ``dimensions``."""
    wanted: Situation = {}
    for test in clause:
        dimension = test.dimension
        if dimension not in dimensions:
            continue
        if dimension in FLAGS:
            wanted[dimension] = wanted.get(dimension, frozenset()) | {min(test.values)}
        elif test.values:
            wanted[dimension] = next(c for c in terms.vocabulary[dimension] if c in test.values)
        else:
            wanted[dimension] = test.low if test.low is not None else test.high
    return wanted


def main_class(terms: Terms) -> str:
    """The covered class of which the patient first bears least."""
    covered = {
        code: max((row.value for row in rule.shares.rows), default=0)
        for code, rule in terms.bill.classes.items()
        if rule.kind == "covered" and rule.shares is not None
    }
    return min(covered, key=lambda code: covered[code], default=next(iter(terms.bill.classes)))
