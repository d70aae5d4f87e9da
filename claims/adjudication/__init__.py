"""Adjudication: what the fund pays for a claim, pure and columnar.

``settle`` for one claim at the counter, ``adjudicate`` for columns of them.
"""

from claims.adjudication.billing import BillItem, bill_from_lines, line_parts, merge_observation
from claims.adjudication.cases import (
    Bill,
    Case,
    Decision,
    Member,
    Refusal,
    Step,
    UsageChange,
    Visit,
)
from claims.adjudication.columns import (
    CaseError,
    Cases,
    asked_dimensions,
    check_case,
    subject_of,
)
from claims.adjudication.decisions import Decisions, refusal_rules
from claims.adjudication.engine import adjudicate, settle
from claims.adjudication.usage import Opening, Usage

__all__ = [
    "Bill",
    "BillItem",
    "Case",
    "CaseError",
    "Cases",
    "Decision",
    "Decisions",
    "Member",
    "Opening",
    "Refusal",
    "Step",
    "Usage",
    "UsageChange",
    "Visit",
    "adjudicate",
    "asked_dimensions",
    "bill_from_lines",
    "check_case",
    "line_parts",
    "merge_observation",
    "refusal_rules",
    "settle",
    "subject_of",
]
