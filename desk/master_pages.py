"""The pages of one kind of master data: upload and preview, confirm, give up, template, export."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path

from accounts.audit import record_export
from accounts.clock import today
from accounts.errors import Refusal
from accounts.forms import PlainForm, refusals_as_messages, say_refused
from accounts.permissions import Request, acts, asks, shows
from desk import masterdata
from desk.downloads import purpose, workbook
from desk.import_pages import UploadForm
from desk.listing import Column, Listing, listing_page
from desk.master_cells import Cell
from desk.masterdata import Line, MasterResource, Plan, Verdict
from desk.reasons import ReasonForm


class MasterUploadForm(UploadForm):
    """The file; a kind adds what else it asks, each a string or a day."""

    max_bytes = 4 * 1024 * 1024


class MasterConfirmForm(PlainForm):
    fingerprint = forms.RegexField(regex=r"^[0-9a-f]{64}$", widget=forms.HiddenInput)


def _value(title: str) -> Callable[[Line], str]:
    return lambda line: line.after.get(title, "")


def _was(title: str) -> Callable[[Line], str]:
    """What stood there, under a value that changes."""

    def was(line: Line) -> str:
        if line.verdict != Verdict.CHANGED or line.before[title] == line.after[title]:
            return ""
        return f"原：{line.before[title] or '（空）'}"

    return was


@dataclass(frozen=True)
class MasterPages:
    """`route` is the path of the page, `name` its name and the beginning of the others' names;
    `back`: the page that it belongs to."""

    resource: type[MasterResource]
    space: str
    route: str
    name: str
    back: str
    form: type[MasterUploadForm] = MasterUploadForm

    # -- routes --------------------------------------------------------------------------------

    def routes(self) -> list[URLPattern]:
        """Every page behind the resource's permission."""
        steps: tuple[tuple[str, Any, Any], ...] = (
            ("", self.page, asks),
            ("confirm", self.confirm, acts),
            ("discard", self.discard, acts),
            ("template", self.template, shows),
            ("export", self.export, acts),
        )
        return [
            path(
                f"{self.route}/{step}" if step else self.route,
                guarded(self.resource.permission)(_view(view)),
                name=f"{self.name}_{step}" if step else self.name,
            )
            for step, view, guarded in steps
        ]

    # -- pages ---------------------------------------------------------------------------------

    def page(self, request: Request) -> HttpResponse:
        """The form, and of a file that waits its preview."""
        if request.method != "POST":
            return self._shown(request, None)
        form = self._form(request.POST, request.FILES)
        if form.is_valid():
            file = form.cleaned_data["file"]
            with form.refusals():
                content, options = file.read(), _texts(form.cleaned_data)
                self.resource(request.user, today(), options).plan(content)
                masterdata.keep_file(
                    self.resource, actor=request.user, file_name=file.name, content=content,
                    options=options,
                )  # fmt: skip
                return self._here()
        return self._shown(request, form)

    def confirm(self, request: Request) -> HttpResponse:
        form = MasterConfirmForm(request.POST)
        fingerprint = form.cleaned_data["fingerprint"] if form.is_valid() else ""
        with refusals_as_messages(request):
            plan = masterdata.confirm(
                self.resource, actor=request.user, fingerprint=fingerprint, on=today()
            )
            counts = plan.counts
            messages.success(
                request,
                f"{self.resource.noun}已读入：新增 {counts['new']} 条，"
                f"变更 {counts['changed']} 条，无变化 {counts['same']} 条",
            )
            return redirect(self.back)
        return self._here()

    def discard(self, request: Request) -> HttpResponse:
        masterdata.discard(self.resource, actor=request.user)
        messages.success(request, "已放弃这份表，没有写入任何内容")
        return self._here()

    def template(self, request: Request) -> HttpResponseBase:
        with refusals_as_messages(request):
            sheet = self.resource(request.user, today()).template()
            return workbook([sheet], f"{self.resource.noun}模板")
        return self._here()

    def export(self, request: Request) -> HttpResponseBase:
        """What is there in the columns of the file. A reason where people are named."""
        with refusals_as_messages(request):
            reason = ""
            if self.resource.personal:
                reason = purpose(request)
            sheet = self.resource(request.user, today()).exported()
            record_export(
                actor=request.user, what=self.resource.noun, rows=len(list(sheet.rows)),
                criteria={}, reason=reason,
            )  # fmt: skip
            return workbook([sheet], f"{self.resource.noun}{today():%Y%m%d}")
        return self._here()

    # -- together ------------------------------------------------------------------------------

    def _form(
        self, data: Any, files: Any, initial: Mapping[str, str] | None = None
    ) -> MasterUploadForm:
        form = self.form(data, files, initial=initial)
        form.fields["file"].label = f"{self.resource.noun}（.xlsx 或 .csv）"
        return form

    def _here(self) -> HttpResponse:
        return redirect(f"{self.space}:{self.name}")

    def _shown(self, request: Request, form: MasterUploadForm | None) -> HttpResponse:
        try:
            resource = self.resource(request.user, today())
        except Refusal as refusal:
            say_refused(request, refusal)
            return redirect(self.back)
        file = masterdata.waiting_file(self.resource, request.user)
        plan, problem = None, ""
        if file is not None:
            try:
                plan = masterdata.plan_of(self.resource, file, on=today())
            except Refusal as refusal:
                problem = refusal.message
        verdict = request.GET.get("verdict", "")
        if plan and not verdict:
            verdict = "refused" if plan.is_refused else "all"
        lines = [
            one for one in (plan.lines if plan else ()) if verdict in ("all", one.verdict.value)
        ]
        context: dict[str, Any] = {
            "resource": resource,
            "upload_form": form or self._form(None, None, file.options if file else None),
            "file": file,
            "plan": plan,
            "problem": problem,
            "verdict": verdict,
            "verdicts": _tabs(plan),
            "titles": "、".join(cell.title for cell in resource.cells),
            "back": self.back,
            "here": f"{self.space}:{self.name}",
            "reason_form": ReasonForm(auto_id="export-%s"),
            **{
                f"{step}_route": f"{self.space}:{self.name}_{step}"
                for step in ("confirm", "discard", "template", "export")
            },
        }
        if plan:
            data = {"fingerprint": plan.fingerprint}
            context["confirm_form"] = MasterConfirmForm(initial=data)
        listing = _listing(resource, bool(plan and plan.is_refused))
        return listing_page(request, listing, context, rows=lines)


def _view(view: Any) -> Callable[..., HttpResponseBase]:
    def shown(request: Request) -> HttpResponseBase:
        answer: HttpResponseBase = view(request)
        return answer

    return shown


def _texts(data: dict[str, Any]) -> dict[str, str]:
    """What was asked beside the file, as it is kept."""
    return {
        name: value.isoformat() if isinstance(value, date) else str(value)
        for name, value in data.items()
        if name != "file"
    }


def _tabs(plan: Plan | None) -> list[tuple[str, str]]:
    if plan is None:
        return []
    found = [(one.value, f"{one.label} {plan.counts[one]}") for one in Verdict if plan.counts[one]]
    return [("all", f"全部 {len(plan.lines)}"), *found]


def _column(cell: Cell) -> Column:
    """Values are texts already; codes and days are not broken."""
    kind: Literal["code", "text"] = "code" if cell.widget.kind in ("code", "day") else "text"
    return Column(cell.title, _value(cell.title), kind, hint=_was(cell.title))


def _listing(resource: MasterResource, is_refused: bool) -> Listing:
    """The preview: what each row would do, and for each column what it was and what it will be."""
    why = (Column("问题和办法", lambda line: line.explained, width=40),) if is_refused else ()
    return Listing(
        f"{resource.noun}读入",
        resource.permission,
        lambda user: (),
        (
            Column("行号", lambda line: line.number, "code"),
            Column("判定", lambda line: line.verdict, "status"),
            *why,
            *map(_column, resource.cells),
        ),
        empty="没有这样的行",
        template="desk/master.html",
    )
