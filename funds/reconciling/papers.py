"""银行存款余额调节表 on paper: kept once it is reviewed, a new one when it was made anew."""

from typing import Any

from accounts.permissions import Request
from accounts.scoping import get_visible
from accounts.templatetags.hezuo import day, yuan
from desk.papers import Facts, PaperKind, paper_route
from funds.reconciling.models import Adjustment
from funds.reconciling.services import shown
from funds.reconciling.table import SIDES


def adjustment_facts(row: Adjustment) -> Facts:
    table = shown(row, row.account, row.as_month)
    return {
        "book": str(row.account.book),
        "account": row.account.name,
        "until": day(row.until),
        "bank": yuan(table.bank),
        "book_balance": yuan(table.book),
        "adjusted_bank": yuan(table.adjusted_bank),
        "adjusted_book": yuan(table.adjusted_book),
        "difference": yuan(table.difference) if table.difference else "",
        "sides": [
            {
                "title": title,
                "sum": yuan(table.sum_of(side)),
                "items": [
                    {
                        "day": day(one.day),
                        "number": one.number,
                        "words": one.words,
                        "amount": yuan(abs(one.amount)),
                    }
                    for one in table.items.get(side, [])
                ],
            }
            for side, title in SIDES
        ],
        "made_by": row.made_by.name,
        "reviewed_by": row.reviewed_by.name if row.reviewed_by else "",
    }


def _is_reviewed(row: Adjustment) -> bool:
    return row.status == Adjustment.Status.REVIEWED


ADJUSTMENT = PaperKind(
    "funds.adjustment",
    "银行存款余额调节表",
    "funds/reconciling/paper.html",
    "funds.view",
    adjustment_facts,
    edition=lambda row: f"{row.reviewed_at:%Y%m%d%H%M%S}" if row.reviewed_at else "",
    is_final=_is_reviewed,
    marks=lambda row: [] if _is_reviewed(row) else ["未复核"],
)


def _adjustment(request: Request, pk: int) -> Any:
    return get_visible(
        Adjustment, request.user, "account__book__area", "made_by", "reviewed_by", pk=pk
    )


ROUTES = [
    paper_route(
        "reconciling/adjustments/<int:pk>/paper", ADJUSTMENT, _adjustment, name="adjustment_paper"
    ),
]
