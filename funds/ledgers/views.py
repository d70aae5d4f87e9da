"""Pages of the account books: from a balance to its postings, to the voucher, to what is behind."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode

from accounts.models import Division
from accounts.permissions import Request, shows
from accounts.scoping import get_visible
from funds.events import FUNDING_LEVELS
from funds.ledgers.behind import behind
from funds.ledgers.forms import AccountForm, DetailForm, GeneralForm, ShareForm
from funds.ledgers.reading import BY, Ledger, detail, general, shares
from funds.models import Book, Voucher
from funds.papers import tier_names
from funds.views import no_book, open_books
from institutions.models import Institution
from lib.periods import Month


def _asked(request: Request, book: Book, **first: str) -> dict[str, Any]:
    """What the address says; the latest month with vouchers where it names none."""
    latest = book.periods.latest_used()
    month = str(latest.as_month if latest else Month.of(book.first_month))
    return {"first": month, "last": month, **first} | {
        name: value for name, value in request.GET.items() if value
    }


def _query(book: Book, form: AccountForm, **more: Any) -> str:
    """The address's parameters for a ledger of the same months."""
    data = form.cleaned_data
    months = {"first": str(data["first"]), "last": str(data["last"])}
    return urlencode({"book": book.pk, "account": data["account"], **months, **more})


@shows("funds.view")
def general_ledger(request: Request) -> HttpResponse:
    books, book = open_books(request)
    if book is None:
        return no_book(request)
    latest = book.periods.latest_used()
    year = latest.year if latest else book.first_month.year
    form = GeneralForm(
        book,
        {
            "year": request.GET.get("year") or str(year),
            "account": request.GET.get("account", ""),
        },
    )
    found = []
    if form.is_valid():
        found = general(book, int(form.cleaned_data["year"]), form.cleaned_data["account"])
    context = {"books": books, "book": book, "form": form, "accounts": found}
    return render(request, "funds/ledgers/general.html", context)


@shows("funds.view")
def account_ledger(request: Request) -> HttpResponse:
    books, book = open_books(request)
    if book is None:
        return no_book(request)
    form = DetailForm(book, _asked(request, book, account="1004"))
    context: dict[str, Any] = {"books": books, "book": book, "form": form}
    if form.is_valid():
        version = book.chart_at(form.cleaned_data["last"])
        ledger = Ledger(book, form.cleaned_data["account"], version, form.narrowed)
        asked = request.GET.get("page", "")
        number = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 7 else 1
        page = detail(ledger, form.cleaned_data["first"], form.cleaned_data["last"], number)
        context |= {"ledger": ledger, "page": page, "query": _query(book, form, **form.narrowed)}
    return render(request, "funds/ledgers/detail.html", context)


@shows("funds.view")
def subsidiary_ledger(request: Request) -> HttpResponse:
    books, book = open_books(request)
    if book is None:
        return no_book(request)
    form = ShareForm(book, _asked(request, book, account="5001", by="township"))
    context: dict[str, Any] = {"books": books, "book": book, "form": form}
    if form.is_valid():
        data = form.cleaned_data
        ledger = Ledger(book, data["account"], book.chart_at(data["last"]))
        rows = shares(ledger, data["by"], data["first"], data["last"], _names(book, data["by"]))
        total = {
            name: sum(getattr(row, name) for row in rows)
            for name in ("opening", "debit", "credit", "closing")
        }
        context |= {"ledger": ledger, "rows": rows, "total": total}
        context |= {"by": data["by"], "called": BY[data["by"]], "query": _query(book, form)}
    return render(request, "funds/ledgers/subsidiary.html", context)


def _names(book: Book, by: str) -> Mapping[str, str]:
    if by == "township":
        towns = Division.objects.townships().filter(parent=book.area)
        return dict(towns.values_list("code", "name"))
    if by == "institution_code":
        return dict(Institution.objects.values_list("code", "name"))
    if by == "tier":
        return tier_names(book)
    return FUNDING_LEVELS


@shows("funds.view")
def voucher_behind(request: Request, pk: int) -> HttpResponse:
    rows = Voucher.objects.select_related("book__area", "reversal_of", "reversal", "draft")
    voucher = get_visible(rows, request.user, pk=pk)
    found = behind(request.user, voucher)
    return render(request, "funds/ledgers/behind.html", {"voucher": voucher, "found": found})
