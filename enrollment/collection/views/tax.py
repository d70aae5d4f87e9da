"""Files of the tax bureau: import, what fits, what is left open and why."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q, QuerySet, Sum
from django.http import HttpResponse

from accounts.clock import today
from accounts.forms import refusals_as_messages
from accounts.permissions import Request, acts
from desk.import_pages import ImportPages, UploadForm, one_step
from enrollment.collection.models import ZERO, TaxFile, TaxRow
from enrollment.collection.tax import LAYOUT, TAX_FILES, match_tax_file
from enrollment.collection.tax_listings import TAX_FILE_LIST, TAX_ROWS
from enrollment.cover.views.places import page_campaign
from lib.tables.layout import Layout


class TaxForm(UploadForm):
    noun = "缴费"
    max_bytes = 10 * 1024 * 1024


class _TaxFiles(ImportPages[TaxFile]):
    importing = TAX_FILES
    room = "enrollment"
    paths = one_step("treasury/tax", "tax")
    view, load = "enrollment.view_reconciliation", "enrollment.reconcile"
    form = TaxForm
    blanks: Mapping[str, Layout] = {"税务缴费文件": LAYOUT}
    listing = TAX_FILE_LIST
    judged = TAX_ROWS
    related = ("campaign",)
    known = "这份文件已经导入过，没有重复记录"

    def about(self, request: Request, form: UploadForm) -> dict[str, Any]:
        return {"campaign": page_campaign(request)}

    def verdict(self, request: Request, upload: TaxFile) -> str:
        return request.GET.get("open", "")

    def lines(self, request: Request, upload: TaxFile, verdict: str) -> QuerySet[Any]:
        rows = TaxRow.objects.visible_to(request.user).filter(file=upload)
        return (rows.open() if verdict else rows).select_related("enrollment__receipt__book")

    def detail_context(self, request: Request, upload: TaxFile) -> dict[str, Any]:
        waiting = Q(enrollment=None, returned_voucher="")
        counts = TaxRow.objects.filter(file=upload).aggregate(
            all=Count("pk"),
            open=Count("pk", filter=waiting),
            returned=Count("pk", filter=~Q(returned_voucher="")),
            suspended=Sum("amount", filter=waiting & ~Q(suspense_voucher=""), default=ZERO),
        )
        return {"counts": counts | {"matched": counts["all"] - counts["open"] - counts["returned"]}}


TAX_PAGES = _TaxFiles()


@acts("enrollment.reconcile")
def tax_match(request: Request, pk: int) -> HttpResponse:
    file = TAX_PAGES.found(request, pk)
    with refusals_as_messages(request):
        fitting = match_tax_file(actor=request.user, file=file, on=today())
        messages.success(request, f"又匹配开票 {fitting} 人")
    return TAX_PAGES.back(pk)
