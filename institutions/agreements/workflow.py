"""Signing an agreement, and what is done to one: put forward by one, decided by another."""

from desk.decisions import decision_flow
from institutions.agreements.models import AgreementStep, Signing

ASKS, DECIDES = "institutions.propose_agreement", "institutions.decide_agreement"

SIGNINGS = decision_flow(
    Signing, "institutions", "signing", asks=ASKS, decides=DECIDES,
    related=("institution__division",),
)  # fmt: skip
STEPS = decision_flow(
    AgreementStep, "institutions", "agreement_step", asks=ASKS, decides=DECIDES,
    related=("agreement__institution__division",),
)  # fmt: skip
