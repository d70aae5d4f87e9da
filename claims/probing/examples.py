"""What a stay comes to at each level of hospital, settled by the engine itself: for a leaflet, and
for one person with what is used up. Pure; nothing is saved.

The whole bill is taken as within the catalogue: what is outside it the patient bears beside this.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from claims.adjudication import Bill, Case, CaseError, Decision, Member, Visit, settle
from claims.probing.axes import limits_of
from claims.probing.situations import main_class, papers
from policies.terms import Terms

# A stay of so many days; measures that pay by the day are told by their own pages.
DAYS = 7
GROWN_UP = 40


@dataclass(frozen=True)
class Example:
    """One stay, in fen. `article`: where the share that was paid stands."""

    level: str
    cost: int
    fund: int
    own: int
    article: str


@dataclass(frozen=True)
class Limit:
    """One limit of the measures: how much of it there is, and how much is used; fen, days or
    times, as `unit` says."""

    name: str
    most: int
    used: int
    unit: str

    @property
    def left(self) -> int:
        return max(0, self.most - self.used)


def plain_member(terms: Terms, tier: str, on: date) -> Member:
    """A grown-up who is in no list and enrolled for the first year."""
    return Member(
        person="p",
        household="h",
        birth_date=date(on.year - GROWN_UP, 1, 1),
        tier=tier,
        sex=next(iter(terms.vocabulary.get("sex", {"": ""}))),
        residence=next(iter(terms.vocabulary.get("residence", {"": ""}))),
        statuses=frozenset(),
        consecutive_years=1,
        claim_free_years=0,
    )


def stays(
    terms: Terms, member: Member, costs: Sequence[int], on: date, used: Mapping[str, int]
) -> Iterator[Example]:
    """A first-choice stay at every level for every cost (fen), beginning on the day. Levels that
    the measures do not pay for in this way are left out."""
    care = next((code for code, rule in terms.cares.items() if rule.counts_as_stay), "")
    for level in terms.vocabulary.get("level", {}) if care else ():
        for cost in costs:
            try:
                decision = settle(_case(terms, member, (care, level), cost, on), terms, used)
            except CaseError:
                continue
            if decision.refusal is None and decision.benefit:
                yield Example(level, cost, decision.fund_pay, decision.personal, article(decision))


def _case(terms: Terms, member: Member, where: tuple[str, str], cost: int, on: date) -> Case:
    care, level = where
    return Case(
        member=member,
        visit=Visit(
            key="",
            care=care,
            level=level,
            starts=on,
            ends=on + timedelta(days=DAYS),
            place=next(iter(terms.vocabulary.get("place", {"": ""}))),
            referral=next(iter(terms.vocabulary.get("referral", {"": ""}))),
            facts=papers(terms),
            hospital="1",
        ),
        bill=Bill(amounts={main_class(terms): cost}),
    )


def article(decision: Decision) -> str:
    """Of the last step that changed what is paid."""
    steps = [one for one in decision.steps if one.article and one.before != one.after]
    return steps[-1].article if steps else ""


def limits(terms: Terms, used: Mapping[str, int]) -> list[Limit]:
    """Every limit of the measures that counts over a person's or household's year, with what is
    used of it."""
    found = limits_of(terms, (terms.benefits, terms.layers))
    return [
        Limit(counter.title, found[code], used.get(code, 0), counter.unit)
        for code, counter in terms.counters.items()
        if code in found and found[code] and counter.kind == "used" and not counter.by
    ]
