"""Remittances: handed in by the township, confirmed or returned by the county."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, Max, Min, Sum
from django.http import HttpResponse
from django.shortcuts import redirect

from accounts.clock import today
from accounts.errors import Refusal
from accounts.permissions import Request, acts, shows
from accounts.scoping import get_visible
from desk.listing import listing_page
from enrollment.collection.forms import ConfirmForm, RemittanceForm
from enrollment.collection.listings import REMITTANCES, REMITTED
from enrollment.collection.models import Receipt, Remittance
from enrollment.collection.remittances import confirm_remittance, remit, return_remittance
from enrollment.cover.models import Campaign
from lib.money import told


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
    context = {
        "takings": _takings(request),
        "form": RemittanceForm(initial={"slip_date": today()}),
    }
    return listing_page(request, REMITTANCES, context | extra)


@shows("enrollment.view_remittances")
def remittances(request: Request) -> HttpResponse:
    return _remittances(request)


@shows("enrollment.view_remittances")
def remittance(request: Request, pk: int) -> HttpResponse:
    """One slip: the receipts whose cash it took to the bank."""
    rows = Remittance.objects.select_related("township", "campaign", "clerk", "confirmed_by")
    slip: Remittance = get_visible(rows, request.user, pk=pk)
    receipts = slip.receipts.select_related("book", "division__parent", "household", "issued_by")
    return listing_page(request, REMITTED, {"slip": slip}, rows=receipts.order_by("pk"))


@acts("enrollment.remit")
def remittance_new(request: Request, pk: int) -> HttpResponse:
    """Hand in what is unremitted of campaign `pk`."""
    campaigns = Campaign.objects.begun(request.user.county_code, today())
    campaign = campaigns.filter(pk=pk).first()
    form = RemittanceForm(request.POST)
    if form.is_valid():
        with form.refusals():
            if campaign is None:
                raise Refusal("没有待缴存的收据")
            row = remit(actor=request.user, campaign=campaign, on=today(), **form.cleaned_data)
            messages.success(
                request, f"已缴存 {row.receipt_count} 张收据共 {told(row.amount)} 元，待会计确认"
            )
            return redirect("enrollment:remittances")
    return _remittances(request, form=form)


@acts("enrollment.confirm_remittance")
def remittance_confirm(request: Request, pk: int) -> HttpResponse:
    remittance = get_visible(Remittance, request.user, pk=pk)
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


@acts("enrollment.confirm_remittance")
def remittance_return(request: Request, pk: int) -> HttpResponse:
    remittance = get_visible(Remittance, request.user, pk=pk)
    try:
        row = return_remittance(
            actor=request.user, remittance=remittance, reason=request.POST.get("reason", "")
        )
    except Refusal as refusal:
        return _remittances(request, returning=pk, return_problem=refusal.message)
    messages.success(request, f"缴款单 {row.slip_number} 已退回乡镇")
    return redirect("enrollment:remittances")
