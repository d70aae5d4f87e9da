"""Pages of the extracts."""

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render

from accounts.errors import Refusal
from accounts.forms import say_refused
from accounts.permissions import Request, acts, asks, shows
from accounts.scoping import get_visible
from desk.downloads import download
from desk.listing import listing_page
from desk.written_files import KEPT_DAYS
from supervision.extracts.forms import ExtractForm
from supervision.extracts.listings import EXTRACTS
from supervision.extracts.models import Extract
from supervision.extracts.services import ask_extract, take_extract

ZIP = "application/zip"


@shows("supervision.extract")
def extracts(request: Request) -> HttpResponse:
    return _list(request, ExtractForm(request.user))


@acts("supervision.extract")
def ask(request: Request) -> HttpResponse:
    form = ExtractForm(request.user, request.POST)
    if form.is_valid():
        with form.refusals():
            reason = form.cleaned_data["reason"]
            ask_extract(actor=request.user, asked=form.asked(), reason=reason)
            messages.success(request, "已开始提取，写好后在表中下载；可以关闭本页")
            return redirect("supervision:extracts")
    return _list(request, form)


@asks("supervision.extract")
def take(request: Request, pk: int) -> HttpResponseBase:
    """GET asks, POST hands the file out: what leaves is noted."""
    row = get_visible(Extract, request.user, "area", pk=pk)
    if request.method == "POST":
        try:
            file = take_extract(actor=request.user, extract=row)
        except Refusal as refusal:
            say_refused(request, refusal)
            return redirect("supervision:extracts")
        name = f"extract-{row.area.code}-{row.since:%Y%m%d}-{row.until:%Y%m%d}-{row.pk}.zip"
        return download(file, name, ZIP)
    return render(request, "supervision/extracts/take.html", {"extract": row})


def _list(request: Request, form: ExtractForm) -> HttpResponse:
    return listing_page(request, EXTRACTS, {"form": form, "days": KEPT_DAYS})
