"""科目转换表 on paper: it goes to the accounts of the year."""

from typing import Any

from accounts.permissions import Request
from accounts.scoping import get_visible
from accounts.templatetags.hezuo import day, yuan
from desk.papers import Facts, PaperKind, paper_route
from funds.models import Account
from funds.switching.conversion import conversion
from funds.switching.models import ChartSwitch


def conversion_facts(row: ChartSwitch) -> Facts:
    found = conversion(row.book, row.year, row.before, row.after)
    return {
        "book": str(row.book),
        "year": str(row.year),
        "ended": f"{row.year - 1}年12月31日",
        "begun": f"{row.year}年1月1日",
        "before": row.get_before_display(),
        "after": row.get_after_display(),
        "lines": [
            {
                "old_code": one.old.code,
                "old_name": one.old.name,
                "new_code": one.new.code,
                "new_name": one.new.name,
                "side": Account.Side(one.side).label,
                "amount": yuan(one.balance),
                "doubt": one.doubt,
            }
            for one in found.lines
        ],
        "closing": [yuan(one) for one in found.closing],
        "opening": [yuan(one) for one in found.opening],
        "is_even": found.is_even,
        "evidence": row.evidence,
        "proposed": f"{row.proposed_by.name} {day(row.proposed_on)}",
        "decided": f"{row.decided_by.name} {day(row.decided_on)}" if row.decided_by else "",
    }


def _agreed(row: ChartSwitch) -> bool:
    return row.status == ChartSwitch.Status.APPROVED


CONVERSION = PaperKind(
    code="funds.conversion",
    title="科目转换表",
    template="funds/switching/conversion.html",
    permission="funds.view_drafts",
    facts=conversion_facts,
    is_final=_agreed,
    marks=lambda row: [] if _agreed(row) else [row.get_status_display()],
)


def _switch(request: Request, pk: int) -> Any:
    return get_visible(ChartSwitch, request.user, "book__area", "proposed_by", "decided_by", pk=pk)


ROUTES = [paper_route("charts/<int:pk>", CONVERSION, _switch, name="conversion")]
