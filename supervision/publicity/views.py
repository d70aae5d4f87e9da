"""Pages of the publicity plan."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.clock import today
from accounts.forms import refusals_as_messages
from accounts.models import Division
from accounts.permissions import Request, acts, asks, shows
from accounts.scoping import get_visible
from desk.buttons import asked_step, take_asked
from desk.listing import listing_page
from supervision.inspections.forms import read_all
from supervision.publicity import services
from supervision.publicity.forms import MeasureForm, MorePhotosForm, ReportForm
from supervision.publicity.listings import PLAN_LIST
from supervision.publicity.models import PublicityPhoto, PublicityTask
from supervision.publicity.papers import coverage
from supervision.publicity.services import Planned, Reported
from supervision.publicity.workflow import PLAN, REPORT, TASKS

VIEW = "supervision.view_publicity"
BUTTONS = {"return_publicity", "drop_publicity"}


@shows("supervision.view_publicity_plan")
def plan(request: Request) -> HttpResponse:
    year = today().year
    area = get_visible(Division, request.user, code=request.user.county_code)
    done, asked = coverage(area, year)
    return listing_page(request, PLAN_LIST, {"year": year, "done": done, "asked": asked})


@asks(PLAN)
def new(request: Request) -> HttpResponse:
    form = MeasureForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with form.refusals():
            area = get_visible(Division, request.user, code=request.user.county_code)
            planned = Planned(**form.cleaned_data)
            row = services.plan_measure(actor=request.user, area=area, planned=planned, on=today())
            messages.success(request, f"{row}已列入计划")
            return redirect("supervision:publicity_plan")
    context = {"form": form, "title": "列入宣传措施", "back": "supervision:publicity_plan"}
    return render(request, "supervision/public/ask.html", context)


def _task(request: Request, pk: int) -> PublicityTask:
    related = ("measure", "division__parent", "reported_by")
    return get_visible(PublicityTask, request.user, *related, pk=pk)


def _shown(request: Request, row: PublicityTask, **forms: Any) -> HttpResponse:
    is_charged = services.is_charged(request.user, row)
    may_report = request.user.may(REPORT) and is_charged
    photos = list(row.photos.select_related("left_out_by"))
    context = {
        "row": row,
        "photos": [one for one in photos if one.left_out_at is None],
        "left_out": [one for one in photos if one.left_out_at],
        "report": forms.get("report") or ReportForm(initial={"done_on": today()}),
        "more": forms.get("more") or MorePhotosForm(),
        "may_report": may_report and row.status == PublicityTask.Status.WAITING,
        "may_add": may_report and row.status == PublicityTask.Status.DONE,
        "is_elsewhere": request.user.may(REPORT) and not is_charged,
        "is_late": row.status == PublicityTask.Status.WAITING and row.measure.due_on < today(),
        "is_leaflet": row.measure.form in {"leaflet", "poster"},
        "steps": [one for one in TASKS.open_to(row, request.user) if one.event in BUTTONS],
    }
    return render(request, "supervision/publicity/task.html", context)


@shows(VIEW)
def task(request: Request, pk: int) -> HttpResponse:
    return _shown(request, _task(request, pk))


@acts(REPORT)
def report(request: Request, pk: int) -> HttpResponse:
    row = _task(request, pk)
    form = ReportForm(request.POST, request.FILES)
    if form.is_valid():
        with form.refusals():
            said = form.cleaned_data
            told = Reported(**{**said, "photos": read_all(said["photos"])})
            services.report_done(actor=request.user, row=row, told=told, on=today())
            messages.success(request, "已上报完成")
            return redirect("supervision:publicity_task", pk)
    return _shown(request, row, report=form)


@acts(REPORT)
def prove(request: Request, pk: int) -> HttpResponse:
    row = _task(request, pk)
    form = MorePhotosForm(request.POST, request.FILES)
    if form.is_valid():
        with form.refusals():
            photos = read_all(form.cleaned_data["photos"])
            services.add_photos(actor=request.user, row=row, photos=photos)
            messages.success(request, "已上传照片")
            return redirect("supervision:publicity_task", pk)
    return _shown(request, row, more=form)


@acts(REPORT)
def leave_out(request: Request, pk: int) -> HttpResponse:
    photo = get_visible(PublicityPhoto, request.user, "task", pk=pk)
    with refusals_as_messages(request, "已撤下照片"):
        services.leave_out_photo(actor=request.user, photo=photo)
    return redirect("supervision:publicity_task", photo.task_id)


@acts(PLAN)
def step(request: Request, pk: int, event: str) -> HttpResponse:
    asked_step(request, TASKS, event, BUTTONS)
    take_asked(request, TASKS, event, services.step_task, row=_task(request, pk))
    return redirect("supervision:publicity_task", pk)
