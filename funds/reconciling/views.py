"""余额调节表: the accounts of a month side by side, one account's table, and matching."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.audit import record_export
from accounts.clock import today
from accounts.errors import Refusal
from accounts.forms import refusals_as_messages, say_refused
from accounts.permissions import Request, acts, shows
from accounts.scoping import get_visible
from desk.downloads import purpose, workbook
from desk.import_pages import ImportPages, UploadForm, one_step
from desk.seen import asked_seen
from desk.workflow import hands_told
from funds.banking.statements import LAYOUT
from funds.models import Account, Book, Period
from funds.reconciling import services
from funds.reconciling.forms import BalanceForm, MonthForm, StatementForm
from funds.reconciling.listings import ACCOUNT_LINES
from funds.reconciling.models import AccountLine, AccountStatement, Adjustment, LineMatch
from funds.reconciling.statements import STATEMENTS
from funds.reconciling.table import SIDES, Table, bank_accounts, is_collected
from funds.views import no_book, open_books
from lib.periods import Month
from lib.tables.layout import Layout
from lib.tables.writing import Heading, Sheet

SHOWN = 200  # open lines and vouchers to tick; the rest after these are matched


def _page(request: Request, form: UploadForm | None = None) -> HttpResponse:
    books, book = open_books(request)
    if book is None:
        return no_book(request)
    latest = book.periods.latest_used()
    month = str(latest.as_month if latest else Month.of(book.first_month))
    months = MonthForm(book, {"month": request.GET.get("month") or month})
    chosen = Month.parse(months.cleaned_data["month"]) if months.is_valid() else Month.parse(month)
    made = {
        one.account_id: one for one in Adjustment.objects.filter(account__book=book,
                                                                 month=chosen.first)
    }  # fmt: skip
    rows = [
        (one, made.get(one.pk), services.shown(made.get(one.pk), one, chosen))
        for one in bank_accounts(book)
    ]
    context = {
        "books": books,
        "book": book,
        "form": months,
        "month": chosen,
        "rows": rows,
        "upload_form": form or StatementForm(accounts=_uploadable(request)),
        "blanks": STATEMENT_PAGES.offered,
        "statements": AccountStatement.objects.visible_to(request.user)
        .filter(account__book=book)
        .defer("content")
        .select_related("account", "requested_by")[:5],
    }
    return render(request, "funds/reconciling/months.html", context)


def _uploadable(request: Request) -> list[Account]:
    """Accounts whose statements are sent here."""
    found = [one for book in Book.objects.of_user(request.user) for one in bank_accounts(book)]
    return [one for one in found if not is_collected(one)]


@shows("funds.view")
def adjustments(request: Request) -> HttpResponse:
    return _page(request)


class _Statements(ImportPages[AccountStatement]):
    """Sent from the page of the month's tables; a page of its own tells how it went."""

    importing = STATEMENTS
    room = "funds"
    paths = one_step("reconciling/statements", "account_statement", listed=False)
    view, load = "funds.view", "funds.reconcile"
    form = StatementForm
    blanks: Mapping[str, Layout] = {"对账单": LAYOUT}
    judged = ACCOUNT_LINES
    related = ("area", "account__book__area")
    known = "这份对账单已经导入过，没有重复记录"

    def sent(self, request: Request) -> UploadForm:
        return StatementForm(request.POST, request.FILES, accounts=_uploadable(request))

    def about(self, request: Request, form: UploadForm) -> dict[str, Any]:
        return {"account": _account(request, form.cleaned_data["account"])}

    def listed(self, request: Request, form: UploadForm, **more: Any) -> HttpResponse:
        return _page(request, form)

    def lines(self, request: Request, upload: AccountStatement, verdict: str) -> QuerySet[Any]:
        return AccountLine.objects.filter(statement=upload).order_by("booked_on", "pk")


STATEMENT_PAGES = _Statements()


def _account(request: Request, pk: int) -> Account:
    row = Account.objects.select_related("book__area").filter(pk=pk).first()
    books = Book.objects.visible_to(request.user)
    if row is None or not books.filter(pk=row.book_id).exists():
        raise Http404
    if row.code not in {one.code for one in bank_accounts(row.book)}:
        raise Http404
    return row


def _month(book: Book, text: str) -> Month:
    try:
        month = Month.parse(text)
    except ValueError as error:
        raise Http404 from error
    if not Period.objects.filter(book=book).at(month).exists():
        raise Http404
    return month


def _found(request: Request, pk: int, month: str) -> tuple[Account, Month, Adjustment | None]:
    account = _account(request, pk)
    chosen = _month(account.book, month)
    rows = Adjustment.objects.select_related("account__book__area", "made_by", "reviewed_by")
    return account, chosen, rows.filter(account=account, month=chosen.first).first()


@shows("funds.view")
def adjustment(request: Request, pk: int, month: str) -> HttpResponse:
    account, chosen, row = _found(request, pk, month)
    return _shown(request, account, chosen, row, None)


def _shown(
    request: Request,
    account: Account,
    month: Month,
    row: Adjustment | None,
    form: BalanceForm | None,
) -> HttpResponse:
    table = services.shown(row, account, month)
    lines, vouchers = services.unmatched(account)
    initial = {"balance": row.balance} if row else {}
    context: dict[str, Any] = {
        "account": account,
        "book": account.book,
        "month": month,
        "adjustment": row,
        "table": table,
        "sides": sides_of(table),
        "seen": services.seen_of(table),
        "form": form or BalanceForm(initial=initial),
        "is_collected": is_collected(account),
        "lines": [one for one in lines if one.day <= month.last][:SHOWN],
        "vouchers": [one for one in vouchers if one.day <= month.last][:SHOWN],
        "matches": LineMatch.objects.visible_to(request.user)
        .standing()
        .filter(account=account)
        .select_related("matched_by")
        .prefetch_related("items__line", "items__voucher")[:20],
        "hands": hands_told(
            ("编制", row.made_by, row.made_at), ("复核", row.reviewed_by, row.reviewed_at)
        )
        if row
        else [],
    }
    return render(request, "funds/reconciling/adjustment.html", context)


def sides_of(table: Table) -> list[dict[str, Any]]:
    return [
        {"title": title, "items": table.items.get(side, []), "sum": table.sum_of(side)}
        for side, title in SIDES
    ]


def _back(account: Account, month: Month | str) -> HttpResponse:
    return redirect("funds:adjustment", pk=account.pk, month=str(month))


@acts("funds.reconcile")
def balance(request: Request, pk: int, month: str) -> HttpResponse:
    account, chosen, row = _found(request, pk, month)
    form = BalanceForm(request.POST)
    if form.is_valid():
        with form.refusals():
            services.make_adjustment(
                actor=request.user, account=account, month=chosen, on=today(), **form.cleaned_data
            )
            messages.success(request, "对账单余额已登记")
            return _back(account, chosen)
    return _shown(request, account, chosen, row, form)


@acts("funds.reconcile")
def match_rule(request: Request, pk: int, month: str) -> HttpResponse:
    account, chosen, _ = _found(request, pk, month)
    with refusals_as_messages(request):
        made = services.match_by_rule(actor=request.user, account=account)
        messages.success(request, f"已自动勾对 {made} 组")
    return _back(account, chosen)


@acts("funds.reconcile")
def match_hand(request: Request, pk: int, month: str) -> HttpResponse:
    account, chosen, _ = _found(request, pk, month)
    ticked = {name: _ticked(request, name) for name in ("lines", "vouchers")}
    with refusals_as_messages(request):
        row = services.match_by_hand(actor=request.user, account=account, **ticked)
        messages.success(request, f"{row} 已办理")
    return _back(account, chosen)


def _ticked(request: Request, name: str) -> list[int]:
    return [int(one) for one in request.POST.getlist(name) if one.isdecimal() and len(one) < 19]


@acts("funds.reconcile")
def undo(request: Request, pk: int) -> HttpResponse:
    row = get_visible(LineMatch, request.user, "account__book__area", pk=pk)
    with refusals_as_messages(request):
        services.undo_match(actor=request.user, match=row, reason=request.POST.get("reason", ""))
        messages.success(request, f"{row} 已取消，流水和凭证可以重新勾对")
    where = request.POST.get("month", "")
    account = _account(request, row.account_id)
    return _back(account, _month(account.book, where)) if where else _home(account)


def _home(account: Account) -> HttpResponse:
    return redirect(f"{reverse('funds:adjustments')}?book={account.book_id}")


@acts("funds.review_voucher")
def review(request: Request, pk: int) -> HttpResponse:
    row = get_visible(Adjustment, request.user, "account__book__area", pk=pk)
    with refusals_as_messages(request):
        services.review_adjustment(actor=request.user, adjustment=row, seen=asked_seen(request))
        messages.success(request, f"{row}已复核")
    return _back(row.account, row.as_month)


@acts("funds.review_voucher")
def send_back(request: Request, pk: int) -> HttpResponse:
    row = get_visible(Adjustment, request.user, "account__book__area", pk=pk)
    with refusals_as_messages(request):
        services.return_adjustment(
            actor=request.user, adjustment=row, reason=request.POST.get("reason", "")
        )
        messages.success(request, f"{row}已退回重编")
    return _back(row.account, row.as_month)


@acts("funds.export")
def take(request: Request, pk: int, month: str) -> HttpResponseBase:
    """The table as a workbook, in the trade's layout."""
    account, chosen, row = _found(request, pk, month)
    try:
        reason = purpose(request)
    except Refusal as refusal:
        say_refused(request, refusal)
        return _back(account, chosen)
    table = services.shown(row, account, chosen)
    rows = list(_rows(table))
    record_export(
        actor=request.user,
        what="bank_adjustment",
        rows=len(rows),
        criteria={"account": account.code, "book": account.book.code, "month": str(chosen)},
        reason=reason,
    )
    headings = (
        Heading("项目", width=34),
        Heading("日期", "day"),
        Heading("流水号、凭证号", "text", width=22),
        Heading("摘要", width=40),
        Heading("金额（元）", "yuan"),
    )
    return workbook([Sheet("余额调节表", headings, rows)], f"余额调节表-{account.name}-{chosen}")


def _rows(table: Table) -> Any:
    sides = sides_of(table)
    for title, start, pair, end in (
        ("单位账面余额", table.book, sides[:2], table.adjusted_book),
        ("银行对账单余额", table.bank, sides[2:], table.adjusted_bank),
    ):
        yield title, None, "", "", start
        for side in pair:
            yield side["title"], None, "", "", side["sum"]
            for one in side["items"]:
                yield "", one.day, one.number, one.words, abs(one.amount)
        yield "调节后余额", None, "", "", end
    yield "差额", None, "", "", table.difference
