"""The way of a filing: asked for by one, decided by another, and so is its end."""

from claims.filings.models import CarriedFilings, Filing
from desk.carrying import carried_flow
from desk.decisions import decision_flow
from desk.importing import Acts
from desk.workflow import STAY, Hand, by_another, with_reason

Status = Filing.Status

FILINGS = decision_flow(
    Filing,
    "claims",
    "filing",
    related=("person", "division"),
    more=(
        with_reason(
            "ask_end_filing",
            Status.APPROVED,
            STAY,
            "claims.propose_filing",
            "申请终止",
            asks="终止的原因和依据",
            stamp="ending_asked",
        ),
        by_another(
            "end_filing", Status.APPROVED, STAY, "claims.decide_filing", "同意终止", stamp="ended"
        ),
        with_reason(
            "keep_filing",
            Status.APPROVED,
            STAY,
            "claims.decide_filing",
            "不同意终止",
            asks="不同意的原因",
            hand=Hand.OTHER,
        ),
    ),
    hands=("ending_asked_by", "ended_by"),
)

CARRIED_ACTS = Acts.of("carried_filings", again="check_carried_filings")
CARRIED_FLOW = carried_flow(CarriedFilings, "claims", CARRIED_ACTS, "claims.carry_filings")
