"""The page of a year's budget: carried out so far, adopted, put forward, and those before."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.clock import today
from accounts.permissions import Request, acts, shows
from desk.buttons import decide_visible
from desk.downloads import download
from funds.budget import services
from funds.budget.forms import BudgetFileForm, BudgetForm
from funds.budget.models import Budget
from funds.budget.workflow import BUDGETS
from funds.models import Book, Period
from funds.views import no_book, open_books
from lib.periods import Month
from lib.tables.templates import said_columns, template_of


def _year(book: Book, text: str) -> int:
    """A year that the book has, or the next one; this year for anything else."""
    years = _years(book)
    return int(text) if text.isascii() and text.isdecimal() and int(text[:5]) in years else years[1]


def _years(book: Book) -> list[int]:
    """The next one first, then this one, and those before."""
    return list(range(today().year + 1, min(book.first_month.year, today().year) - 1, -1))


def _page(
    request: Request,
    book: Book,
    books: list[Book],
    *,
    form: BudgetForm | None = None,
    file_form: BudgetFileForm | None = None,
) -> HttpResponse:
    year = _year(book, request.GET.get("year", ""))
    now = Budget.objects.in_force(book, year)
    rows = Budget.objects.of_year(book, year).select_related("proposed_by", "decided_by")
    proposal = rows.filter(status=Budget.Status.PROPOSED).first()
    month = _until(book, year)
    executed = services.execution(book, month)
    context: dict[str, Any] = {
        "books": books,
        "book": book,
        "year": year,
        "years": _years(book),
        "month": month,
        "budget": now,
        "proposal": proposal,
        "rows": [(one, _proposed(proposal, one)) for one in executed],
        "moves": BUDGETS.open_to(proposal, request.user) if proposal else [],
        "history": rows,
        "form": form or BudgetForm(book, _start(now)),
        "file_form": file_form or BudgetFileForm(),
        "columns": said_columns(services.LAYOUT),
    }
    return render(request, "funds/budget/budget.html", context)


def _start(now: Budget | None) -> dict[str, Any]:
    return {code: now.amount_of(code) for code in now.amounts} if now else {}


def _proposed(proposal: Budget | None, one: services.Executed) -> Any:
    if proposal is None:
        return None
    if one.is_total:
        return proposal.income if one.title == "基金收入" else proposal.expense
    return proposal.amount_of(one.account)


def _until(book: Book, year: int) -> Month:
    """The last month of the year that the books have; December of a year without any."""
    last = Period.objects.filter(book=book, year=year).order_by("month").last()
    return last.as_month if last else Month(year, 12)


@shows("funds.view_drafts")
def budget(request: Request) -> HttpResponse:
    """`?waiting=`: of whichever book and year one waits, for whoever comes from the work list."""
    if "waiting" in request.GET:
        waiting = Budget.objects.visible_to(request.user).filter(status=Budget.Status.PROPOSED)
        if one := waiting.select_related("book").order_by("pk").first():
            return _back(one.book, one.year)
    books, book = open_books(request)
    return no_book(request) if book is None else _page(request, book, books)


@acts("funds.propose_budget")
def propose(request: Request) -> HttpResponse:
    books, book = open_books(request)
    if book is None:
        return no_book(request)
    year = _year(book, request.GET.get("year", ""))
    form = BudgetForm(book, {}, request.POST)
    if form.is_valid():
        with form.refusals():
            services.propose_budget(
                actor=request.user, book=book, year=year, on=today(), **form.asked()
            )
            messages.success(request, f"{year} 年预算已编报，由另一人批准后生效")
            return _back(book, year)
    return _page(request, book, books, form=form)


@acts("funds.propose_budget")
def upload(request: Request) -> HttpResponse:
    """The table's amounts stand in the form, to be looked at before they are put forward."""
    books, book = open_books(request)
    if book is None:
        return no_book(request)
    file_form = BudgetFileForm(request.POST, request.FILES)
    if file_form.is_valid():
        with file_form.refusals():
            found = services.read_budget(file_form.cleaned_data["file"], book)
            messages.success(request, f"已读入 {len(found)} 项，请核对后编报")
            return _page(request, book, books, form=BudgetForm(book, found))
    return _page(request, book, books, file_form=file_form)


@shows("funds.propose_budget")
def template(request: Request) -> HttpResponseBase:
    return download(template_of(services.LAYOUT, "预算"), "预算模板.xlsx")


@acts("funds.view_drafts")
def budget_act(request: Request, pk: int, event: str) -> HttpResponse:
    row = decide_visible(request, BUDGETS, event, pk)
    return _back(row.book, row.year)


def _back(book: Book, year: int) -> HttpResponse:
    return redirect(f"{reverse('funds:budget')}?book={book.pk}&year={year}")
