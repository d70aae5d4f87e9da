"""What makes a readable pack a wrong one: gaps, dead rows, overlaps, impossible numbers.

Each finding names the line and says how to mend it.  ``check_table`` is called while a file is
read; ``check_overlaps`` compares the packs of an area with one another.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from policies.reading import Problem, Reader
from policies.terms import (
    ALWAYS,
    DIMENSION_NAMES,
    UNCOVERED,
    Benefit,
    GridTooLargeError,
    Row,
    Segment,
    Table,
    Terms,
    Vocabulary,
    build_table,
    dimensions_of,
)

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
    reached = set(table.grid)
    for index, row in enumerate(table.rows):
        if index not in reached:
            reader.problem(
                row.line,
                table.name,
                f"第{index + 1}行永远用不到，前面的行或适用范围已经排除了它",
                "把较窄的条件移到前面，或删去这一行",
            )


def check_benefits(
    reader: Reader, benefits: Sequence[Benefit], lines: Sequence[int], vocabulary: Vocabulary
) -> None:
    """No benefit is wholly taken by those before it."""
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
        reached = set(table.grid)
    for number, benefit in enumerate(benefits):
        if number not in reached:
            wrong = f"待遇“{benefit.name}”永远用不到，前面的待遇已经包括了它的情形"
            reader.problem(lines[number], "benefits", wrong, "把较窄的待遇移到前面，或删去它")


def describe_cell(table: Table, places: tuple[int, ...], vocabulary: Vocabulary) -> str:
    """One cell of a grid in words, e.g. 医疗机构级别=县级医院,缴费档次=一档."""
    parts = []
    for axis, place in zip(table.axes, places, strict=True):
        names = vocabulary.get(axis.dimension, {})
        parts.append(f"{DIMENSION_NAMES[axis.dimension]}={axis.describe(place, names)}")
    return "，".join(parts) or "任何情形"


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


def check_visit_numbers(
    reader: Reader, line: int, where: str, rules: object, *, counted: bool
) -> None:
    """A rule on 年内第几次 needs a counter of visits, or it would see every visit as none."""
    if not counted and "visit" in dimensions_of(rules):
        reader.problem(line, where, "用了“年内第几次”，却没有计次", "在待遇中写 visits: 计次的计数")


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
