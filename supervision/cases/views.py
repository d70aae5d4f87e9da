"""The case on one page: what it stands on, its steps, and what is added to it."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from accounts.clock import today
from accounts.errors import Refusal
from accounts.forms import PlainForm, refusals_as_messages, say_refused
from accounts.models import Division
from accounts.permissions import Request, acts, asks, shows
from accounts.scoping import get_visible
from claims.recovery.forms import ProposalForm
from claims.recovery.views import proposing
from desk.buttons import asked_step, decide_asked
from desk.workdays import calendar
from desk.workflow import START, Step, hands_told
from supervision.cases import clocks, execution, forms, keeping, parties, services
from supervision.cases.archiving import standing_archive
from supervision.cases.delivering import unprinted
from supervision.cases.delivery_models import Delivery
from supervision.cases.execution import fine_paid, fine_rest, recoveries_of, unasked_of
from supervision.cases.listings import party_of
from supervision.cases.models import (
    Case,
    CaseClaim,
    CaseOfficer,
    CasePause,
    Evidence,
    Measure,
)
from supervision.cases.papers import DOCUMENTS, one_case
from supervision.cases.workflow import CASES, DECIDE, PAUSES, WORK
from supervision.inspections.forms import read_all
from supervision.inspections.order_models import HandOver
from supervision.models import Alert
from supervision.owing import owed_by_case
from supervision.words.services import HEAR, words_of

VIEW = "supervision.view_cases"
# What a step asks for beside a button: its form and its service.
ASKING: Mapping[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "ask_filing": (forms.FilingForm, services.ask_filing),
    "report_case": (forms.FindingForm, services.report_case),
    "notify_case": (forms.CaseDeliveryForm, services.notify_case),
    "deliver_case": (forms.CaseDeliveryForm, services.deliver_case),
    "extend_case": (forms.ExtendForm, services.extend_case),
}
# Which document has to be printed before it is served.
SERVING: Mapping[str, Delivery.Document] = {
    "notify_case": Delivery.Document.NOTICE,
    "deliver_case": Delivery.Document.DECISION,
}
# What may be added: its title, form and service.
ADDING: Mapping[str, tuple[str, Callable[..., Any], Callable[..., Any]]] = {
    "claim": ("涉案结算单", forms.CaseClaimForm, keeping.put_claim),
    "party": ("当事人信息", forms.PartyForm, parties.describe_party),
    "officer": ("办案人员", forms.OfficerForm, keeping.name_officer),
    "evidence": ("证据", forms.EvidenceForm, keeping.add_evidence),
    "pause": ("扣除期间", forms.PauseForm, keeping.add_pause),
    "note": ("办案记录", forms.NoteForm, keeping.add_note),
    "measure": ("处理措施", forms.MeasureForm, execution.order_measure),
    "fine": ("罚款缴库", forms.FineForm, execution.note_fine),
}
BUTTONS = {
    step.event
    for step in CASES.steps
    if START not in step.sources and step.event not in {*ASKING, "pause_case", "resume_case"}
}


# Steps that write the opinion; after another one what stands there is of an earlier one.
WORDED = {step.title for step in CASES.steps if step.reason} | {"呈报立案", "登记送达"}


PAUSE_HANDS = ("added_by", "agreed_by", "end_agreed_by", "end_returned_by")


@shows(VIEW)
def case(request: Request, pk: int) -> HttpResponse:
    row = one_case(request, pk)
    may_work, cause = request.user.may(WORK), row.cause
    archive = standing_archive(row)
    context = {
        "case": row,
        "is_late": bool(row.due_on and row.due_on < today() and not row.is_over),
        "steps": _buttons(row, request),
        "asking": [step for step in _open(row, request) if step.event in ASKING],
        "adding": [(key, ADDING[key][0]) for key in _may_add(row)]
        if may_work and archive is None
        else [],
        "party": party_of(row),
        "cause_told": cause and "；".join(filter(None, (cause.range_told, cause.also))),
        "may_work": may_work,
        "may_add_facts": may_work and row.status in Case.INVESTIGATED,
        "may_decide": request.user.may(DECIDE),
        "hearing_until": row.notified_on
        and clocks.hearing_until(row.notified_on, calendar(row.notified_on)),
        "documents": [
            (f"supervision:case_{name}", kind.title)
            for name, kind, is_due in DOCUMENTS
            if is_due(row)
        ],
        "hands": _hands(row),
        "brought": CASES.brought(row),
        "worded": WORDED,
        "words": words_of(row),
        "archive": archive,
        "may_archive": may_work and row.is_over and archive is None,
        "may_hear": row.status == Case.Status.NOTIFIED and request.user.may(HEAR),
        **_parts(row),
    }
    return render(request, "supervision/cases/case.html", context)


def _parts(row: Case) -> dict[str, Any]:
    """What hangs on the case, one statement each."""
    unasked = unasked_of(row) if row.status in Case.DECISION_STANDS else []
    return {
        "claims": _claims(row),
        "claimed": services.claimed_of(row),
        "officers": row.officers.select_related("user"),
        "evidence": row.evidence.prefetch_related("scans"),
        "pauses": row.pauses.select_related(*PAUSE_HANDS),
        "notes": row.notes.select_related("added_by").order_by("happened_on", "pk"),
        "deliveries": row.deliveries.select_related("entered_by"),
        "measures": row.measures.all(),
        "fines": row.fines.select_related("noted_by"),
        "fine_paid": fine_paid(row),
        "fine_rest": fine_rest(row),
        "debts": recoveries_of(row),
        "unasked": [one for one in unasked if one.settlement.is_paid],
        "unpaid": [one for one in unasked if not one.settlement.is_paid],
        "needs_collective": services.needs_collective(row),
    }


def _claims(row: Case) -> list[CaseClaim]:
    """With `elsewhere`: the same settlement in other cases, whose loss is not counted twice."""
    claims = list(row.claims.select_related("settlement__visit__person"))
    settlements = [one.settlement_id for one in claims]
    elsewhere: dict[int, list[CaseClaim]] = defaultdict(list)
    others = CaseClaim.objects.filter(settlement__in=settlements).exclude(case=row)
    for other in others.select_related("case").order_by("pk"):
        elsewhere[other.settlement_id].append(other)
    for one in claims:
        one.elsewhere = elsewhere[one.settlement_id]  # type: ignore[attr-defined]
    return claims


def _open(row: Case, request: Request) -> list[Step]:
    return CASES.open_to(row, request.user)


def _buttons(row: Case, request: Request) -> list[Step]:
    return [step for step in _open(row, request) if step.event in BUTTONS]


def _may_add(row: Case) -> list[str]:
    """Which of `ADDING` the state of the case leaves open."""
    if row.is_over:
        return ["fine"] if row.status == Case.Status.REVOKED and row.fine_amount else []
    found = ["officer", "claim", "evidence"] if row.status in Case.INVESTIGATED else []
    if row.filed_on:
        found += ["pause", "measure"]
    if row.status == Case.Status.DELIVERED and row.fine_amount:
        found.append("fine")
    return [*found, "note"] if row.delivered_on else [*found, "note", "party"]


def _hands(row: Case) -> Any:
    return hands_told(
        ("登记线索", row.found_by, row.found_at),
        ("呈报立案", row.asked_by, row.asked_at),
        ("批准立案", row.filed_by, row.filed_at),
        ("调查终结", row.reported_by, row.reported_at),
        ("法制审核", row.checked_by, row.checked_at),
        ("告知", row.notified_by, row.notified_at),
        ("决定", row.decided_by, row.decided_at),
        ("送达", row.delivered_by, row.delivered_at),
        ("批准结案", row.closed_by, row.closed_at),
    )


@asks(WORK)
def new(request: Request) -> HttpResponse:
    """A clue from an inspection, a complaint, another office."""
    form = forms.ClueForm(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        with form.refusals():
            area = get_visible(Division, request.user, code=request.user.county_code)
            row = services.open_clue(actor=request.user, area=area, clue=form.clue(), on=today())
            messages.success(request, f"已登记线索 {row}")
            return redirect("supervision:case", row.pk)
    return render(request, "supervision/cases/new.html", {"form": form})


@acts(WORK)
def from_alert(request: Request, pk: int) -> HttpResponse:
    alert = get_visible(Alert, request.user, "settlement__visit__institution", "division", pk=pk)
    with refusals_as_messages(request):
        row = services.from_alert(actor=request.user, alert=alert, on=today())
        messages.success(request, f"已转为案件线索 {row}")
        return redirect("supervision:case", row.pk)
    return redirect("supervision:alert", pk)


@acts(WORK)
def from_handover(request: Request, pk: int) -> HttpResponse:
    place = "inspection__place__institution__division"
    handover = get_visible(HandOver, request.user, place, pk=pk)
    with refusals_as_messages(request):
        row = services.from_handover(actor=request.user, handover=handover, on=today())
        messages.success(request, f"已转为案件线索 {row}")
        return redirect("supervision:case", row.pk)
    return redirect("supervision:handover", pk)


@acts(VIEW)
def step(request: Request, pk: int, event: str) -> HttpResponse:
    """One button of the workflow."""
    asked_step(request, CASES, event, BUTTONS)
    row = one_case(request, pk)
    with refusals_as_messages(request):
        reason = request.POST.get("reason", "")
        done = services.decide_clue(
            actor=request.user, row=row, event=event, on=today(), reason=reason
        )
        messages.success(request, CASES.told(done, event))
    return redirect("supervision:case", pk)


@asks(VIEW)
def ask(request: Request, pk: int, event: str) -> HttpResponse:
    """A step that asks for more than a reason."""
    asked = asked_step(request, CASES, event, ASKING)
    row = one_case(request, pk)
    wrong = CASES.problem(row, event, request.user)
    if not wrong and event in SERVING:
        wrong = unprinted(row, SERVING[event])
    if wrong:
        say_refused(request, Refusal(wrong))
        return redirect("supervision:case", pk)
    made, service = ASKING[event]
    form = made(row, request.POST or None, initial=_first(row))
    return _asked(request, row, form, service, asked.title)


def _first(row: Case) -> dict[str, Any]:
    """What is known already stands in the form."""
    times = row.factor / 100 if row.factor else None
    return {
        "loss": row.loss_amount or services.claimed_of(row),
        "facts": row.facts,
        "outcome": row.outcome,
        "times": times,
        "cause": row.cause_code,
        "act_ended_on": row.act_ended_on,
        "served_on": today(),
        "code": row.party_code,
        "address": parties.address_of(row),
        "head": row.party_head,
        "days": clocks.FIRST_EXTENSION,
        "obtained_on": today(),
        "happened_on": today(),
        "paid_on": today(),
        "amount": "",
    }


@asks(WORK)
def add(request: Request, pk: int, what: str) -> HttpResponse:
    """Something is added to the case."""
    if what not in ADDING:
        raise Http404
    row = one_case(request, pk)
    title, made, service = ADDING[what]
    form = made(row, request.POST or None, request.FILES or None, initial=_first(row))
    return _asked(request, row, form, service, f"登记{title}")


@asks(WORK)
def scans(request: Request, pk: int) -> HttpResponse:
    """Pages are added to a piece of evidence."""
    row = get_visible(Evidence, request.user, "case__area", pk=pk)
    form = forms.EvidenceScansForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        with form.refusals():
            keeping.scan_evidence(
                actor=request.user, evidence=row, scans=read_all(form.cleaned_data["scans"])
            )
            messages.success(request, f"已上传“{row.title}”的扫描件")
            return redirect("supervision:case", row.case_id)
    context = {
        "case": row.case,
        "party": party_of(row.case),
        "form": form,
        "title": "上传扫描件",
        "told": f"{row.get_kind_display()}：{row.title}（{row.origin}）",
    }
    return render(request, "supervision/cases/ask.html", context)


def _asked(
    request: Request, row: Case, form: PlainForm, service: Callable[..., Any], title: str
) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        with form.refusals():
            said: Any = form
            service(actor=request.user, case=row, on=today(), **said.said())
            messages.success(request, f"{row} 已办理“{title}”")
            return redirect("supervision:case", row.pk)
    context = {
        "case": row,
        "party": party_of(row),
        "form": form,
        "title": title,
        "claimed": services.claimed_of(row),
    }
    return render(request, "supervision/cases/ask.html", context)


# What is done to one row of a case, with a reason: by its kind in the address.
PARTS: Mapping[str, tuple[Any, Callable[..., Any]]] = {
    "excuse": (
        CaseOfficer,
        lambda row, reason, **by: keeping.excuse_officer(officer=row, reason=reason, **by),
    ),
    "release": (
        Evidence,
        lambda row, reason, **by: keeping.release_evidence(evidence=row, how=reason, **by),
    ),
    "extend": (
        Evidence,
        lambda row, reason, on, actor: keeping.extend_seal(evidence=row, actor=actor),
    ),
    "done": (
        Measure,
        lambda row, reason, **by: execution.carry_out(measure=row, note=reason, **by),
    ),
}


@acts(WORK)
def part(request: Request, pk: int, what: str) -> HttpResponse:
    """A button beside an officer, a piece of evidence, a measure."""
    if what not in PARTS:
        raise Http404
    model, service = PARTS[what]
    row = get_visible(model, request.user, "case", pk=pk)
    with refusals_as_messages(request, "已登记"):
        service(row, request.POST.get("reason", ""), actor=request.user, on=today())
    return redirect("supervision:case", row.case_id)


@asks(WORK)
def pause_end(request: Request, pk: int) -> HttpResponse:
    """On which day a pause ended."""
    row = get_visible(CasePause, request.user, "case__area", pk=pk)
    form = forms.PauseEndForm(request.POST or None, initial={"last_day": today()})
    if request.method == "POST" and form.is_valid():
        with form.refusals():
            last_day = form.cleaned_data["last_day"]
            keeping.end_pause(actor=request.user, pause=row, last_day=last_day, on=today())
            messages.success(request, f"已登记扣除期间“{row.get_kind_display()}”的结束")
            return redirect("supervision:case", row.case_id)
    context = {
        "case": row.case,
        "party": party_of(row.case),
        "form": form,
        "title": "登记扣除期间结束",
        "told": f"{row.get_kind_display()}：自 {row.first_day}，{row.paper}".rstrip("，"),
    }
    return render(request, "supervision/cases/ask.html", context)


@acts(VIEW)
def pause_step(request: Request, pk: int, event: str) -> HttpResponse:
    """Another agrees that days do not count, or from when they do again; or does not."""
    if event not in keeping.DECIDED:
        raise Http404
    row = get_visible(CasePause, request.user, "case", pk=pk)
    decide_asked(request, PAUSES, event, keeping.decide_pause, row=row)
    return redirect("supervision:case", row.case_id)


@asks("supervision.work_case")
def recover(request: Request, pk: int) -> HttpResponse:
    """From a decided case to the recovery of one of its settlements, filled in."""
    claim = get_visible(
        CaseClaim,
        request.user,
        "case",
        "settlement__visit__person",
        "settlement__visit__institution",
        "settlement__pack",
        pk=pk,
    )
    if claim.case.status not in Case.DECISION_STANDS or not claim.settlement.is_paid:
        raise Http404
    form = ProposalForm(
        claim.settlement,
        request.POST or None,
        initial={
            **owed_by_case(claim.case, claim.settlement),
            "facts": f"{claim.case.number} 处理决定：{claim.case.facts}"[:300],
        },
    )
    rest = execution.rest_of(claim)
    for layer in form.left:  # of several, somebody must say which were given wrongly
        form.fields[form.named(layer)].initial = rest if len(form.left) == 1 else None
    if request.method == "POST" and form.is_valid():
        with form.refusals():
            debt = execution.recover_claim(
                actor=request.user, claim=claim, proposal=form.proposal()
            )
            messages.success(request, f"已提出追回 {debt.number}，待初审")
            return redirect("supervision:case", claim.case_id)
    return proposing(request, claim.settlement, form)
