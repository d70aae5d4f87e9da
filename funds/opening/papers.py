"""期初余额表 on paper: both hands sign it, and it goes to the accounts of the first year."""

from typing import Any

from accounts.permissions import Request
from accounts.scoping import get_visible
from accounts.templatetags.hezuo import day, yuan
from desk.papers import Facts, PaperKind, paper_route
from funds.models import ZERO
from funds.opening.models import Opening, OpeningLine
from funds.opening.outstanding import SIDES, Outstanding
from funds.opening.rules import Rules
from funds.papers import tier_names
from institutions.models import Institution


def told_lines(row: Opening) -> list[Facts]:
    """The lines as people read them, by the chart of the book's first month."""
    rules, tiers = Rules(row.book), tier_names(row.book)
    lines = list(row.lines.select_related("township"))
    codes = {one.institution_code for one in lines if one.institution_code}
    names = dict(Institution.objects.filter(code__in=codes).values_list("code", "name"))

    def about(one: OpeningLine) -> str:
        parts = (
            tiers.get(one.tier, one.tier),
            one.township.name if one.township else "",
            names.get(one.institution_code, one.institution_code),
            one.get_funding_level_display() if one.funding_level else "",
            f"{one.policy_year}年度" if one.policy_year else "",
        )
        return "、".join(part for part in parts if part)

    return [
        {
            "code": rules.code_of(one.account),
            "name": rules.name_of(one.account),
            "about": about(one),
            "debit": yuan(one.debit) if one.debit else "",
            "credit": yuan(one.credit) if one.credit else "",
        }
        for one in lines
    ]


def told_outstanding(row: Opening) -> list[Facts]:
    """What bank and books had apart, as people read it."""
    rules = Rules(row.book)
    rows = [Outstanding.of(one) for one in row.outstanding]
    return [
        {
            "account": rules.name_of(one.account),
            "side": SIDES[one.side],
            "day": day(one.day),
            "number": one.number,
            "amount": yuan(one.amount),
        }
        for one in rows
    ]


def opening_facts(row: Opening) -> Facts:
    credit = sum((one.credit for one in row.lines.all()), ZERO)
    return {
        "book": str(row.book),
        "on": f"{row.on.year}年{row.on.month}月{row.on.day}日",
        "first_month": f"{row.book.first_month:%Y年%-m月}",
        "chart": row.book.get_chart_display(),
        "lines": told_lines(row),
        "outstanding": told_outstanding(row),
        "debit": yuan(row.total),
        "credit": yuan(credit),
        "evidence": row.evidence,
        "reason": row.reason,
        "replaces": str(row.replaces) if row.replaces else "",
        "voucher": row.voucher.label if row.voucher else "",
        "proposed": f"{row.proposed_by.name} {day(row.proposed_on)}",
        "decided": f"{row.decided_by.name} {day(row.decided_on)}" if row.decided_by else "",
    }


def _agreed(row: Opening) -> bool:
    return row.status == Opening.Status.APPROVED


def _marks(row: Opening) -> list[str]:
    if not _agreed(row):
        return [row.get_status_display()]
    return [f"已由 {row.red.label} 红冲，另行更正"] if row.red else []


OPENING = PaperKind(
    code="funds.opening",
    title="期初余额表",
    template="funds/opening/paper.html",
    permission="funds.view_drafts",
    facts=opening_facts,
    is_final=_agreed,
    marks=_marks,
)


def _opening(request: Request, pk: int) -> Any:
    related = ("book__area", "proposed_by", "decided_by", "voucher", "red", "replaces")
    return get_visible(Opening, request.user, *related, pk=pk)


ROUTES = [paper_route("opening/<int:pk>", OPENING, _opening, name="opening_paper")]
