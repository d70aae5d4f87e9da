"""Files of the tax bureau: import, what fits, what is left open and why."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q, Sum
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from accounts.clock import today
from accounts.errors import Refusal
from accounts.permissions import Request, require
from accounts.scoping import get_visible
from enrollment.collection.forms import FileForm
from enrollment.collection.models import ZERO, TaxFile, TaxRow
from enrollment.collection.tax import import_tax_file, match_tax_file
from enrollment.collection.views.campaigns import chosen_campaign


def _page(request: Request, form: FileForm) -> HttpResponse:
    rows = (
        TaxFile.objects.visible_to(request.user)
        .select_related("campaign", "imported_by")
        .annotate(open_rows=Count("rows", filter=Q(rows__enrollment=None)))
        .order_by("-pk")
    )
    context = {"page": Paginator(rows, 50).get_page(request.GET.get("page")), "form": form}
    return render(request, "enrollment/collection/tax_files.html", context)


@require("enrollment.view_reconciliation")
@require_GET
def tax_files(request: Request) -> HttpResponse:
    return _page(request, FileForm())


@require("enrollment.reconcile")
@require_POST
def tax_new(request: Request) -> HttpResponse:
    form = FileForm(request.POST, request.FILES)
    if form.is_valid():
        file, campaign = form.cleaned_data["file"], chosen_campaign(request)
        try:
            if campaign is None:
                raise Refusal("还没有设立年度征缴，请先在“征缴与票据”中设立")
            done = import_tax_file(
                actor=request.user,
                campaign=campaign,
                file_name=file.name,
                content=file.read(),
                on=today(),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            if done.again:
                messages.warning(request, "这份文件已经导入过，没有重复记录")
            else:
                messages.success(
                    request, f"已匹配开票 {done.matched} 人，未匹配 {done.open} 笔记入待查款"
                )
            return redirect("enrollment:tax_file", pk=done.file.pk)
    return _page(request, form)


def _file(request: Request, pk: int) -> TaxFile:
    file: TaxFile = get_visible(
        TaxFile.objects.select_related("campaign", "imported_by"), request.user, pk=pk
    )
    return file


@require("enrollment.view_reconciliation")
@require_GET
def tax_file(request: Request, pk: int) -> HttpResponse:
    file = _file(request, pk)
    rows = TaxRow.objects.visible_to(request.user).filter(file=file)
    waiting = Q(enrollment=None)
    counts = rows.aggregate(
        all=Count("pk"),
        open=Count("pk", filter=waiting),
        suspended=Sum("amount", filter=waiting & ~Q(suspense_voucher=""), default=ZERO),
    )
    only_open = request.GET.get("open", "")
    if only_open:
        rows = rows.open()
    rows = rows.select_related("enrollment__receipt__book")
    context = {
        "file": file,
        "page": Paginator(rows, 50).get_page(request.GET.get("page")),
        "counts": counts,
        "only_open": only_open,
    }
    return render(request, "enrollment/collection/tax_file.html", context)


@require("enrollment.reconcile")
@require_POST
def tax_match(request: Request, pk: int) -> HttpResponse:
    file = _file(request, pk)
    try:
        fitting = match_tax_file(actor=request.user, file=file, on=today())
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, f"又匹配开票 {fitting} 人")
    return redirect("enrollment:tax_file", pk=pk)
