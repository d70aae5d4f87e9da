"""Pages of the exports of the ledgers."""

from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render

from accounts.errors import Refusal
from accounts.forms import refusals_as_messages, say_refused
from accounts.permissions import Request, acts, asks, shows
from accounts.scoping import get_visible
from desk.downloads import download
from desk.listing import listing_page
from desk.written_files import KEPT_DAYS
from funds.handing_out.listings import EXPORTS
from funds.handing_out.models import LedgerExport
from funds.handing_out.services import ask_export, take_export
from funds.models import Book

ZIP = "application/zip"


@shows("funds.export")
def exports(request: Request) -> HttpResponse:
    context: dict[str, Any] = {"books": Book.objects.of_user(request.user), "days": KEPT_DAYS}
    return listing_page(request, EXPORTS, context)


@acts("funds.export")
def ask(request: Request) -> HttpResponse:
    asked = request.POST.get("book", "")
    pk = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 10 else 0
    book = get_visible(Book, request.user, "area", pk=pk)
    with refusals_as_messages(request, "已开始导出，写好后在表中下载；可以关闭本页"):
        ask_export(actor=request.user, book=book, reason=request.POST.get("reason", ""))
    return redirect("funds:exports")


@asks("funds.export")
def take(request: Request, pk: int) -> HttpResponseBase:
    """GET asks, POST hands the file out: what leaves is noted."""
    row = get_visible(LedgerExport, request.user, "book__area", "requested_by", pk=pk)
    if request.method == "POST":
        try:
            file = take_export(actor=request.user, export=row)
        except Refusal as refusal:
            say_refused(request, refusal)
            return redirect("funds:exports")
        name = f"ledgers-{row.book.area.code}-{row.book.fund_type}-{row.finished_at:%Y%m%d}.zip"
        return download(file, name, ZIP)
    return render(request, "funds/handing_out/take.html", {"export": row})
