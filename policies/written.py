"""Single values as they are written in a pack, and what to write instead of a wrong one. Pure."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable
from decimal import Decimal
from difflib import get_close_matches

from lib.json_lines import ISO_DATE
from lib.letters import fold
from lib.typed_text import FULL_WIDTH_LATIN

GROUPED = re.compile(r"[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")


def narrow(value: str) -> str:
    """A number, percentage or date with digits and signs of one width: ８０％ is 80%."""
    return value if value.isascii() else fold(value).translate(FULL_WIDTH_LATIN).strip()


def nearest(word: str, known: Iterable[str]) -> str:
    """What ``word`` was most likely meant to be; "" when it is like none."""
    return next(iter(get_close_matches(word, list(known), n=1)), "")


def one_of(word: str, known: Iterable[str], otherwise: str = "") -> str:
    """What to write instead of ``word``: the nearest spelling, and all that there is."""
    known = list(known)
    near = nearest(word, known)
    advice = f"是不是 {near}？" if near else f"{otherwise}；" if otherwise else ""
    return f"{advice}可用：" + ("、".join(known) or "（无）")


def no_day(value: str) -> tuple[str, str]:
    """What is wrong with a value that is no date, and the remedy."""
    if ISO_DATE.fullmatch(value) and 1 <= int(value[5:7]) <= 12 and value[:4] != "0000":
        year, month = int(value[:4]), int(value[5:7])
        last = monthrange(year, month)[1]
        return f"没有“{value}”这一天", f"{year} 年 {month} 月有 {last} 天，核对日期"
    return f"“{value}”不是日期", "写成 2025-01-01 的样子"


def decimal(value: str) -> Decimal | None:
    return Decimal(value) if re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,9})?", value) else None
