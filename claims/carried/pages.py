"""Pages of usage: upload, what each row comes to, the second person's word, and what counts."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.db.models import QuerySet
from django.http.response import HttpResponseBase

from accounts.clock import today
from accounts.errors import Refusal
from accounts.permissions import Request
from claims.carried.accumulators import told_of
from claims.carried.beds import BED_FILES
from claims.carried.beds import LAYOUT as BEDS
from claims.carried.columns import LAYOUT, layout_for
from claims.carried.forms import CarriedForm, OldForm
from claims.carried.listings import (
    BED_FILE_LIST,
    BED_ROWS,
    CARRIED_FILE_LIST,
    CARRIED_ROWS,
    OLD_FILE_LIST,
    OLD_ROWS,
)
from claims.carried.models import (
    BedFile,
    BedRow,
    CarriedFile,
    CarriedRow,
    OldFile,
    OldRow,
)
from claims.carried.old_columns import old_layout
from claims.carried.old_services import LAYOUT as OLD_LAYOUT
from claims.carried.old_services import OLD_FILES
from claims.carried.services import CARRIED_FILES
from desk.downloads import download
from desk.import_pages import ImportPages, UploadForm, two_steps
from lib.money import to_yuan, told
from lib.tables.layout import Layout
from lib.tables.templates import template_of
from lib.tables.writing import Heading, Sheet, headings, workbook_bytes
from policies.services import Measures
from policies.terms import Terms

COLUMNS = (
    Heading("行", "text", width=9),
    Heading("结果", "text"),
    Heading("姓名", "text"),
    *headings("身份证号", kind="code"),
    *headings("累计项目", "已用", kind="text"),
    Heading("说明", "text", width=50),
)

OLD_COLUMNS = (
    Heading("行", "text", width=9),
    Heading("结果", "text"),
    *headings("原结算单号", kind="code"),
    Heading("姓名", "text"),
    Heading("说明", "text", width=50),
)


def terms_of(request: Request) -> Terms | None:
    """The measures that a file of today would speak of; None where none are adopted."""
    try:
        return Measures.on(area_code=request.user.county_code, day=today()).terms
    except Refusal:
        return None


class _CarriedFiles(ImportPages[CarriedFile]):
    importing = CARRIED_FILES
    room = "claims"
    paths = two_steps("carried/", "carried", take="verdict")
    view, load = "claims.view_carried", "claims.load_carried"
    form = CarriedForm
    listing = CARRIED_FILE_LIST
    judged = CARRIED_ROWS
    related = ("area", "confirmed_by")
    blanks: Mapping[str, Layout] = {"已用情况": LAYOUT}
    verdicts = CarriedRow.Verdict.choices
    titles = {
        "list_title": "全部文件", "verdict_title": "结果", "take_title": "导出判定表",
        "again_title": "重新检查",
    }  # fmt: skip

    def list_context(self, request: Request) -> dict[str, Any]:
        terms = terms_of(request)
        return {"accumulators": told_of(terms) if terms else []}

    def page_blank(self, request: Request, at: int) -> HttpResponseBase:
        """With what this county's own measures keep, where there are any."""
        terms = terms_of(request)
        if terms is None or at:
            return super().page_blank(request, at)
        return download(template_of(layout_for(terms), "已用情况"), "已用情况模板.xlsx")

    def lines(self, request: Request, upload: CarriedFile, verdict: str) -> QuerySet[Any]:
        rows = upload.lines.select_related("file", "cover__division__parent")
        rows = rows.defer("file__content")
        if verdict in CarriedRow.Verdict.values:
            rows = rows.filter(verdict=verdict)
        return rows.order_by("-verdict", "line", "pk")

    def detail_context(self, request: Request, upload: CarriedFile) -> dict[str, Any]:
        terms = Measures.on(area_code=upload.area.code, day=upload.counted_to).terms
        units = {one.title: one.unit for one in terms.counters.values()}
        sums = [
            (title, f"{told(to_yuan(sum_))} 元" if units.get(title) == "fen" else str(sum_))
            for title, sum_ in upload.sums.items()
        ]
        return {"sums": sums}

    def workbook(self, upload: CarriedFile) -> tuple[bytes, int, str]:
        lines = upload.lines.select_related("person").order_by("-verdict", "line", "pk")
        rows = [
            (
                upload.said(row.line),
                row.get_verdict_display(),
                row.name,
                row.person.resident_id if row.person else "",
                row.title,
                row.shown,
                row.note,
            )
            for row in lines
        ]
        name = f"已用情况判定-{upload.counted_to:%Y%m%d}.xlsx"
        return workbook_bytes([Sheet("判定", COLUMNS, rows)]), len(rows), name

    def taken(self, upload: CarriedFile) -> tuple[str, dict[str, Any]]:
        return "carried_verdict", {"file": upload.pk}


CARRIED_PAGES = _CarriedFiles()


class _OldFiles(ImportPages[OldFile]):
    importing = OLD_FILES
    room = "claims"
    paths = two_steps("old/", "old", take="verdict")
    view, load = "claims.view_carried", "claims.load_carried"
    form = OldForm
    listing = OLD_FILE_LIST
    judged = OLD_ROWS
    related = ("area", "confirmed_by")
    blanks: Mapping[str, Layout] = {"原系统结算": OLD_LAYOUT}
    verdicts = OldRow.Verdict.choices
    titles = {
        "list_title": "全部文件", "verdict_title": "结果", "take_title": "导出判定表",
        "again_title": "重新检查",
    }  # fmt: skip
    known = "这份文件已经上传过，没有重复读入；以下是当时的结果"

    def list_context(self, request: Request) -> dict[str, Any]:
        terms = terms_of(request)
        columns = old_layout(terms).columns if terms else ()
        return {"own": [one.title for one in columns if ":" in one.name]}

    def page_blank(self, request: Request, at: int) -> HttpResponseBase:
        """With the classes and layers of this county's own measures, where there are any."""
        terms = terms_of(request)
        if terms is None or at:
            return super().page_blank(request, at)
        return download(template_of(old_layout(terms), "原系统结算"), "原系统结算模板.xlsx")

    def lines(self, request: Request, upload: OldFile, verdict: str) -> QuerySet[Any]:
        rows = upload.lines.select_related("file", "cover__division__parent")
        rows = rows.defer("file__content", "facts")
        if verdict in OldRow.Verdict.values:
            rows = rows.filter(verdict=verdict)
        else:
            rows = rows.exclude(verdict=OldRow.Verdict.SAME)
        return rows.order_by("-verdict", "line", "pk")

    def workbook(self, upload: OldFile) -> tuple[bytes, int, str]:
        lines = upload.lines.defer("facts").order_by("-verdict", "line", "pk")
        rows = [
            (upload.said(row.line), row.get_verdict_display(), row.number, row.name, row.note)
            for row in lines
        ]
        sheet = Sheet("判定", OLD_COLUMNS, rows)
        return workbook_bytes([sheet]), len(rows), f"原系统结算判定-{upload.upto:%Y%m%d}.xlsx"

    def taken(self, upload: OldFile) -> tuple[str, dict[str, Any]]:
        return "old_verdict", {"file": upload.pk}


OLD_PAGES = _OldFiles()


class BedForm(UploadForm):
    noun = "在院病人"


class _BedFiles(ImportPages[BedFile]):
    importing = BED_FILES
    room = "claims"
    paths = two_steps("beds/", "bed", take="verdict")
    view, load = "claims.view", "claims.enter_counter"
    form = BedForm
    listing = BED_FILE_LIST
    judged = BED_ROWS
    related = ("area", "institution", "confirmed_by")
    verdicts = BedRow.Verdict.choices
    blanks: Mapping[str, Layout] = {"在院病人": BEDS}
    titles = {
        "list_title": "全部文件", "verdict_title": "结果", "take_title": "导出判定表",
        "again_title": "重新检查",
    }  # fmt: skip

    def lines(self, request: Request, upload: BedFile, verdict: str) -> QuerySet[Any]:
        rows = upload.lines.all()
        if verdict in BedRow.Verdict.values:
            rows = rows.filter(verdict=verdict)
        return rows.order_by("-verdict", "line", "pk")

    def workbook(self, upload: BedFile) -> tuple[bytes, int, str]:
        rows = [
            (row.line, row.get_verdict_display(), row.number, row.name, row.note)
            for row in upload.lines.order_by("-verdict", "line", "pk")
        ]
        columns = tuple(
            replace(one, title="住院号") if one.title == "原结算单号" else one
            for one in OLD_COLUMNS
        )
        name = f"在院病人判定-{upload.uploaded_on:%Y%m%d}.xlsx"
        return workbook_bytes([Sheet("判定", columns, rows)]), len(rows), name

    def taken(self, upload: BedFile) -> tuple[str, dict[str, Any]]:
        return "bed_verdict", {"file": upload.pk}


BED_PAGES = _BedFiles()
