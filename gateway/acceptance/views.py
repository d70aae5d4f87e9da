"""The list of one institution, as itself and the county see it."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.clock import today
from accounts.permissions import Request, shows
from accounts.scoping import get_visible
from gateway.acceptance.period import USUAL, PeriodForm
from gateway.acceptance.results import results
from institutions.models import Institution


@shows("gateway.view_own")
def self_test(request: Request) -> HttpResponse:
    """An institution's own."""
    institution = Institution.objects.visible_to(request.user).first()
    if institution is None:
        raise Http404
    return _page(request, institution)


@shows("gateway.view_acceptance")
def acceptance(request: Request, pk: int) -> HttpResponse:
    """The same for the county."""
    return _page(request, get_visible(Institution, request.user, pk=pk))


def _page(request: Request, institution: Institution) -> HttpResponse:
    form = PeriodForm(PeriodForm.usual() | request.GET.dict())
    since, until = today() - USUAL, today()
    if form.is_valid():
        since, until = form.cleaned_data["since"], form.cleaned_data["until"]
    result = results([institution], since=since, until=until)[institution.pk]
    context = {
        "institution": institution,
        "form": form,
        "since": since,
        "until": until,
        "result": result,
        "at": timezone.now(),
    }
    return render(request, "gateway/acceptance.html", context)
