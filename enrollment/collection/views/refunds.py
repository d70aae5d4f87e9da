"""Refunds: the township asks, the county's accountant decides, the cashier pays."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.clock import today
from accounts.errors import Refusal
from accounts.forms import refusals_as_messages
from accounts.permissions import Request, acts, asks, shows
from accounts.scoping import get_visible
from desk.listing import listing_page
from enrollment.collection.forms import RefundForm, RefundPayForm
from enrollment.collection.listings import REFUNDS
from enrollment.collection.models import Refund
from enrollment.collection.refunds import (
    RULE,
    grant_refund,
    pay_refund,
    refundable,
    refuse_refund,
    request_refund,
    second_payment,
    second_payments,
    stop_refund,
    why_not,
)
from enrollment.cover.models import Enrollment
from enrollment.people.views.one import one_household
from lib.money import told


@shows("enrollment.view_refunds")
def refund_list(request: Request) -> HttpResponse:
    waiting = second_payments(request.user).select_related("duplicate_of__person")
    may_ask = request.user.may("enrollment.request_refund")
    context = {"today": today(), "rule": RULE, "waiting": waiting if may_ask else ()}
    return listing_page(request, REFUNDS, context)


@shows("enrollment.view_refunds")
def household(request: Request, pk: int) -> HttpResponse:
    """The household's paid covers, and those that ended while a second payment is still owed, each
    with the way to ask."""
    row = one_household(request, pk)
    covers = refundable(row).visible_to(request.user)
    offers = [(one, second_payment(one), why_not(one, today())) for one in covers]
    latest = max((one.year for one, *_ in offers), default=0)
    context = {
        "household": row,
        # Of earlier years only what may still be asked for.
        "offers": [offer for offer in offers if offer[0].year == latest or not offer[2]],
        "earlier": [offer for offer in offers if offer[0].year < latest and offer[2]],
        "rule": RULE,
    }
    return render(request, "enrollment/collection/household_refunds.html", context)


@asks("enrollment.request_refund")
def refund_new(request: Request, pk: int) -> HttpResponse:
    enrollment = get_visible(
        Enrollment, request.user, "person", "household", "division", "receipt__book", pk=pk
    )
    second = second_payment(enrollment)
    initial: dict[str, Any] = {"payee": enrollment.person.name}
    if second is not None:
        initial |= {"ground": Refund.Ground.DOUBLE, "ground_date": second.paid_on}
    form = RefundForm(request.POST or None, initial=initial)
    form.fields["ground"].widget.attrs["autofocus"] = True
    if request.method == "POST" and form.is_valid():
        with form.refusals():
            refund = request_refund(
                actor=request.user, enrollment=enrollment, on=today(), **form.cleaned_data
            )
            messages.success(request, f"已提交退费申请 {refund.pk} 号，待县经办中心审批")
            return redirect("enrollment:refunds")
    context = {"row": enrollment, "second": second, "form": form, "rule": RULE}
    return render(request, "enrollment/collection/refund_new.html", context)


@acts("enrollment.grant_refund")
def grant(request: Request, pk: int) -> HttpResponse:
    refund = get_visible(Refund, request.user, pk=pk)
    with refusals_as_messages(request):
        done = grant_refund(actor=request.user, refund=refund, on=today())
        waits = f"，待出纳支付 {told(done.amount)} 元" if done.amount else ""
        booked = f"，凭证 {done.voucher_number}" if done.voucher_number else ""
        cover = "参保不变" if done.tax_row_id else "参保终止"
        messages.success(request, f"退费 {done.pk} 号已同意，{cover}{waits}{booked}")
    return redirect("enrollment:refunds")


@acts("enrollment.pay_refund")
def pay(request: Request, pk: int) -> HttpResponse:
    refund = get_visible(Refund, request.user, pk=pk)
    form = RefundPayForm(request.POST)
    with refusals_as_messages(request):
        if not form.is_valid():
            raise Refusal("请填写付款日期，如 2026-01-05", "paid_on")
        done = pay_refund(
            actor=request.user, refund=refund, on=form.cleaned_data["paid_on"], today=today()
        )
        messages.success(
            request, f"退费 {done.pk} 号已支付 {told(done.amount)} 元，凭证 {done.voucher_number}"
        )
    return redirect("enrollment:refunds")


@acts("enrollment.grant_refund")
def refuse(request: Request, pk: int) -> HttpResponse:
    refund = get_visible(Refund, request.user, pk=pk)
    with refusals_as_messages(request):
        refuse_refund(
            actor=request.user,
            refund=refund,
            reason=request.POST.get("reason", ""),
            on=today(),
        )
        messages.success(request, f"退费 {refund.pk} 号未同意，已退回乡镇")
    return redirect("enrollment:refunds")


@acts("enrollment.grant_refund")
def stop(request: Request, pk: int) -> HttpResponse:
    refund = get_visible(Refund, request.user, pk=pk)
    with refusals_as_messages(request):
        reason = request.POST.get("reason", "")
        stop_refund(actor=request.user, refund=refund, reason=reason, on=today())
        messages.success(request, f"退费 {refund.pk} 号已撤回审批，没有支付")
    return redirect("enrollment:refunds")
