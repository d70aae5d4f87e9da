"""Pages of lists: upload, the difference before it is applied, release, confirmation, export."""

from collections.abc import Callable
from typing import Any

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
from desk.reasons import ReasonForm
from enrollment.people.identities import identities
from enrollment.people.models import IdentityStatus
from enrollment.status_lists.checking import SHRINK_LIMIT
from enrollment.status_lists.exports import difference_workbook
from enrollment.status_lists.forms import ConfirmForm, UploadForm
from enrollment.status_lists.models import ListLine, StatusList
from enrollment.status_lists.services import (
    compare_again,
    confirm_list,
    discard_list,
    release_list,
    upload_list,
)

PAGE = 50
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _list(request: Request, pk: int) -> StatusList:
    rows = StatusList.objects.defer("content").select_related(
        "area", "uploaded_by", "released_by", "confirmed_by"
    )
    found: StatusList = get_visible(rows, request.user, pk=pk)
    return found


def _listing(request: Request, form: UploadForm) -> HttpResponse:
    rows = StatusList.objects.visible_to(request.user).defer("content")
    page = Paginator(rows.select_related("uploaded_by"), PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "form": form, "limit": SHRINK_LIMIT}
    return render(request, "enrollment/status_lists/list.html", context)


def _blank() -> UploadForm:
    first = today().replace(day=1)
    return UploadForm(initial={"month": first, "effective_on": first})


@require("enrollment.view_lists")
@require_GET
def list_list(request: Request) -> HttpResponse:
    return _listing(request, _blank())


@require("enrollment.load_lists")
@require_POST
def upload(request: Request) -> HttpResponse:
    form = UploadForm(request.POST, request.FILES)
    if form.is_valid():
        data = form.cleaned_data
        try:
            done = upload_list(
                actor=request.user,
                kind=data["kind"],
                month=data["month"],
                effective_on=data["effective_on"],
                file_name=data["file"].name,
                content=data["file"].read(),
                on=today(),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            if done.again:
                messages.warning(request, "这份文件已经上传过，以下是它的比对；没有重复更新")
            return redirect("enrollment:list_detail", pk=done.status_list.pk)
    return _listing(request, form)


@require("enrollment.view_lists")
@require_GET
def list_detail(request: Request, pk: int) -> HttpResponse:
    return _detail(request, _list(request, pk), ReasonForm())


def _detail(request: Request, status_list: StatusList, form: ReasonForm) -> HttpResponse:
    verdict = request.GET.get("verdict", "")
    rows = status_list.lines.select_related("person__household__division").defer("number")
    if verdict in ListLine.Verdict.values:
        rows = rows.filter(verdict=verdict)
    else:
        rows = rows.exclude(verdict=ListLine.Verdict.SAME)
    context = {
        "list": status_list,
        "page": Paginator(rows.order_by("verdict", "line", "pk"), PAGE).get_page(
            request.GET.get("page")
        ),
        "verdict": verdict,
        "verdicts": ListLine.Verdict.choices,
        "confirm_form": ConfirmForm(initial={"sha256": status_list.sha256}),
        "form": form,
    }
    return render(request, "enrollment/status_lists/detail.html", context)


@require("enrollment.view_lists")
@require_GET
def progress(request: Request, pk: int) -> HttpResponse:
    """The fragment that a waiting page asks for; the page itself is due once work is done."""
    status_list = _list(request, pk)
    response = render(request, "enrollment/status_lists/progress.html", {"list": status_list})
    if not status_list.is_working:
        response["HX-Refresh"] = "true"
    return response


@require("enrollment.release_list")
@require_POST
def release(request: Request, pk: int) -> HttpResponse:
    status_list = _list(request, pk)
    form = ReasonForm(request.POST)
    if form.is_valid():
        try:
            release_list(
                actor=request.user, status_list=status_list, reason=form.cleaned_data["reason"]
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, "已放行，由上传人确认更新")
            return redirect("enrollment:list_detail", pk=pk)
    return _detail(request, status_list, form)


def _act(request: Request, pk: int, act: Callable[..., None], **facts: Any) -> HttpResponse:
    """One service on the list, then its page."""
    try:
        act(actor=request.user, status_list=_list(request, pk), **facts)
    except Refusal as refusal:
        messages.error(request, refusal.message)
    return redirect("enrollment:list_detail", pk=pk)


@require("enrollment.load_lists")
@require_POST
def confirm(request: Request, pk: int) -> HttpResponse:
    form = ConfirmForm(request.POST)
    sha256 = form.cleaned_data["sha256"] if form.is_valid() else ""
    return _act(request, pk, confirm_list, sha256=sha256, on=today())


@require("enrollment.load_lists")
@require_POST
def again(request: Request, pk: int) -> HttpResponse:
    return _act(request, pk, compare_again)


@require("enrollment.load_lists")
@require_POST
def discard(request: Request, pk: int) -> HttpResponse:
    return _act(request, pk, discard_list)


@require("enrollment.view_lists")
@require_POST
def difference(request: Request, pk: int) -> HttpResponse:
    """The difference with numbers in the clear: the trail keeps who took it."""
    status_list = _list(request, pk)
    content, people = difference_workbook(status_list)
    record_export(
        actor=request.user,
        what="list_difference",
        rows=people,
        criteria={"list": status_list.pk, "kind": status_list.kind},
    )
    response = HttpResponse(content, content_type=XLSX)
    name = f"difference-{status_list.kind}-{status_list.month:%Y%m}.xlsx"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response


@require("enrollment.view_lists")
@require_GET
def identity_table(request: Request) -> HttpResponse:
    """The three naming systems side by side."""
    names = dict(IdentityStatus.Code.choices)
    rows = [{"identity": one, "status": names.get(one.code, "")} for one in identities()]
    return render(request, "enrollment/status_lists/identities.html", {"rows": rows})
