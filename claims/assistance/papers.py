"""Papers of assistance: the application form that is signed (申请审批表) and the public notice."""

from typing import Any

from accounts.permissions import Request
from accounts.templatetags.hezuo import day, mask_name, spelled, yuan
from claims.assistance.models import AidApplication
from claims.assistance.views import one_application
from desk.papers import Facts, PaperKind, paper_route
from lib.bank_numbers import masked_account
from policies.services import terms_of


def form_facts(aid: AidApplication) -> Facts:
    terms = terms_of(aid.cover.pack)
    return {
        "area": terms.area.name,
        "number": aid.number,
        "kind": aid.kind_name,
        "person": aid.person.name,
        "place": aid.division.place,
        "held": f"{aid.held_name}（{aid.held_source}认定）",
        "applied_on": day(aid.applied_on),
        "applied_by": aid.applied_by.name,
        "year": aid.policy_year,
        "facts": aid.facts,
        "claims": [
            [
                claim.settlement.number,
                claim.settlement.visit.institution_name,
                day(claim.settlement.visit.starts),
                yuan(claim.settlement.total_amount),
                yuan(claim.own_amount),
            ]
            for claim in aid.claims.select_related("settlement__visit")
        ],
        "own": yuan(aid.own_amount),
        "steps": list(aid.steps),
        "amount": yuan(aid.amount),
        "spelled": spelled(aid.amount),
        "payee": f"{aid.payee} {masked_account(aid.account)} {aid.bank}".strip(),
        "document": aid.payee_document,
        "public": f"{day(aid.public_from)} 至 {day(aid.public_to)}" if aid.public_to else "",
        "reviewer": aid.reviewed_by.name if aid.reviewed_by else "",
        "reviewed_on": day(aid.reviewed_at) if aid.reviewed_at else "",
        "approver": aid.approved_by.name if aid.approved_by else "",
        "approved_on": day(aid.approved_at) if aid.approved_at else "",
        "is_draft": aid.approved_at is None,
    }


AID_FORM = PaperKind(
    "claims.aid_form",
    "医疗救助申请审批表",
    "claims/assistance/form.html",
    "claims.print_aid",  # names the hospitals
    form_facts,
    is_final=lambda aid: aid.approved_at is not None,
)


def notice_facts(aid: AidApplication) -> Facts:
    """What is made public: never the whole name, no number, no illness, no account."""
    terms = terms_of(aid.cover.pack)
    return {
        "area": terms.area.name,
        "number": aid.number,
        "person": mask_name(aid.person.name),
        "place": aid.division.place,
        "kind": aid.kind_name,
        "held": aid.held_name,
        "own": yuan(aid.own_amount),
        "amount": yuan(aid.amount),
        "public_from": day(aid.public_from) if aid.public_from else "",
        "public_to": day(aid.public_to) if aid.public_to else "",
        "article": aid.article,
    }


AID_NOTICE = PaperKind(
    "claims.aid_notice",
    "医疗救助公示表",
    "claims/assistance/notice.html",
    "claims.view_aid",
    notice_facts,
    edition=lambda aid: aid.public_from.isoformat() if aid.public_from else "",
    is_final=lambda aid: aid.public_from is not None,
)


def _one(request: Request, pk: int) -> Any:
    return one_application(request, pk)


ROUTES = [
    paper_route("<int:pk>/form", AID_FORM, _one, name="aid_form"),
    paper_route("<int:pk>/notice", AID_NOTICE, _one, name="aid_notice"),
]
