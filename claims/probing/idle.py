"""从不起作用: rows, caps, layers and the like that change no claim of the whole grid.

Each rule is taken away (a row: its value altered) and claims are settled again: what changes
nothing has never acted.  A few claims usually show that a rule acts; only the others are settled
over the whole grid.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

import numpy as np

from claims.probing.curves import Curves
from claims.probing.findings import Finding
from claims.probing.saying import condition_said
from claims.probing.trying import Bench, Fen
from policies.terms import ConsentLimit, Row, Table, Terms

Path = tuple[Any, ...]

# Rules that can be left out, by the field in which they stand, with their word.
LISTS: Mapping[str, str] = {
    "caps": "封顶",
    "changes": "起付线调整",
    "bonuses": "加点",
    "growths": "递增",
    "layers": "保障层",
    "refusals": "不予支付",
    "wallets": "余额抵付",
}
SINGLES: Mapping[str, str] = {
    "floor": "保底",
    "ratio_ceiling": "比例上限",
    "unreferred": "未转诊",
    "days_limit": "年住院天数",
    "ceiling": "起付线年累计上限",
    "share": "按费用比例的起付线",
    "credit_prior": "减去转诊前起付",
}
# What bills given by class and condition never show, or what is no rule of payment.
ELSEWHERE = frozenset({"unit_limits", "line_shares", "condition", "payer"})
WORDS: Mapping[str, str] = {
    "amounts": "金额",
    "ratios": "比例",
    "limits": "限额",
    "prices": "定额",
    "values": "未转诊",
    "points": "加点",
    "shares": "先自付",
}
# A few claims, then all situations at a few costs, then the whole grid.
FEW, EVERY = 1500, 6


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that may be idle.  ``benefit``: whose claims can show it, None: anybody's; ``key``:
    what the text writes once and several rules share."""

    path: Path
    words: str
    article: str
    benefit: int | None
    key: object


def find_idle(bench: Bench, curves: Curves) -> list[Finding]:
    """One finding for each rule that never acts; what stands inside it is not told again."""
    idle: list[Rule] = []
    acting: set[object] = set()
    never = _never_chosen(bench, curves)
    for rule in rules_of(bench.terms):
        if rule.benefit in never or any(rule.path[: len(each.path)] == each.path for each in idle):
            continue
        if rule.key in acting:
            continue
        if _acts(bench, curves, rule):
            acting.add(rule.key)
        else:
            idle.append(rule)
    found = [
        Rule(("benefits", at), f"待遇“{bench.terms.benefits[at].name}”",
             bench.terms.benefits[at].article, at, at)
        for at in sorted(never)
    ]  # fmt: skip
    found += [each for each in idle if each.key not in acting]
    unlike = {each.key: each for each in reversed(found)}
    return [
        Finding(kind="idle", title=f"{each.words}，在全部情形中从不起作用", article=each.article,
                size=0, situations=0)
        for each in reversed(unlike.values())
    ]  # fmt: skip


def _never_chosen(bench: Bench, curves: Curves) -> set[int]:
    return set(range(len(bench.terms.benefits))) - {int(each) for each in np.unique(curves.benefit)}


def rules_of(terms: Terms) -> Iterator[Rule]:
    """Every rule of the pack that could be idle, outer before inner."""
    for at, benefit in enumerate(terms.benefits):
        walk = _Walk(terms, at)
        yield from walk.node(benefit, ("benefits", at), benefit.name, benefit.article)
    for name in ("bill", "refusals", "layers", "wallets"):
        yield from _Walk(terms, None).node(getattr(terms, name), (name,), "", "")


@dataclass(frozen=True, slots=True)
class _Walk:
    """Through the rules of one benefit, or (``benefit`` None) through those of everybody."""

    terms: Terms
    benefit: int | None

    def node(self, value: object, path: Path, words: str, article: str) -> Iterator[Rule]:
        """The rules inside ``value``; ``words`` and ``article`` are those of what is around it."""
        words, article = _named(value, words), getattr(value, "article", "") or article
        if isinstance(value, Table):
            yield from self._rows(value, path, words, article)
            return
        if isinstance(value, ConsentLimit) and value.effect == "notice":
            return
        for step, inner in _items(value):
            if step in ELSEWHERE:
                continue
            place, told = (*path, step), words
            if isinstance(step, int) and path[-1] in LISTS:
                own = getattr(inner, "name", "")
                name = LISTS[path[-1]] + (f"“{own}”" if own else "")
                yield self._rule(inner, place, _joined(words, name), article)
            elif step in SINGLES and is_dataclass(inner):
                told = _joined(words, SINGLES[step])
                yield self._rule(inner, place, told, article)
            yield from self.node(inner, place, told, article)

    def _rule(self, inner: object, path: Path, words: str, article: str) -> Rule:
        return Rule(path, words, _article(inner) or article, self.benefit, _key(inner))

    def _rows(self, table: Table, path: Path, words: str, article: str) -> Iterator[Rule]:
        kind = WORDS.get(str(path[-1]), "")
        for at, row in enumerate(table.rows):
            who = condition_said(row.condition, self.terms) or "其余情形"
            number = f"第 {at + 1} 行" if len(table.rows) > 1 else ""
            told = _joined(words, f"{kind}{number}（{who}），文本第 {row.line} 行")
            key = "line", row.line, row.value
            yield Rule((*path, "rows", at), told, row.article or article, self.benefit, key)


def _joined(words: str, more: str) -> str:
    return f"{words} · {more}" if words else more


def _named(value: object, words: str) -> str:
    own = getattr(value, "name", "")
    if isinstance(value, Table) or not own or own in words.split(" · "):
        return words
    return _joined(words, str(own))


def _items(value: object) -> list[tuple[Any, object]]:
    if isinstance(value, Mapping):
        return list(value.items())
    if isinstance(value, tuple):
        return list(enumerate(value))
    if is_dataclass(value):
        return [(each.name, getattr(value, each.name)) for each in fields(value)]
    return []


def _article(inner: object) -> str:
    """Its own article, or that of its first row."""
    own = getattr(inner, "article", "")
    rows = [each.rows[0].article for _, each in _items(inner) if isinstance(each, Table)]
    return own or next(iter(rows), "")


def _key(inner: object) -> object:
    """What is written once and used twice: by the line of its first row, or all that it says."""
    for _, each in _items(inner):
        if isinstance(each, Table) and each.rows:
            return type(inner).__name__, each.rows[0].line
    return type(inner).__name__, inner


def _acts(bench: Bench, curves: Curves, rule: Rule) -> bool:
    without = changed(bench.terms, rule.path)
    who = np.arange(len(curves.benefit))
    if rule.benefit is not None:
        who = np.flatnonzero(curves.benefit == rule.benefit)
    elif rule.path[0] != "refusals":
        who = np.flatnonzero(curves.benefit >= 0)
    some = np.arange(0, len(curves.costs), EVERY)
    every = np.arange(len(curves.costs))
    few = who[:: max(len(who) // FEW, 1)]
    tries = ((few, some), (who, some), (who, every))
    return any(_differs(bench, curves, without, *each) for each in tries)


def _differs(bench: Bench, curves: Curves, without: Terms, who: Fen, costs: Fen) -> bool:
    which = np.repeat(who, len(costs))
    columns = np.tile(costs, len(who))
    done = bench.settle(which, curves.costs[columns], without)
    return any(
        bool((getattr(done, name) != getattr(curves, name)[which, columns]).any())
        for name in ("fund", "personal", "mix")
    )


def changed(terms: Terms, path: Path) -> Terms:
    """The pack without the rule at ``path``; a row of a table gets another value."""
    found: Terms = _put(terms, path)
    return found


def _put(value: Any, path: Path) -> Any:
    step, rest = path[0], path[1:]
    if isinstance(value, Table):
        at = path[1]
        rows = tuple(_altered(v, value.unit) if n == at else v for n, v in enumerate(value.rows))
        return replace(value, rows=rows)
    if isinstance(value, tuple):
        if rest:
            return tuple(_put(v, rest) if at == step else v for at, v in enumerate(value))
        return tuple(v for at, v in enumerate(value) if at != step)
    if isinstance(value, Mapping):
        return {key: _put(v, rest) if key == step else v for key, v in value.items()}
    return replace(value, **{step: _put(getattr(value, step), rest) if rest else None})


def _altered(row: Row, unit: str) -> Row:
    """Another value that could stand there: a percent less (or the first one), a yuan more."""
    if unit == "ratio" and row.value >= 100:
        return replace(row, value=row.value - 100)
    return replace(row, value=row.value + 100)
