"""Pages of lists: upload, the difference before it is applied, release, confirmation, export."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render

from accounts.clock import today
from accounts.permissions import Request, acts, shows
from desk.import_pages import ImportPages, UploadForm, two_steps
from desk.reasons import ReasonForm
from enrollment.people.identities import identities
from enrollment.people.models import IdentityStatus
from enrollment.status_lists.checking import MAX_SHRINK
from enrollment.status_lists.columns import LAYOUTS
from enrollment.status_lists.exports import difference_workbook
from enrollment.status_lists.forms import ListForm
from enrollment.status_lists.listings import LIST_LINES, STATUS_LIST_LIST
from enrollment.status_lists.models import ListLine, StatusList
from enrollment.status_lists.services import STATUS_LISTS
from lib.tables.layout import Layout


class _StatusLists(ImportPages[StatusList]):
    importing = STATUS_LISTS
    room = "enrollment"
    paths = two_steps("lists/", "list", take="difference")
    view, load = "enrollment.view_lists", "enrollment.load_lists"
    form = ListForm
    blanks: Mapping[str, Layout] = {
        StatusList.Kind(kind).label.replace("：", "-"): layout for kind, layout in LAYOUTS.items()
    }
    listing = STATUS_LIST_LIST
    judged = LIST_LINES
    related = ("area", "released_by", "confirmed_by")
    verdicts = ListLine.Verdict.choices
    titles = {
        "list_title": "全部名单", "verdict_title": "结果", "take_title": "导出差异",
        "again_title": "重新比对",
    }  # fmt: skip

    def blank(self, request: Request) -> UploadForm:
        first = today().replace(day=1)
        return ListForm(initial={"month": first, "effective_on": first})

    def list_context(self, request: Request) -> dict[str, Any]:
        return {"limit": MAX_SHRINK}

    def lines(self, request: Request, upload: StatusList, verdict: str) -> QuerySet[Any]:
        rows = upload.lines.select_related("person__household__division", "list")
        rows = rows.defer("number", "list__content")
        if verdict in ListLine.Verdict.values:
            rows = rows.filter(verdict=verdict)
        else:
            rows = rows.exclude(verdict=ListLine.Verdict.SAME)
        return rows.order_by("verdict", "line", "pk")

    def detail_context(self, request: Request, upload: StatusList) -> dict[str, Any]:
        return {"form": ReasonForm()}

    def workbook(self, upload: StatusList) -> tuple[bytes, int, str]:
        name = f"名单差异-{upload.get_kind_display()}-{upload.month:%Y%m}.xlsx"
        return *difference_workbook(upload), name

    def taken(self, upload: StatusList) -> tuple[str, dict[str, Any]]:
        return "list_difference", {"list": upload.pk, "kind": upload.kind}


LIST_PAGES = _StatusLists()


@acts("enrollment.release_list")
def release(request: Request, pk: int) -> HttpResponse:
    upload = LIST_PAGES.found(request, pk)
    form = ReasonForm(request.POST)
    if form.is_valid():
        with form.refusals():
            STATUS_LISTS.release(
                actor=request.user, upload=upload, reason=form.cleaned_data["reason"]
            )
            messages.success(request, "已放行，由上传人确认更新")
            return LIST_PAGES.back(pk)
    return LIST_PAGES.shown(request, upload, form=form)


@shows("enrollment.view_lists")
def identity_table(request: Request) -> HttpResponse:
    """The three naming systems side by side."""
    names = dict(IdentityStatus.Code.choices)
    rows = [{"identity": one, "status": names.get(one.code, "")} for one in identities()]
    return render(request, "enrollment/status_lists/identities.html", {"rows": rows})
