"""``manage.py premium --policy FILE --cases CASES.jsonl``: premiums without a database."""

from collections.abc import Iterable, Iterator
from typing import Any

from enrollment.cover.premium_lines import assess_lines
from policies.lines_command import LinesCommand
from policies.terms import Terms


class Command(LinesCommand):
    help = "按政策包逐行算缴费和补助（JSON Lines 进出），不用数据库；说明见 docs/premium.md"

    def answers(self, lines: Iterable[str], terms: Terms, sha256: str) -> Iterator[dict[str, Any]]:
        return assess_lines(lines, terms)
