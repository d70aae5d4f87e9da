"""Writes of the room: entering and settling claims, their way through review, and payment."""

from claims.services.deciding import (
    approvals_needed,
    approve,
    denial_reasons,
    refuse,
    send_back,
)
from claims.services.entry import enter, preview
from claims.services.patients import (
    Standing,
    area_code_of,
    find_patients,
    standing_of,
    stays_before,
    workplace,
)
from claims.services.progress import (
    Cut,
    cut_and_review,
    discard,
    reject,
    reopen,
    return_to_clerk,
    review,
    stop,
    submit,
    try_cut,
    unclose,
    withdraw,
)
from claims.services.settling import Preview

__all__ = [
    "Cut",
    "Preview",
    "Standing",
    "approvals_needed",
    "approve",
    "area_code_of",
    "cut_and_review",
    "denial_reasons",
    "discard",
    "enter",
    "find_patients",
    "preview",
    "refuse",
    "reject",
    "reopen",
    "return_to_clerk",
    "review",
    "send_back",
    "standing_of",
    "stays_before",
    "stop",
    "submit",
    "try_cut",
    "unclose",
    "withdraw",
    "workplace",
]
