"""The pages of a clearing: declared, checked, stated, confirmed or disputed, decided."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from accounts.clock import today
from accounts.errors import Refusal
from accounts.forms import refusals_as_messages, say_refused
from accounts.permissions import Request, acts, shows
from accounts.scoping import get_visible
from claims.clearing import rooms, services
from claims.clearing.breakdown import live_claims
from claims.clearing.forms import AnswerForm, ConfirmForm, DeclareForm, DeductForm, PaidForm
from claims.clearing.listings import CLEARINGS, claims_listing
from claims.clearing.models import Clearing, Deduction
from claims.clearing.told import BY_ITEM, methods_told
from claims.clearing.workflow import CLEARINGS as WAY
from claims.clearing.workflow import DEDUCTIONS
from desk.buttons import asked_step
from desk.listing import listing_page
from desk.seen import asked_seen
from desk.workflow import hands_told
from institutions.models import Institution
from lib.money import told
from lib.periods import Month

VIEW = "claims.view_clearings"
DECLARE = "claims.declare_clearing"


def one_clearing(request: Request, pk: int) -> Clearing:
    """The clearing when the user may see it, else 404."""
    return get_visible(
        Clearing,
        request.user,
        "institution",
        "area",
        "declared_by",
        "checked_by",
        "issued_by",
        "confirmed_by",
        "paid_by",
        pk=pk,
    )


def _list(request: Request, form: DeclareForm | None = None) -> HttpResponse:
    last = Month.of(today()).previous()
    own = Institution.objects.visible_to(request.user).filter(code=request.user.institution_code)
    mine = own.first() if request.user.may(DECLARE) else None
    context: dict[str, Any] = {"form": form or DeclareForm(initial={"month": str(last)})}
    if mine is not None:
        context |= {
            "institution": mine,
            "last": last,
            "waiting": services.candidates(mine, last).count(),
            "unfinished": services.unfinished(mine, last),
        }
    return listing_page(request, CLEARINGS, context)


def _own(request: Request) -> Institution:
    return get_visible(Institution, request.user, code=request.user.institution_code)


@shows(VIEW)
def clearings(request: Request) -> HttpResponse:
    return _list(request)


@acts(DECLARE)
def declare(request: Request) -> HttpResponse:
    form = DeclareForm(request.POST)
    if form.is_valid():
        with form.refusals():
            done = services.declare(
                actor=request.user,
                institution=_own(request),
                month=form.cleaned_data["month"],
                on=today(),
            )
            messages.success(
                request,
                f"已申报 {done.claims_count} 笔，{told(done.worth)} 元，付款期限 {done.pay_by}",
            )
            return redirect("claims:clearing", done.pk)
    return _list(request, form)


# -- one clearing ------------------------------------------------------------------------------


def _show(request: Request, row: Clearing, **forms: Any) -> HttpResponse:
    claims = live_claims(row)
    deductions = list(
        Deduction.objects.counted()
        .live_of(row)
        .select_related("claim__settlement", "found_by")
        .order_by("claim__settlement_id", "pk")
    )
    steps = {step.event: step for step in WAY.open_to(row, request.user)}
    disputable = [one for one in deductions if one.status == Deduction.Status.STANDING]
    context: dict[str, Any] = {
        "clearing": row,
        "foreseen": services.foreseen(row, claims),
        "seen": services.sums_shown(row),
        "deductions": deductions,
        "methods": ways if (ways := methods_told(row)) != BY_ITEM else [],
        "cuts": services.review_cuts(claims),
        "steps": [step for event, step in steps.items() if event in ACTS],
        "hands": _hands(row),
    }
    if "withdraw_clearing" not in steps and "check_clearing" in steps:
        context["deduct_form"] = forms.get("deduct_form") or DeductForm(claims)
    if "confirm_clearing" in steps:
        context["confirm_form"] = forms.get("confirm_form") or ConfirmForm(disputable)
    if row.answer_by is not None and today() <= row.answer_by:
        context["steps"] = [step for step in context["steps"] if step.event != "confirm_overdue"]
    if "pay_clearing" in steps and not row.paid_amount:
        context["paid_form"] = forms.get("paid_form") or PaidForm(initial={"paid_on": today()})
    for one in deductions:
        one.may = {step.event for step in DEDUCTIONS.open_to(one, request.user)}  # type: ignore[attr-defined]
    context["answer_form"] = AnswerForm()
    fell = row.claims.exclude(fell_reason="").exists()
    listing = claims_listing(by_method=bool(context["methods"]), fell=fell)
    return listing_page(request, listing, context, pk=row.pk)


def _hands(row: Clearing) -> list[tuple[str, str, Any]]:
    return hands_told(
        ("申报", row.declared_by, row.declared_at),
        ("核对", row.checked_by, row.checked_at),
        ("签发", row.issued_by, row.issued_at),
        ("确认", row.confirmed_by, row.confirmed_at),
        ("支付", row.paid_by, row.paid_at),
    )


@shows(VIEW)
def clearing(request: Request, pk: int) -> HttpResponse:
    return _show(request, one_clearing(request, pk))


# What one button does, with a reason where the step asks for one.
ACTS: dict[str, Callable[[Request, Clearing, str], Any]] = {
    "withdraw_clearing": lambda request, row, reason: services.withdraw(
        actor=request.user, clearing=row, reason=reason
    ),
    "check_clearing": lambda request, row, reason: services.check(
        actor=request.user, clearing=row, on=today()
    ),
    "send_back_clearing": lambda request, row, reason: services.send_back(
        actor=request.user, clearing=row, reason=reason
    ),
    "issue_clearing": lambda request, row, reason: services.issue(
        actor=request.user, clearing=row, on=today(), seen=asked_seen(request)
    ),
    "confirm_overdue": lambda request, row, reason: services.confirm_overdue(
        actor=request.user, clearing=row, on=today()
    ),
    "recall_clearing": lambda request, row, reason: services.recall(
        actor=request.user, clearing=row, reason=reason
    ),
}


@acts(VIEW)
def act(request: Request, pk: int, event: str) -> HttpResponse:
    """One button of the workflow."""
    asked_step(request, WAY, event, ACTS)
    row = one_clearing(request, pk)
    with refusals_as_messages(request):
        done = ACTS[event](request, row, request.POST.get("reason", ""))
        messages.success(request, WAY.told(done, event))
    return redirect("claims:clearing", pk)


@acts("claims.check_clearing")
def deduct(request: Request, pk: int) -> HttpResponse:
    row = one_clearing(request, pk)
    claims = live_claims(row)
    form = DeductForm(claims, request.POST)
    if form.is_valid():
        data = form.cleaned_data
        claim = next(one for one in claims if str(one.pk) == data.pop("claim"))
        with form.refusals():
            services.deduct(actor=request.user, claim=claim, **data)
            messages.success(request, f"已扣减 {told(data['amount'])} 元")
            return redirect("claims:clearing", pk)
    return _show(request, row, deduct_form=form)


@acts(DECLARE)
def confirm(request: Request, pk: int) -> HttpResponse:
    """The institution agrees, but for what it objects to."""
    row = one_clearing(request, pk)
    form = ConfirmForm(list(Deduction.objects.live_of(row).disputable()), request.POST)
    if form.is_valid():
        with form.refusals():
            disputes = form.disputes()
            services.confirm(
                actor=request.user,
                clearing=row,
                disputes=disputes,
                on=today(),
                seen=asked_seen(request),
            )
            objected = f"，{len(disputes)} 条异议待答复" if disputes else ""
            messages.success(request, f"已确认清算单 {row.number}{objected}")
            return redirect("claims:clearing", pk)
    return _show(request, row, confirm_form=form)


@acts("claims.pay")
def settle(request: Request, pk: int) -> HttpResponse:
    """A month from which nothing goes to the bank."""
    row, form = one_clearing(request, pk), PaidForm(request.POST)
    if form.is_valid():
        with form.refusals():
            rooms.settle_without_money(
                actor=request.user, clearing=row, on=form.cleaned_data["paid_on"], today=today()
            )
            messages.success(request, f"清算单 {row.number} 已办结，没有款项发出")
            return redirect("claims:clearing", pk)
    return _show(request, row, paid_form=form)


# -- one deduction -----------------------------------------------------------------------------


def _deduction(request: Request, pk: int) -> Deduction:
    return get_visible(Deduction, request.user, "claim__clearing", pk=pk)


@acts("claims.check_clearing")
def undo(request: Request, pk: int) -> HttpResponse:
    row = _deduction(request, pk)
    with refusals_as_messages(request):
        services.undo_deduction(actor=request.user, deduction=row)
        messages.success(request, "已取消这条扣减")
    return redirect("claims:clearing", row.claim.clearing_id)


@acts("claims.check_clearing")
def answer(request: Request, pk: int) -> HttpResponse:
    row, form = _deduction(request, pk), AnswerForm(request.POST)
    with refusals_as_messages(request):
        if form.is_valid():
            services.answer(
                actor=request.user,
                deduction=row,
                gives_back=form.cleaned_data["gives_back"] == "yes",
                words=form.cleaned_data["answer"],
            )
            messages.success(request, "已答复，待批准")
        else:
            say_refused(request, Refusal("请选择答复意见并填写理由", "answer"))
    return redirect(f"{reverse('claims:clearing', args=[row.claim.clearing_id])}#disputes")


@acts("claims.issue_clearing")
def decide(request: Request, pk: int, what: str) -> HttpResponse:
    """The second hand agrees with the answer, or wants another."""
    if what not in {"agree", "return"}:
        raise Http404
    row = _deduction(request, pk)
    with refusals_as_messages(request):
        done = services.decide(
            actor=request.user, deduction=row, agrees=what == "agree", on=today()
        )
        messages.success(request, f"这条异议现为“{done.get_status_display()}”")
    return redirect(f"{reverse('claims:clearing', args=[row.claim.clearing_id])}#disputes")
