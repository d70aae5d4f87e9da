"""The bulletin on one sheet of A4."""

from typing import Any

from accounts.permissions import Request
from accounts.scoping import get_visible
from accounts.templatetags.hezuo import day
from desk.papers import Facts, PaperKind, paper_route
from reports.bulletins.models import Bulletin


def bulletin_facts(row: Bulletin) -> Facts:
    return {
        **row.facts,
        "number": row.number,
        "words": row.words,
        "drafted_by": row.drafted_by.name,
        "issued_by": row.issued_by.name if row.issued_by else "",
        "issued_on": day(row.issued_on) if row.issued_on else "",
    }


BULLETIN = PaperKind(
    "reports.bulletin",
    "医保工作简报",
    "reports/bulletins/paper.html",
    "reports.view_bulletins",
    bulletin_facts,
    is_final=lambda row: row.status == Bulletin.Status.ISSUED,
)


def _bulletin(request: Request, pk: int) -> Any:
    return get_visible(Bulletin, request.user, "area", "drafted_by", "issued_by", pk=pk)


ROUTES = [paper_route("bulletins/<int:pk>/paper", BULLETIN, _bulletin, name="bulletin_paper")]
