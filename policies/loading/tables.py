"""Conditions and tables, as they are written in a pack."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from policies import checker
from policies.reading import Block
from policies.terms import (
    ALWAYS,
    AMOUNTS,
    DIMENSION_NAMES,
    DIMENSIONS,
    NUMBERS,
    Clause,
    Condition,
    Counter,
    GridTooLargeError,
    Row,
    Table,
    Test,
    Vocabulary,
    build_table,
)
from policies.terms.tables import MAX_WALK
from policies.written import one_of

LOWS = {"above": 1, "at_least": 0}
HIGHS = {"up_to": 0, "under": 1}
VALUE_KEYS = {"fen": "amount", "ratio": "ratio", "count": "count"}


@dataclass(frozen=True, slots=True)
class Words:
    """What the rows of a pack may speak of: its codes and its counters."""

    vocabulary: Vocabulary
    counters: Mapping[str, Counter]

    def counter(self, block: Block, key: str, kind: str = "used", unit: str = "fen") -> str:
        """The counter named under ``key``; an undeclared or unfit one is a problem."""
        name = block.text(key)
        self._check(block, key, name, kind, unit)
        return name

    def _check(self, block: Block, key: str, name: str, kind: str, unit: str) -> None:
        found = self.counters.get(name)
        if name and found is None:
            remedy = one_of(name, self.counters, "在 counters 中声明")
            block.complain(key, f"没有声明过计数“{name}”", remedy)
        elif found is not None and found.kind != kind:
            wanted = "累计(used)" if kind == "used" else "余额(balance)"
            block.complain(key, f"计数“{name}”不是{wanted}类", f"改用 kind 为 {kind} 的计数")
        elif found is not None and found.unit != unit:
            wrong, remedy = f"计数“{name}”的单位不是 {unit}", f"改用 unit 为 {unit} 的计数"
            if (found.unit, unit) == ("count", "fen"):
                remedy += (
                    f"；限次数的写在 refusals：when: {{visit: {{from: 第几次}}}}, visits: {name}"
                )
            block.complain(key, wrong, remedy)

    def counters_of(self, block: Block, key: str, unit: str) -> tuple[str, ...]:
        """One counter or a list of them, in the order written."""
        names = block.values(key) if block.has(key) else ()
        for name in names:
            self._check(block, key, name, "used", unit)
        return names

    def optional_counter(
        self, block: Block, key: str, kind: str = "used", unit: str = "fen"
    ) -> str | None:
        return self.counter(block, key, kind, unit) if block.has(key) else None


def read_condition(block: Block, words: Words) -> Condition:
    """``when`` and ``unless`` of a block; neither means always."""
    return Condition(_clauses(block, "when", words), _clauses(block, "unless", words))


def _clauses(block: Block, key: str, words: Words) -> tuple[Clause, ...]:
    clauses = []
    for clause in block.blocks(key):
        tests = _clause(clause, words)
        if not tests and not clause.keys:
            clause.complain("", "条件是空的", "写上至少一项，或删去这个条件")
        clauses.append(tests)
    return tuple(clauses)


def _clause(block: Block, words: Words) -> Clause:
    """Every test of one clause; ``also`` holds further tests on a dimension already named."""
    own = [key for key in block.keys if key != "also"]
    tests = tuple(_test(block, each, words) for each in own if _known(block, each))
    also = block.block("also")
    return tests + (_clause(also, words) if also else ())


def _known(clause: Block, dimension: str) -> bool:
    if dimension in DIMENSIONS:
        return True
    clause.complain(dimension, f"不认识的条件“{dimension}”", one_of(dimension, DIMENSIONS))
    return False


def _test(clause: Block, dimension: str, words: Words) -> Test:
    if dimension in AMOUNTS:
        return _amount_test(clause, dimension)
    if dimension in NUMBERS:
        return _number_test(clause, dimension)
    values = clause.values(dimension)
    declared = words.vocabulary.get(dimension, {})
    for value in values:
        if value not in declared:
            remedy = one_of(value, declared, f"在 vocabulary.{dimension} 中声明")
            clause.complain(dimension, f"{DIMENSION_NAMES[dimension]}没有“{value}”", remedy)
    return Test(dimension, values=frozenset(values))


def _number_test(clause: Block, dimension: str) -> Test:
    if clause.is_scalar(dimension):
        number = clause.whole(dimension)
        return Test(dimension, low=number, high=number)
    bounds = clause.block(dimension)
    if bounds is None:
        clause.complain(dimension, "应当是整数或 {from, to}", "写成 {from: 60} 或 {to: 17}")
        return Test(dimension, low=0)
    low = bounds.whole("from") if bounds.has("from") else None
    high = bounds.whole("to") if bounds.has("to") else None
    if low is None and high is None:
        bounds.complain("", "from 和 to 都没有写", "至少写一个")
        low = 0
    if low is not None and high is not None and low > high:
        bounds.complain("from", f"from {low} 大于 to {high}", "把两个数对调或改正")
    bounds.done()
    return Test(dimension, low=low, high=high)


def _amount_test(clause: Block, dimension: str) -> Test:
    """Fen: ``above`` and ``under`` leave the amount itself out, ``at_least`` and ``up_to`` do
    not."""
    bounds = clause.block(dimension)
    if bounds is None or not bounds.keys:
        remedy = "写成 {above: 1000}（超过），同样可写 at_least 不低于、up_to 不超过、under 不足"
        clause.complain(dimension, "应当写明金额的界限", remedy)
        return Test(dimension, low=0)
    lows = [bounds.fen(key) + more for key, more in LOWS.items() if bounds.has(key)]
    highs = [bounds.fen(key) - less for key, less in HIGHS.items() if bounds.has(key)]
    if len(lows) > 1 or len(highs) > 1 or (lows and highs and lows[0] > highs[0]):
        bounds.complain(
            "", "金额的界限互相矛盾", "下限 above、at_least，上限 up_to、under 各写一个"
        )
    bounds.done()
    return Test(dimension, low=lows[0] if lows else None, high=highs[0] if highs else None)


def read_table(
    block: Block,
    key: str,
    unit: str,
    words: Words,
    domain: Condition = ALWAYS,
    *,
    complete: bool = True,
) -> Table:
    """The table under ``key``: a single value for all, or a list of rows.

    ``complete``: every case that fits ``domain`` must find a row, and a gap is a problem.
    """
    found = block.reader.found
    rows = _rows(block, key, unit, words)
    sound = block.reader.found == found and checker.declared(domain, words.vocabulary)
    name = f"{block.where}.{key}" if block.where else key
    line = block.line_of(key)
    try:
        table = build_table(name, unit, rows, words.vocabulary, domain)
    except GridTooLargeError:
        block.complain(key, "条件的组合过多，无法逐格检查", "减少同一张表里的条件，或拆成几项")
        block.reader.spend(MAX_WALK, line, name)
        return build_table(name, unit, (), {}, ALWAYS)
    block.reader.spend(table.questions, line, name)
    if sound:  # a row that was not understood leaves a gap that nobody meant
        checker.check_table(block.reader, table, words.vocabulary, line, complete=complete)
    return table


def _rows(block: Block, key: str, unit: str, words: Words) -> tuple[Row, ...]:
    if block.is_scalar(key):
        text = block.text(key)
        value = _parse(block, key, unit, text)
        return (Row(ALWAYS, value, block.article, block.line_of(key)),)
    if not block.has(key):
        block.complain(key, f"缺少“{key}”", f"补上 {key}")
        return ()
    rows = []
    for item in block.blocks(key):
        value_key = VALUE_KEYS[unit]
        condition = read_condition(item, words)
        value = {"fen": item.fen, "ratio": item.ratio, "count": item.whole}[unit](value_key)
        rows.append(Row(condition, value, item.article, item.line))
        item.done()
    return tuple(rows)


def _parse(block: Block, key: str, unit: str, text: str) -> int:
    if unit == "fen":
        return block.parse_fen(key, text)
    return block.parse_ratio(key, text) if unit == "ratio" else block.whole(key)
