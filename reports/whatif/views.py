"""What-ifs: the list with its form, the page with figures and chart, the workbook."""

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render

from accounts.models import Division
from accounts.permissions import Request, acts, asks, shows
from accounts.scoping import get_visible
from desk.downloads import workbook
from desk.listing import listing_page
from desk.papers import page_print
from policies.models import Pack
from reports.listings import SIMULATIONS
from reports.papers import SIMULATION
from reports.whatif import services
from reports.whatif.drawing import drawings
from reports.whatif.export import export_simulation
from reports.whatif.forms import SimulationForm
from reports.whatif.models import Simulation


@shows("policies.view_simulations")
def list_simulations(request: Request) -> HttpResponse:
    form = SimulationForm(request.user, initial={"policy": request.GET.get("policy", "")})
    return _list(request, form)


def _list(request: Request, form: SimulationForm) -> HttpResponse:
    return listing_page(request, SIMULATIONS, {"form": form})


@acts("policies.simulate")
def request_simulation(request: Request) -> HttpResponse:
    form = SimulationForm(request.user, request.POST)
    if form.is_valid():
        policy = form.cleaned_data["policy"]
        area = get_visible(Division, request.user, code=request.user.county_code)
        with form.refusals():
            simulation = services.request_simulation(
                actor=request.user,
                area=area,
                year=form.cleaned_data["year"],
                source=policy.source,
                name=str(policy),
                pack=policy if isinstance(policy, Pack) else None,
            )
            return redirect("reports:whatif_show", pk=simulation.pk)
    return _list(request, form)


@asks("policies.view_simulations")
def show(request: Request, pk: int) -> HttpResponse:
    simulation = _visible(request, pk)
    if simulation.figures is None:
        return render(request, "reports/whatif/waiting.html", {"simulation": simulation})
    figures = simulation.figures
    context = {
        "simulation": simulation,
        "figures": figures,
        "charts": drawings(figures),
        "gains": [("按人", figures["gains"]["persons"]), ("按笔", figures["gains"]["claims"])],
    }
    context |= page_print(request, SIMULATION, simulation)
    return render(request, "reports/whatif/show.html", context)


@acts("reports.export")
def export(request: Request, pk: int) -> HttpResponseBase:
    simulation = _visible(request, pk)
    if simulation.figures is None:
        raise Http404
    name = f"whatif-{simulation.area.code}-{simulation.year}-{simulation.pk}"
    return workbook(export_simulation(actor=request.user, simulation=simulation), name)


def _visible(request: Request, pk: int) -> Simulation:
    rows = Simulation.objects.select_related("area", "requested_by").defer("source")
    return get_visible(rows, request.user, pk=pk)
