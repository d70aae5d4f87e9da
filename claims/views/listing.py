"""Reading claims: one claim, its printed sheet."""

import re
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from accounts.models import AuditLine
from accounts.permissions import Request, shows
from accounts.scoping import get_visible
from claims.asked import answers_shown
from claims.computation import layers_shown
from claims.forms import CutForm
from claims.models import Settlement
from claims.workflow import SETTLEMENTS
from desk.reasons import ReasonForm
from institutions.categories import CATEGORY_NAMES
from policies.services import terms_of
from policies.terms import Terms

CODE = re.compile("[a-z_]+")


def words(terms: Terms, dimension: str, codes: list[str]) -> list[str]:
    names = terms.vocabulary.get(dimension, {})
    return [names.get(code, code) for code in codes]


def claim_shown(settlement: Settlement) -> dict[str, Any]:
    """Everything a page or paper tells of a claim, in a handful of statements."""
    terms = terms_of(settlement.pack)
    visit = settlement.visit
    lines: list[Any] = list(visit.lines.all())  # with their names, for the page
    for line in lines:
        line.category_name = CATEGORY_NAMES.get(line.category, "其他费")
        bill_class = terms.bill.classes.get(line.bill_class)
        line.class_name = bill_class.name if bill_class else line.bill_class
    benefit = terms.benefit(settlement.benefit).name if settlement.benefit else ""
    return {
        "claim": settlement,
        "visit": visit,
        "person": visit.person,
        "lines": lines,
        "cut_total": sum((line.cut_amount for line in lines), start=0),
        "layers": layers_shown(terms, {f.layer: f.amount for f in settlement.funds.all()}),
        "steps": steps_of(settlement),
        "invoices": list(visit.invoices.all()),
        "benefit": benefit,
        "terms": terms,
        "care": words(terms, "care", [visit.care])[0],
        "place": words(terms, "place", [visit.place])[0],
        "referral": words(terms, "referral", [visit.referral])[0],
        "tier": words(terms, "tier", [settlement.tier])[0],
        "circumstances": words(terms, "fact", visit.facts)
        + words(terms, "disease", visit.diseases)
        + words(terms, "procedure", visit.procedures)
        + words(terms, "reason", visit.reasons)
        + answers_shown(terms, visit.answers),
    }


def steps_of(settlement: Settlement) -> list[Any]:
    """The steps with their parameters in words; a refusal's is a code, its sentence says it."""
    steps: list[Any] = list(settlement.steps.all())
    for step in steps:
        step.shown = "" if CODE.fullmatch(step.parameter) else step.parameter
    return steps


def one_claim(request: Request, pk: int) -> Settlement:
    """The claim when the user may see it, else 404."""
    rows = Settlement.objects.select_related(
        "visit__person",
        "visit__household__division",
        "visit__institution",
        "division__parent",
        "pack",
        "entered_by",
        "reviewed_by",
        "approved_by",
        "paid_by",
    )
    found: Settlement = get_visible(rows, request.user, pk=pk)
    return found


@shows("claims.view")
def claim(request: Request, pk: int) -> HttpResponse:
    return show_claim(request, one_claim(request, pk))


def show_claim(
    request: Request,
    settlement: Settlement,
    reason_form: ReasonForm | None = None,
    cut_forms: list[CutForm] | None = None,
) -> HttpResponse:
    """The claim's page; the forms come back with errors when an act was refused."""
    context = claim_shown(settlement)
    steps = SETTLEMENTS.open_to(settlement, request.user)
    cutting = any(step.event == "cut" for step in steps) and (
        "cut" in request.GET or cut_forms is not None
    )
    if cutting:
        forms = cut_forms or cut_forms_of(context["lines"])
        for line, form in zip(context["lines"], forms, strict=True):
            line.cut_form = form
    others = list(settlement.visit.settlements.exclude(pk=settlement.pk))
    context |= {
        # "steps" of the page are those of the computation.
        "moves": [step for step in steps if step.event not in {"cut", "paid"}],
        "may_cut": any(step.event == "cut" for step in steps),
        "may_correct": settlement.entered_by_id == request.user.pk
        and settlement.status in {Settlement.Status.DRAFT, Settlement.Status.WITHDRAWN}
        and all(other.status == Settlement.Status.WITHDRAWN for other in others),
        "cutting": cutting,
        "history": history_of([*others, settlement]),
        "others": others,
        "reason_form": reason_form or ReasonForm(),
    }
    return render(request, "claims/claim.html", context)


def history_of(settlements: list[Settlement]) -> list[Any]:
    """What was done to a visit's settlements, oldest first, from the audit trail."""
    lines: list[Any] = list(
        AuditLine.objects.filter(
            subject_type="claims.settlement", subject_id__in=[str(one.pk) for one in settlements]
        ).order_by("id")
    )
    for line in lines:
        known = SETTLEMENTS.by_event.get(line.action.removeprefix("claims."))
        line.title = known.title if known else line.action
        line.number = (line.after or {}).get("number", "")
    return lines


def cut_forms_of(lines: list[Any], data: Any = None) -> list[CutForm]:
    return [
        CutForm(
            data,
            prefix=f"cuts-{line.line_number}",
            amount=line.amount,
            initial={"approved_amount": line.amount},
        )
        for line in lines
    ]
