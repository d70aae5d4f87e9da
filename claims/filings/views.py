"""Filing at the window, deciding, looking."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters

from accounts.clock import today
from accounts.errors import Refusal
from accounts.permissions import Request, acts, asks, shows
from accounts.scoping import get_visible
from claims.filings.forms import FilingForm
from claims.filings.models import Filing, VisitFiling
from claims.filings.services import decide_filing, propose_filing
from claims.filings.workflow import FILINGS
from claims.services.patients import find_patients
from desk.buttons import decide_asked
from policies.services import Measures


def one_filing(request: Request, pk: int) -> Filing:
    return get_visible(
        Filing, request.user, "person", "division__parent", "proposed_by", "decided_by", pk=pk
    )


@asks("claims.propose_filing")
@sensitive_post_parameters("number")
def new(request: Request) -> HttpResponse:
    """File something for one person."""
    try:
        terms = Measures.on(area_code=request.user.county_code, day=today()).terms
    except Refusal as refusal:
        messages.error(request, refusal.message)
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
    context = {"row": row, "visits": visits, "steps": FILINGS.open_to(row, request.user)}
    return render(request, "claims/filings/show.html", context)


@acts("claims.view_filings")
def decide(request: Request, pk: int, event: str) -> HttpResponse:
    decide_asked(request, FILINGS, event, decide_filing, filing=one_filing(request, pk))
    return redirect("claims:filing", pk)
