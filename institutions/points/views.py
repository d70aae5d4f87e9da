"""Points: who has how many, one decision with what is asked back of it, the county's terms."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.clock import today
from accounts.forms import PlainForm
from accounts.permissions import Request, acts, shows
from accounts.roles import INSTITUTION_ROLES
from accounts.scoping import get_visible
from desk.buttons import decide_asked, decide_visible
from desk.decision_pages import DecisionPages
from desk.listing import listing_page
from desk.workflow import START
from institutions.eligibility import refused_on, spans_of
from institutions.models import Eligibility, Practitioner
from institutions.points import services
from institutions.points.arithmetic import ENDED_FROM, SUSPENDED_FROM
from institutions.points.forms import AnswerForm, AppealForm, PointsForm, TermsForm
from institutions.points.listings import RECORDS, TERMS_LIST, VIEW, records_of
from institutions.points.models import PointAppeal, PointRecord
from institutions.points.workflow import APPEAL_WAY, APPEALS, ASKS, TERMS
from institutions.points.workflow import RECORDS as WAY


def _list(request: Request, form: PlainForm | None = None) -> HttpResponse:
    context: dict[str, Any] = {}
    if request.user.may(ASKS):
        context["form"] = form or PointsForm(initial={"handled_on": today()})
    return listing_page(request, RECORDS, context)


@shows(VIEW)
def records(request: Request) -> HttpResponse:
    return _list(request)


@acts(ASKS)
def propose(request: Request) -> HttpResponse:
    form = PointsForm(request.POST)
    if form.is_valid():
        with form.refusals():
            row = services.propose_points(actor=request.user, on=today(), **form.cleaned_data)
            messages.success(request, f"已提出记 {row.points} 分，待第二人审批")
            return redirect("institutions:points", row.pk)
    return _list(request, form)


def one_record(request: Request, pk: int) -> PointRecord:
    """The decision when the user may see it, else 404."""
    return get_visible(records_of(request.user), request.user, pk=pk)


def _show(request: Request, row: PointRecord, **forms: PlainForm) -> HttpResponse:
    appeals = list(row.appeals.select_related("lodged_by", "answered_by", "decided_by"))
    is_accused = request.user.role in INSTITUTION_ROLES
    for one in appeals:
        one.is_shown = one.status == one.Status.DECIDED or not is_accused  # type: ignore[attr-defined]
        steps = APPEAL_WAY.open_to(one, request.user)
        one.may = [step for step in steps if step.event != "answer_point_appeal"]  # type: ignore[attr-defined]
        if len(one.may) < len(steps):  # type: ignore[attr-defined]
            one.form = forms.get("answer") or AnswerForm(initial={"points_back": one.asked_back})  # type: ignore[attr-defined]
    year = (row.decided_on or today()).year
    context = {
        "row": row,
        "year": year,
        "total": sum(line.left for line in services.lines_of(row.practitioner, year)),
        "appeals": appeals,
        "steps": [one for one in WAY.open_to(row, request.user) if START not in one.sources],
    }
    is_open = any(one.status in ("lodged", "answered") for one in appeals)
    may_ask = row.status == row.Status.APPROVED and request.user.may(APPEALS)
    if may_ask and not is_open and row.points > row.back:
        context["appeal_form"] = forms.get("appeal") or AppealForm()
    return render(request, "institutions/points/one.html", context)


@shows(VIEW)
def record(request: Request, pk: int) -> HttpResponse:
    return _show(request, one_record(request, pk))


@acts(VIEW)
def decide(request: Request, pk: int, event: str) -> HttpResponse:
    decide_visible(request, WAY, event, pk, services.decide_points)
    return redirect("institutions:points", pk)


@acts(APPEALS)
def appeal(request: Request, pk: int) -> HttpResponse:
    """The institution asks for its own person."""
    row, form = one_record(request, pk), AppealForm(request.POST)
    if form.is_valid():
        with form.refusals():
            services.lodge_appeal(actor=request.user, record=row, on=today(), **form.cleaned_data)
            messages.success(request, "已提交，待县里答复")
            return redirect("institutions:points", pk)
    return _show(request, row, appeal=form)


def _appeal(request: Request, pk: int) -> PointAppeal:
    return get_visible(PointAppeal, request.user, "record", pk=pk)


@acts(ASKS)
def answer(request: Request, pk: int) -> HttpResponse:
    row, form = _appeal(request, pk), AnswerForm(request.POST)
    if form.is_valid():
        with form.refusals():
            services.answer_appeal(actor=request.user, appeal=row, **form.cleaned_data)
            messages.success(request, "已答复，待审批")
            return redirect("institutions:points", row.record_id)
    return _show(request, one_record(request, row.record_id), answer=form)


@acts(VIEW)
def decide_appeal(request: Request, pk: int, event: str) -> HttpResponse:
    row = _appeal(request, pk)
    decide_asked(request, APPEAL_WAY, event, services.decide_appeal, row=row)
    return redirect("institutions:points", row.record_id)


@shows(VIEW)
def person(request: Request, pk: int) -> HttpResponse:
    """All that was decided about one person, year by year."""
    who = get_visible(Practitioner, request.user, "institution", pk=pk)
    records = list(
        PointRecord.objects.visible_to(request.user).with_back().filter(practitioner=who)
    )
    total = sum(line.left for line in services.lines_of(who, today().year))
    context = {
        "who": who,
        "year": today().year,
        "total": total,
        "bounds": (SUSPENDED_FROM, ENDED_FROM),
        "records": records,
        "decisions": Eligibility.objects.visible_to(request.user)
        .filter(practitioner=who)
        .select_related("proposed_by", "decided_by"),
        "told": refused_on(spans_of([who.code]).get(who.code, []), today()),
    }
    return render(request, "institutions/points/person.html", context)


TERMS_PAGES = DecisionPages(
    "institutions", "point_terms", "point_terms_one", TERMS_LIST,
    "institutions/points/terms_one.html", form=lambda user, data=None: TermsForm(data),
    way=TERMS, propose=services.propose_terms, asks=ASKS,
)  # fmt: skip
