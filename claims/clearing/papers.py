"""The statement of an institution's month (定点机构月结清算单)."""

from collections.abc import Iterable
from typing import Any

from accounts.permissions import Request
from accounts.templatetags.hezuo import day, spelled, yuan
from claims.clearing.breakdown import live_claims
from claims.clearing.models import Clearing, ClearingClaim, Deduction
from claims.clearing.services import foreseen, review_cuts
from claims.clearing.told import payment_told
from claims.clearing.views import one_clearing
from desk.papers import Facts, PaperKind, paper_route
from desk.seen import fingerprint


def _gain(clearing: Clearing) -> list[list[str]]:
    gain = clearing.gain_amount
    if not clearing.claims.live().filter(method__isnull=False).exists():
        return []
    return [["按付费方式结余（留用）" if gain >= 0 else "按付费方式超支（自担）", yuan(gain)],
            ["按付费方式应付", yuan(clearing.worth)]]  # fmt: skip


def _disputes(claims: Iterable[ClearingClaim]) -> list[list[str]]:
    """What the institution objects to, and what it was told."""
    rows = [one for claim in claims for one in claim.deductions.all() if one.dispute]
    return [
        [
            one.claim.settlement.number,
            one.dispute,
            f"{one.get_status_display()} {one.answer}".strip(),
        ]
        for one in sorted(rows, key=lambda one: one.pk)
    ]


def _edition(clearing: Clearing) -> str:
    """A statement that was called back and issued again is another one; so is one that says what
    was objected to, and each answer."""
    issued = clearing.issued_at.isoformat() if clearing.issued_at else ""
    disputes = _disputes(live_claims(clearing))
    return f"{issued} {fingerprint(disputes)[:12]}" if disputes else issued


def statement_facts(clearing: Clearing) -> Facts:
    claims = live_claims(clearing)
    foreseen(clearing, claims)  # a draft says what the statement will
    rows: Iterable[Deduction] = (
        one
        for claim in claims
        for one in sorted(claim.deductions.all(), key=lambda one: one.pk)
        if one.status != Deduction.Status.VOID
    )
    return {
        "area": clearing.area.name,
        "number": clearing.number,
        "institution": clearing.institution.name,
        "code": clearing.institution.code,
        "month": clearing.month_name,
        "declared_on": day(clearing.declared_on),
        "issued_on": day(clearing.issued_at),
        "answer_by": day(clearing.answer_by),
        "pay_by": day(clearing.pay_by),
        "count": clearing.claims_count,
        "sums": [
            ["申报金额", yuan(clearing.claimed_amount)],
            *_gain(clearing),
            ["核对扣减", yuan(clearing.deducted_amount)],
            [f"预留质量保证金（{clearing.deposit_percent}%）", yuan(clearing.deposit_amount)],
            ["抵扣应追回款", yuan(clearing.set_off_amount)],
            ["冲抵预付金", yuan(clearing.prepaid_amount)],
            ["应付金额", yuan(clearing.paid_amount)],
        ],
        "payment": payment_told(clearing),
        "spelled": spelled(clearing.paid_amount),
        # By its method, where one of them has one: amount, worth and difference.
        "worths": [
            [one.settlement.number, day(one.settlement.settled_on), yuan(one.amount),
             yuan(one.worth), yuan(one.gain)]
            for one in claims if one.method_id
        ],
        "claims": [
            [one.settlement.number, day(one.settlement.settled_on),
             yuan(one.settlement.total_amount), yuan(one.amount)]
            for one in claims
        ],
        "deductions": [
            [one.claim.settlement.number, one.words, yuan(one.amount)] for one in rows
        ],
        "disputes": _disputes(claims),
        "cuts": [[line.item_name, line.cut_reason, yuan(line.cut_amount)]
                 for line in review_cuts(claims)],
        "is_draft": clearing.status not in Clearing.STATED,
    }  # fmt: skip


CLEARING_STATEMENT = PaperKind(
    "claims.clearing_statement",
    "定点机构月结清算单",
    "claims/clearing/statement.html",
    "claims.view_clearings",
    statement_facts,
    is_final=lambda clearing: clearing.status in Clearing.STATED,
    edition=_edition,
)


def _row(request: Request, pk: int) -> Any:
    return one_clearing(request, pk)


ROUTES = [paper_route("<int:pk>/statement", CLEARING_STATEMENT, _row, name="clearing_statement")]
