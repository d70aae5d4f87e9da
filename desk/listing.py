"""A list page: one list of columns is the page, its fragment, sorting, sums and the workbook.

    VOUCHERS = Listing("凭证", "funds.view", vouchers_of, (Column("凭证号", attr("label")), ...),
                       VoucherFilter, export="funds.export")
    urlpatterns += list_routes("vouchers", VOUCHERS, "vouchers")

A page that holds more than its list writes a view of its own around `listing_page`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from tempfile import SpooledTemporaryFile
from typing import Any, Literal, cast

from django import forms
from django.core.paginator import Page, Paginator
from django.db.models import Count, Model, QuerySet, Sum
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.cache import patch_vary_headers
from django.utils.safestring import SafeString
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts.audit import record_export
from accounts.errors import Refusal
from accounts.forms import PlainForm, say_refused
from accounts.models import User
from accounts.permissions import Request, View, require
from desk import searches
from desk.columns import Column, Value, attr, is_open, order_of, state
from desk.downloads import IN_MEMORY, download
from desk.filters import FilterForm
from desk.people import PersonSearch, of_person
from desk.reasons import MAX_REASON, MIN_REASON
from lib.tables.writing import Sheet, write_workbook

__all__ = ["Column", "Listing", "Table", "attr", "list_routes", "listing_page", "state", "visible"]

# A workbook of so many rows takes some seconds; a program at home opens no million.
MAX_ROWS = 100_000
# A page counts, sums, sorts and turns so far, and then asks to be narrowed: over a county's years
# each look took seconds, over a hundred thousand rows half a second (docs/measurements.md).
MAX_COUNTED = 20_000
CHUNK = 2_000  # rows fetched at a time while a workbook is written


@dataclass(frozen=True)
class Listing:
    """`rows(user, **what the route names)` gives what the user may see (visible_to), ordered.

    `person`: path to the person of a row; adds the search by name or number, sent by POST.
    `names`: the permission to read names in full; "" for all who may open the list. `export`:
    the permission to take the workbook; "" for none. `refresh`: whether a row is still being
    worked on, so that the list asks again by itself. `gather`: makes of a page's rows what the
    columns show, in a fixed number of statements. `tick`: the name of the boxes before rows;
    `is_ticked`: all of them are ticked to begin with.
    `key`: tells two lists of one page apart. `template`: the page when it holds more than the list.
    `route`: the name of its page, when views at other addresses show it again with an error.
    `beside`: what else the page shows. `whole`: the row of all rows together, for the last line of
    a list whose figures are no sums (shares, averages).
    """

    title: str
    permission: str
    rows: Callable[..., QuerySet[Any] | Sequence[Any]]
    columns: tuple[Column, ...]
    filters: Callable[..., FilterForm] | None = None
    person: str = ""
    names: str = ""
    export: str = ""
    empty: str = "没有符合条件的记录"
    hint: str = ""
    refresh: Callable[[Any], bool] | None = None
    gather: Callable[[User, list[Any]], Sequence[Any]] | None = None
    tick: str = ""
    is_ticked: bool = False
    size: int = 50
    key: str = "list"
    template: str = "kinds/list.html"
    route: str = ""
    beside: Callable[[Request], Mapping[str, Any]] | None = None
    whole: Any = None


def visible(model: type[Model], *related: str) -> Callable[[User], QuerySet[Any]]:
    """The rows of a list of all that the user may see; `related`: what its columns read of others,
    in the same statement."""

    def rows(user: User) -> QuerySet[Any]:
        found: QuerySet[Any] = cast(Any, model)._default_manager.visible_to(user)
        return found.select_related(*related) if related else found

    return rows


@dataclass(frozen=True)
class Cell:
    """`html`: the cell as the page shows it; a template of its own reads `plain`, the value."""

    column: Column
    html: SafeString
    plain: Any


@dataclass(frozen=True)
class Line:
    """A row of the page with its cells."""

    row: Any
    cells: list[Cell]
    is_ticked: bool


@dataclass(frozen=True)
class Head:
    """A title with the address that sorts by it, and how it is sorted now."""

    column: Column
    sorts: str
    direction: Literal["", "ascending", "descending"]


class ExportReason(PlainForm):
    reason = forms.CharField(label="导出用途", min_length=MIN_REASON, max_length=MAX_REASON)


class Table:
    """A listing as one request asks for it: filtered, sorted, cut into pages."""

    def __init__(
        self,
        listing: Listing,
        request: Request,
        rows: QuerySet[Any] | Sequence[Any] | None = None,
        **named: Any,
    ) -> None:
        """`rows`: in place of the listing's own; `named`: what the route names."""
        self.listing, self.request, self.user = listing, request, request.user
        self.most = MAX_COUNTED
        self.all_rows = listing.rows(self.user, **named) if rows is None else rows
        self.form = (
            listing.filters(request.GET, user=self.user) if listing.filters is not None else None
        )
        self.search: PersonSearch | None = None
        if listing.person:
            self.search = PersonSearch(_person_asked_for(request))
        elif self.form is not None and not listing.route:  # else a form of the page has the cursor
            self.form.focus()
        self.columns = [
            column
            for column in listing.columns
            if column.where != "workbook"
            and (not column.permission or self.user.may(column.permission))
        ]
        self.masked = bool(listing.names) and not self.user.may(listing.names)

    @property
    def has_cursor(self) -> bool:
        """Whether the work begins in the table: there is nothing to be filled in above it."""
        return self.form is None and self.search is None and self.listing.key == "list"

    @property
    def is_search(self) -> bool:
        return self.search is not None and self.search.is_bound and self.search.is_valid()

    @cached_property
    def narrowed(self) -> Any:
        """What search or filter leaves of the rows, in their own order."""
        if self.search is not None and self.is_search:
            text = self.search.cleaned_data["person"]
            return of_person(self.all_rows, self.listing.person, text)
        return self.all_rows if self.form is None else self.form.narrow(self.all_rows)

    @cached_property
    def rows(self) -> Any:
        """What is left of the rows, sorted; over all pages."""
        rows = self.narrowed
        if not self.sort:
            return rows
        if isinstance(rows, QuerySet):
            return rows.order_by(order_of(self.sort), "pk")
        return self._sorted(rows)

    def _sorted(self, rows: Sequence[Any]) -> list[Any]:
        """A sequence by the value of the column; what is empty stands last."""
        path, down = self.sort.removeprefix("-"), self.sort.startswith("-")
        value = next(column.plain for column in self.columns if column.sort_path == path)
        filled = [row for row in rows if value(row) is not None]
        empty = [row for row in rows if value(row) is None]
        return sorted(filled, key=value, reverse=down) + empty

    @property
    def parameter(self) -> str:
        """What the names of this list's parameters begin with."""
        return "" if self.listing.key == "list" else f"{self.listing.key}-"

    @cached_property
    def sort(self) -> str:
        """The path that the address asks to sort by, "-" before it for the largest first; only
        what a column offers, and nothing where there are too many rows."""
        if self.is_more:
            return ""
        asked: str = self.request.GET.get(f"{self.parameter}sort", "")
        offered = {column.sort_path for column in self.columns if column.sort_path}
        return asked if asked.removeprefix("-") in offered else ""

    @cached_property
    def sums(self) -> list[Any]:
        """Of each column its sum over all pages, None where nothing is summed."""
        sums, rows = self._counted[1], self.narrowed
        if isinstance(rows, QuerySet):
            return [sums.get(f"sum_{at}") for at in range(len(self.columns))]
        return [
            sum((column.value(row) or 0 for row in rows), start=0) if column.total else None
            for column in self.columns
        ]

    @cached_property
    def _counted(self) -> tuple[int, dict[str, Any]]:
        """How many rows, and the sums that the database can give, in one statement, which stops
        looking beyond `most`."""
        rows = self.narrowed
        if not isinstance(rows, QuerySet):
            return len(rows), {}
        wanted = {
            f"sum_{at}": Sum(column.total) for at, column in enumerate(self.columns) if column.total
        }
        some = rows if rows.query.is_sliced else rows.order_by()[: self.most + 1]
        found = some.aggregate(number=Count("pk"), **wanted)
        return found.pop("number"), found

    @property
    def number(self) -> int:
        """How many rows the pages have."""
        return min(self._counted[0], self.most)

    @property
    def is_more(self) -> bool:
        """Whether there are more rows than are counted: no sums, no sorting, no further pages."""
        return isinstance(self.narrowed, QuerySet) and self._counted[0] > self.most

    @property
    def told(self) -> str:
        """How many rows, in words."""
        return f"超过 {self.most} 条" if self.is_more else f"共 {self.number} 条"

    @property
    def totals(self) -> list[tuple[Column, SafeString]]:
        """The last line of the table; empty when no column is summed."""
        if self.listing.whole is not None:
            return self._told_whole(self.listing.whole)
        if self.is_more or not any(column.total for column in self.columns):
            return []
        return [
            (column, _sum(column, value) if column.total else SafeString(""))
            for column, value in zip(self.columns, self.sums, strict=True)
        ]

    def _told_whole(self, whole: Any) -> list[tuple[Column, SafeString]]:
        closed = self._closed([whole])
        return [
            (one, self._cell(one, whole, one.title in closed, False).html) for one in self.columns
        ]

    def _closed(self, rows: Sequence[Any]) -> set[str]:
        """Titles of the columns that lead where who looks may not go."""
        return {
            column.title
            for column in self.columns
            if (address := next(filter(None, map(column.address, rows)), ""))
            and not is_open(address, self.user)
        }

    @property
    def summary(self) -> list[tuple[Column, SafeString]]:
        """What is summed, to be said before the table as well."""
        return [(column, total) for column, total in self.totals if column.total]

    @cached_property
    def page(self) -> Page[Any]:
        paginator = Paginator(self.rows, self.listing.size)
        paginator.__dict__["count"] = self.number
        asked = 1 if self.is_search else self.request.GET.get(f"{self.parameter}page")
        return paginator.get_page(asked)

    def _gathered(self, rows: list[Any]) -> Sequence[Any]:
        return self.listing.gather(self.user, rows) if self.listing.gather else rows

    @cached_property
    def lines(self) -> list[Line]:
        rows = self._gathered(list(self.page))
        ticked = self.request.POST.getlist(self.listing.tick) if self.listing.tick else ()
        closed = self._closed(rows)
        focused = rows[:1] if self.has_cursor and not self.listing.tick else []
        return [
            Line(
                row,
                [self._cell(one, row, one.title in closed, row in focused) for one in self.columns],
                bool(self.listing.tick)
                and (
                    str(row.pk) in ticked
                    or (self.listing.is_ticked and self.request.method == "GET")
                ),
            )
            for row in rows
        ]

    def _cell(self, column: Column, row: Any, is_closed: bool, is_first: bool) -> Cell:
        if column.template:
            return Cell(column, SafeString(""), column.plain(row))
        address = "" if is_closed else column.address(row)
        html = column.shown(row, self.masked, address, focus=is_first)
        return Cell(column, html, None)

    @property
    def is_unfinished(self) -> bool:
        refresh = self.listing.refresh
        return refresh is not None and any(refresh(row) for row in self.page)

    @property
    def heads(self) -> list[Head]:
        return [Head(column, *self._sorting(column.sort_path)) for column in self.columns]

    def _sorting(self, path: str) -> tuple[str, Literal["", "ascending", "descending"]]:
        if not path or self.is_more:
            return "", ""
        if self.sort == path:
            return self.query(sort=f"-{path}"), "ascending"
        return self.query(sort=path), "descending" if self.sort == f"-{path}" else ""

    @property
    def address(self) -> str:
        """Of the page, without its parameters."""
        return reverse(self.listing.route) if self.listing.route else self.request.path

    def query(self, **changed: Any) -> str:
        """The address with other parameters of this list."""
        query = self.request.GET.copy()
        query.pop(f"{self.parameter}page", None)
        for name, value in changed.items():
            query[self.parameter + name] = str(value)
        return f"{self.address}?{query.urlencode()}"

    @property
    def pages(self) -> list[tuple[str, str]]:
        """The pager's links: what they say and where they lead."""
        page, last = self.page, self.page.paginator.num_pages
        found = []
        if page.has_previous():
            found += [("首页", 1), ("上一页", page.previous_page_number())]
        if page.has_next():
            found += [("下一页", page.next_page_number()), ("末页", last)]
        return [(title, self.query(page=number)) for title, number in found]

    @property
    def export_address(self) -> str:
        """Where the workbook of what is shown comes from; "" for who may not take it."""
        match = self.request.resolver_match
        if not self.listing.export or not self.user.may(self.listing.export) or match is None:
            return ""
        space, _, name = (self.listing.route or match.view_name).rpartition(":")
        name = name if name.startswith("export_") else f"export_{name}"
        named = {} if self.listing.route else match.kwargs
        address = reverse(f"{space}:{name}" if space else name, kwargs=named)
        return f"{address}?{self.request.GET.urlencode()}" if self.request.GET else address

    @property
    def export_form(self) -> ExportReason:
        return ExportReason(auto_id="export-%s")

    @property
    def export_form_outside(self) -> ExportReason:
        """The same where the list stands in a form of its own: its field is of the other."""
        form = self.export_form
        form.fields["reason"].widget.attrs["form"] = f"{self.listing.key}-export"
        return form

    @property
    def criteria(self) -> dict[str, str]:
        """What the rows were chosen by, for the audit trail: nothing personal."""
        if self.is_search:
            return {"person": "按人查找"}
        return {
            name: str(value) for name, value in (self.form.filled() if self.form else {}).items()
        }

    def sheet(self) -> Sheet:
        """All pages as a sheet."""
        columns = [
            column
            for column in self.listing.columns
            if column.where != "page"
            and (not column.permission or self.user.may(column.permission))
        ]
        return Sheet(
            self.listing.title,
            [column.heading for column in columns],
            ([column.written(row, self.masked) for column in columns] for row in self._read()),
        )

    def _read(self) -> Iterator[Any]:
        rows = iter(self.rows)
        if isinstance(self.rows, QuerySet):
            rows = self.rows.iterator(chunk_size=CHUNK)
        while chunk := list(islice(rows, CHUNK)):
            yield from self._gathered(chunk)


def _sum(column: Column, value: Any) -> SafeString:
    return replace(column, value=lambda _: value or 0, hint=None).shown(None, masked=False)


def listing_page(
    request: Request,
    listing: Listing,
    context: Mapping[str, Any] | None = None,
    *,
    rows: QuerySet[Any] | Sequence[Any] | None = None,
    **named: Any,
) -> HttpResponse:
    """The page, or for htmx the table alone. `context`: what stands beside the list."""
    table = Table(listing, request, rows, **named)
    if table.search is not None and table.is_search and request.method == "POST":
        return searches.lead_to(request, request.path, table.search.cleaned_data["person"])
    about = {"list": table, "table": table} | dict(context or {})
    if _asks_for_part(request, listing):
        response = render(request, "desk/_table.html", about)
    else:
        beside = listing.beside(request) if listing.beside else {}
        response = render(request, listing.template, dict(beside) | about)
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response


def _person_asked_for(request: Request) -> Mapping[str, Any] | None:
    """What was just sent, else what the address's key stands for."""
    if "person" in request.POST:
        return request.POST
    text = searches.asked_for(request)
    return {"person": text} if text else None


def _asks_for_part(request: Request, listing: Listing) -> bool:
    """Whether htmx wants this list's table; going back asks for the whole page."""
    headers = request.headers
    return "HX-History-Restore-Request" not in headers and headers.get("HX-Target") == listing.key


def export_listing(request: Request, listing: Listing, name: str, **named: Any) -> HttpResponseBase:
    """The workbook of what the filters leave. Asks for a reason and notes it before a byte leaves;
    what is wrong is told on the page that it came from."""
    form, table = ExportReason(request.POST), Table(listing, request, **named)
    table.most = MAX_ROWS
    problem = ""
    if not form.is_valid():
        problem = "请写明导出用途"
    elif any(form is not None and form.errors for form in (table.form, table.search)):
        problem = "查询条件有误，请改正后再导出"
    elif table.is_more:
        problem = f"{table.told}，一次最多导出 {MAX_ROWS} 条，请缩小查询范围"
    if problem:
        say_refused(request, Refusal(problem, "reason"))
        return redirect(f"{_page_address(request)}?{request.GET.urlencode()}")
    file = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - the response closes it
    write_workbook([table.sheet()], file)
    record_export(
        actor=request.user,
        what=listing.title,
        rows=table.number,
        criteria=table.criteria | ({"sort": table.sort} if table.sort else {}),
        reason=form.cleaned_data["reason"],
    )
    file.seek(0)
    return download(file, f"{name}.xlsx")


def _page_address(request: Request) -> str:
    match = request.resolver_match
    assert match is not None
    return reverse(match.view_name.replace("export_", "", 1), kwargs=match.kwargs)


STANDING = state()


def sent_files(
    title: str,
    permission: str,
    rows: Callable[..., QuerySet[Any]],
    about: Sequence[Column],
    counts: Mapping[str, str],
    *,
    hands: Sequence[Column] = (),
    standing: Value = STANDING,
    beyond: Sequence[Column] = (),
    **more: Any,
) -> Listing:
    """A list of the files of one kind (`desk.importing`): what each is, who sent it when and what
    other `hands` it went through, how it stands, and by their titles its counts."""
    columns = (
        *about,
        Column("上传人", attr("requested_by.name")),
        Column("上传时间", attr("requested_at"), "minute", sort=True),
        *hands,
        Column("状态", standing, "status", hint=attr("explained")),
        *(Column(name, attr(count), "whole") for name, count in counts.items()),
        *beyond,
    )
    return Listing(title, permission, rows, columns, refresh=attr("is_unfinished"), **more)


def judged_rows(
    permission: str,
    rows: Callable[..., QuerySet[Any]],
    columns: Sequence[Column],
    *,
    line: Column,
    template: str,
    empty: str = "没有这种结果的行",
) -> Listing:
    """The rows of one of them (`desk.importing.JudgedRow`), each with what becomes of it and why.
    `line`: where in the file it stands."""
    verdict, note = Column("结果", state("verdict"), "status"), Column("说明", attr("note"))
    shown = (line, verdict, *columns, note)
    return Listing("结果", permission, rows, shown, key="lines", template=template, empty=empty)


def list_routes(
    route: str, listing: Listing, name: str, *, page: View | None = None
) -> list[URLPattern]:
    """The page at `route` and, when the listing may leave, its workbook at `route`/export.

    `page`: the view of a page that holds more than its list, already behind `require`.
    """
    found = [path(route, _marked(page or _page(listing), listing), name=name)]
    if listing.export:
        address = f"{route}/export" if route else "export"
        found.append(path(address, _workbook(listing, name), name=f"export_{name}"))
    return found


def _marked(view: View, listing: Listing) -> View:
    """The tests of all lists find them by this mark."""
    cast(Any, view).listing = listing
    return view


def _page(listing: Listing) -> View:
    @require(listing.permission)
    @sensitive_post_parameters("person")
    @require_http_methods(["GET", "HEAD", "POST"] if listing.person else ["GET", "HEAD"])
    def page(request: Request, **named: Any) -> HttpResponse:
        return listing_page(request, listing, **named)

    return page


def _workbook(listing: Listing, name: str) -> View:
    @require(listing.export)
    @sensitive_post_parameters("person")
    @require_POST
    def workbook(request: Request, **named: Any) -> HttpResponseBase:
        return export_listing(request, listing, name, **named)

    return workbook
