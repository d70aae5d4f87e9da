"""What makes a readable pack a wrong one: gaps, dead rows, overlaps, impossible numbers.

Each finding names the line and says how to mend it.  ``check_table`` is called while a file is
read; ``check_overlaps`` compares the packs of an area with one another.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import combinations

from policies.problems import Problem, Reader
from policies.terms import (
    ALWAYS,
    AMOUNTS,
    CATEGORIES,
    DIMENSION_NAMES,
    FLAGS,
    UNCOVERED,
    Benefit,
    Clause,
    Condition,
    Counter,
    GridTooLargeError,
    Row,
    Segment,
    Table,
    Terms,
    Vocabulary,
    build_table,
    dimensions_of,
)
from policies.terms.axes import ANY, Axis
from policies.terms.pack import HOSPITAL

At = tuple[int, str]  # line and place in the file
# Three examples show what the gap has in common; a grid may have thousands of cells.
SHOWN_GAPS = 3


def check_table(
    reader: Reader, table: Table, vocabulary: Vocabulary, line: int, *, complete: bool
) -> None:
    """Every cell has a row (when ``complete``) and every row has a cell."""
    if complete:
        gaps = [places for index, places in table.cells() if index == UNCOVERED]
        for places in gaps[:SHOWN_GAPS]:
            cell = describe_cell(table, places, vocabulary)
            more = f"（共{len(gaps)}种情形）" if len(gaps) > 1 else ""
            reader.problem(line, table.name, f"没有规定：{cell}{more}", "补一行，或放宽已有的行")
    reached = {index for index, _ in table.cells()}
    for index, row in enumerate(table.rows):
        if index not in reached:
            reader.problem(
                row.line,
                table.name,
                f"第{index + 1}行永远用不到，前面的行或适用范围已经排除了它",
                "把较窄的条件移到前面，或删去这一行",
            )


def declared(condition: Condition, vocabulary: Vocabulary) -> bool:
    """Whether every code that the condition names is one of the pack's."""
    return all(
        test.values <= vocabulary.get(test.dimension, {}).keys() for test in condition.tests()
    )


def check_benefits(
    reader: Reader, benefits: Sequence[Benefit], lines: Sequence[int], vocabulary: Vocabulary
) -> None:
    """No benefit is wholly taken by those before it."""
    if not all(declared(each.condition, vocabulary) for each in benefits):
        return  # told already; what else it would leave out is not meant
    rows = tuple(
        Row(benefit.condition, number, benefit.article, line)
        for number, (benefit, line) in enumerate(zip(benefits, lines, strict=True))
    )
    try:
        table = build_table("benefits", "count", rows, vocabulary)
    except GridTooLargeError:
        # Too many conditions to try every combination; an unconditional benefit still shows.
        always = [n for n, each in enumerate(benefits) if each.condition == ALWAYS]
        reached = set(range(always[0] + 1 if always else len(benefits)))
    else:
        reached = {index for index, _ in table.cells()}
    for number, benefit in enumerate(benefits):
        if number not in reached:
            wrong = f"待遇“{benefit.name}”永远用不到，前面的待遇已经包括了它的情形"
            reader.problem(lines[number], "benefits", wrong, "把较窄的待遇移到前面，或删去它")


def describe_cell(table: Table, places: tuple[int, ...], vocabulary: Vocabulary) -> str:
    """One cell of a grid in words, e.g. 医疗机构级别=县级医院,缴费档次=一档."""
    parts = []
    for axis, place in _worth_telling(table, places):
        names = vocabulary.get(axis.dimension, {})
        parts.append(f"{DIMENSION_NAMES[axis.dimension]}={axis.describe(place, names)}")
    return "，".join(parts) or "任何情形"


def _worth_telling(table: Table, places: tuple[int, ...]) -> list[tuple[Axis, int]]:
    """The axes that tell a cell apart.  A walk asks after sixty diseases one by one: what somebody
    has says enough, and what nobody has only where there is nothing else to say."""
    known = [pair for pair in zip(table.axes, places, strict=True) if pair[1] != ANY]
    if not table.leaves:
        return known
    has = [axis for axis, place in known if axis.dimension in FLAGS and place]
    told = [
        (axis, place)
        for axis, place in known
        if axis.dimension not in FLAGS
        or (place and not any(one.values < axis.values for one in has))
    ]
    return told or known


def check_segments(reader: Reader, segments: Sequence[Segment], line: int, where: str) -> None:
    """Bounds rise, and only the last segment is open-ended."""
    bounds = [segment.up_to for segment in segments]
    if bounds[-1] is not None:
        reader.problem(line, where, "最后一段有上限，超过的部分没有规定", "最后一段不写 up_to")
    if any(bound is None for bound in bounds[:-1]):
        reader.problem(line, where, "中间的段没有上限，后面的段用不到", "给每一段写 up_to")
        return
    known = [bound for bound in bounds if bound is not None]
    if known != sorted(set(known)) or 0 in known:
        reader.problem(line, where, "各段上限没有从小到大", "按金额从小到大排列，不要重复")


def check_known(
    reader: Reader,
    at: At,
    rules: object,
    benefits: Iterable[Benefit],
    counters: Mapping[str, Counter],
) -> None:
    """A rule on 第几次 needs a counter of visits in each of ``benefits`` whose claims it may see,
    or it would take every visit for none."""
    read = dimensions_of(rules)
    for benefit in benefits:
        if "visit" in read and not benefit.visits:
            counts = "、".join(each.name for each in counters.values() if each.unit == "count")
            wrong = f"用了“年内第几次”，却没有计次（待遇“{benefit.name}”）"
            remedy = (
                f"在待遇“{benefit.name}”中写 visits，可用：{counts or '（先在 counters 中声明）'}；"
                "只管别的待遇的，在 when 中写明 care"
            )
            reader.problem(*at, wrong, remedy)
        known = [counters[name].by for name in benefit.visits if name in counters]
        if "visit_here" in read and HOSPITAL not in known:
            wrong = f"用了“在同一医院第几次”，却没有按医院计次（待遇“{benefit.name}”）"
            reader.problem(*at, wrong, "在待遇的 visits 中加一个 by: hospital 的计数")


def check_amounts(reader: Reader, at: At, rules: object, known: Collection[str]) -> None:
    """Amounts that a rule speaks of are known by the time that it is asked."""
    for dimension in AMOUNTS:
        if dimension in dimensions_of(rules) and dimension not in known:
            can = "、".join(each for each in AMOUNTS if each in known) or "（这里不能按金额分）"
            wrong = f"这里还不知道“{DIMENSION_NAMES[dimension]}”"
            reader.problem(*at, wrong, f"删去，或改按 {can}")


def may_meet(one: Condition, other: Condition) -> bool:
    """Whether some case could fit both, as far as kinds of care, levels and places tell."""
    return any(
        _go_together(mine, theirs) for mine in one.when or ((),) for theirs in other.when or ((),)
    )


def _go_together(mine: Clause, theirs: Clause) -> bool:
    return all(
        test.dimension != other.dimension or test.values & other.values
        for test in mine
        for other in theirs
        if test.dimension in CATEGORIES
    )


def check_overlaps(packs: Sequence[tuple[str, Terms]]) -> list[Problem]:
    """Two packs of one area may not be in force on the same day.  ``packs``: (file, terms)."""
    found = []
    for (first_file, first), (second_file, second) in combinations(packs, 2):
        if first.area.code != second.area.code:
            continue
        start = max(first.valid_from, second.valid_from)
        end = min(first.valid_to, second.valid_to)
        if start <= end:
            wrong = f"与 {first_file} 的有效期重叠：{start} 至 {end}"
            remedy = "改其中一个的 valid.from 或 valid.to，使两段日期相接而不相交"
            found.append(Problem(second_file, 1, "valid", wrong, remedy))
    return found
