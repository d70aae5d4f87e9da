"""``manage.py adjudicate --policy FILE --cases CASES.jsonl``: decisions without a database."""

from collections.abc import Iterable, Iterator
from typing import Any

from claims.adjudication.sequence import settle_lines
from policies.lines_command import LinesCommand
from policies.terms import Terms


class Command(LinesCommand):
    help = "按政策包逐行试算（JSON Lines 进，JSON Lines 出），不用数据库；说明见 docs/adjudicate.md"

    def answers(self, lines: Iterable[str], terms: Terms, sha256: str) -> Iterator[dict[str, Any]]:
        return settle_lines(lines, terms, sha256)
