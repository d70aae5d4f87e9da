"""Sponsors' funds, and payment at the window that is not all cash."""

from decimal import Decimal

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.clock import today
from accounts.forms import refusals_as_messages
from accounts.permissions import Request, acts, asks, shows
from accounts.scoping import get_visible
from desk.listing import Table, listing_page
from enrollment.collection.forms import OtherWayForm, SponsorForm, SponsorMoneyForm
from enrollment.collection.listings import SPONSORS, USES
from enrollment.collection.models import SponsorFund, SponsorUse
from enrollment.collection.receipts import payer_of, take_payment
from enrollment.collection.sponsored import balance, eligible, received, used
from enrollment.collection.sponsors import (
    book_sponsor_uses,
    open_sponsor_fund,
    receive_sponsor_money,
)
from enrollment.cover.listing import pending_rows
from enrollment.cover.views.places import needed_campaign
from enrollment.people.views.one import one_household
from lib.money import told


def _page(request: Request, form: SponsorForm) -> HttpResponse:
    return listing_page(request, SPONSORS, {"form": form})


@shows("enrollment.view_sponsors")
def sponsor_list(request: Request) -> HttpResponse:
    return _page(request, SponsorForm(user=request.user, on=today()))


@acts("enrollment.manage_sponsors")
def sponsor_new(request: Request) -> HttpResponse:
    form = SponsorForm(request.POST, user=request.user, on=today())
    if form.is_valid():
        data = dict(form.cleaned_data)
        with form.refusals():
            fund = open_sponsor_fund(
                actor=request.user,
                campaign=needed_campaign(request),
                people=data.pop("numbers"),
                **data,
            )
            messages.success(request, f"已登记“{fund.name}”，请登记到账资金")
            return redirect("enrollment:sponsor", pk=fund.pk)
    return _page(request, form)


def _fund(request: Request, pk: int) -> SponsorFund:
    return get_visible(SponsorFund, request.user, "campaign", "division", pk=pk)


def _detail(request: Request, fund: SponsorFund, form: SponsorMoneyForm) -> HttpResponse:
    uses = SponsorUse.objects.filter(fund=fund).select_related(
        "enrollment__person", "enrollment__division", "receipt__book"
    )
    context = {
        "fund": fund,
        "form": form,
        "received": received(fund),
        "used": used(fund),
        "left": balance(fund),
        "named": fund.people.count(),
        "waiting": uses.filter(voucher_number="", released_on=None).count(),
        "money": fund.money.select_related("recorded_by"),
        "uses": Table(USES, request, uses.order_by("-pk")),
    }
    return render(request, "enrollment/collection/sponsor.html", context)


@shows("enrollment.view_sponsors")
def sponsor_detail(request: Request, pk: int) -> HttpResponse:
    form = SponsorMoneyForm(initial={"received_on": today()})
    return _detail(request, _fund(request, pk), form)


@acts("enrollment.manage_sponsors")
def money(request: Request, pk: int) -> HttpResponse:
    fund = _fund(request, pk)
    form = SponsorMoneyForm(request.POST)
    if form.is_valid():
        with form.refusals():
            row = receive_sponsor_money(
                actor=request.user, fund=fund, on=today(), **form.cleaned_data
            )
            messages.success(
                request, f"已登记 {told(row.amount)} 元到账，凭证 {row.voucher_number}"
            )
            return redirect("enrollment:sponsor", pk=pk)
    return _detail(request, fund, form)


@acts("enrollment.manage_sponsors")
def book(request: Request, pk: int) -> HttpResponse:
    fund = _fund(request, pk)
    with refusals_as_messages(request):
        voucher = book_sponsor_uses(actor=request.user, fund=fund, on=today())
        messages.success(request, f"资助代缴已入账 {told(voucher.amount)} 元，凭证 {voucher.label}")
    return redirect("enrollment:sponsor", pk=pk)


@asks("enrollment.take_payment")
def other_payment(request: Request, pk: int) -> HttpResponse:
    """By transfer, or with a sponsor's money."""
    household = one_household(request, pk)
    rows = pending_rows(household)
    campaigns = {row.campaign_id for row in rows}
    funds = SponsorFund.objects.reaching(household.division, campaigns).select_related("division")
    offers = [(fund, eligible(fund, rows, today()), balance(fund)) for fund in funds]
    due = sum((row.personal_amount for row in rows), Decimal(0))
    form = OtherWayForm(request.POST or None, funds=funds, initial={"received": due})
    if request.method == "POST" and form.is_valid():
        with form.refusals():
            data = dict(form.cleaned_data)
            is_sure = data.pop("sure")
            receipt, change = take_payment(
                actor=request.user, household=household, on=today(), is_sure=is_sure, **data
            )
            back = f"，应找零 {told(change)} 元" if change else ""
            messages.success(
                request,
                f"已开票：本户付 {told(receipt.amount)} 元，"
                f"资助 {told(receipt.sponsored_amount)} 元{back}",
            )
            return redirect("enrollment:receipt", pk=receipt.pk)
    context = {"household": household, "rows": rows, "due": due, "offers": offers, "form": form}
    context["payer"] = payer_of(rows) if rows else ""
    return render(request, "enrollment/collection/other_payment.html", context)
