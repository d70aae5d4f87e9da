"""Changes the money code a little, thousands of times, and asks whether a test notices.

    python bench/mutation.py [--sample 15] [--only ratio] [--out results.jsonl]
    python bench/mutation.py --resume --out results.jsonl     # the rest, and what survived

The changes are those of mutmut 3 (numbers, operators, arguments, strings, conditions, lambdas),
also in cached functions and properties, field defaults and constants of a module.  The tests are
the stories that need no database; random ones are left out, so that a run can be repeated.

Everything is imported and collected once; each change is then tried in a forked copy of this
process, where only the changed functions are exchanged and the tests run that entered them, the
best noticers first, until one fails.  Nothing is written outside ``--out``.  Exit code 1 when
fewer than nine in ten changes are noticed.
"""

from __future__ import annotations

import argparse
import difflib
import gc
import json
import os
import random
import resource
import signal
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

import libcst as cst
import pytest
from _pytest.runner import runtestprotocol
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation.mutators import mutation_operators

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from launch.keys import fresh_keys  # noqa: E402

FILES = [*sorted(ROOT.glob("claims/adjudication/*.py")), ROOT / "enrollment" / "premiums.py"]
TESTS = (
    "tests/claims/adjudication",
    "tests/enrollment/cover/test_premiums.py",
    "tests/enrollment/cover/test_premiums_told.py",
)
OTHER = (  # random claims; what the stories of a pack leave out; the command around it
    "test_properties.py", "test_random_packs.py", "test_golden.py", "test_command.py",
)  # fmt: skip
LEAST = 0.9
MEMORY = 6 * 2**30  # bytes of address space: a changed size must not eat the machine
UNTOUCHED = ("len", "isinstance")  # calls that mutmut leaves alone


@dataclass(frozen=True)
class Change:
    """One node of a file and what stands in its place; ``part`` numbers the file's statements.
    ``function`` is empty outside of any."""

    file: Path
    function: str
    part: int
    line: int
    before: cst.CSTNode
    after: cst.CSTNode


class Source(cst.CSTVisitor):
    """A file and the changes that can be made in it."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.file = file
        self.changes: list[Change] = []
        text = file.read_text("utf-8")
        self.lines = text.splitlines()
        wrapper = MetadataWrapper(cst.parse_module(text))
        self.tree = wrapper.module
        self._places = wrapper.resolve(PositionProvider)
        self._names: list[str] = []
        self._in_function = 0
        self._part = 0
        for number, statement in enumerate(self.tree.body):
            self._part = number
            statement.visit(self)

    def on_visit(self, node: cst.CSTNode) -> bool:
        if isinstance(node, cst.Annotation | cst.Decorator | cst.Import | cst.ImportFrom):
            return False
        if isinstance(node, cst.Call) and getattr(node.func, "value", "") in UNTOUCHED:
            return False
        if isinstance(node, cst.Param) and isinstance(node.default, cst.Call):
            return False
        if not self._names and isinstance(node, cst.SimpleStatementLine) and not _constant(node):
            return False
        if isinstance(node, cst.FunctionDef | cst.ClassDef):
            if not self._in_function:
                self._names.append(node.name.value)
            self._in_function += isinstance(node, cst.FunctionDef)
        self._change(node)
        return True

    def on_leave(self, node: cst.CSTNode) -> None:
        if isinstance(node, cst.FunctionDef | cst.ClassDef):
            self._in_function -= isinstance(node, cst.FunctionDef)
            if not self._in_function:
                self._names.pop()

    def _change(self, node: cst.CSTNode) -> None:
        place = self._places.get(node)
        line = place.start.line if place else 0
        function = ".".join(self._names) if self._in_function else ""
        for kind, operator in mutation_operators:
            if isinstance(node, kind):
                for after in operator(node):
                    self.changes.append(Change(self.file, function, self._part, line, node, after))

    def changed(self, change: Change) -> tuple[str, str]:
        """(the file's new text, the lines that differ)."""
        body = list(self.tree.body)
        body[change.part] = body[change.part].deep_replace(change.before, change.after)
        text = self.tree.with_changes(body=body).code
        lines = difflib.unified_diff(self.lines, text.splitlines(), n=0, lineterm="")
        return text, "\n".join(line for line in lines if not line.startswith(("---", "+++", "@@")))


def _constant(statement: cst.SimpleStatementLine) -> bool:
    """An assignment to an UPPER_CASE name: the others are imports, ``__all__`` and types."""
    first = statement.body[0]
    target = first.targets[0].target if isinstance(first, cst.Assign) else None
    return isinstance(target, cst.Name) and target.value.isupper()


# -- putting a change into the running process ---------------------------------------------------


def module_of(file: Path) -> ModuleType:
    name = ".".join(file.relative_to(ROOT).with_suffix("").parts)
    return sys.modules[name.removesuffix(".__init__")]


def put_in(file: Path, text: str) -> None:
    """Run the changed file beside the loaded one and hand its code over, name by name."""
    module = module_of(file)
    fresh = ModuleType(module.__name__)
    fresh.__file__ = module.__file__
    exec(compile(text, str(file), "exec"), fresh.__dict__)
    for name, old in list(vars(module).items()):
        new = vars(fresh).get(name)
        if name.isupper():
            for other in map(module_of, FILES):
                if vars(other).get(name) is old:
                    setattr(other, name, new)
        elif getattr(old, "__module__", "") != module.__name__:
            continue  # imported
        elif isinstance(old, type):
            for each, member in vars(old).items():
                hand_over(member, vars(new).get(each))
        else:
            hand_over(old, new)


def hand_over(old: Any, new: Any) -> None:
    """Give ``old`` the code and the defaults of ``new`` if they are functions."""
    old, new = plain_function(old), plain_function(new)
    if old is None or new is None:
        return
    old.__code__ = new.__code__
    old.__defaults__, old.__kwdefaults__ = new.__defaults__, new.__kwdefaults__
    for name, mine, other in zip(
        old.__code__.co_freevars, old.__closure__ or (), new.__closure__ or (), strict=True
    ):
        if name.startswith("_dflt_"):  # a dataclass keeps the defaults of its fields there
            mine.cell_contents = other.cell_contents


def plain_function(value: Any) -> FunctionType | None:
    """The function below a property, a class method or a cache."""
    for name in ("fget", "__func__", "__wrapped__"):
        value = getattr(value, name, value)
    return value if isinstance(value, FunctionType) else None


def forget() -> None:
    """Empty the caches of the changed files: a test must not live on what an earlier one left."""
    for module in map(module_of, FILES):
        for value in list(vars(module).values()):
            if hasattr(value, "cache_clear"):
                value.cache_clear()


# -- running tests -------------------------------------------------------------------------------


def passes(item: pytest.Item, following: pytest.Item | None) -> bool:
    reports = runtestprotocol(item, log=False, nextitem=following)
    return not any(report.failed for report in reports)


class Run:
    """A pytest plugin that tries changes instead of running the tests once."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.seconds: dict[str, float] = {}
        self.entered: dict[str, set[str]] = defaultdict(set)
        self.noticers: dict[str | Path, Counter[str]] = defaultdict(Counter)
        self.results: list[dict[str, Any]] = []

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self.items = {item.nodeid: item for item in session.items}
        self._run_unchanged(session.items)
        gc.disable()  # a collection would copy every page that the children share
        gc.freeze()
        sources = {file: Source(file) for file in FILES}
        changes = self._chosen([each for source in sources.values() for each in source.changes])
        print(
            f"{len(self.items)} tests, {sum(self.seconds.values()):.1f} s; {len(changes)} changes"
        )
        for tried, (name, change) in enumerate(changes, start=1):
            result = {"name": name} | self._try(change, sources[change.file])
            self.results.append(result)
            if self.options.out:
                with self.options.out.open("a", encoding="utf-8") as out:
                    out.write(json.dumps(result, ensure_ascii=False) + "\n")
            if tried % 250 == 0:
                print(f"{tried} tried, {self._survived()} survived", flush=True)
        return True

    def _chosen(self, changes: list[Change]) -> list[tuple[str, Change]]:
        """The changes to try, each under a name that lasts as long as its function does."""
        options, count = self.options, Counter[str]()
        done, chosen = set(), []
        if options.resume and options.out.exists():
            results = map(json.loads, options.out.read_text("utf-8").splitlines())
            done = {each["name"] for each in results if each["outcome"] != "survived"}
        for change in changes:
            place = f"{change.file.relative_to(ROOT)}:{change.function}"
            count[place] += 1
            name = f"{place}#{count[place]}"
            if options.only in place and name not in done:
                chosen.append((name, change))
        if options.sample < 100:
            some = round(len(chosen) * options.sample / 100)
            chosen = random.Random(options.seed).sample(chosen, some)
        return chosen

    def _survived(self) -> int:
        return sum(result["outcome"] == "survived" for result in self.results)

    def _run_unchanged(self, items: list[pytest.Item]) -> None:
        """Which function is entered by which test, and how long each takes."""
        files = {str(file) for file in FILES}

        def enter(frame: Any, event: str, _: Any) -> None:
            code: CodeType = frame.f_code
            if event == "call" and code.co_filename in files:
                outer = code.co_qualname.partition(".<locals>")[0]
                self.entered[f"{code.co_filename}:{outer}"].add(current)

        for item, following in pairwise([*items, None]):
            current = item.nodeid
            forget()
            sys.setprofile(enter)
            started = time.perf_counter()
            passed = passes(item, following)
            self.seconds[current] = time.perf_counter() - started
            sys.setprofile(None)
            if not passed:
                raise SystemExit(f"{current} fails without any change")

    def _tests_for(self, change: Change) -> list[str]:
        """Those that enter the changed function (outside of one: all), noticers first."""
        found = set(self.items)
        if change.function:
            found = self.entered.get(f"{change.file}:{change.function}", set())
        here, near = self.noticers[f"{change.file}:{change.function}"], self.noticers[change.file]
        return sorted(found, key=lambda t: (-here[t], -near[t], self.seconds[t], t))

    def _try(self, change: Change, source: Source) -> dict[str, Any]:
        tests = self._tests_for(change)
        started = time.perf_counter()
        result = {
            "file": str(change.file.relative_to(ROOT)),
            "line": change.line,
            "function": change.function,
        } | in_a_child(lambda: self._child(change, source, tests))
        result["seconds"] = round(time.perf_counter() - started, 3)
        if result.get("noticed_by"):
            for place in (f"{change.file}:{change.function}", change.file):
                self.noticers[place][result["noticed_by"]] += 1
        return result

    def _child(self, change: Change, source: Source, tests: list[str]) -> Iterator[dict[str, str]]:
        text, difference = source.changed(change)
        yield {"change": difference}
        try:
            put_in(change.file, text)
        except Exception as error:
            yield {"outcome": "killed", "noticed_by": "", "by": f"loading it: {error!r}"}
            return
        forget()
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        for test, following in pairwise([*tests, None]):
            # A signal that nobody handles ends this process when the test never ends.
            signal.setitimer(signal.ITIMER_PROF, 2 + 10 * self.seconds[test])
            if not passes(self.items[test], self.items[following] if following else None):
                yield {"outcome": "killed", "noticed_by": test}
                return
        yield {"outcome": "survived"}


def in_a_child(work: Any) -> dict[str, Any]:
    """What ``work`` yields in a forked copy of this process; no outcome means it hung or died."""
    sys.stdout.flush()
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        try:
            for part in work():
                os.write(writing, (json.dumps(part) + "\n").encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as lines:
        found = {"outcome": "timeout"}
        for line in lines:
            found |= json.loads(line)
    os.waitpid(child, 0)
    return found


# -- telling -------------------------------------------------------------------------------------


def tell(results: list[dict[str, Any]], seconds: float) -> float:
    """Print survivors and a table by file; the share of changes that were noticed."""
    for result in results:
        if result["outcome"] == "survived":
            print(f"\n{result['file']}:{result['line']} {result['function']}\n{result['change']}")
    by_file: dict[str, Counter[str]] = defaultdict(Counter)
    for result in results:
        by_file[result["file"]][result["outcome"]] += 1
        by_file["all"][result["outcome"]] += 1
    print(f"\n{'file':36}{'changes':>8}{'killed':>8}{'timeout':>8}{'survived':>9}{'noticed':>9}")
    for file, counts in by_file.items():
        total = sum(counts.values())
        noticed = 1 - counts["survived"] / total
        print(
            f"{file:36}{total:8}{counts['killed']:8}{counts['timeout']:8}{counts['survived']:9}"
            f"{noticed:9.1%}"
        )
    print(f"{seconds:.0f} s")
    return 1 - by_file["all"]["survived"] / len(results)


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--sample", type=float, default=100, help="per cent of the changes")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--only", default="", help="part of FILE:FUNCTION")
    options.add_argument(
        "--out", type=Path, help="add every result to this file, one JSON object a line"
    )
    options.add_argument(
        "--resume", action="store_true", help="leave out what was noticed by what --out holds"
    )
    chosen = options.parse_args()
    if chosen.resume and not chosen.out:
        options.error("--resume needs --out")
    os.chdir(ROOT)
    # Settings insist on these; nothing here reaches a database or a broker.
    given = {"HEZUO_ENV": "test", "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none"}
    for name, value in (given | {"REDIS_URL": "redis://127.0.0.1:1/0"} | fresh_keys()).items():
        os.environ.setdefault(name, value)
    started = time.monotonic()
    run = Run(chosen)
    # Nobody reads why a test failed, and telling it well takes longer than the test.
    quiet = ["-q", "--tb=native", "--assert=plain", "--capture=sys"]
    quiet += ["-p", "no:cacheprovider", "-p", "no:warnings"]
    ignored = [f"--ignore-glob=*/adjudication/{file}" for file in OTHER]
    code = pytest.main([*TESTS, *ignored, *quiet], plugins=[run])
    results = run.results
    if chosen.resume and chosen.out.exists():
        kept = map(json.loads, chosen.out.read_text("utf-8").splitlines())
        results = list({each["name"]: each for each in kept}.values())
    if not results:
        return int(code) or 1
    return int(tell(results, time.monotonic() - started) < LEAST)


if __name__ == "__main__":
    sys.exit(main())
