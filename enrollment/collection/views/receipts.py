"""Receipts and remittances of the township."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Max, Min, Sum
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.clock import today
from accounts.errors import Refusal
from accounts.permissions import Request, require
from accounts.scoping import get_visible
from enrollment.forms import ConfirmForm, ReasonForm, RemittanceForm
from enrollment.models import Campaign, Receipt, ReceiptBook, Remittance
from enrollment.services import confirm_remittance, remit, return_remittance, void_receipt
from lib.periods import parse_day

KINDS = {**dict(Receipt.Channel.choices), "void": "已作废", "unremitted": "现金未缴存"}


@require("enrollment.take_payment")
@require_GET
def receipts(request: Request) -> HttpResponse:
    """The clerk's own receipts and books."""
    rows = Receipt.objects.visible_to(request.user).filter(issued_by=request.user)
    kind, day = request.GET.get("kind", ""), parse_day(request.GET.get("day", ""))
    if kind == "void":
        rows = rows.exclude(voided_at=None)
    elif kind == "unremitted":
        rows = rows.unremitted()
    elif kind in Receipt.Channel.values:
        rows = rows.valid().filter(channel=kind)
    if day:
        rows = rows.filter(issued_on=day)
    sums = rows.valid().aggregate(number=Count("pk"), amount=Sum("amount"))
    rows = rows.select_related("book", "division__parent", "household", "remittance").order_by(
        "-pk"
    )
    context = {
        "page": Paginator(rows, 50).get_page(request.GET.get("page")),
        "sums": sums,
        "kind": kind,
        "kinds": KINDS,
        "day": day,
        "books": ReceiptBook.objects.visible_to(request.user).filter(
            clerk=request.user, status=ReceiptBook.Status.IN_USE
        ),
    }
    return render(request, "enrollment/receipts.html", context)


@require("enrollment.take_payment")
@require_http_methods(["GET", "POST"])
def receipt_void(request: Request, pk: int) -> HttpResponse:
    receipt = get_visible(
        Receipt.objects.select_related("book", "household", "division"), request.user, pk=pk
    )
    form = ReasonForm(request.POST or None)
    form.fields["reason"].widget.attrs["autofocus"] = True
    if request.method == "POST" and form.is_valid():
        try:
            void_receipt(
                actor=request.user,
                receipt=receipt,
                reason=form.cleaned_data["reason"],
                on=today(),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, f"收据 {receipt.full_number} 已作废，参保登记回到待缴费")
            return redirect("enrollment:payment", pk=receipt.household_id)
    return render(request, "enrollment/receipt_void.html", {"form": form, "receipt": receipt})


def _takings(request: Request) -> list[dict[str, Any]]:
    """The clerk's unremitted cash by campaign."""
    if not request.user.may("enrollment.remit"):
        return []
    rows = (
        Receipt.objects.visible_to(request.user)
        .unremitted()
        .filter(issued_by=request.user)
        .order_by("campaign__year")
        .values("campaign", "campaign__year", "campaign__remit_by")
        .annotate(
            receipts=Count("pk"),
            cash=Sum("amount"),
            since=Min("issued_on"),
            first=Min("number"),
            last=Max("number"),
        )
    )
    return [dict(row) for row in rows]


def _remittances(request: Request, **extra: Any) -> HttpResponse:
    rows = Remittance.objects.visible_to(request.user)
    status = request.GET.get("status", "")
    if status in Remittance.Status.values:
        rows = rows.filter(status=status)
    rows = rows.select_related("township", "campaign", "clerk", "confirmed_by")
    context = {
        "page": Paginator(rows, 50).get_page(request.GET.get("page")),
        "status": status,
        "statuses": Remittance.Status.choices,
        "takings": _takings(request),
        "form": RemittanceForm(initial={"slip_date": today()}),
    }
    return render(request, "enrollment/remittances.html", context | extra)


@require("enrollment.view_remittances")
@require_GET
def remittances(request: Request) -> HttpResponse:
    return _remittances(request)


@require("enrollment.remit")
@require_POST
def remittance_new(request: Request, pk: int) -> HttpResponse:
    """Hand in what is unremitted of campaign `pk`."""
    campaigns = Campaign.objects.begun(request.user.county_code, today())
    campaign = campaigns.filter(pk=pk).first()
    form = RemittanceForm(request.POST)
    if form.is_valid():
        try:
            if campaign is None:
                raise Refusal("没有待缴存的收据")
            row = remit(actor=request.user, campaign=campaign, on=today(), **form.cleaned_data)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(
                request, f"已缴存 {row.receipt_count} 张收据共 {row.amount:.2f} 元，待会计确认"
            )
            return redirect("enrollment:remittances")
    return _remittances(request, form=form)


@require("enrollment.confirm_remittance")
@require_POST
def remittance_confirm(request: Request, pk: int) -> HttpResponse:
    remittance = get_visible(Remittance.objects.all(), request.user, pk=pk)
    form = ConfirmForm(request.POST)
    if form.is_valid():
        try:
            row = confirm_remittance(
                actor=request.user,
                remittance=remittance,
                bank_amount=form.cleaned_data["bank_amount"],
                on=today(),
            )
        except Refusal as refusal:
            form.add_error("bank_amount", refusal.message)
        else:
            messages.success(request, f"缴款单 {row.slip_number} 已入账，凭证 {row.voucher_number}")
            return redirect("enrollment:remittances")
    return _remittances(request, confirming=pk, confirm_form=form)


@require("enrollment.confirm_remittance")
@require_POST
def remittance_return(request: Request, pk: int) -> HttpResponse:
    remittance = get_visible(Remittance.objects.all(), request.user, pk=pk)
    try:
        row = return_remittance(
            actor=request.user, remittance=remittance, reason=request.POST.get("reason", "")
        )
    except Refusal as refusal:
        return _remittances(request, returning=pk, return_problem=refusal.message)
    messages.success(request, f"缴款单 {row.slip_number} 已退回乡镇")
    return redirect("enrollment:remittances")
