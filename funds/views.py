"""Pages of the ledger: vouchers, balances, months, and what the accountant enters by hand."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode

from accounts.clock import today
from accounts.errors import Refusal
from accounts.forms import refusals_as_messages, say_refused
from accounts.models import Division
from accounts.permissions import Request, acts, asks, shows
from accounts.scoping import get_visible
from desk.downloads import download
from desk.listing import listing_page
from funds import services
from funds.balances import AccountBalance, account_balances, as_printed, overdrawn
from funds.chart import PrintedGeneral, printed_chart
from funds.closing.checklist import checklist
from funds.drafts.services import make_draft, make_reversal
from funds.events import MANUAL_EVENTS, Choice, Event, Side
from funds.exports import month_workbook
from funds.forms import (
    ExportForm,
    ManualEventForm,
    MonthsForm,
    OpenBookForm,
    ReverseForm,
)
from funds.listings import VOUCHERS
from funds.models import ZERO, Book, Period, Voucher
from funds.named import is_money
from funds.papers import tier_names
from lib.periods import Month


def open_books(request: Request) -> tuple[list[Book], Book | None]:
    """The books that the user may see, and the one that is open: `?book=`, or the first."""
    books = Book.objects.of_user(request.user)
    wanted = request.GET.get("book", "")
    if not wanted:
        return books, books[0] if books else None
    for book in books:
        if str(book.pk) == wanted:
            return books, book
    raise Http404


def _book(request: Request, pk: int) -> Book:
    return get_visible(Book, request.user, "area", pk=pk)


def no_book(request: Request) -> HttpResponse:
    return render(request, "funds/no_book.html", {"form": OpenBookForm(today=today())})


@shows("funds.view")
def vouchers(request: Request) -> HttpResponse:
    _, book = open_books(request)
    if book is None:
        return no_book(request)
    return listing_page(request, VOUCHERS, {"book_query": f"book={book.pk}"})


@asks("funds.post")
def reverse_one(request: Request, pk: int) -> HttpResponse:
    row = get_visible(Voucher, request.user, "book__area", pk=pk)
    form = ReverseForm(request.POST or None, initial={"on": today()})
    if request.method == "POST" and form.is_valid():
        with form.refusals():
            draft = make_reversal(
                actor=request.user, voucher=row, today=today(), **form.cleaned_data
            )
            messages.success(request, f"红冲 {row.label} 已制单，待复核")
            return redirect("funds:draft", pk=draft.pk)
    return render(request, "funds/reverse.html", {"voucher": row, "form": form})


@shows("funds.view")
def accounts(request: Request) -> HttpResponse:
    books, book = open_books(request)
    if book is None:
        return no_book(request)
    latest = book.periods.latest_used()
    month = latest.as_month if latest else Month.of(book.first_month)
    shown = {"first": str(month), "last": str(month)}
    form = MonthsForm(book, shown | {name: request.GET.get(name) or shown[name] for name in shown})
    balances: list[AccountBalance] = []
    if form.is_valid():
        balances = account_balances(
            area=book.area,
            through=form.cleaned_data["last"].last,
            first_month=form.cleaned_data["first"],
            fund_type=book.fund_type,
        )
    context = {
        "books": books,
        "book": book,
        "form": form,
        "groups": _by_general_account(balances, book.chart_at(form.cleaned_data["last"]))
        if balances
        else [],
        "totals": _totals(balances),
        "months": urlencode(
            {"book": book.pk, "first": form["first"].value(), "last": form["last"].value()}
        ),
        "overdrawn": as_printed(overdrawn(book, today()), book.chart_at(Month.of(today()))),
        "export_form": ExportForm(book, initial={"month": str(month)}),
    }
    return render(request, "funds/accounts.html", context)


AMOUNTS = ("opening", "debit", "credit", "closing")


def _summed(balances: list[AccountBalance]) -> dict[str, Decimal]:
    return {name: sum((getattr(one, name) for one in balances), ZERO) for name in AMOUNTS}


def _by_general_account(balances: list[AccountBalance], version: str) -> list[dict[str, Any]]:
    """Accounts that moved or stand as the chart prints them, indented under their general account
    with its sums. `ledger`: how the account books are asked for it."""
    at = {one.code: one for one in balances}
    found = []
    for general in printed_chart(version, at):
        rows = [at[role] for role in general.roles if not at[role].is_idle]
        if rows:
            side, lines = rows[0].normal_side, _lines(general, at, rows)
            found.append({"code": general.code, "side": side, "lines": lines})
    return found


def _lines(
    general: PrintedGeneral, at: Mapping[str, AccountBalance], moved: list[AccountBalance]
) -> list[dict[str, Any]]:
    sums = {"name": general.name, "ledger": general.address, **_summed(moved)}
    if general.is_alone:
        return [sums]
    below = [
        {
            "name": one.printed.name,
            "ledger": one.address,
            "is_below": True,
            **_summed([at[role] for role in one.roles]),
        }
        for one in general.accounts
        if any(not at[role].is_idle for role in one.roles)
    ]
    return [sums | {"is_sum": True}, *below]


def _totals(balances: list[AccountBalance]) -> list[dict[str, Any]]:
    """The two sides of the trial balance (试算平衡)."""
    return [
        {"name": f"{name}科目合计", **_summed([one for one in balances if one.normal_side == side])}
        for side, name in (("debit", "借方"), ("credit", "贷方"))
    ] + [{"name": "发生额合计", **_summed(balances), "opening": None, "closing": None}]


@shows("funds.view")
def periods(request: Request) -> HttpResponse:
    books, book = open_books(request)
    if book is None:
        return no_book(request)
    rows = list(book.periods.of_business().newest_first())
    next_to_close = next((row for row in reversed(rows) if row.status == Period.Status.OPEN), None)
    found = checklist(next_to_close, today()) if next_to_close else []
    context = {
        "books": books,
        "book": book,
        "rows": _by_age(rows, today().year),
        "next_to_close": next_to_close,
        "problems": [one.words for one in found if one.is_stopping],
        "stops": sum(one.is_stopping for one in found),
        "told": sum(one.count > 0 and not one.stops for one in found),
        "other_book": _other_book(request, books),
    }
    return render(request, "funds/periods.html", context)


def _by_age(rows: list[Period], year: int) -> dict[str, list[Period]]:
    """Months of this year and those still open, and the closed ones of former years."""
    now = [row for row in rows if row.year >= year or row.status == Period.Status.OPEN]
    return {"now": now, "before": [row for row in rows if row not in now]}


def _other_book(request: Request, books: list[Book]) -> OpenBookForm | None:
    """For who may open books, while the area of theirs lacks the book of some fund."""
    opened = {book.fund_type for book in books}
    missing = [(fund, name) for fund, name in Book.FundType.choices if fund not in opened]
    if not missing or not request.user.may("funds.post"):
        return None
    return OpenBookForm(today=today(), funds=missing)


@acts("funds.close_period")
def close(request: Request, pk: int) -> HttpResponse:
    row = get_visible(Period, request.user, "book__area", pk=pk)
    with refusals_as_messages(request):
        if row.month == 12:
            services.close_year(actor=request.user, book=row.book, year=row.year, on=today())
        else:
            services.close_period(actor=request.user, period=row, on=today())
        messages.success(request, f"{row}已结账，凭证已封存")
    return _back("funds:periods", row.book)


@acts("funds.post")
def open_book(request: Request) -> HttpResponse:
    form = OpenBookForm(request.POST, today=today())
    if form.is_valid():
        area = get_visible(Division, request.user, code=request.user.county_code)
        with form.refusals():
            book = services.open_book(actor=request.user, area=area, **form.cleaned_data)
            messages.success(request, f"{book}账套已建立")
            return _back("funds:periods", book)
    return render(request, "funds/no_book.html", {"form": form})


def _by_way() -> list[tuple[str, list[Event]]]:
    """What is entered by hand, by what it does to the bank accounts; none is left out."""
    found: dict[str, list[Event]] = {}
    for event in MANUAL_EVENTS.values():
        moves = (_holds_money(event.debit), _holds_money(event.credit))
        found.setdefault(WAYS[moves], []).append(event)
    return [(title, found[title]) for title in WAYS.values() if title in found]


def _holds_money(side: Side | None) -> bool:
    codes = side.accounts.values() if isinstance(side, Choice) else (side or "",)
    return any(is_money(code) for code in codes)


# By whether the debit and the credit side is cash or money at the bank.
WAYS = {
    (True, False): "收到款项",
    (False, True): "付出款项",
    (True, True): "账户之间划转",
    (False, False): "不动资金的结转",
}


@asks("funds.post")
def post(request: Request) -> HttpResponse:
    """Without `?event=` the list of events; with it the event's form."""
    books, book = open_books(request)
    if book is None:
        return no_book(request)
    what = MANUAL_EVENTS.get(request.GET.get("event", ""))
    context: dict[str, Any] = {"books": books, "book": book}
    if what is None:
        context["groups"] = _by_way()
        return render(request, "funds/events.html", context)
    form = ManualEventForm(
        what, book, tier_names(book), request.POST or None, initial={"on": today()}
    )
    if request.method == "POST" and form.is_valid():
        with form.refusals():
            draft = make_draft(
                actor=request.user,
                book=book,
                event=what.name,
                on=form.cleaned_data["on"],
                today=today(),
                document=form.cleaned_data["document"],
                key=str(form.cleaned_data["key"]),
                lines=form.lines(),
                summary=form.cleaned_data["summary"],
                same_document=form.same_as_another(),
            )
            messages.success(request, f"{draft.title}已制单，待复核")
            return redirect("funds:draft", pk=draft.pk)
    return render(request, "funds/post.html", context | {"what": what, "form": form})


@acts("funds.export")
def export_month(request: Request, pk: int) -> HttpResponseBase:
    book = _book(request, pk)
    form = ExportForm(book, request.POST)
    if not form.is_valid():
        say_refused(request, Refusal("请选择月份并写明导出用途", "reason"))
        return _back("funds:accounts", book)
    month = Month.parse(form.cleaned_data["month"])
    file = month_workbook(
        actor=request.user, book=book, month=month, reason=form.cleaned_data["reason"]
    )
    return download(file, f"ledger-{book.area.code}-{book.fund_type}-{month}.xlsx")


def _back(route: str, book: Book) -> HttpResponse:
    return redirect(f"{reverse(route)}?book={book.pk}")
