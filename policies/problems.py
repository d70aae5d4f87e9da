"""What is wrong with a pack's text, each with its line and remedy, collected while it is read."""

from __future__ import annotations

from dataclasses import dataclass, field

from policies.terms import Assumption

# A text with more faults is another kind of file; naming each would take minutes.
MAX_PROBLEMS = 100
# Questions asked of cells while tables are checked, some nine million in a second.  All tables of
# the longest shipped pack take 13 000.
MAX_WORK = 30_000_000


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a pack file: where it stands, what it is, how to mend it."""

    file: str
    line: int
    where: str
    wrong: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.file} 第{self.line}行 {self.where}：{self.wrong}。改法：{self.remedy}。"


class PackError(ValueError):
    """A pack file that cannot be used; ``problems`` says everything that is wrong."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


@dataclass(slots=True)
class Reader:
    """The problems and the marked assumptions found so far in one file.

    The first ``MAX_PROBLEMS`` are kept; those after them are only counted.
    """

    file: str
    problems: dict[Problem, None] = field(default_factory=dict)
    assumptions: list[Assumption] = field(default_factory=list)
    more: int = 0
    work: int = 0

    def spend(self, work: int, line: int, where: str) -> None:
        """Count what checking a table took.  Raises ``PackError`` when a text takes too much."""
        self.work += work
        if self.work > MAX_WORK:
            wrong = "各表的行数乘条件数太大，检查到这里为止"
            self.problem(line, where, wrong, "减少同一张表的行和条件，或拆成几项")
            self.raise_problems()

    def problem(self, line: int, where: str, wrong: str, remedy: str) -> None:
        found = Problem(self.file, line, where, wrong, remedy)
        if len(self.problems) < MAX_PROBLEMS:
            self.problems[found] = None
        elif found not in self.problems:
            self.more += 1

    def withdraw(self, where: str, wrong: str) -> None:
        """Take back what follows from another fault that is told."""
        for problem in [one for one in self.problems if (one.where, one.wrong) == (where, wrong)]:
            del self.problems[problem]

    @property
    def found(self) -> int:
        """How many problems there are so far, told or only counted."""
        return len(self.problems) + self.more

    def raise_problems(self) -> None:
        """Raises ``PackError`` when anything was recorded, in the order of the file."""
        if not self.problems:
            return
        told = sorted(self.problems, key=lambda problem: problem.line)
        if self.more:
            wrong = f"问题太多，只列出前 {MAX_PROBLEMS} 处，另外约有 {self.more} 处没有列出"
            told.append(Problem(self.file, told[-1].line, "文件", wrong, "先改好以上各处再检查"))
        raise PackError(tuple(told))
