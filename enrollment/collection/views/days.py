"""The clerk's close of the day, and what the county sees of all of them."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.clock import today
from accounts.errors import Refusal
from accounts.forms import refusals_as_messages, say_refused
from accounts.permissions import Request, acts, asks, shows
from accounts.scoping import get_visible
from desk.listing import Table, listing_page
from enrollment.collection.days import (
    ask_reopening,
    close_day,
    day_sheet,
    last_close,
    next_day,
    overnight,
    refuse_reopening,
    reopen_day,
    reopening_problem,
)
from enrollment.collection.forms import CashDaysForm, CloseForm
from enrollment.collection.listings import DAY_CLOSES, MY_DAYS
from enrollment.collection.models import DayClose, Receipt
from enrollment.cover.campaigns import set_cash_days
from enrollment.cover.models import Campaign
from lib.money import told


@asks("enrollment.close_day")
def day(request: Request) -> HttpResponse:
    on = today()
    due = next_day(request.user, on)
    form = CloseForm(request.POST or None, initial={"day": due})
    form.fields["counted"].widget.attrs["autofocus"] = True
    if request.method == "POST" and form.is_valid():
        with form.refusals():
            row = close_day(actor=request.user, on=on, **form.cleaned_data)
            if row.day < on:  # of today the page itself tells
                messages.success(
                    request, f"{row.day:%Y-%m-%d} 已日结，应有现金 {told(row.closing)} 元转入次日"
                )
            return redirect("enrollment:day")
    mine = Receipt.objects.unremitted().filter(issued_by=request.user)
    last = last_close(request.user)
    context = {
        "due": due,
        "last": last,
        "stays": reopening_problem(last) if last else "",
        "on": on,
        "sheet": day_sheet(request.user, due) if due else None,
        "form": form,
        "held": overnight(mine, on),
        "days": Table(MY_DAYS, request),
    }
    return render(request, "enrollment/collection/day.html", context)


@shows("enrollment.view_reconciliation")
def day_closes(request: Request) -> HttpResponse:
    """Every clerk's closed days; with ?different=1 only those that did not agree."""
    on = today()
    context = {
        "held": overnight(Receipt.objects.visible_to(request.user).unremitted(), on),
        "campaigns": Campaign.objects.visible_to(request.user).filter(first_day__lte=on),
    }
    return listing_page(request, DAY_CLOSES, context)


@acts("enrollment.close_day")
def ask(request: Request, pk: int) -> HttpResponse:
    close = get_visible(DayClose, request.user, pk=pk, clerk=request.user)
    with refusals_as_messages(request):
        row = ask_reopening(actor=request.user, close=close, reason=request.POST.get("reason", ""))
        messages.success(request, f"已申请撤销 {row.day:%Y-%m-%d} 的日结，待会计同意")
    return redirect("enrollment:day")


@acts("enrollment.confirm_remittance")
def reopen(request: Request, pk: int) -> HttpResponse:
    close = get_visible(DayClose, request.user, pk=pk)
    with refusals_as_messages(request):
        row = reopen_day(actor=request.user, close=close)
        messages.success(
            request, f"已撤销 {row.clerk.name} {row.day:%Y-%m-%d} 的日结，由其重新清点后再日结"
        )
    return redirect("enrollment:day_closes")


@acts("enrollment.confirm_remittance")
def refuse(request: Request, pk: int) -> HttpResponse:
    close = get_visible(DayClose, request.user, pk=pk)
    with refusals_as_messages(request):
        row = refuse_reopening(
            actor=request.user, close=close, reason=request.POST.get("reason", "")
        )
        messages.success(request, f"{row.clerk.name} {row.day:%Y-%m-%d} 的日结不撤销")
    return redirect("enrollment:day_closes")


@acts("enrollment.prepare")
def cash_days(request: Request, pk: int) -> HttpResponse:
    campaign = get_visible(Campaign, request.user, pk=pk)
    form = CashDaysForm(request.POST)
    if form.is_valid():
        row = set_cash_days(
            actor=request.user, campaign=campaign, days=form.cleaned_data["cash_days"]
        )
        messages.success(request, f"{row.year} 年度现金缴存时限已改为 {row.cash_days} 天")
    else:
        say_refused(request, Refusal("现金缴存时限为 0 至 60 天", "cash_days"))
    return redirect("enrollment:day_closes")
