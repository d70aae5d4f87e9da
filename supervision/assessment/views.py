"""The yearly assessment: the list, one institution's year, the county's forms."""

from collections import Counter
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from accounts.clock import today
from accounts.errors import Refusal
from accounts.forms import PlainForm, refusals_as_messages
from accounts.permissions import Request, acts, shows
from accounts.roles import INSTITUTION_ROLES
from accounts.scoping import get_visible
from claims.clearing.models import DepositReturn
from desk.buttons import asked_step, take_asked
from desk.decision_pages import DecisionPages
from desk.listing import listing_page
from desk.workflow import hands_told
from institutions.agreements.forms import StepForm
from institutions.agreements.models import AgreementStep
from institutions.agreements.services import propose_step
from institutions.agreements.workflow import ASKS as STOPS
from institutions.models import Agreement, Institution
from institutions.trust.models import TrustGrade
from supervision.assessment import services
from supervision.assessment.forms import AdoptionForm, PointsForm, YearForm
from supervision.assessment.listings import ADOPTIONS, ASSESSMENTS, VIEW, told
from supervision.assessment.models import Assessment
from supervision.assessment.services import consequence
from supervision.assessment.workflow import ADOPTIONS as FORM_WAY
from supervision.assessment.workflow import ASSESS, OWN
from supervision.assessment.workflow import ASSESSMENTS as WAY

# The steps that a button takes; the others have a form.
BUTTONS = (
    "publish_assessment", "return_assessment", "appeal_assessment", "return_assessment_answer",
    "decide_assessment", "finish_assessment", "reopen_assessment",
)  # fmt: skip
# What is typed into the items at each step, and the column that it begins with.
TYPED = {
    "self_assess": "self_points",
    "score_assessment": "points",
    "answer_assessment": "points",
}


def _list(request: Request, form: PlainForm | None = None) -> HttpResponse:
    context: dict[str, Any] = {}
    if request.user.may(ASSESS):
        context["form"] = form or YearForm(initial={"year": today().year - 1})
    return listing_page(request, ASSESSMENTS, context)


@shows(VIEW)
def assessments(request: Request) -> HttpResponse:
    return _list(request)


@acts(ASSESS)
def begin(request: Request) -> HttpResponse:
    """The year of every institution that has a form and no assessment yet."""
    form = YearForm(request.POST)
    if form.is_valid():
        year, begun = form.cleaned_data["year"], 0
        refused: Counter[str] = Counter()
        rows = Institution.objects.visible_to(request.user).filter(is_active=True)
        for one in rows.exclude(assessments__year=year).select_related("division"):
            try:
                services.open_assessment(actor=request.user, institution=one, year=year, on=today())
                begun += 1
            except Refusal as refusal:
                refused[refusal.message] += 1
        if begun:
            messages.success(request, f"已发起 {begun} 家机构 {year} 年度考核")
        for why, number in refused.items():
            messages.error(request, f"{number} 家没有发起：{why}")
        if not begun and not refused:
            messages.error(request, f"{year} 年度各机构都已发起考核")
        return redirect("supervision:assessments")
    return _list(request, form)


def one_assessment(request: Request, pk: int) -> Assessment:
    """The assessment when the user may see it, else 404."""
    return get_visible(
        Assessment, request.user, "institution__division", "adoption__area", "self_by",
        "scored_by", "reviewed_by", "appealed_by", "answered_by", "finished_by", "opened_by",
        pk=pk,
    )  # fmt: skip


def _follows(
    request: Request, row: Assessment, form: StepForm | None
) -> tuple[Agreement, StepForm] | None:
    """The agreement that the score stops, with the form of its step filled in, for who proposes
    such."""
    if not request.user.may(STOPS):
        return None
    found = consequence(row, today())
    if found is None:
        return None
    agreement, facts = found
    waits = agreement.agreement_steps.filter(status=AgreementStep.Status.PROPOSED)
    return None if waits.exists() else (agreement, form or StepForm(initial=facts))


def _show(
    request: Request,
    row: Assessment,
    form: PointsForm | None = None,
    step_form: StepForm | None = None,
) -> HttpResponse:
    items = list(row.items.all())
    steps = {step.event: step for step in WAY.open_to(row, request.user)}
    typed = next((event for event in TYPED if event in steps), "")
    if typed and form is None:
        answers = typed == "answer_assessment"
        form = PointsForm(items, TYPED[typed], answers=answers)
    lines = [
        (one, form and form[f"points-{one.code}"], form and form[f"note-{one.code}"])
        for one in items
    ]
    returns = DepositReturn.objects.filter(institution=row.institution, year=row.year)
    follows = _follows(request, row, step_form)
    context = {
        "row": row,
        "agreement": follows[0] if follows else None,
        "step_form": follows[1] if follows else None,
        "lines": lines,
        "form": form if typed else None,
        "typed": steps.get(typed),
        "steps": [step for event, step in steps.items() if event in BUTTONS],
        "may_return": "propose_deposit" in steps,
        "may_grade": "grade_assessment" in steps,
        "grades": TrustGrade.objects.visible_to(request.user)
        .filter(institution=row.institution, practitioner=None, year=row.year)
        .order_by("-pk"),
        "returns": returns.order_by("pk"),
        "told": told(row),
        "is_told": row.is_told or request.user.role not in INSTITUTION_ROLES,
        "hands": _hands(row),
    }
    return render(request, "supervision/assessment/one.html", context)


def _hands(row: Assessment) -> list[tuple[str, str, Any]]:
    return hands_told(
        ("发起", row.opened_by, row.opened_at),
        ("自评", row.self_by, row.self_at),
        ("考核", row.scored_by, row.scored_at),
        ("复核", row.reviewed_by, row.reviewed_at),
        ("申诉", row.appealed_by, row.appealed_at),
        ("答复", row.answered_by, row.answered_at),
        ("决定", row.finished_by, row.finished_at),
    )


@shows(VIEW)
def assessment(request: Request, pk: int) -> HttpResponse:
    return _show(request, one_assessment(request, pk))


def _points(request: Request, pk: int, event: str, service: Any) -> HttpResponse:
    row = one_assessment(request, pk)
    answers = event == "answer_assessment"
    form = PointsForm(list(row.items.all()), TYPED[event], request.POST, answers=answers)
    if form.is_valid():
        more = {"answer": form.cleaned_data["answer"]} if answers else {}
        with form.refusals():
            done = service(actor=request.user, row=row, given=form.given(), **more)
            messages.success(request, WAY.told(done, event))
            return redirect("supervision:assessment", pk)
    return _show(request, row, form)


@acts(OWN)
def self_assess(request: Request, pk: int) -> HttpResponse:
    return _points(request, pk, "self_assess", services.self_assess)


@acts(ASSESS)
def score(request: Request, pk: int) -> HttpResponse:
    return _points(request, pk, "score_assessment", services.score_assessment)


@acts(ASSESS)
def answer(request: Request, pk: int) -> HttpResponse:
    return _points(request, pk, "answer_assessment", services.answer_assessment)


@acts(VIEW)
def act(request: Request, pk: int, event: str) -> HttpResponse:
    asked_step(request, WAY, event, BUTTONS)
    take_asked(request, WAY, event, services.take_step, row=one_assessment(request, pk))
    return redirect("supervision:assessment", pk)


@acts(ASSESS)
def deposit(request: Request, pk: int) -> HttpResponse:
    """What the score gives back of the deposits is put forward."""
    row = one_assessment(request, pk)
    with refusals_as_messages(request):
        done = services.propose_deposit(actor=request.user, row=row, on=today())
        messages.success(request, "已提出保证金返还，待复核审批")
        return redirect("claims:deposit_return", done.pk)
    return redirect("supervision:assessment", pk)


@acts(ASSESS)
def grade(request: Request, pk: int) -> HttpResponse:
    """The grade of trust that the score gives is put forward."""
    row = one_assessment(request, pk)
    with refusals_as_messages(request):
        done = services.propose_grade(actor=request.user, row=row, on=today())
        messages.success(request, f"已提出信用等级 {done.get_grade_display()}，待第二人审批")
        return redirect("institutions:trust_grade", done.pk)
    return redirect("supervision:assessment", pk)


@acts(STOPS)
def stop(request: Request, pk: int) -> HttpResponse:
    """What the score does to the agreement is put forward; decided among the agreement's steps."""
    row, form = one_assessment(request, pk), StepForm(request.POST)
    found = consequence(row, today())
    if found is None:
        raise Http404
    if form.is_valid():
        with form.refusals():
            propose_step(actor=request.user, agreement=found[0], on=today(), **form.cleaned_data)
            messages.success(request, "已提出协议处理，待第二人审批")
            return redirect("institutions:agreement", found[0].pk)
    return _show(request, row, step_form=form)


FORM_PAGES = DecisionPages(
    "supervision", "forms", "form", ADOPTIONS, "supervision/assessment/form.html",
    form=lambda user, data=None: AdoptionForm(data, initial={"first_year": today().year}),
    way=FORM_WAY, propose=services.propose_form, asks=ASSESS,
)  # fmt: skip
