"""Filing at the window, deciding, looking; what the old system had approved."""

from collections.abc import Mapping

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters

from accounts.clock import today
from accounts.errors import Refusal
from accounts.forms import say_refused
from accounts.permissions import Request, acts, asks, shows
from accounts.scoping import get_visible
from claims.filings.carried import CARRIED, LAYOUT
from claims.filings.first import held_told
from claims.filings.forms import EndForm, FilingForm
from claims.filings.listings import CARRIED_LIST, CARRIED_ROWS
from claims.filings.models import CarriedFilings, Filing, VisitFiling
from claims.filings.services import (
    ENDING,
    after_the_end,
    ask_end,
    decide_filing,
    propose_filing,
)
from claims.filings.workflow import FILINGS
from claims.services.patients import area_code_of, find_patients
from desk.buttons import decide_asked
from desk.carried_pages import CarriedPages, carried_form
from desk.import_pages import two_steps
from lib.tables.layout import Layout
from policies.services import Measures


def one_filing(request: Request, pk: int) -> Filing:
    return get_visible(
        Filing, request.user, "person", "division__parent", "proposed_by", "decided_by",
        "ending_asked_by", "ended_by", "institution", pk=pk,
    )  # fmt: skip


@asks("claims.propose_filing")
@sensitive_post_parameters("number")
def new(request: Request) -> HttpResponse:
    """File something for one person."""
    try:
        terms = Measures.on(area_code=area_code_of(request.user), day=today()).terms
    except Refusal as refusal:
        say_refused(request, refusal)
        return redirect("claims:filings")
    form = FilingForm(terms, request.POST or None, initial={"starts": today()})
    if request.method == "POST" and form.is_valid():
        with form.refusals():
            data = dict(form.cleaned_data)
            found = find_patients(actor=request.user, text=data.pop("number"))
            if len(found) != 1:
                raise Refusal("这个号码找到不止一人，请用本人的证件号码", "number")
            filing = propose_filing(actor=request.user, person=found[0].person, on=today(), **data)
            messages.success(request, f"{filing}已提交，待第二人审批")
            return redirect("claims:filing", filing.pk)
    return render(request, "claims/filings/new.html", {"form": form})


@shows("claims.view_filings")
def filing(request: Request, pk: int) -> HttpResponse:
    row = one_filing(request, pk)
    visits = VisitFiling.objects.filter(filing=row).select_related("visit")
    open_to = FILINGS.open_to(row, request.user)
    asked = row.ending_from is not None and row.ended_from is None
    may_ask = row.ending_from is None and any(one.event == ASK for one in open_to)
    context = {
        "row": row,
        "visits": visits,
        "steps": [
            one for one in open_to if one.event != ASK and (asked or one.event not in ENDING)
        ],
        "may_ask_end": may_ask,
        "later": after_the_end(row),
        "held": held_told(row, today()),
    }
    return render(request, "claims/filings/show.html", context)


@asks("claims.propose_filing")
def end(request: Request, pk: int) -> HttpResponse:
    """Ask that it hold no longer."""
    row = one_filing(request, pk)
    form = EndForm(request.POST or None, initial={"first_day": today()})
    if request.method == "POST" and form.is_valid():
        with form.refusals():
            ask_end(actor=request.user, filing=row, on=today(), **form.cleaned_data)
            messages.success(request, f"{row}已申请终止，待第二人审批")
            return redirect("claims:filing", pk)
    context = {"row": row, "form": form, "held": held_told(row, today())}
    return render(request, "claims/filings/end.html", context)


ASK = "ask_end_filing"


@acts("claims.view_filings")
def decide(request: Request, pk: int, event: str) -> HttpResponse:
    decide_asked(request, FILINGS, event, decide_filing, filing=one_filing(request, pk))
    return redirect("claims:filing", pk)


class _CarriedPages(CarriedPages[CarriedFilings]):
    importing = CARRIED
    room = "claims"
    paths = two_steps("carried/", "carried_filing", take="verdict")
    view = load = "claims.carry_filings"
    form = carried_form(CarriedFilings.Kind)
    blanks: Mapping[str, Layout] = {"备案与审批": LAYOUT}
    listing = CARRIED_LIST
    judged = CARRIED_ROWS
    trail = "carried_filings_verdict"


CARRIED_PAGES = _CarriedPages()
