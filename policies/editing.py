"""What the pages of drafts and versions show: tables of numbers, problems beside them, changes."""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from policies.drafts import fingerprint, problems_of
from policies.forms import NumbersForm
from policies.models import Draft
from policies.numbers import Difference, Number, differences, numbers_of, replaced
from policies.problems import Problem
from policies.words import SECTIONS


@dataclass(slots=True)
class Line:
    """One row of an editor's table; `was` is the number in the version that the draft began as."""

    index: int
    number: Number
    field: Any
    was: str
    problems: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Editor:
    """A draft ready to be shown: tables by section and group, what is wrong, what differs."""

    draft: Draft
    form: NumbersForm
    lines: list[Line]
    problems: list[Problem]
    changes: list[Difference]

    @property
    def tables(self) -> list[tuple[str, str, list[Line]]]:
        """(section, group, lines) in the order of the text."""

        def heading(line: Line) -> tuple[str, str]:
            section = line.number.section
            return SECTIONS.get(section, section), line.number.group

        return [(*names, list(lines)) for names, lines in groupby(self.lines, key=heading)]

    @property
    def is_sound(self) -> bool:
        """Nothing wrong, neither in a field nor in the text as a whole."""
        return not self.problems and not self.wrong

    @property
    def wrong(self) -> list[Line]:
        """The numbers that something is wrong with."""
        return [line for line in self.lines if line.problems]

    @property
    def by_article(self) -> list[tuple[str, list[Difference]]]:
        return by_article(self.changes)


def editor(draft: Draft, data: Mapping[str, str] | None = None) -> Editor:
    """The draft as saved, or as it would be with what was typed. Nothing is written."""
    numbers = numbers_of(draft.source)
    form = NumbersForm(numbers, data, initial={"sha256": fingerprint(draft.source)})
    source = draft.source
    if data is not None:
        form.full_clean()  # a wrong number stays as it was; the others are compared all the same
        source = replaced(source, form.changed)
    was = {number.place: number.text for number in numbers_of(draft.base.source)}
    lines = [
        Line(index, number, form[f"n{index}"], was.get(number.place, ""))
        for index, number in enumerate(numbers)
    ]
    for line in lines:
        line.problems += [str(error) for error in line.field.errors]
    beside, rest = _placed(problems_of(source), numbers)
    for index, told in beside.items():
        lines[index].problems += told
    changes = differences(numbers_of(draft.base.source), numbers_of(source))
    return Editor(draft=draft, form=form, lines=lines, problems=rest, changes=changes)


def _placed(
    problems: Iterable[Problem], numbers: Sequence[Number]
) -> tuple[dict[int, list[str]], list[Problem]]:
    """Problems by the number they are about, and those that are about no single number."""
    by_place = {number.place: index for index, number in enumerate(numbers)}
    by_line: dict[int, list[int]] = {}
    for index, number in enumerate(numbers):
        by_line.setdefault(number.line, []).append(index)
    beside: dict[int, list[str]] = {}
    rest: list[Problem] = []
    for problem in problems:
        at = [by_place[problem.where]] if problem.where in by_place else by_line.get(problem.line)
        if at:
            beside.setdefault(at[0], []).append(f"{problem.wrong}。{problem.remedy}")
        else:
            rest.append(problem)
    return beside, rest


def by_article(changes: Iterable[Difference]) -> list[tuple[str, list[Difference]]]:
    """Changes grouped by the article they fall under, in the order of the text."""
    found: dict[str, list[Difference]] = {}
    for change in changes:
        found.setdefault(change.article or "（无条文：基本信息）", []).append(change)
    return list(found.items())


def lines_changed(before: str, after: str) -> list[str]:
    """The text's changes line by line, as a unified diff without its head."""
    return list(difflib.unified_diff(before.splitlines(), after.splitlines(), n=1, lineterm=""))[2:]
