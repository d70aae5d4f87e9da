"""Writes of the room: entering and settling claims, their way through review, and payment."""

from claims.services.entry import enter, preview
from claims.services.patients import (
    Standing,
    area_code_of,
    find_patients,
    standing_of,
    stays_before,
    workplace,
)
from claims.services.payment import pay
from claims.services.progress import (
    Cut,
    approve,
    cut_and_review,
    discard,
    reject,
    return_to_clerk,
    review,
    stop,
    submit,
    withdraw,
)
from claims.services.settling import Preview

__all__ = [
    "Cut",
    "Preview",
    "Standing",
    "approve",
    "area_code_of",
    "cut_and_review",
    "discard",
    "enter",
    "find_patients",
    "pay",
    "preview",
    "reject",
    "return_to_clerk",
    "review",
    "standing_of",
    "stays_before",
    "stop",
    "submit",
    "withdraw",
    "workplace",
]
