"""How the program is asked, and what it answers."""

import sys
from dataclasses import dataclass
from pathlib import Path

from funds.verify.books import verify
from funds.verify.records import read_export
from funds.verify.since import changes_since, head_missing
from funds.verify.workbook import check_workbook


@dataclass(frozen=True)
class Asked:
    """What is to be checked, and against what."""

    export: Path
    workbook: Path | None
    earlier: Path | None
    head: str


def _taken(names: list[str], option: str) -> str:
    """The value of an option, taken out of the names; "" without it. Raises IndexError."""
    if option not in names:
        return ""
    place = names.index(option)
    value = names[place + 1]
    del names[place : place + 2]
    return value


def _arguments(given: list[str]) -> Asked | None:
    """What is asked for; None when it is not said so."""
    names = list(given)
    try:
        before, head = _taken(names, "--earlier"), _taken(names, "--head")
    except IndexError:
        return None
    earlier = Path(before) if before else None
    paths = [Path(name) for name in names]
    workbook = next((path for path in paths if path.suffix.lower() == ".xlsx"), None)
    rest = [path for path in paths if path is not workbook]
    if len(rest) == 2 and earlier is None:
        earlier = rest.pop()
    if len(rest) != 1:
        return None
    there = [path for path in (rest[0], workbook, earlier) if path is not None]
    whole = all(path.is_file() for path in there)
    return Asked(rest[0], workbook, earlier, head.lower()) if whole else None


def main(arguments: list[str]) -> int:
    """0: whole; 1: something is wrong; 2: wrong usage."""
    asked = _arguments(arguments)
    if asked is None:
        sys.stderr.write(
            "用法：python verify.py 全账.jsonl [账簿.xlsx] [--earlier 先前的全账.jsonl]"
            " [--head 先前记下的末端指纹]\n"
        )
        return 2
    export = asked.export
    outcome = verify(read_export(export))
    if asked.workbook is not None:
        outcome.findings += check_workbook(asked.workbook, read_export(export))
    if asked.earlier is not None:
        outcome.findings += changes_since(read_export(asked.earlier), read_export(export))
    if asked.head:
        outcome.findings += head_missing(asked.head, read_export(export))
    sys.stdout.write("\n".join(outcome.lines()) + "\n")
    return 0 if outcome.whole else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
