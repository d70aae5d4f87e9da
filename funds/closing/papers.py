"""结账清单 on paper: signed by those who close the month, kept as it was when it was closed."""

from typing import Any

from accounts.permissions import Request
from accounts.scoping import get_visible
from accounts.templatetags.hezuo import minute, yuan
from desk.papers import Facts, PaperKind, paper_route
from funds.closing.checklist import year_end
from funds.closing.views import closes_a_year, found_of
from funds.models import Period


def checklist_facts(period: Period) -> Facts:
    found = found_of(period) or []
    end = year_end(period.book, period.year) if closes_a_year(period) else None
    return {
        "book": str(period.book),
        "month": str(period),
        "vouchers": str(period.voucher_count),
        "status": period.get_status_display(),
        "closed_by": period.closed_by.name if period.closed_by else "",
        "closed_at": minute(period.closed_at) if period.closed_at else "",
        "lines": [
            {
                "what": one.what,
                "verdict": one.verdict.label,
                "number": f"{one.count} {one.unit}" if one.count else "",
                "amount": yuan(one.amount) if one.amount is not None and one.count else "",
                "words": one.words,
            }
            for one in found
        ],
        "year": [
            {"title": title, "amount": yuan(amount)}
            for title, amount in (
                ("收入结转（E27）", end.income),
                ("支出结转（E28）", end.expense),
                (f"收支结余转入{end.surplus_to}", end.surplus),
                ("次年年初资产", end.assets),
                ("次年年初负债", end.liabilities),
                ("次年年初净资产", end.net_assets),
            )
        ]
        if end
        else [],
    }


def _is_closed(period: Period) -> bool:
    return period.status == Period.Status.CLOSED


CLOSING_LIST = PaperKind(
    "funds.closing_list",
    "结账清单",
    "funds/closing/paper.html",
    "funds.view",
    checklist_facts,
    is_final=_is_closed,
    marks=lambda period: [] if _is_closed(period) else ["未结账，以结账时的为准"],
)


def _period(request: Request, pk: int) -> Any:
    return get_visible(Period, request.user, "book__area", "closed_by", pk=pk)


ROUTES = [
    paper_route("periods/<int:pk>/checklist/paper", CLOSING_LIST, _period, name="closing_paper"),
]
