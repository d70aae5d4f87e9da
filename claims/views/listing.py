"""Reading claims: one claim, its printed sheet."""

import re
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from accounts.models import AuditLine
from accounts.permissions import Request, shows
from accounts.scoping import get_visible
from accounts.trail_names import ACTION_NAMES
from claims.asked import answers_shown
from claims.carried.models import OldSettlement
from claims.computation import layers_shown, lines_shown
from claims.deciding.models import Denial
from claims.dependence.listings import counters_told, outcome
from claims.dependence.models import Dependent
from claims.forms import CutForm, DenialForm
from claims.listings import HOUSEHOLD
from claims.models import BillLine, Settlement, Visit
from claims.paper_intake.checklist import Asked, asked_of, paper_names
from claims.paper_intake.models import Scan
from claims.paying.forms import PayeeForm
from claims.paying.seen import digest_of
from claims.paying.shown import payment_shown
from claims.prescriptions import Prescribed, beyond_limits
from claims.refunds.models import PatientRefund
from claims.services import denial_reasons
from claims.views.beside import beside
from claims.views.fall import fall_of
from claims.workflow import SETTLEMENTS
from desk.listing import listing_page
from desk.reasons import ReasonForm
from enrollment.models import Household
from institutions.categories import CATEGORY_NAMES
from institutions.models import CatalogueItem
from lib.money import to_fen
from policies.services import terms_of
from policies.terms import Terms
from policies.terms.articles import behind

# Steps with a form of their own, and those that are taken beside another.
OWN_FORMS = {"cut", "paid", "payee_changed", "refused", "denied", "agreed"}
CODE = re.compile("[a-z_]+")


def words(terms: Terms, dimension: str, codes: list[str]) -> list[str]:
    names = terms.vocabulary.get(dimension, {})
    return [names.get(code, code) for code in codes]


def own_cut(settlement: Settlement, lines: list[Any]) -> Decimal:
    """What the reviewer took off and the patient bears (yuan): told apart from what the catalogue
    leaves outside, with which it is computed as wholly his own."""
    cut = sum(
        (one.cut_amount for one in lines if one.cut_bearer == BillLine.Bearer.PATIENT),
        start=Decimal(0),
    )
    return min(cut, Decimal(settlement.full_self_pay_amount))


def claim_shown(settlement: Settlement) -> dict[str, Any]:
    """Everything a page or paper tells of a claim, in a handful of statements."""
    terms = terms_of(settlement.pack)
    visit = settlement.visit
    lines: list[Any] = list(settlement.bill_lines())  # with their names, for the page
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
        "own_cut": own_cut(settlement, lines),
        "layers": layers_shown(terms, {f.layer: f.amount for f in settlement.funds.all()}),
        "steps": steps_of(settlement, terms),
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
        + answers_shown(terms, visit.answers)
        + [str(one) for one in visit.filings.select_related("filing")]
        + [f"与已有就诊相似，说明：{said}" for said in [visit.alike_reason] if said],
    }


def steps_of(settlement: Settlement, terms: Terms) -> list[Any]:
    """The steps with their parameters in words (a refusal's is a code, its sentence says it), and
    with the own words of the articles that they cite."""
    steps: list[Any] = list(settlement.steps.all())
    for step in steps:
        step.words = behind(terms.texts, step.article)
        step.shown = "" if CODE.fullmatch(step.parameter) else step.parameter
    return steps


def one_claim(request: Request, pk: int) -> Settlement:
    """The claim when the user may see it, else 404."""
    return get_visible(
        Settlement,
        request.user,
        "visit__person",
        "visit__household__division",
        "visit__institution",
        "division__parent",
        "pack",
        "entered_by",
        "reviewed_by",
        "approved_by",
        "paid_by",
        "screened",
        pk=pk,
    )


@shows("claims.view")
def claim(request: Request, pk: int) -> HttpResponse:
    return show_claim(request, one_claim(request, pk))


@shows("claims.view")
def of_household(request: Request, pk: int) -> HttpResponse:
    """The claims of a household that the user may see; 404 for who does not see the household."""
    household = get_visible(Household, request.user, "division__parent", pk=pk)
    before = OldSettlement.objects.visible_to(request.user).live()
    before = before.filter(person__household=household).select_related("person", "file")
    context = {"household": household, "before": before.defer("file__content")}
    return listing_page(request, HOUSEHOLD, context, household=household)


def _prescribed(settlement: Settlement, lines: list[BillLine]) -> list[Prescribed]:
    """With the catalogue's word for antibiotics on the day of the visit: one statement."""
    marked = CatalogueItem.objects.valid_on(settlement.visit.starts).filter(
        area__code=settlement.division.county_code,
        code__in=[line.item_code for line in lines],
        is_antibiotic=True,
    )
    codes = set(marked.order_by().values_list("code", flat=True))
    return [
        Prescribed(
            one.item_name,
            one.category,
            to_fen(one.amount),
            one.item_code in codes,
            one.supply_days,
        )
        for one in lines
    ]


def show_claim(
    request: Request,
    settlement: Settlement,
    reason_form: ReasonForm | None = None,
    cut_forms: list[CutForm] | None = None,
    *,
    denial_form: DenialForm | None = None,
    payee_form: PayeeForm | None = None,
) -> HttpResponse:
    """The claim's page; the forms come back with errors when an act was refused."""
    context = claim_shown(settlement)
    context["fall"] = fall_of(settlement, context["own_cut"])
    steps = SETTLEMENTS.open_to(settlement, request.user)
    cutting = any(step.event == "cut" for step in steps) and (
        "cut" in request.GET or cut_forms is not None
    )
    if cutting:
        forms = cut_forms or cut_forms_of(context["lines"])
        for line, form in zip(context["lines"], forms, strict=True):
            line.cut_form = form
    if request.user.may("claims.review") or request.user.may("claims.approve"):
        context["beyond"] = beyond_limits(
            context["terms"],
            care=settlement.visit.care,
            level=settlement.visit.limits_by,
            lines=_prescribed(settlement, context["lines"]),
        )
        lines_shown(settlement, context["lines"], context["terms"])
        context |= beside(settlement, request.user) | {"deciding": True}
        if any(step.event in ("reviewed", "approved") for step in steps):
            context["seen"] = digest_of(settlement)
    asked = asked_of(settlement)
    others = list(Settlement.objects.of_visit(settlement.visit).exclude(pk=settlement.pk))
    context |= {
        # "steps" of the page are those of the computation.
        "moves": [step for step in steps if step.event not in OWN_FORMS],
        "refusing": [step.event for step in steps if step.event in ("refused", "denied")],
        "denial_form": denial_form or DenialForm(denial_reasons(settlement)),
        "denial": Denial.objects.filter(settlement=settlement).select_related("by").first(),
        "approvals": list(settlement.approvals.filter(holds=True).select_related("by")),
        "refund": PatientRefund.objects.filter(settlement=settlement).first(),
        "papers": paper_names(context["terms"]).items(),
        "may_cut": any(step.event == "cut" for step in steps),
        "may_correct": settlement.entered_by_id == request.user.pk
        and not settlement.visit.is_registered
        and settlement.status in {Settlement.Status.DRAFT, Settlement.Status.WITHDRAWN}
        and all(other.status == Settlement.Status.WITHDRAWN for other in others),
        "may_deny": request.user.may("supervision.note_denial")
        and settlement.status not in Settlement.NOT_COUNTED,
        "cutting": cutting,
        "handed": handed_told(settlement, asked),
        "lacking": [one.rule.code for one in asked if one.lack],
        "history": history_of([*others, settlement]),
        **payment_shown(settlement, request.user, payee_form),
        "others": others,
        **standing_of(settlement),
        "reason_form": reason_form or ReasonForm(),
    }
    return render(request, "claims/claim.html", context)


def standing_of(settlement: Settlement) -> dict[str, Any]:
    """What became of a settlement since it was computed: what is owed on it and what came back.

    Nothing of this is kept on the settlement, so that it can never say otherwise.
    """
    debts: list[Any] = list(settlement.recoveries.with_received().order_by("pk"))
    about = Dependent.objects.select_related("settlement", "because_of", "anew").order_by("pk")
    back = sum((debt.back for debt in debts), start=0)
    whole = any(debt.is_whole and debt.status == debt.Status.RECEIVED for debt in debts)
    return {
        "debts": debts,
        "back": back,
        "back_told": ("已追回" if back else "已撤销待遇") if whole else "部分追回" if back else "",
        "supplements": list(settlement.supplements.order_by("pk")),
        "came_from": [_told(row) for row in about.filter(anew=settlement)],
        "dependences": [_told(row) for row in about.filter(settlement=settlement)],
        "brought_about": [_told(row) for row in about.filter(because_of=settlement)],
    }


def _told(row: Any) -> Any:
    """A dependence with its counters and its outcome in words."""
    row.counters_told, row.outcome = counters_told(row), outcome(row)
    return row


def handed_told(settlement: Settlement, asked: list[Asked]) -> str:
    """The papers of a claim from elsewhere in a few words; "" at the counter."""
    if settlement.visit.source != Visit.Source.PAPER:
        return ""
    pages = Scan.objects.of(settlement.visit).count()
    open_ones = [one for one in asked if not one.state]
    lacks = [one.lack for one in asked if one.lack]
    said = "、".join(lacks) or ("未核对完" if open_ones else "齐" if asked else "办法未列")
    return f"{said}（应交 {len(asked)} 种，未核对 {len(open_ones)} 种，扫描 {pages} 页）"


def history_of(settlements: list[Settlement]) -> list[Any]:
    """What was done to a visit's settlements, oldest first, from the audit trail."""
    lines: list[Any] = list(
        AuditLine.objects.filter(
            subject_type="claims.settlement", subject_id__in=[str(one.pk) for one in settlements]
        ).order_by("id")
    )
    for line in lines:
        known = SETTLEMENTS.by_event.get(line.action.removeprefix("claims."))
        line.title = known.title if known else ACTION_NAMES.get(line.action, line.action)
        line.number = (line.after or {}).get("number", "")
    told = {line.subject_id for line in lines}
    # What was taken over from elsewhere has no trail here; its own columns say whose hands it was.
    taken_over = [one for one in settlements if str(one.pk) not in told]
    return [line for one in taken_over for line in stamps_of(one)] + lines


def stamps_of(settlement: Settlement) -> list[Any]:
    """Who did what when, as the settlement itself says it."""
    row = settlement
    hands = (
        ("entered", row.entered_by, row.submitted_at or row.entered_at),
        ("reviewed", row.reviewed_by, row.reviewed_at),
        ("approved", row.approved_by, row.approved_at),
        ("paid", row.paid_by, row.paid_at),
    )
    return [
        SimpleNamespace(
            title=SETTLEMENTS.by_event[event].title, user_name=user.name, at=at, reason="",
            number=row.number,
        )
        for event, user, at in hands
        if user is not None
    ]  # fmt: skip


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
