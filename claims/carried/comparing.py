"""Old settlements beside what our measures say of them: where they differ, and why.  Pure.

Everything is settled at once by columns.  Owners of whom one claim differs are gone through again,
claim by claim, each with what the old system had really used by then, so that one difference brings
about no other.  A claim that differs is tried once more under single changes (the level, a status,
the order of stays, …): the change under which every figure agrees is the cause; where none does,
the first figure that differs, in the order in which they are computed, names it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import permutations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from claims.adjudication import Case, Cases, Decision, adjudicate
from policies.terms import Benefit, Step, Terms

Used = dict[str, dict[str, int]]  # owner key → counter key → fen, days or count
YUAN = 100
# More than any deductible, so that one is as good as paid.
PLENTY = 10**12
CAUSES: Mapping[str, str] = {
    "refusal": "是否支付",
    "level": "机构级别",
    "tier": "参保档次",
    "status": "待遇身份",
    "order": "住院次序",
    "referral": "转诊",
    "class": "目录类别",
    "deductible": "起付线",
    "ratio": "报销比例",
    "cap": "封顶",
    "missing": "缺少支付层次",
    "extra": "多出支付层次",
    "rounding": "取整",
    "account": "家庭账户",
    "credit": "记账余额",
    "layer": "支付金额",
    "cash": "个人现金",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the old system says of a claim; None where its file does not."""

    fund: int
    layers: Mapping[str, int] = field(default_factory=dict)
    in_scope: int | None = None
    deductible: int | None = None
    ratio: int | None = None
    account: int | None = None
    credit: int | None = None
    cash: int | None = None
    # By what it was decided there, where it says so.
    level: str = ""
    tier: str = ""
    statuses: frozenset[str] | None = None
    stay: int | None = None


@dataclass(frozen=True, slots=True)
class Old:
    """A settlement of the old system: its facts as we know them, and what it says."""

    key: int
    case: Case
    told: Told


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One claim that we would have settled otherwise.  ``ours`` and ``theirs``: fen (``ratio``:
    1/10000) of the figure that shows it; ``fund``: what we would pay more."""

    key: int
    cause: str
    what: str
    article: str
    ours: int
    theirs: int
    fund: int
    sentence: str


# The figures in the order in which they are computed.
FIGURES: tuple[tuple[str, str, str], ...] = (
    ("in_scope", "in_scope", "符合范围金额"),
    ("deductible", "deductible", "起付线"),
    ("ratio", "ratio", "报销比例"),
    ("fund", "fund_pay", "基金支付"),
    ("account", "account", "家庭账户支付"),
    ("credit", "credit", "记账余额抵付"),
    ("cash", "cash", "个人现金"),
)


def compare(
    olds: Sequence[Old], terms: Terms, start: Used, tell: Callable[[int], None] = lambda _: None
) -> list[Difference]:
    """What differs, in the order of ``olds``, which is that in which the old system settled.

    ``start``: what had been used before the first of them; persons and households have different
    keys.  ``tell`` is told percents.
    """
    if not olds:
        return []
    cases = Cases.from_cases([old.case for old in olds], terms)
    decisions = adjudicate(cases, terms, start)
    tell(40)
    unequal = np.zeros(len(olds), dtype=bool)
    for name, ours, _ in FIGURES:
        unequal |= _differs([getattr(old.told, name) for old in olds], getattr(decisions, ours))
    for layer, amounts in decisions.layers.items():
        unequal |= _differs([old.told.layers.get(layer) for old in olds], amounts)
    if not unequal.any():
        return []
    owner = _families(cases.person, cases.household)
    dirty = np.isin(owner, owner[unequal])
    rounds: dict[int, list[Old]] = defaultdict(list)
    turn: dict[int, int] = defaultdict(int)
    for at in np.flatnonzero(dirty):
        rounds[turn[int(owner[at])]].append(olds[int(at)])
        turn[int(owner[at])] += 1
    used: Used = defaultdict(dict, {key: dict(counters) for key, counters in start.items()})
    found: list[Difference] = []
    for number in range(len(rounds)):
        found += _round(rounds[number], terms, used)
        tell(40 + 60 * (number + 1) // len(rounds))
    place = {old.key: at for at, old in enumerate(olds)}
    return sorted(found, key=lambda one: place[one.key])


def _differs(told: Sequence[int | None], ours: NDArray[np.int64]) -> NDArray[np.bool_]:
    said = np.array([-1 if one is None else one for one in told], dtype=np.int64)
    found: NDArray[np.bool_] = (said >= 0) & (said != ours)
    return found


def _families(person: NDArray[np.int64], household: NDArray[np.int64]) -> NDArray[np.int64]:
    """The claims whose counters may meet bear one number: by person, by household, and on."""
    number = np.arange(len(person))
    while True:
        before = number
        for group in (person, household):
            least = np.full(int(group.max()) + 1, len(person))
            np.minimum.at(least, group, number)
            number = least[group]
        if (number == before).all():
            return number


# -- one round: a claim of each owner -----------------------------------------------------------


def _round(olds: Sequence[Old], terms: Terms, used: Used) -> Iterator[Difference]:
    wrong: list[tuple[Old, Decision]] = []
    for old, decision in zip(olds, _decide(olds, terms, used), strict=True):
        if _agrees(decision, old.told):
            _move(used, old, decision)
        else:
            wrong.append((old, decision))
    explained = _explain(wrong, terms, used)
    for old, decision in wrong:
        tried = explained.get(old.key)
        if tried is None:
            cause, what, ours, theirs = _first_of(old, decision, terms)
            _move(used, old, decision)
            _as_paid(used, old, decision, terms)
        else:
            cause = tried[0]
            what, ours, theirs = _shown(cause, old, decision, terms)
            _move(used, old, tried[1])
        step = _step(cause, what, decision, terms)
        yield Difference(
            key=old.key,
            cause=cause,
            what=what,
            article=step.article if step else "",
            ours=ours,
            theirs=theirs,
            fund=decision.fund_pay - old.told.fund,
            sentence=step.sentence if step else "",
        )


def _decide(olds: Sequence[Old], terms: Terms, used: Used) -> list[Decision]:
    if not olds:
        return []
    cases = Cases.from_cases([old.case for old in olds], terms)
    decisions = adjudicate(cases, terms, used, keep_steps=True)
    return [decisions.one(at) for at in range(len(olds))]


def _agrees(decision: Decision, told: Told) -> bool:
    pairs = [(getattr(told, name), getattr(decision, ours)) for name, ours, _ in FIGURES]
    pairs += [(amount, decision.layers.get(code, 0)) for code, amount in told.layers.items()]
    return all(said is None or said == ours for said, ours in pairs)


def _owner(old: Old, owner: str) -> str:
    return old.case.member.person if owner == "person" else old.case.member.household


def _move(used: Used, old: Old, decision: Decision) -> None:
    for change in decision.changes:
        used.setdefault(_owner(old, change.owner), {})[change.counter] = change.after


def _as_paid(used: Used, old: Old, decision: Decision, terms: Terms) -> None:
    """The counters by what the old system paid, where no single change explains it."""
    base = terms.base_layer.code
    paid = {code: old.told.layers.get(code, ours) for code, ours in decision.layers.items()}
    if base not in old.told.layers:
        others = sum(amount for code, amount in paid.items() if code != base)
        paid[base] = max(0, old.told.fund - others)
    more: dict[str, int] = defaultdict(int)
    benefit = _benefit(decision, terms)
    rules = {layer.code: [layer.scheme, layer.flat, layer.top_up] for layer in terms.layers}
    if benefit is not None:
        rules[base] = [benefit.scheme, benefit.flat, benefit.package]  # type: ignore[list-item]
        if benefit.scheme and benefit.scheme.deductible and benefit.scheme.deductible.counter:
            told = old.told.deductible
            more[benefit.scheme.deductible.counter] += (
                0 if told is None else told - decision.deductible
            )
        if benefit.wallet is not None:
            more[benefit.wallet] -= paid[base] - decision.layers.get(base, 0)
    for code, ways in rules.items():
        counters = {
            cap.counter
            for way in ways
            if way is not None
            for cap in way.caps
            if cap.counter is not None and cap.on == "payment"
        }
        for counter in counters:
            more[counter] += paid.get(code, 0) - decision.layers.get(code, 0)
    if old.told.account is not None:
        for wallet in terms.wallets:
            if wallet.code == "account":
                more[wallet.counter] -= old.told.account - decision.account
    for counter, amount in more.items():
        kept = terms.counters.get(counter)
        if kept is not None and amount:
            key = _moved(counter, decision)
            mine = used.setdefault(_owner(old, kept.owner), {})
            mine[key] = mine.get(key, 0) + amount


def _moved(name: str, decision: Decision) -> str:
    """The key under which the decision moved the counter."""
    keys = (one.counter for one in decision.changes)
    return next((key for key in keys if key.partition("@")[0] == name), name)


def _benefit(decision: Decision, terms: Terms) -> Benefit | None:
    return next((one for one in terms.benefits if one.code == decision.benefit), None)


# -- single changes ----------------------------------------------------------------------------

Tried = tuple[str, Decision]
Change = tuple[str, Old, Mapping[str, int]]  # cause, the changed claim, counters of its person


def _explain(wrong: Sequence[tuple[Old, Decision]], terms: Terms, used: Used) -> dict[int, Tried]:
    """Claim → the first single change under which every figure is that of the old system."""
    found: dict[int, Tried] = {}
    open_ones = {old.key: _changes(old, decision, terms, used) for old, decision in wrong}
    while open_ones:
        batch: list[Change] = []
        for key in list(open_ones):
            change = next(open_ones[key], None)
            if change is None:
                del open_ones[key]
            else:
                batch.append(change)
        trying = dict(used)
        for _, old, counters in batch:
            if counters:
                person = old.case.member.person
                trying[person] = {**trying.get(person, {}), **counters}
        decided = _decide([old for _, old, _ in batch], terms, trying)
        for (cause, old, _), decision in zip(batch, decided, strict=True):
            if old.key in open_ones and _agrees(decision, old.told):
                found[old.key] = (cause, decision)
                del open_ones[old.key]
    return found


def _changes(old: Old, decision: Decision, terms: Terms, used: Used) -> Iterator[Change]:
    """What is tried: first what the old system says of itself, then what it may have missed."""
    case, told = old.case, old.told
    if case.visit.deductible_level:  # which many an old system does not know
        yield "level", _visited(old, deductible_level=""), {}
    if told.level and told.level != case.visit.level:
        yield "level", _visited(old, level=told.level, deductible_level=""), {}
    if told.tier and told.tier != case.member.tier:
        yield "tier", _borne(old, tier=told.tier), {}
    if told.statuses is not None and told.statuses != case.member.statuses:
        yield "status", _borne(old, statuses=told.statuses), {}
    yield from (("order", old, counters) for counters in _orders(old, decision, terms, used))
    if told.statuses is None and case.member.statuses:
        yield "status", _borne(old, statuses=frozenset()), {}
    yield from _visits(old, terms)
    if told.in_scope is None or told.in_scope != decision.in_scope:
        for bill in _classes(case, terms):
            yield "class", replace(old, case=replace(case, bill=bill)), {}
    yield from (("deductible", old, counters) for counters in _paid_ones(decision, terms))
    if any(step.code == "cap" for step in decision.steps):
        yield "cap", old, dict.fromkeys(_counted(decision, terms), 0)


def _visits(old: Old, terms: Terms) -> Iterator[Change]:
    """Another level where the old system does not tell its own; another referral."""
    visit = old.case.visit
    if not old.told.level:
        for level in terms.vocabulary.get("level", {}):
            if level != visit.level:
                yield "level", _visited(old, level=level, deductible_level=""), {}
    for referral in terms.vocabulary.get("referral", {}):
        if referral != visit.referral:
            yield "referral", _visited(old, referral=referral), {}
    if visit.prior_deductible:
        yield "referral", _visited(old, prior_deductible=0), {}


def _borne(old: Old, **facts: Any) -> Old:
    member = replace(old.case.member, **facts)
    return replace(old, case=replace(old.case, member=member))


def _visited(old: Old, **facts: Any) -> Old:
    visit = replace(old.case.visit, **facts)
    return replace(old, case=replace(old.case, visit=visit))


def _orders(old: Old, decision: Decision, terms: Terms, used: Used) -> Iterator[Mapping[str, int]]:
    """The number of the stay otherwise: as the old system says, else one more or less, or first."""
    mine = used.get(old.case.member.person, {})
    benefit = _benefit(decision, terms)
    for name in benefit.visits if benefit is not None else ():
        key = _moved(name, decision)
        now = mine.get(key, 0)
        others = [old.told.stay - 1] if old.told.stay is not None else [0, now - 1, now + 1]
        for number in dict.fromkeys(others):
            if number >= 0 and number != now:
                yield {key: number}


def _classes(case: Case, terms: Terms) -> Iterator[Any]:
    """All of one class of the bill in another one."""
    amounts = case.bill.amounts
    for source, target in permutations(terms.bill.classes, 2):
        moved = amounts.get(source, 0)
        if moved and terms.bill.classes[target].kind != "institution":
            left = {code: fen for code, fen in amounts.items() if code != source}
            yield replace(case.bill, amounts=left | {target: left.get(target, 0) + moved})


def _paid_ones(decision: Decision, terms: Terms) -> Iterator[Mapping[str, int]]:
    """A deductible of a period as not yet paid, or as paid."""
    benefit = _benefit(decision, terms)
    scheme = benefit.scheme if benefit is not None else None
    if scheme is not None and scheme.deductible is not None and scheme.deductible.counter:
        yield {scheme.deductible.counter: 0}
        yield {scheme.deductible.counter: PLENTY}


def _counted(decision: Decision, terms: Terms) -> list[str]:
    """The counters of the caps that this decision moved."""
    owners: list[Any] = [_benefit(decision, terms), *terms.layers]
    names = {
        cap.counter
        for owner in owners
        if owner is not None
        for kind in ("scheme", "flat", "package", "top_up")
        if (rules := getattr(owner, kind, None)) is not None
        for cap in rules.caps
        if cap.counter is not None
    }
    moved = [one.counter for one in decision.changes if one.counter.partition("@")[0] in names]
    return moved or [name for name in names if not terms.counters[name].by]


# -- what shows it -------------------------------------------------------------------------------


Shown = tuple[str, str, int, int]  # cause, name of the figure, ours, theirs


def _first_of(old: Old, decision: Decision, terms: Terms) -> Shown:
    """The first figure that differs, and what it means by itself."""
    told = old.told
    if bool(told.fund) != bool(decision.fund_pay) and (decision.refusal or not told.fund):
        return "refusal", "基金支付", decision.fund_pay, told.fund
    figures: Sequence[tuple[str, str]] = (("in_scope", "class"), ("deductible", "deductible"))
    found = _figure(figures, told, decision)
    if found is None:
        found = next(
            (
                _layer(one, told, decision, terms)
                for one in _layers(old, decision, terms)
                if one[1] != one[2]
            ),
            None,
        )
    rest = [(name, name) for name in ("ratio", "account", "credit", "cash")]
    found = found or _figure(rest, told, decision)
    return found or ("layer", "基金支付", decision.fund_pay, told.fund)


def _figure(figures: Iterable[tuple[str, str]], told: Told, decision: Decision) -> Shown | None:
    for name, cause in figures:
        said, ours = getattr(told, name), getattr(decision, name)
        if said is not None and said != ours:
            return cause, _name(name), ours, said
    return None


def _layer(one: tuple[str, int, int], told: Told, decision: Decision, terms: Terms) -> Shown:
    """What it means that a layer pays otherwise of the same amount."""
    code, ours, theirs = one
    benefit = _benefit(decision, terms)
    name = terms.layer_names.get(code, code)
    if told.ratio is not None and told.ratio != decision.ratio:
        return "ratio", "报销比例", decision.ratio, told.ratio
    cause = "layer"
    if code == terms.base_layer.code and benefit is not None and benefit.wallet is not None:
        cause = "account"
    elif not theirs or not ours:
        cause = "extra" if theirs else "missing"
    elif abs(ours - theirs) < YUAN:
        cause = "rounding"
    elif any(step.code == "cap" for step in decision.steps):
        cause = "cap"
    elif code == terms.base_layer.code and _is_ratio(decision, theirs):
        cause = "ratio"
    return cause, name, ours, theirs


def _layers(old: Old, decision: Decision, terms: Terms) -> Iterable[tuple[str, int, int]]:
    told, base = old.told, terms.base_layer.code
    if told.layers:
        return [(code, ours, told.layers.get(code, ours)) for code, ours in decision.layers.items()]
    others = sum(amount for code, amount in decision.layers.items() if code != base)
    if others and told.fund == decision.layers.get(base, 0):
        missing = next(code for code, one in decision.layers.items() if one and code != base)
        return [(missing, decision.layers[missing], 0)]
    return [(base, decision.layers.get(base, 0), told.fund - others)]


def _is_ratio(decision: Decision, theirs: int) -> bool:
    """Whether the payment is a whole percentage of what counts above the deductible."""
    counted = decision.in_scope - decision.deductible
    if counted <= 0:
        return False
    percent = round(100 * theirs / counted)
    return 0 < percent <= 100 and abs(counted * percent / 100 - theirs) <= 1


def _shown(cause: str, old: Old, decision: Decision, terms: Terms) -> tuple[str, int, int]:
    """Of a claim that one change explains: the first figure in which it shows."""
    for name, ours, title in FIGURES:
        said = getattr(old.told, name)
        if name == "fund" and said != decision.fund_pay:
            for code, mine, theirs in _layers(old, decision, terms):
                if mine != theirs:
                    return terms.layer_names.get(code, code), mine, theirs
        if said is not None and said != getattr(decision, ours):
            return title, getattr(decision, ours), said
    code, mine, theirs = next(one for one in _layers(old, decision, terms) if one[1] != one[2])
    return terms.layer_names.get(code, code), mine, theirs


def _name(figure: str) -> str:
    return next(title for name, _, title in FIGURES if name == figure)


STEPS: Mapping[str, tuple[str, ...]] = {
    "refusal": ("refusal",),
    "class": ("first_self_pay", "in_scope"),
    "order": ("deductible_change", "deductible"),
    "deductible": ("deductible_paid", "deductible_change", "deductible"),
    "level": ("deductible", "ratio"),
    "ratio": ("ratio",),
    "tier": ("ratio",),
    "status": ("bonus", "ratio"),
    "cap": ("cap",),
    "rounding": ("rounding", "ratio"),
    "account": ("account",),
    "credit": ("credit",),
}


def _step(cause: str, what: str, decision: Decision, terms: Terms) -> Step | None:
    """The step of ours that says it, with its article."""
    layer = next((one for one in terms.layers if one.name == what), None)
    if layer is not None:
        own = [step for step in decision.steps if step.name.startswith(layer.name)]
        if own:
            return own[-1]
    for code in STEPS.get(cause, ()):
        for step in decision.steps:
            if step.code == code:
                return step
    return next((step for step in decision.steps if step.code in {"ratio", "flat"}), None)
