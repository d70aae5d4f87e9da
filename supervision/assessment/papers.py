"""The notice of an assessment's result (考核结果通知书)."""

from accounts.templatetags.hezuo import day
from desk.papers import Facts, PaperKind, paper_route
from supervision.assessment.listings import VIEW, told
from supervision.assessment.models import Assessment
from supervision.assessment.views import one_assessment

Status = Assessment.Status


def result_facts(row: Assessment) -> Facts:
    return {
        "area": row.adoption.area.name,
        "institution": row.institution.name,
        "code": row.institution.code,
        "year": row.year,
        "form": row.adoption.get_form_display(),
        "paper": row.adoption.evidence,
        "self_score": "—" if row.self_score is None else str(row.self_score),
        "score": str(row.score) if row.is_told and row.score is not None else "—",
        "is_final": row.status == Status.FINAL,
        "finished_on": day(row.finished_on),
        "appeal_by": day(row.appeal_by),
        "appeal": row.appeal,
        "answer": row.answer,
        "told": told(row),
        "deposit": row.adoption.said.deposit_told,
        "lines": [
            [one.name, one.source, str(one.most), str(one.points), one.note]
            if row.is_told else [one.name, one.source, str(one.most), "", ""]
            for one in row.items.all()
        ],
    }  # fmt: skip


ASSESSMENT_RESULT = PaperKind(
    "supervision.assessment_result",
    "考核结果通知书",
    "supervision/assessment/result.html",
    VIEW,
    result_facts,
    # Published it is one paper, final another, and found otherwise by a court a third.
    edition=lambda row: f"{row.status} {row.finished_on or ''} {row.score}",
    is_final=lambda row: row.status in (Status.PUBLISHED, Status.FINAL),
    series="考核结果通知书",
)

ROUTES = [
    paper_route(
        "assessments/<int:pk>/result", ASSESSMENT_RESULT, one_assessment, name="assessment_result"
    )
]
