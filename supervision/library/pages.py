"""Pages of a file of points: upload, what each row comes to, confirming."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet

from accounts.clock import today
from accounts.permissions import Request
from desk.import_pages import ImportPages, two_steps
from lib.tables.layout import Layout
from lib.tables.writing import Heading, Sheet, headings, workbook_bytes
from supervision.library.columns import LAYOUT
from supervision.library.forms import LibraryFileForm
from supervision.library.importing import LIBRARY_FILES
from supervision.library.listings import LIBRARY_FILE_LIST, LIBRARY_ROWS
from supervision.library.models import LibraryFile, LibraryRow
from supervision.library.rows import KIND_NAMES, SUBJECTS
from supervision.rules.points import Kind

COLUMNS = (
    Heading("行", "text", width=9),
    *headings("结果", "批次", "序号", kind="text"),
    *headings("项目编码", kind="code"),
    Heading("项目名称", width=30),
    Heading("说明", "text", width=50),
)


class _LibraryFiles(ImportPages[LibraryFile]):
    importing = LIBRARY_FILES
    room = "supervision"
    paths = two_steps("library/files/", "library_file", take="verdict")
    view, load = "supervision.view_library", "supervision.load_library"
    form = LibraryFileForm
    listing = LIBRARY_FILE_LIST
    judged = LIBRARY_ROWS
    related = ("area", "confirmed_by")
    blanks: Mapping[str, Layout] = {"知识点": LAYOUT}
    verdicts = LibraryRow.Verdict.choices
    titles = {
        "list_title": "全部文件", "verdict_title": "结果", "take_title": "导出判定表",
        "again_title": "重新检查",
    }  # fmt: skip
    known = "这份文件已经上传过，没有重复读入；以下是当时的结果"

    def blank(self, request: Request) -> LibraryFileForm:
        return LibraryFileForm(initial={"first_day": today()})

    def lines(self, request: Request, upload: LibraryFile, verdict: str) -> QuerySet[Any]:
        rows = upload.lines.all()
        if verdict in LibraryRow.Verdict.values:
            rows = rows.filter(verdict=verdict)
        return rows.order_by("line")

    def detail_context(self, request: Request, upload: LibraryFile) -> dict[str, Any]:
        totals = [
            (batch, KIND_NAMES[Kind(kind)], SUBJECTS[subject], by, number)
            for batch, kind, subject, by, number in upload.totals
        ]
        return {"totals": totals, "understood": sum(row[-1] for row in totals)}

    def workbook(self, upload: LibraryFile) -> tuple[bytes, int, str]:
        rows = [
            (
                str(row.line), row.get_verdict_display(), row.batch, row.seq, row.code, row.name,
                row.note,
            )
            for row in upload.lines.defer("facts").order_by("line")
        ]  # fmt: skip
        name = f"知识点判定-{upload.uploaded_on:%Y%m%d}.xlsx"
        return workbook_bytes([Sheet("判定", COLUMNS, rows)]), len(rows), name

    def taken(self, upload: LibraryFile) -> tuple[str, dict[str, Any]]:
        return "library_verdict", {"file": upload.pk}


LIBRARY_PAGES = _LibraryFiles()
