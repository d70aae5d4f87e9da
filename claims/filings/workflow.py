"""The way of a filing: asked for by one, decided by another, and so is its end."""

from claims.filings.models import Filing
from desk.decisions import decision_flow
from desk.workflow import REASON, STAY, Hand, Step

Status = Filing.Status

FILINGS = decision_flow(
    Filing,
    "claims",
    "filing",
    asks="claims.propose_filing",
    decides="claims.decide_filing",
    related=("person", "division"),
    more=(
        Step(
            "ask_end_filing",
            Status.APPROVED,
            STAY,
            "claims.propose_filing",
            "申请终止",
            reason=REASON,
            asks="终止的原因和依据",
            stamps=("ending_asked_by", "ending_asked_at"),
        ),
        Step(
            "end_filing",
            Status.APPROVED,
            STAY,
            "claims.decide_filing",
            "同意终止",
            Hand.OTHER,
            stamps=("ended_by", "ended_at"),
        ),
        Step(
            "keep_filing",
            Status.APPROVED,
            STAY,
            "claims.decide_filing",
            "不同意终止",
            Hand.OTHER,
            reason=REASON,
            asks="不同意的原因",
        ),
    ),
    hands=("ending_asked_by", "ended_by"),
)
