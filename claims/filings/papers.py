"""The paper of a filing (备案表): what was asked for, who agreed, from when to when."""

from accounts.templatetags.hezuo import day, mask_id
from claims.filings.models import Filing
from claims.filings.views import one_filing
from desk.papers import Facts, PaperKind, paper_route


def filing_facts(row: Filing) -> Facts:
    return {
        "number": row.number,
        "kind": row.get_kind_display(),
        "person": row.person.name,
        "id": mask_id(row.person.resident_id),
        "place_of": row.division.place,
        "about": row.about,
        "place": row.place,
        "starts": day(row.starts),
        "ends": day(row.ends) if row.ends else "",
        "expert": row.expert,
        "liable": row.get_liable_display() if row.liable else "",
        "proof": row.get_proof_display() if row.proof else "",
        "evidence": row.evidence,
        "status": f"自 {day(row.ended_from)} 起终止"
        if row.ended_from
        else row.get_status_display(),
        "decision": row.decision,
        "proposed": f"{row.proposed_by.name} {day(row.proposed_on)}",
        "decided": f"{row.decided_by.name} {day(row.decided_on)}" if row.decided_by else "",
    }


FILING_PAPER = PaperKind(
    "claims.filing_paper",
    "备案表",
    "claims/filings/paper.html",
    "claims.view_filings",
    filing_facts,
    edition=lambda row: f"{row.status} {row.ended_from}" if row.ended_from else row.status,
    is_final=lambda row: row.status in (Filing.Status.APPROVED, Filing.Status.REFUSED),
)

ROUTES = [paper_route("<int:pk>/paper", FILING_PAPER, one_filing, name="filing_paper")]
