"""Pages of registers: list and upload, the verdict, confirmation, papers to take home."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from accounts.audit import record_export
from accounts.clock import today
from accounts.errors import Refusal
from accounts.permissions import Request, require
from accounts.scoping import get_visible
from enrollment.cover.enrolling import season_on
from enrollment.rosters.forms import ConfirmForm, UploadForm, VillageForm
from enrollment.rosters.models import RegisterImport, RegisterRow
from enrollment.rosters.services import (
    check_again,
    confirm_register,
    discard_register,
    upload_register,
)
from enrollment.rosters.workbooks import template_workbook, verdict_workbook
from lib.tables.reading import SpreadsheetError

PAGE = 50
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _workbook(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response


def _light(request: Request, pk: int) -> RegisterImport:
    """The register without its file."""
    rows = RegisterImport.objects.defer("content", "assessments").select_related(
        "township", "campaign", "uploaded_by"
    )
    register: RegisterImport = get_visible(rows, request.user, pk=pk)
    return register


def _listing(request: Request, upload: UploadForm, village: VillageForm) -> HttpResponse:
    rows = (
        RegisterImport.objects.visible_to(request.user)
        .defer("content", "assessments")
        .select_related("township", "uploaded_by", "campaign")
    )
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "upload_form": upload, "village_form": village}
    return render(request, "enrollment/rosters/list.html", context)


@require("enrollment.enroll")
@require_GET
def register_list(request: Request) -> HttpResponse:
    return _listing(request, UploadForm(), VillageForm(user=request.user, on=today()))


@require("enrollment.enroll")
@require_POST
def upload(request: Request) -> HttpResponse:
    form = UploadForm(request.POST, request.FILES)
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            done = upload_register(
                actor=request.user, file_name=file.name, content=file.read(), on=today()
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            if done.again:
                messages.warning(request, "这份文件已经上传过，以下是它的判定；没有重复登记")
            return redirect("enrollment:register_detail", pk=done.register.pk)
    return _listing(request, form, VillageForm(user=request.user, on=today()))


@require("enrollment.enroll")
@require_POST
def template(request: Request) -> HttpResponse:
    """A village's register to fill in. Names and numbers leave the portal: the trail keeps it."""
    form = VillageForm(request.POST, user=request.user, on=today())
    if form.is_valid():
        village = form.cleaned_data["village"]
        try:
            season = season_on(area_code=village.county_code, day=today())
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            content, people = template_workbook(village=village, season=season, on=today())
            record_export(
                actor=request.user,
                what="register_template",
                rows=people,
                criteria={"village": village.code, "year": season.year},
            )
            return _workbook(content, f"register-{village.code}-{season.year}.xlsx")
    return _listing(request, UploadForm(), form)


@require("enrollment.enroll")
@require_GET
def register_detail(request: Request, pk: int) -> HttpResponse:
    register = _light(request, pk)
    # What has to be corrected comes first.
    verdict = request.GET.get("verdict", RegisterRow.Verdict.ERROR if register.error_count else "")
    rows = RegisterRow.objects.filter(register=register).order_by("seq", "line")
    if verdict in RegisterRow.Verdict.values:
        rows = rows.filter(verdict=verdict)
    context = {
        "register": register,
        "page": Paginator(rows.defer("resident_id"), PAGE).get_page(request.GET.get("page")),
        "verdict": verdict,
        "verdicts": RegisterRow.Verdict.choices,
        "confirm_form": ConfirmForm(initial={"sha256": register.sha256}),
    }
    return render(request, "enrollment/rosters/detail.html", context)


@require("enrollment.enroll")
@require_GET
def progress(request: Request, pk: int) -> HttpResponse:
    """The fragment that a waiting page asks for; the page itself is due once work is done."""
    register = _light(request, pk)
    response = render(request, "enrollment/rosters/progress.html", {"register": register})
    if not register.is_working:
        response["HX-Refresh"] = "true"
    return response


@require("enrollment.enroll")
@require_POST
def confirm(request: Request, pk: int) -> HttpResponse:
    register = _light(request, pk)
    form = ConfirmForm(request.POST)
    sha256 = form.cleaned_data["sha256"] if form.is_valid() else ""
    try:
        confirm_register(actor=request.user, register=register, sha256=sha256, on=today())
    except Refusal as refusal:
        messages.error(request, refusal.message)
    return redirect("enrollment:register_detail", pk=pk)


@require("enrollment.enroll")
@require_POST
def again(request: Request, pk: int) -> HttpResponse:
    register = _light(request, pk)
    try:
        check_again(actor=request.user, register=register)
    except Refusal as refusal:
        messages.error(request, refusal.message)
    return redirect("enrollment:register_detail", pk=pk)


@require("enrollment.enroll")
@require_POST
def discard(request: Request, pk: int) -> HttpResponse:
    register = _light(request, pk)
    try:
        discard_register(actor=request.user, register=register)
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return redirect("enrollment:register_detail", pk=pk)
    messages.success(request, "已放弃这份名册，文件和明细已清除")
    return redirect("enrollment:register_list")


@require("enrollment.enroll")
@require_POST
def verdict(request: Request, pk: int) -> HttpResponse:
    """The verdict as a spreadsheet that can be corrected and uploaded again."""
    register: RegisterImport = get_visible(RegisterImport.objects, request.user, pk=pk)
    if register.is_working or not register.content:
        messages.error(request, "判定表现在不能下载：检查尚未完成，或文件已清除")
        return redirect("enrollment:register_detail", pk=pk)
    try:
        content = verdict_workbook(register)
    except SpreadsheetError as error:
        messages.error(request, str(error))
        return redirect("enrollment:register_detail", pk=pk)
    record_export(
        actor=request.user,
        what="register_verdict",
        rows=register.row_count,
        criteria={"register": register.pk},
    )
    return _workbook(content, f"verdict-{register.pk}.xlsx")
