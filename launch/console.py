"""What the person at the terminal reads, and the one error meant for them."""

import contextlib
from collections import deque
from pathlib import Path

LAST_LINES = 20


class LaunchError(Exception):
    """The start cannot go on. The message says what is wrong and what to do about it."""


def say(text: str) -> None:
    """Print one line at once, also when the output goes to a pipe. A terminal that was closed
    is no reason to stop, least of all half-way through an orderly stop."""
    with contextlib.suppress(OSError):
        print(text, flush=True)


def last_lines(log: Path) -> str:
    """The end of a log, for an error message; says so when there is nothing to show."""
    if not log.is_file():
        return f"({log}: 没有日志)"
    with log.open(encoding="utf-8", errors="replace") as lines:
        tail = "".join(deque(lines, maxlen=LAST_LINES)).rstrip()
    return f"{tail or '(日志为空)'}\n(完整日志: {log})"
