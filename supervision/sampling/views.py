"""Pages of the samples and their rates."""

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render

from accounts.audit import record_export
from accounts.clock import today
from accounts.errors import Refusal
from accounts.forms import say_refused
from accounts.models import Division
from accounts.permissions import Request, acts, asks, shows
from accounts.scoping import get_visible
from desk.buttons import asked_step, decide_visible, take_asked
from desk.downloads import purpose, workbook
from desk.listing import listing_page
from desk.navigation import lies_under
from supervision.sampling import services
from supervision.sampling.forms import FoundForm, RateForm
from supervision.sampling.handed import sheets_of
from supervision.sampling.listings import ITEM_LIST, items_of
from supervision.sampling.models import Sample, SampleItem, SamplingRate
from supervision.sampling.results import result_of
from supervision.sampling.workflow import ITEMS, RATES, SAMPLES

BUTTONS = {"draw_sample": services.draw_sample, "close_sample": services.close_sample}
FOUND = [step for step in ITEMS.steps if step.source == SampleItem.Status.PENDING]


@shows("supervision.view_samples")
def sample(request: Request, pk: int) -> HttpResponse:
    row = get_visible(Sample, request.user, "area", "drawn_by", "closed_by", pk=pk)
    _place(request, row)
    context = {
        "sample": row,
        "result": result_of(row),
        "steps": SAMPLES.open_to(row, request.user),
        "may_draw": row.last_on < today(),
    }
    return listing_page(request, ITEM_LIST, context, rows=items_of(request.user, row))


@acts("supervision.view_samples")
def act(request: Request, pk: int, event: str) -> HttpResponse:
    asked_step(request, SAMPLES, event, BUTTONS)
    row = get_visible(Sample, request.user, "area", pk=pk)
    take_asked(request, SAMPLES, event, BUTTONS[event], row=row)
    return redirect("supervision:sample", pk)


@acts("supervision.view_samples")
def take_list(request: Request, pk: int) -> HttpResponseBase:
    """The list, the seed and the method, to draw again elsewhere."""
    row = get_visible(Sample, request.user, "area", pk=pk)
    try:
        reason = purpose(request)
        sheets, number = sheets_of(row)
    except Refusal as refusal:
        say_refused(request, refusal)
        return redirect("supervision:sample", pk)
    record_export(
        actor=request.user, what="抽查清单", rows=number, criteria={"sample": pk}, reason=reason
    )
    kind = "quarter" if row.is_full else "sample"
    return workbook(sheets, f"{kind}-{row.area.code}-{row.first_on:%Y%m}")


def _item(request: Request, pk: int) -> SampleItem:
    related = ("settlement__visit__person", "sample__area", "stratum", "checked_by")
    return get_visible(SampleItem, request.user, *related, pk=pk)


def _place(request: Request, row: Sample) -> None:
    lies_under(request, "supervision:full_checks" if row.is_full else "supervision:samples")


def _item_page(request: Request, row: SampleItem, form: FoundForm) -> HttpResponse:
    _place(request, row.sample)
    context = {
        "item": row,
        "claim": row.settlement,
        "visit": row.settlement.visit,
        "form": form,
        "steps": ITEMS.open_to(row, request.user) if row.sample.status == "drawn" else [],
    }
    return render(request, "supervision/sampling/item.html", context)


@shows("supervision.view_samples")
def item(request: Request, pk: int) -> HttpResponse:
    return _item_page(request, _item(request, pk), FoundForm(FOUND))


@acts("supervision.sample")
def check(request: Request, pk: int) -> HttpResponse:
    row = _item(request, pk)
    form = FoundForm(FOUND, request.POST)
    if form.is_valid():
        with form.refusals():
            services.check_item(actor=request.user, item=row, **form.cleaned_data)
            messages.success(request, f"{row}的核查结果已保存")
            following = row.sample.items.pending().filter(position__gt=row.position)
            if upcoming := following.order_by("position").first():
                return redirect("supervision:sample_item", upcoming.pk)
            return redirect("supervision:sample", row.sample_id)
    return _item_page(request, row, form)


@acts("supervision.sample")
def reopen(request: Request, pk: int) -> HttpResponse:
    row = _item(request, pk)
    try:
        reason = request.POST.get("reason", "")
        services.check_item(actor=request.user, item=row, event="reopen_item", reason=reason)
    except Refusal as refusal:
        say_refused(request, refusal)
    return redirect("supervision:sample_item", pk)


@asks("supervision.propose_sampling_rate")
def new_rate(request: Request) -> HttpResponse:
    form = RateForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with form.refusals():
            area = Division.objects.get(code=request.user.county_code)
            row = services.propose_rates(
                actor=request.user, area=area, on=today(), **form.cleaned_data
            )
            messages.success(request, f"{row}已提出，由复核岗另一人决定后生效")
            return redirect("supervision:sampling_rate", row.pk)
    return render(request, "supervision/sampling/rate_new.html", {"form": form})


@shows("supervision.view_samples")
def rate(request: Request, pk: int) -> HttpResponse:
    row = get_visible(SamplingRate, request.user, "area", "proposed_by", "decided_by", pk=pk)
    context = {"row": row, "steps": RATES.open_to(row, request.user)}
    return render(request, "supervision/sampling/rate.html", context)


@acts("supervision.view_samples")
def decide_rate(request: Request, pk: int, event: str) -> HttpResponse:
    decide_visible(request, RATES, event, pk)
    return redirect("supervision:sampling_rate", pk)
