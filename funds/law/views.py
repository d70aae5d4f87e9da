"""风险基金与结余: what the measures ask, worked out and shown before a voucher is made of it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.clock import today
from accounts.errors import Refusal
from accounts.forms import refusals_as_messages
from accounts.permissions import Request, acts, shows
from funds.balances import account_balances, as_printed
from funds.events import EVENTS
from funds.forms import YearForm
from funds.law.known import overspends
from funds.law.overspends import RETURNED
from funds.law.services import make_by_law, on_its_way
from funds.law.workings import WORKINGS, work_out
from funds.law.year_end import surplus_rates
from funds.models import Book
from funds.views import no_book, open_books
from lib.periods import Month


@shows("funds.view")
def reserves(request: Request) -> HttpResponse:
    books, book = open_books(request)
    if book is None:
        return no_book(request)
    asked = {"year": str(today().year), "on": today().isoformat()}
    asked |= {name: request.GET[name] for name in asked if request.GET.get(name)}
    form = YearForm(asked, today=today())
    balances = account_balances(area=book.area, through=today(), fund_type=book.fund_type)
    context: dict[str, Any] = {
        "books": books,
        "book": book,
        "form": form,
        "may_post": request.user.may("funds.post"),
        "net_assets": as_printed(
            [balance for balance in balances if balance.kind == "net"],
            book.chart_at(Month.of(today())),
        ),
    }
    if form.is_valid():
        context |= _worked_out(book, **form.cleaned_data)
    return render(request, "funds/law/reserves.html", context)


def _worked_out(book: Book, year: int, on: Any) -> dict[str, Any]:
    """Every working of the year; of overspends and advances only where the book has such, and none
    of other funds than the residents'."""
    if book.fund_type != Book.FundType.RESIDENT:
        return {"other_fund": True}
    events = [name for name in WORKINGS if name != "accounts_released"]
    if overspends(book, year) is None:
        events = [name for name in events if "overspend" not in name]
    if not book.defers_advance_premium:
        events.remove("advance_recognised")
    try:
        rates = surplus_rates(book, year, on)
    except Refusal:
        rates = []
    return {
        "year": year,
        "on": on,
        "rates": rates,
        "workings": [
            one
            for one in (_shown(book, event, year, on) for event in events)
            if one["event"] not in RETURNED or one["has_work"]
        ],
    }


def _shown(book: Book, event: str, year: int, on: Any) -> dict[str, Any]:
    refused, working = "", None
    try:
        working = work_out(event, book, year, on)
        if event == "accounts_carried" and not working.lines:
            other = work_out("accounts_released", book, year, on)
            working = other if other.lines else working
    except Refusal as refusal:
        refused = refusal.message
    if working is not None:
        event = working.event
    waiting = on_its_way(book, event, year)
    is_ready = waiting is None and working is not None and not working.problem
    return {
        "event": event,
        "title": EVENTS[event].title,
        "working": working,
        "refused": refused,
        "waiting": waiting,
        "is_ready": is_ready,
        "has_work": is_ready or waiting is not None,
    }


@acts("funds.post")
def make(request: Request, event: str) -> HttpResponse:
    if event not in WORKINGS:
        raise Http404
    _, book = open_books(request)
    if book is None:
        return no_book(request)
    form = YearForm(request.POST, today=today())
    if not form.is_valid():
        messages.error(
            request, "；".join(str(each) for one in form.errors.values() for each in one)
        )
        return redirect(f"{reverse('funds:reserves')}?book={book.pk}")
    with refusals_as_messages(request):
        draft = make_by_law(
            actor=request.user, event=event, book=book, today=today(), **form.cleaned_data
        )
        messages.success(request, f"{draft.title}已制单，待复核")
        return redirect("funds:draft", pk=draft.pk)
    asked = f"year={form.cleaned_data['year']}&on={form.cleaned_data['on']}"
    return redirect(f"{reverse('funds:reserves')}?book={book.pk}&{asked}")
