"""用款计划 on paper, as it goes to the finance bureau."""

from typing import Any

from accounts.permissions import Request
from accounts.scoping import get_visible
from accounts.templatetags.hezuo import day, spelled, yuan
from desk.papers import Facts, PaperKind, paper_route
from funds.models import ZERO
from funds.plans.models import FundingPlan


def plan_facts(row: FundingPlan) -> Facts:
    lines = list(row.lines.all())
    return {
        "book": str(row.book),
        "month": row.as_month.words,
        "made_on": day(row.made_on),
        "lines": [
            {
                "title": one.title,
                "basis": one.basis,
                "worked_out": yuan(one.worked_out),
                "amount": yuan(one.amount),
                "note": one.note,
            }
            for one in lines
        ],
        "worked_out": yuan(sum((one.worked_out for one in lines), ZERO)),
        "amount": yuan(row.amount),
        "spelled": spelled(row.amount),
        "made_by": row.made_by.name,
        "checked_by": row.checked_by.name if row.checked_by else "",
    }


def _is_checked(row: FundingPlan) -> bool:
    return row.checked_by_id is not None


PLAN = PaperKind(
    "funds.plan",
    "用款计划申请表",
    "funds/plans/paper.html",
    "funds.view",
    plan_facts,
    edition=lambda row: f"{row.checked_at:%Y%m%d%H%M%S}" if row.checked_at else "",
    is_final=_is_checked,
    marks=lambda row: (
        []
        if _is_checked(row) and row.status not in FundingPlan.DEAD
        else [row.get_status_display()]
    ),
)


def _plan(request: Request, pk: int) -> Any:
    return get_visible(FundingPlan, request.user, "book__area", "made_by", "checked_by", pk=pk)


ROUTES = [paper_route("plans/<int:pk>/paper", PLAN, _plan, name="plan_paper")]
