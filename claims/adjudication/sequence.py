"""A file of claims, one JSON object a line, settled in its order.

Claims of one household that stand in a row carry usage forward: what a person's first claim
used, the second one finds used, and a family shares its household counters.  With another
household everything starts afresh, and so do yearly counters with a new insurance year.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from claims.adjudication.cases import Case, Decision
from claims.adjudication.columns import CaseError, day_of
from claims.adjudication.determination import determination
from claims.adjudication.engine import settle
from claims.adjudication.wire import read_case, write_decision
from lib.json_lines import object_of
from lib.letters import fold
from policies.terms import Terms


@dataclass(slots=True)
class Carried:
    """Usage of the household whose claims are being read, by owner key."""

    terms: Terms
    household: str = ""
    used: dict[tuple[str, str, int], dict[str, int]] = field(default_factory=dict)
    # The line that was not settled and may have used something of this household's, 0: none.
    missing: int = 0
    # That line did not say whose it was: the household that stands next may be the one.
    unknown: int = 0

    def before(self, case: Case, stated: Mapping[str, int]) -> dict[str, int]:
        """Usage to date for ``case``; what the case itself states replaces what was carried.

        Raises ``CaseError`` when an earlier claim of the household was not settled: what it used
        is not known, and nothing computed after it would be right.
        """
        self.enter(case.member.household)
        if self.missing:
            raise CaseError(
                "case", f"同一户前面的第 {self.missing} 行没有试算，累计不全；请先改正那一行再试算"
            )
        found: dict[str, int] = {}
        for key in self._owners(case):
            found |= self.used.get(key, {})
        return found | dict(stated)

    def after(self, case: Case, before: Mapping[str, int], decision: Decision) -> None:
        """Remember what ``decision`` leaves."""
        for key, value in decision.usage_after(before).items():
            counter = self.terms.counters[key.partition("@")[0]]
            year = self._year(case) if counter.period == "year" else 0
            owner = getattr(case.member, counter.owner)
            self.used.setdefault((counter.owner, owner, year), {})[key] = value

    def enter(self, household: str) -> None:
        """The household whose line is being read: a new one starts afresh."""
        if household != self.household:
            self.household, self.used, self.missing = household, {}, 0
        self.missing, self.unknown = self.missing or self.unknown, 0

    def miss(self, number: int, line: str) -> None:
        """Line ``number`` was not settled."""
        household = _household(line)
        if household is None:
            self.unknown = number
        else:
            self.enter(household)
            self.missing = self.missing or number

    def _year(self, case: Case) -> int:
        return self.terms.year.of(day_of(case.visit, self.terms))

    def _owners(self, case: Case) -> Iterator[tuple[str, str, int]]:
        for year in (0, self._year(case)):
            yield "person", case.member.person, year
            yield "household", case.member.household, year


def settle_lines(
    lines: Iterable[str], terms: Terms, measures: str = ""
) -> Iterator[dict[str, Any]]:
    """One JSON value per line that is not blank: a decision, or an ``error`` naming line, field
    and remedy.  ``measures``: SHA-256 of the pack's text, for the number of the determination;
    without it none is written.  After a wrong line the household whose it is, or may be, is settled
    no further; the others are."""
    carried = Carried(terms)
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                yield _settle_line(line, terms, carried, measures)
            except CaseError as error:
                carried.miss(number, line)
                wrong = {"line": number, "field": error.field, "message": str(error)}
                yield {"error": wrong}


def _household(line: str) -> str | None:
    """Whose a wrong line is, as far as it says so."""
    try:
        member = json.loads(line)["member"]
        found = member.get("household", member["person"])
    except (ValueError, RecursionError, LookupError, TypeError, AttributeError):
        return None
    return fold(found).strip() if isinstance(found, str) else None


def _settle_line(line: str, terms: Terms, carried: Carried, measures: str) -> dict[str, Any]:
    case, stated = read_case(object_of(line), terms)
    used = carried.before(case, stated)
    decision = settle(case, terms, used)
    carried.after(case, used, decision)
    written = write_decision(decision, used, terms)
    if measures:
        written["determination"] = determination([(case, used)], measures)
    return written
