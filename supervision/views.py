"""One alert with its handling, and denials of visits that are not settled yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from accounts.clock import today
from accounts.forms import refusals_as_messages
from accounts.permissions import Request, acts, asks, shows
from accounts.scoping import get_visible
from claims.models import Settlement, Visit
from claims.recovery.forms import ProposalForm
from claims.recovery.models import Recovery
from claims.recovery.views import proposing
from desk.buttons import asked_step
from desk.rooms import answers
from desk.seen import asked_seen
from supervision import services
from supervision.cases.models import Case
from supervision.forms import ConclusionForm, DenialForm
from supervision.grouping import event_of, seen_of, stake_of
from supervision.models import Alert, VisitDenial
from supervision.owing import owed_by_rule
from supervision.reviewing.models import AlertReview
from supervision.reviewing.services import review_alert
from supervision.rules.denied import RULE as DENIED
from supervision.services import note_denial, recover, release_payment, source_of
from supervision.splitting import split_alert
from supervision.workflow import ALERTS, DENIALS

# What a first opinion proposes.
HANDLING = [step for step in ALERTS.steps if step.stamps[:1] == ("handled_by",)]


@shows("supervision.view")
def alert(request: Request, pk: int) -> HttpResponse:
    found = _visible(request, pk)
    if found.lead_id is not None:
        return redirect("supervision:alert", found.lead_id)
    return _alert(request, found, ConclusionForm(HANDLING))


@acts("supervision.handle")
def handle(request: Request, pk: int) -> HttpResponse:
    found = _visible(request, pk)
    form = ConclusionForm(HANDLING, request.POST)
    if form.is_valid():
        with form.refusals():
            review = review_alert(
                actor=request.user,
                alert=found,
                on=today(),
                seen=asked_seen(request),
                **form.cleaned_data,
            )
            messages.success(request, "初审意见已保存，等待另一人复审")
            return redirect("supervision:review", review.pk)
    return _alert(request, found, form)


@acts("supervision.handle")
def split(request: Request, pk: int) -> HttpResponse:
    """One finding of the event is handled by itself."""
    found = _visible(request, pk)
    with refusals_as_messages(request):
        split_alert(
            actor=request.user,
            alert=found,
            reason=request.POST.get("reason", ""),
            seen=asked_seen(request),
        )
        messages.success(request, f"已分出“{found}”，请分别初审；都办结以前付款仍暂停")
        return redirect("supervision:alert", pk)
    return redirect("supervision:alert", found.lead_id or pk)


@acts("supervision.release")
def release(request: Request, pk: int) -> HttpResponse:
    """What came back from the bank, and what rests on the claim, may be paid: what was found is
    settled."""
    found = _visible(request, pk)
    with refusals_as_messages(request):
        release_payment(actor=request.user, alert=found, reason=request.POST.get("reason", ""))
        messages.success(
            request, "已解除暂停支付：退汇的款项可以更正账户后再付，依据它的救助、二次补偿可以办理"
        )
    return redirect("supervision:alert", pk)


@acts("supervision.note_denial")
def deny(request: Request, pk: int) -> HttpResponse:
    """The patient of a claim was never there, as told at the window."""
    claim = get_visible(Settlement, request.user, "visit", pk=pk)
    with refusals_as_messages(request):
        note_denial(actor=request.user, settlement=claim, told=request.POST.get("reason", ""))
        stopped = "依据它的救助、二次补偿暂缓支付" if claim.is_paid else "付款暂停"
        messages.success(request, f"已登记本人否认就诊，{stopped}，等待基金监管核查")
    return redirect("claims:claim", pk)


@asks("supervision.note_denial")
def deny_visit(request: Request, pk: int) -> HttpResponse:
    """The patient of a visit that is not settled was never there, as told at the window."""
    visit = get_visible(Visit, request.user, "person", "division__parent", pk=pk)
    form = DenialForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with form.refusals():
            services.deny_visit(actor=request.user, visit=visit, **form.cleaned_data)
            messages.success(request, "已登记本人否认就诊，这次就诊暂停办理，等待基金监管核查")
            return redirect("claims:visit", pk)
    return render(request, "supervision/deny_visit.html", {"visit": visit, "form": form})


def _denial(request: Request, pk: int) -> VisitDenial:
    related = ("visit__person", "visit__institution", "division__parent", "told_by", "handled_by")
    return get_visible(VisitDenial, request.user, *related, "released_by", pk=pk)


@shows("supervision.view")
def denial(request: Request, pk: int) -> HttpResponse:
    row = _denial(request, pk)
    context = {"denial": row, "visit": row.visit, "decisions": DENIALS.open_to(row, request.user)}
    return render(request, "supervision/denial.html", context)


@acts("supervision.view")
def handle_denial(request: Request, pk: int, event: str) -> HttpResponse:
    """One button of the workflow."""
    asked_step(request, DENIALS, event, HANDLED)
    row = _denial(request, pk)
    with refusals_as_messages(request):
        reason = request.POST.get("reason", "")
        done = services.handle_denial(actor=request.user, denial=row, event=event, reason=reason)
        messages.success(request, DENIALS.told(done, event))
    return redirect("supervision:denial", pk)


HANDLED = frozenset({"confirm_denial", "dismiss_denial", "release_denial"})


# What rooms above know of what an alert is about: sentences of `beside(alert)`.
BESIDE = "ROOMS_BESIDE_ALERTS"


@asks("claims.propose_recovery")
def recover_money(request: Request, pk: int) -> HttpResponse:
    """From a confirmed alert to a recovery, with what was found filled in."""
    found = _visible(request, pk)
    if found.status != Alert.Status.CONFIRMED or not found.settlement.is_paid:
        raise Http404
    # What is stated goes to the debtor; who told of it does not.
    known = found.rule_title if found.rule == DENIED.code else found.finding
    form = ProposalForm(
        found.settlement,
        request.POST or None,
        initial={"facts": f"{known}。{found.conclusion}"[:300], **owed_by_rule(found)},
    )
    if request.method == "POST" and form.is_valid():
        with form.refusals():
            debt = recover(actor=request.user, alert=found, proposal=form.proposal())
            messages.success(request, f"已提出追回 {debt.number}，待初审")
            return redirect("claims:recovery", debt.pk)
    return proposing(request, found.settlement, form)


def _visible(request: Request, pk: int) -> Alert:
    return get_visible(
        Alert,
        request.user,
        "settlement__visit__person",
        "settlement__visit__institution",
        "settlement__pack",
        "division__parent",
        "handled_by",
        pk=pk,
    )


@dataclass(frozen=True)
class Bill:
    """A settlement of the event, with the alert by which money is asked back on it or freed."""

    settlement: Settlement
    alert: Alert
    may_release: bool
    debts: list[Recovery]


def _bills(request: Request, event: Sequence[Alert]) -> list[Bill]:
    by_bill: dict[int, list[Alert]] = {}
    for one in event:
        by_bill.setdefault(one.settlement_id, []).append(one)
    return [_bill(request, alerts) for alerts in by_bill.values()]


def _bill(request: Request, alerts: Sequence[Alert]) -> Bill:
    alert, settlement = alerts[0], alerts[0].settlement
    sources = [source_of(one) for one in alerts]
    return Bill(
        settlement=settlement,
        alert=alert,
        may_release=settlement.is_paid
        and settlement.holds.standing().filter(source__in=sources).exists()
        and not ALERTS.problem(alert, "release_payment", request.user),
        debts=list(settlement.recoveries.standing().with_received().order_by("pk")),
    )


def _alert(request: Request, found: Alert, form: ConclusionForm) -> HttpResponse:
    event = event_of(found)
    others = Alert.objects.visible_to(request.user).filter(settlement=found.settlement_id)
    bills = _bills(request, event)
    standing = AlertReview.objects.filter(alert__in=event)
    context = {
        "alert": found,
        "event": event,
        "seen": seen_of(event),
        "cases": Case.objects.filter(alert__in=event).order_by("pk"),
        "bills": bills,
        "stake": stake_of(one.settlement for one in bills),
        "is_late": found.due_on is not None and found.due_on < today(),
        "settlement": found.settlement,
        "visit": found.settlement.visit,
        "others": others.exclude(pk__in=[one.pk for one in event]),
        "beside": [
            words for one in event for words in chain.from_iterable(answers(BESIDE, "beside", one))
        ],
        "form": form,
        "reviews": list(standing),
        "may_review": request.user.may("supervision.handle")
        and not standing.exclude(status__in=AlertReview.OVER).exists(),
    }
    return render(request, "supervision/alert.html", context)
