"""The pages of a room's carried files: what is sent, what was judged, what it is held beside."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, TypeVar

from django import forms
from django.db import models
from django.db.models import QuerySet

from accounts.errors import Refusal
from accounts.models import User
from accounts.permissions import Request
from desk.carrying import CarriedImporting, CarriedLine, CarriedUpload
from desk.import_pages import ImportPages, UploadForm
from desk.listing import Column, Listing, attr, state

U = TypeVar("U", bound=CarriedUpload)


class CarriedForm(UploadForm):
    """Which content, up to which day, and the file."""

    noun = "原系统"
    kinds: ClassVar[Sequence[tuple[str, str]]] = ()
    kind = forms.ChoiceField(label="内容", widget=forms.Select(attrs={"autofocus": True}))
    as_of = forms.DateField(
        label="数据截止日", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    field_order = ("kind", "as_of", "file")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["kind"]
        assert isinstance(choice, forms.ChoiceField)
        # Of a single kind there is nothing to choose.
        choice.choices = [("", "请选择"), *self.kinds] if self.kinds[1:] else self.kinds


def carried_form(kinds: type[models.TextChoices]) -> type[CarriedForm]:
    return type("CarriedFormOfKinds", (CarriedForm,), {"kinds": kinds.choices})


def files_list(title: str, permission: str, model: type[U], detail: str, template: str) -> Listing:
    """The list of a room's carried files, whose page also takes new ones."""

    def rows(user: User) -> QuerySet[U]:
        found = model._default_manager.visible_to(user).defer("content")  # type: ignore[attr-defined]
        chosen: QuerySet[U] = found.select_related("area", "requested_by", "confirmed_by")
        return chosen

    return Listing(
        title,
        permission,
        rows,
        (
            Column("内容", attr("get_kind_display"), link=detail),
            Column("文件", attr("file_name")),
            Column("截止日", attr("as_of"), "day"),
            Column("上传人", attr("requested_by.name")),
            Column("上传时间", attr("requested_at"), "minute", sort=True),
            Column("状态", state(), "status", hint=attr("explained")),
            Column("行数", attr("row_count"), "whole"),
            Column("可转入", attr("right_count"), "whole"),
            Column("错误", attr("error_count"), "whole"),
            Column("已转入", attr("written_count"), "whole"),
            Column("确认人", attr("confirmed_by.name")),
        ),
        empty="还没有转入过文件",
        hint="下载模板，按原系统的数据填好后上传",
        refresh=attr("is_unfinished"),
        template=template,
    )


def lines_list(permission: str, model: type[U], lines: type[CarriedLine], template: str) -> Listing:
    """The judged rows of one file."""

    def rows(user: User) -> QuerySet[Any]:
        mine = model._default_manager.visible_to(user)  # type: ignore[attr-defined]
        every: QuerySet[Any] = lines._default_manager.all()
        found: QuerySet[Any] = every.filter(upload__in=mine)
        return found

    def told(user: User, rows: list[Any]) -> list[Any]:
        known = model._default_manager.only("sheets").in_bulk({row.upload_id for row in rows})
        for row in rows:
            row.at = known[row.upload_id].said(row.line)
        return rows

    return Listing(
        "判定",
        permission,
        rows,
        (
            Column("行", attr("at")),
            Column("姓名", attr("name")),
            Column("判定", state("verdict"), "status"),
            Column("原因和办法", attr("problem")),
        ),
        empty="没有这种判定的行",
        gather=told,
        key="lines",
        template=template,
    )


class CarriedPages(ImportPages[U]):
    """A room says its importing, its routes, permissions and lists."""

    importing: CarriedImporting[U]
    related = ("area", "confirmed_by")
    verdicts = CarriedLine.Verdict.choices
    titles: Mapping[str, str] = {"list_title": "全部文件"}
    trail: str  # what the trail calls the workbook that leaves

    def blank(self, request: Request) -> UploadForm:
        """Of a single kind there is nothing to choose."""
        kinds = list(self.importing.kinds)
        return self.form(initial={} if kinds[1:] else {"kind": kinds[0]})

    def verdict(self, request: Request, upload: U) -> str:
        first = CarriedLine.Verdict.ERROR if upload.error_count else ""
        return request.GET.get("verdict", first)

    def lines(self, request: Request, upload: U, verdict: str) -> QuerySet[Any]:
        rows = self.importing.lines._default_manager.filter(upload=upload.pk).order_by("line")
        if verdict in CarriedLine.Verdict.values:
            rows = rows.filter(verdict=verdict)
        return rows.defer("facts")

    def detail_context(self, request: Request, upload: U) -> dict[str, Any]:
        kind = self.importing.kinds[upload.kind]
        found: dict[str, Any] = {"kind": kind}
        if upload.is_judged:
            found["compared"] = kind.compared(upload)
        return found

    def workbook(self, upload: U) -> tuple[bytes, int, str]:
        if upload.is_unfinished or not upload.content:
            raise Refusal("判定表现在不能下载：检查尚未完成，或文件已清除")
        content = self.importing.verdict_workbook(upload)
        return content, upload.row_count, f"转入判定表-{upload.pk}.xlsx"

    def taken(self, upload: U) -> tuple[str, dict[str, Any]]:
        return self.trail, {"upload": upload.pk, "kind": upload.kind}
