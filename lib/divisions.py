"""Division codes: county 6 digits (GB/T 2260), township 9, village 12, group 14 (our own last two).

A division lies inside another when its code starts with the other's: that is the whole rule.
"""

LEVEL_BY_LENGTH = {6: "county", 9: "township", 12: "village", 14: "group"}


class DivisionCodeError(ValueError):
    """The code is wrong; the message says in Chinese what and how to mend it."""


def level_of(code: str) -> str:
    """The level that a code stands for: county, township, village or group."""
    if not (code.isascii() and code.isdecimal()):
        raise DivisionCodeError(f"区划代码“{code}”只能是数字")
    if len(code) not in LEVEL_BY_LENGTH:
        raise DivisionCodeError(f"区划代码“{code}”应为 6、9、12 或 14 位，现为 {len(code)} 位")
    return LEVEL_BY_LENGTH[len(code)]


def parent_code(code: str) -> str:
    """The code one level up; empty for a county."""
    shorter = [length for length in LEVEL_BY_LENGTH if length < len(code)]
    return code[: max(shorter)] if shorter else ""


def lies_inside(code: str, outer: str) -> bool:
    """Whether `code` is `outer` or below it."""
    return bool(outer) and code.startswith(outer)
