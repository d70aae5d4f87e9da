"""Pages of registers: list and upload, the verdict, confirmation, papers to take home."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase

from accounts.audit import record_export
from accounts.clock import today
from accounts.errors import Refusal
from accounts.permissions import Request, acts
from desk.downloads import download, purpose
from desk.import_pages import ImportPages, two_steps
from enrollment.cover.enrolling import season_on
from enrollment.rosters.columns import REGISTER
from enrollment.rosters.forms import RegisterForm, VillageForm
from enrollment.rosters.listings import REGISTER_LIST, REGISTER_ROWS
from enrollment.rosters.models import RegisterImport, RegisterRow
from enrollment.rosters.services import REGISTERS
from enrollment.rosters.workbooks import template_workbook, verdict_workbook
from lib.tables.layout import Layout


class _Registers(ImportPages[RegisterImport]):
    importing = REGISTERS
    room = "enrollment"
    paths = two_steps("registers/", "register", take="verdict")
    view = load = "enrollment.enroll"
    form = RegisterForm
    blanks: Mapping[str, Layout] = {"名册": REGISTER}
    listing = REGISTER_LIST
    judged = REGISTER_ROWS
    related = ("township", "campaign")
    unread = ("content", "assessments")
    verdicts = RegisterRow.Verdict.choices
    titles = {"list_title": "全部名册"}

    def list_context(self, request: Request) -> dict[str, Any]:
        return {"village_form": VillageForm(user=request.user, on=today())}

    def verdict(self, request: Request, upload: RegisterImport) -> str:
        """What has to be corrected comes first."""
        first = RegisterRow.Verdict.ERROR if upload.error_count else ""
        return request.GET.get("verdict", first)

    def lines(self, request: Request, upload: RegisterImport, verdict: str) -> QuerySet[Any]:
        rows = RegisterRow.objects.filter(register=upload).order_by("seq", "line")
        if verdict in RegisterRow.Verdict.values:
            rows = rows.filter(verdict=verdict)
        return rows.defer("resident_id")

    def workbook(self, upload: RegisterImport) -> tuple[bytes, int, str]:
        """Can be corrected and uploaded again."""
        if upload.is_unfinished or not upload.content:
            raise Refusal("判定表现在不能下载：检查尚未完成，或文件已清除")
        return verdict_workbook(upload), upload.row_count, f"名册判定表-{upload.pk}.xlsx"

    def taken(self, upload: RegisterImport) -> tuple[str, dict[str, Any]]:
        return "register_verdict", {"register": upload.pk}


REGISTER_PAGES = _Registers()


@acts("enrollment.enroll")
def template(request: Request) -> HttpResponseBase:
    """A village's register to fill in. Names and numbers leave the portal: the trail keeps it."""
    form = VillageForm(request.POST, user=request.user, on=today())
    if form.is_valid():
        try:
            return _template(request, form.cleaned_data["village"])
        except Refusal as refusal:
            form.refuse(refusal)
    page: HttpResponse = REGISTER_PAGES.listed(request, RegisterForm(), village_form=form)
    return page


def _template(request: Request, village: Any) -> HttpResponseBase:
    reason = purpose(request)
    season = season_on(area_code=village.county_code, day=today())
    content, people = template_workbook(village=village, season=season, on=today())
    record_export(
        actor=request.user,
        what="register_template",
        rows=people,
        criteria={"village": village.code, "year": season.year},
        reason=reason,
    )
    return download(content, f"{village.place}{season.year}年度名册.xlsx")
