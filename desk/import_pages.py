"""The pages of one kind of upload: list and upload, what was judged, progress, and the acts."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar, Generic, TypeVar

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.audit import record_export
from accounts.clock import today
from accounts.errors import Refusal
from accounts.forms import PlainForm, say_refused
from accounts.permissions import Request, require
from accounts.scoping import get_visible
from desk.downloads import download, purpose, workbook
from desk.importing import Importing, Upload
from desk.jobs import progress_route
from desk.listing import Listing, list_routes, listing_page
from lib.tables.layout import Layout
from lib.tables.reading import SpreadsheetError
from lib.tables.templates import said_columns, template_of
from lib.tables.writing import Heading, Sheet

U = TypeVar("U", bound=Upload)
Form = TypeVar("Form", bound="UploadForm")


class UploadForm(PlainForm):
    """A file; a kind adds what else it asks. The size is looked at before a byte is read."""

    file = forms.FileField(
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
        error_messages={"empty": "文件是空的，请重新选择"},
        max_length=200,
    )
    noun: ClassVar[str] = ""
    max_bytes: ClassVar[int] = 20 * 1024 * 1024

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].label = f"{self.noun}文件（.xlsx 或 .csv）"

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > self.max_bytes:
            limit = self.max_bytes // 1024 // 1024
            raise forms.ValidationError(f"文件超过 {limit} MB，请分成几个文件上传")
        return file


class ConfirmForm(PlainForm):
    sha256 = forms.RegexField(regex=r"^[0-9a-f]{64}$", widget=forms.HiddenInput)


class ImportPages(Generic[U]):
    """A room says what its pages show; `routes` gives them with their permissions.

    `paths`: page → (path, route name); a kind leaves out the pages it does not have. `view` and
    `load` are permissions: looking, and uploading, confirming, giving up.
    """

    importing: Importing[U]
    room: str
    paths: Mapping[str, tuple[str, str]]
    view: str
    load: str
    form: type[UploadForm] = UploadForm
    # The list page, and the judged rows of one upload: their columns and templates.
    listing: Listing
    judged: Listing
    # Read with every upload that a page shows, and the large columns that no page shows.
    related: tuple[str, ...] = ()
    unread: tuple[str, ...] = ("content",)
    verdicts: Sequence[tuple[str, str]] = ()
    # How the page calls the list, its table of verdicts, its workbook, and judging again.
    titles: Mapping[str, str] = {
        "list_title": "返回列表", "verdict_title": "判定", "take_title": "下载判定表",
        "again_title": "重新检查",
    }  # fmt: skip
    # What a blank table is called → its layout: offered to take home where files are sent from.
    blanks: Mapping[str, Layout] = {}
    known: str = "这份文件已经上传过，没有重复登记；以下是当时的结果"

    # -- what a kind says ----------------------------------------------------------------------

    def blank(self, request: Request) -> UploadForm:
        """The upload form of a fresh page."""
        return self.form()

    def about(self, request: Request, form: UploadForm) -> dict[str, Any]:
        """What the upload is told besides the file. Raises Refusal."""
        return {name: value for name, value in form.cleaned_data.items() if name != "file"}

    def list_context(self, request: Request) -> dict[str, Any]:
        return {}

    def verdict(self, request: Request, upload: U) -> str:
        """Which verdict the page shows."""
        return request.GET.get("verdict", "")

    def lines(self, request: Request, upload: U, verdict: str) -> QuerySet[Any]:
        """The judged rows of the upload with this verdict."""
        raise NotImplementedError

    def detail_context(self, request: Request, upload: U) -> dict[str, Any]:
        return {}

    def workbook(self, upload: U) -> tuple[bytes, int, str]:
        """The verdict to take away: the file, how many rows it names, and what it is called."""
        raise NotImplementedError

    def taken(self, upload: U) -> tuple[str, dict[str, Any]]:
        """What the trail says about the workbook that left, and by which criteria."""
        raise NotImplementedError

    # -- the pages -----------------------------------------------------------------------------

    def rows(self) -> QuerySet[U]:
        rows: QuerySet[U] = self.importing.model._default_manager.all()
        return rows.defer(*self.unread).select_related(*self.related, "requested_by")

    def found(self, request: Request, pk: int) -> U:
        return get_visible(self.rows(), request.user, pk=pk)

    def listed(self, request: Request, form: UploadForm, **more: Any) -> HttpResponse:
        """The page that uploads start from."""
        context = self.list_context(request) | {"upload_form": form, "blanks": self.offered} | more
        return listing_page(request, self.listing, context)

    @property
    def offered(self) -> list[dict[str, str]]:
        """Name, address and columns of each blank table."""
        return [
            {
                "title": title,
                "url": reverse(f"{self.room}:{self.paths['upload'][1]}_blank", args=[at]),
                "columns": said_columns(layout),
            }
            for at, (title, layout) in enumerate(self.blanks.items())
        ]

    def page_blank(self, request: Request, at: int) -> HttpResponseBase:
        found = dict(enumerate(self.blanks.items())).get(at)
        if found is None:
            raise Http404
        title, layout = found
        return download(template_of(layout, title[:30]), f"{title}模板.xlsx")

    def page_list(self, request: Request) -> HttpResponse:
        return self.listed(request, self.blank(request))

    def sent(self, request: Request) -> UploadForm:
        """The form as it was sent."""
        return self.form(request.POST, request.FILES)

    def page_upload(self, request: Request) -> HttpResponse:
        form = self.sent(request)
        if form.is_valid():
            file = form.cleaned_data["file"]
            with form.refusals():
                upload, again = self.importing.upload(
                    actor=request.user,
                    file_name=file.name,
                    content=file.read(),
                    on=today(),
                    **self.about(request, form),
                )
                if again:
                    messages.warning(request, self.known)
                return self.back(upload.pk)
        return self.listed(request, form)

    def back(self, pk: int) -> HttpResponse:
        return redirect(f"{self.room}:{self.paths['detail'][1]}", pk=pk)

    def page_detail(self, request: Request, pk: int) -> HttpResponse:
        return self.shown(request, self.found(request, pk))

    def shown(self, request: Request, upload: U, **more: Any) -> HttpResponse:
        verdict = self.verdict(request, upload)
        names = {f"{step}_route": f"{self.room}:{name}" for step, (_, name) in self.paths.items()}
        context: dict[str, Any] = (
            names
            | {**ImportPages.titles, **self.titles}
            | {
                "faults_route": f"{self.room}:{self.paths['detail'][1]}_faults",
                "upload": upload,
                "acts": self.importing.acts,
                "verdict": verdict,
                "verdicts": self.verdicts,
                "confirm_form": ConfirmForm(initial={"sha256": upload.sha256}),
            }
        )
        context |= self.detail_context(request, upload) | more
        lines = self.lines(request, upload, verdict)
        return listing_page(request, self.judged, context, rows=lines)

    def page_confirm(self, request: Request, pk: int) -> HttpResponse:
        form = ConfirmForm(request.POST)
        sha256 = form.cleaned_data["sha256"] if form.is_valid() else ""
        self._act(request, pk, self.importing.confirm, sha256=sha256, on=today())
        return self.back(pk)

    def page_again(self, request: Request, pk: int) -> HttpResponse:
        self._act(request, pk, self.importing.again)
        return self.back(pk)

    def page_discard(self, request: Request, pk: int) -> HttpResponse:
        if not self._act(request, pk, self.importing.discard):
            return self.back(pk)
        messages.success(request, "已放弃，文件和明细已清除")
        return redirect(f"{self.room}:{self.paths['list'][1]}")

    def _act(self, request: Request, pk: int, act: Callable[..., None], **facts: Any) -> bool:
        """One service on the upload; a refusal is shown on the page that follows."""
        try:
            act(actor=request.user, upload=self.found(request, pk), **facts)
        except Refusal as refusal:
            say_refused(request, refusal)
            return False
        return True

    def page_take(self, request: Request, pk: int) -> HttpResponseBase:
        """The verdict as a workbook, with numbers in the clear: the trail keeps who took it."""
        upload = get_visible(self.importing.model, request.user, pk=pk)
        try:
            reason = purpose(request)
            content, rows, name = self.workbook(upload)
        except (Refusal, SpreadsheetError) as error:
            say_refused(request, error if isinstance(error, Refusal) else Refusal(str(error)))
            return self.back(pk)
        what, criteria = self.taken(upload)
        record_export(actor=request.user, what=what, rows=rows, criteria=criteria, reason=reason)
        return download(content, name)

    def page_faults(self, request: Request, pk: int) -> HttpResponseBase:
        """Every fault of a file that was refused whole, by row: back to whoever made it."""
        upload: U = get_visible(self.rows(), request.user, pk=pk)
        if not upload.faults:
            raise Http404
        rows = [FAULT.fullmatch(one) for one in upload.faults]
        told = [
            (found[1], found[2]) if found else ("", one)
            for found, one in zip(rows, upload.faults, strict=True)
        ]
        sheet = Sheet(
            "退回原因", (Heading("行", "text", width=16), Heading("原因", width=80)), told
        )
        record_export(
            actor=request.user,
            what="upload_faults",
            rows=len(told),
            criteria={"upload": upload._meta.label_lower, "id": upload.pk},
        )
        return workbook([sheet], f"退回原因-{upload.file_name}")

    def routes(self) -> list[URLPattern]:
        """Every page of `paths`, with its method and permission."""
        routes = [one for step in self.paths for one in self._routes(step, *self.paths[step])]
        route, name = self.paths["detail"]
        routes += self._routes("faults", f"{route}/faults", f"{name}_faults")
        if self.blanks:
            route, name = self.paths["upload"]
            routes += self._routes("blank", f"{route}/blank/<int:at>", f"{name}_blank")
        return routes

    def _routes(self, step: str, route: str, name: str) -> list[URLPattern]:
        permission = self.view if step in LOOKING else self.load
        if step == "progress":
            return [progress_route(route, self.importing.model, permission, name)]
        method = require_GET if step in {"list", "detail", "blank"} else require_POST

        def view(request: Request, **parts: Any) -> HttpResponseBase:
            answer: HttpResponseBase = getattr(self, f"page_{step}")(request, **parts)
            return answer

        guarded = require(permission)(method(view))
        if step == "list":
            return list_routes(route, self.listing, name, page=guarded)
        return [path(route, guarded, name=name)]


LOOKING = {"list", "detail", "progress", "take", "faults"}
# How a fault of a row begins; of several sheets the row names its own: 5（黎家店村）.
FAULT = re.compile(r"第 (\S+(?:（.*?）)?) 行[，：]?(.+)")


def one_step(prefix: str, name: str, *, listed: bool = True) -> dict[str, tuple[str, str]]:
    """The paths of an import that asks nothing; `listed` where it has a list of its own."""
    steps = {
        "upload": (f"{prefix}/new", f"{name}_new"),
        "detail": (f"{prefix}/<int:pk>", f"{name}_file"),
        "progress": (f"{prefix}/<int:pk>/progress", f"{name}_progress"),
    }
    return {"list": (prefix, f"{name}_files")} | steps if listed else steps


def two_steps(prefix: str, name: str, take: str) -> dict[str, tuple[str, str]]:
    """The paths of an import that is confirmed; `take` names its workbook."""
    steps: Iterable[tuple[str, str, str]] = (
        ("list", "", "list"),
        ("upload", "upload", "upload"),
        ("detail", "<int:pk>", "detail"),
        *((step, f"<int:pk>/{step}", step) for step in ("progress", "confirm", "again", "discard")),
        ("take", f"<int:pk>/{take}", take),
    )
    return {step: (prefix + route, f"{name}_{called}") for step, route, called in steps}
