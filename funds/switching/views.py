"""The page of a book's charts: which it keeps since when, and going on with another."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.clock import today
from accounts.permissions import Request, acts, shows
from desk.buttons import decide_visible
from funds.models import Book
from funds.switching import services
from funds.switching.forms import SwitchForm
from funds.switching.models import ChartSwitch
from funds.switching.workflow import SWITCHES
from funds.views import no_book, open_books
from lib.periods import Month


def _page(
    request: Request, book: Book, books: list[Book], form: SwitchForm | None = None
) -> HttpResponse:
    now = book.chart_at(Month(today().year + 1, 12))
    rows = list(ChartSwitch.objects.of_book(book))
    proposal = next((one for one in rows if one.status == ChartSwitch.Status.PROPOSED), None)
    kept: dict[str, str] = {}
    for period in book.periods.of_business().order_by("year", "month"):
        kept.setdefault(Book.Chart(period.chart).label, str(period))
    context = {
        "books": books,
        "book": book,
        "kept": list(kept.items()),
        "rows": rows,
        "proposal": proposal,
        "steps": SWITCHES.open_to(proposal, request.user) if proposal else [],
        "form": form or SwitchForm(now, initial={"year": today().year}),
        "may_propose": request.user.may("funds.propose_chart"),
        "is_latest": now == Book.Chart.Y2026,
    }
    return render(request, "funds/switching/charts.html", context)


@shows("funds.view_drafts")
def charts(request: Request) -> HttpResponse:
    """`?waiting=`: of whichever book one waits for, for whoever comes from the work list."""
    if "waiting" in request.GET:
        waiting = ChartSwitch.objects.visible_to(request.user).filter(status="proposed")
        if one := waiting.select_related("book").order_by("pk").first():
            return _back(one.book)
    books, book = open_books(request)
    return no_book(request) if book is None else _page(request, book, books)


@acts("funds.propose_chart")
def propose(request: Request) -> HttpResponse:
    books, book = open_books(request)
    if book is None:
        return no_book(request)
    form = SwitchForm(book.chart_at(Month(today().year + 1, 12)), request.POST)
    if form.is_valid():
        with form.refusals():
            services.propose_chart(actor=request.user, book=book, on=today(), **form.cleaned_data)
            messages.success(request, "改用科目表已提出，由另一人同意后生效")
            return _back(book)
    return _page(request, book, books, form)


@acts("funds.view_drafts")
def chart_act(request: Request, pk: int, event: str) -> HttpResponse:
    return _back(decide_visible(request, SWITCHES, event, pk, services.decide_chart).book)


def _back(book: Book) -> HttpResponse:
    return redirect(f"{reverse('funds:charts')}?book={book.pk}")
