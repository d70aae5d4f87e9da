"""Archived cases: the list, the file with its index, cover and index on paper, putting away."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Q, Sum
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.clock import today
from accounts.forms import PlainForm
from accounts.models import User
from accounts.permissions import Request, asks, shows
from accounts.scoping import get_visible
from accounts.templatetags.hezuo import day
from desk.filters import FilterForm, chosen, typed
from desk.filters import day as day_filter
from desk.listing import Column, Listing, attr
from desk.papers import Facts, PaperKind, paper_route
from supervision.cases.archive_models import CaseArchive
from supervision.cases.archiving import (
    MAX_PAGES,
    Entry,
    altered_lines,
    archive_case,
    entries_of,
    placed,
    problem_of_archiving,
)
from supervision.cases.causes import causes
from supervision.cases.listings import party_of
from supervision.cases.papers import VIEW, one_case
from supervision.cases.services import officers_of
from supervision.cases.workflow import WORK


def archives_of(user: User) -> Any:
    rows = CaseArchive.objects.visible_to(user).select_related("case", "archived_by")
    return rows.annotate(pages=Sum("lines__pages")).order_by("-pk")


def _numbered(rows: Any, value: str) -> Any:
    return rows.filter(Q(number__icontains=value) | Q(case__number__icontains=value))


class ArchiveFilter(FilterForm):
    number = typed("卷宗号、案号", _numbered, 40)
    cause = chosen("案由", "case__cause_code", [(one.code, str(one)) for one in causes().values()])
    retention = chosen("保管期限", "retention", CaseArchive.Retention.choices)
    first = day_filter("归档自", "archived_on__gte")
    last = day_filter("至", "archived_on__lte")


CASE_ARCHIVES = Listing(
    "案件档案",
    VIEW,
    archives_of,
    (
        Column("卷宗号", attr("number"), "code", link="supervision:case_archive"),
        Column("案号", attr("case.number"), "code"),
        Column("当事人", lambda row: party_of(row.case)),
        Column("案由", lambda row: row.case.cause.name if row.case.cause else "未立案"),
        Column("处理", lambda row: row.case.get_status_display()),
        Column("归档日期", attr("archived_on"), "day", sort=True),
        Column("页数", attr("pages"), "whole"),
        Column("保管期限", attr("get_retention_display")),
        Column("保管至", attr("keep_until"), "day", sort=True),
        Column("归档人", attr("archived_by.name")),
    ),
    ArchiveFilter,
    empty="没有符合条件的案件档案",
    hint="结案以后在案件页面归档；归档以后卷内不再增加材料",
)


class ArchiveForm(PlainForm):
    """保管期限, and of each thing in the file how many pages it has."""

    retention = forms.ChoiceField(
        label="保管期限", choices=CaseArchive.Retention.choices, initial=CaseArchive.Retention.LONG
    )

    def __init__(self, entries: list[Entry], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.entries = entries
        for one in entries:
            self.fields[one.source] = forms.IntegerField(
                label=f"{one.title}的页数",
                min_value=1,
                max_value=MAX_PAGES,
                initial=1,
                widget=forms.TextInput(attrs={"inputmode": "numeric", "size": 4}),
            )

    @property
    def lines(self) -> list[tuple[Entry, Any]]:
        return [(one, self[one.source]) for one in self.entries]

    @property
    def pages(self) -> dict[str, int]:
        return {one.source: self.cleaned_data[one.source] for one in self.entries}


@asks(WORK)
def archive(request: Request, pk: int) -> HttpResponse:
    """Put a case away."""
    row = one_case(request, pk)
    if wrong := problem_of_archiving(row):
        messages.error(request, wrong)
        return redirect("supervision:case", pk)
    form = ArchiveForm(entries_of(row), request.POST or None)
    if request.method == "POST" and form.is_valid():
        with form.refusals():
            done = archive_case(
                actor=request.user, case=row, retention=form.cleaned_data["retention"],
                pages=form.pages, on=today(),
            )  # fmt: skip
            messages.success(request, f"已归档，卷宗号 {done}")
            return redirect("supervision:case_archive", done.pk)
    context = {"case": row, "form": form, "party": party_of(row)}
    return render(request, "supervision/cases/archive_new.html", context)


def one_archive(request: Request, pk: int) -> CaseArchive:
    return get_visible(CaseArchive, request.user, "case__area", "archived_by", "opened_by", pk=pk)


@shows(VIEW)
def shown(request: Request, pk: int) -> HttpResponse:
    row = one_archive(request, pk)
    lines = placed(row)
    context = {
        "archive": row,
        "case": row.case,
        "party": party_of(row.case),
        "lines": lines,
        "pages": lines[-1].last if lines else 0,
        # A file that was opened again is compared with nothing: the case went on.
        "altered": altered_lines(row) if row.opened_at is None else [],
    }
    return render(request, "supervision/cases/archive.html", context)


def _facts(row: CaseArchive, **more: Any) -> Facts:
    lines = placed(row)
    return {
        "area": row.case.area.name,
        "number": row.number,
        "case": row.case.number,
        "party": row.case.party_name,
        "pages": lines[-1].last if lines else 0,
        "items": len(lines),
        "archived_on": day(row.archived_on),
        "archived_by": row.archived_by.name,
        **more,
    }


def cover_facts(row: CaseArchive) -> Facts:
    case = row.case
    until = f"，至 {day(row.keep_until)}" if row.keep_until else ""
    officers = officers_of(case).select_related("user")
    return _facts(
        row,
        rows=[
            ["案件名称", f"{case.party_name}{case.cause.name if case.cause else '线索'}案"],
            ["案号", case.number],
            ["当事人", case.party_name],
            ["处理结果", case.get_outcome_display() or case.get_status_display()],
            ["立案日期", day(case.filed_on)],
            ["结案日期", day(case.closed_on)],
            ["办案人员", "、".join(one.user.name for one in officers)],
            ["归档日期", day(row.archived_on)],
            ["归档人", row.archived_by.name],
            ["保管期限", f"{row.get_retention_display()}{until}"],
        ],
    )


def index_facts(row: CaseArchive) -> Facts:
    return _facts(
        row,
        lines=[
            [one.line.place, one.line.number, one.line.title, day(one.line.dated_on), one.told,
             one.line.digest[:16]]
            for one in placed(row)
        ],
    )  # fmt: skip


def _marks(row: CaseArchive) -> list[str]:
    return [] if row.opened_at is None else ["已重新开卷"]


ARCHIVE_COVER = PaperKind(
    "supervision.archive_cover",
    "卷宗封面",
    "supervision/cases/archive_cover.html",
    VIEW,
    cover_facts,
    marks=_marks,
)
ARCHIVE_INDEX = PaperKind(
    "supervision.archive_index",
    "卷内目录",
    "supervision/cases/archive_index.html",
    VIEW,
    index_facts,
    marks=_marks,
)
ROUTES = [
    paper_route("cases/archives/<int:pk>/cover", ARCHIVE_COVER, one_archive, name="archive_cover"),
    paper_route("cases/archives/<int:pk>/index", ARCHIVE_INDEX, one_archive, name="archive_index"),
]
