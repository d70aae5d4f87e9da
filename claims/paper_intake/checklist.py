"""Which papers a claim from elsewhere has to bring, what was found, and what it lacks.

The papers and when they are asked for are the measures' (`papers` of the pack). Measures that name
none ask nothing here; the reviewer then still has the words of claims/missing.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from claims.adjudication import subject_of
from claims.computation import engine_visit, member_of
from claims.missing import PAPERS
from claims.models import Settlement, Visit
from claims.paper_intake.models import HandedPaper
from policies.services import terms_of
from policies.terms import PaperRule, Terms

State = HandedPaper.State


@dataclass(frozen=True)
class Asked:
    """One paper that the measures ask of this claim, and what was found ("" not looked at yet)."""

    rule: PaperRule
    state: str = ""

    @property
    def lack(self) -> str:
        """What is wrong with it, "" when it is as it should be or was not looked at yet."""
        if self.state == State.MISSING:
            return f"缺{self.rule.name}"
        if self.state == State.COPY and self.rule.original:
            return f"{self.rule.name}须原件，收到的是复印件"
        return ""

    @property
    def told_state(self) -> str:
        return str(State(self.state).label) if self.state else "未核对"


def asked_of(settlement: Settlement) -> list[Asked]:
    """The papers of the claim in the order of the pack; none at a counter, which is settled by the
    hospital's own bill."""
    visit = settlement.visit
    terms = terms_of(settlement.pack)
    if visit.source != Visit.Source.PAPER or not terms.papers:
        return []
    member = member_of(visit.enrollment, visit.starts, terms)
    subject = subject_of(member, engine_visit(visit, terms), terms)
    found = dict(HandedPaper.objects.filter(visit=visit).values_list("code", "state"))
    return [
        Asked(rule, found.get(rule.code, ""))
        for rule in terms.papers
        if subject.meets(rule.condition)
    ]


def lacks_of(settlement: Settlement) -> list[str]:
    """Everything that the claim is known to lack, in words with the article."""
    return [f"{one.lack}（{one.rule.article}）" for one in asked_of(settlement) if one.lack]


def paper_names(terms: Terms) -> Mapping[str, str]:
    """Code → name of every paper that may be named as missing: the pack's own words first."""
    return PAPERS | {rule.code: rule.name for rule in terms.papers}
