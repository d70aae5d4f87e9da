"""移交核对表 on paper: both hands sign what came over, and what differs."""

from typing import Any

from accounts.permissions import Request
from accounts.scoping import get_visible
from accounts.templatetags.hezuo import day, yuan
from desk.papers import Facts, PaperKind, paper_route
from funds.models import ZERO
from moving.totals.kinds import BY_KEY
from moving.totals.models import Comparison
from moving.totals.services import difference


def comparison_facts(row: Comparison) -> Facts:
    kind = BY_KEY[row.kind]
    lines = list(row.lines.select_related("place__parent"))

    def money(amount: Any) -> str:
        return yuan(amount or ZERO) if kind.amount else ""

    return {
        "area": row.area.name,
        "title": kind.title,
        "unit": kind.unit,
        "amount": kind.amount,
        "counted_on": day(row.proposed_on),
        "lines": [
            {
                "place": one.place.place,
                "theirs": str(one.theirs),
                "ours": str(one.ours),
                "their_amount": money(one.their_amount),
                "our_amount": money(one.our_amount),
                "difference": difference(kind, one),
                "note": one.note,
            }
            for one in lines
        ],
        "theirs": str(row.theirs),
        "ours": str(row.ours),
        "their_amount": money(row.their_amount),
        "our_amount": money(row.our_amount),
        "differing": str(row.differing),
        "evidence": row.evidence,
        "reason": row.reason,
        "proposed": f"{row.proposed_by.name} {day(row.proposed_on)}",
        "decided": f"{row.decided_by.name} {day(row.decided_on)}" if row.decided_by else "",
    }


def _agreed(row: Comparison) -> bool:
    return row.status == Comparison.Status.APPROVED


COMPARISON = PaperKind(
    code="moving.comparison",
    title="移交核对表",
    template="moving/comparison.html",
    permission="moving.view_totals",
    facts=comparison_facts,
    is_final=_agreed,
    marks=lambda row: [] if _agreed(row) else [row.get_status_display()],
)


def _comparison(request: Request, pk: int) -> Any:
    return get_visible(Comparison, request.user, "area", "proposed_by", "decided_by", pk=pk)


ROUTES = [paper_route("totals/<int:pk>", COMPARISON, _comparison, name="comparison")]
