"""Measures of the area: list, text with every article, proposing and adopting by two people."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.errors import Refusal
from accounts.models import Division
from accounts.permissions import Request, require
from accounts.scoping import get_visible
from policies.forms import ProposeForm
from policies.models import Pack
from policies.services import adopt_pack, propose_pack, terms_of


@require("policies.view")
@require_GET
def list_packs(request: Request) -> HttpResponse:
    rows = Pack.objects.readable_by(request.user).select_related(
        "area", "proposed_by", "adopted_by"
    )
    return render(request, "policies/list.html", {"rows": rows, "form": ProposeForm()})


@require("policies.view")
@require_GET
def show(request: Request, pk: int) -> HttpResponse:
    pack = Pack.objects.readable_by(request.user).filter(pk=pk).first()
    if pack is None:
        raise Http404
    terms = terms_of(pack)
    return render(request, "policies/show.html", {"pack": pack, "terms": terms})


@require("policies.propose")
@require_http_methods(["POST"])
def propose(request: Request) -> HttpResponse:
    form = ProposeForm(request.POST, request.FILES)
    if form.is_valid():
        area = Division.objects.get(code=request.user.county_code)
        try:
            pack = propose_pack(actor=request.user, area=area, source=form.cleaned_data["file"])
        except Refusal as refusal:
            messages.error(request, refusal.message)
        else:
            messages.success(request, f"已提出“{pack}”，由复核岗位采用后生效")
            return redirect("policies:show", pk=pack.pk)
    else:
        messages.error(request, "；".join(str(error) for error in form.errors["file"]))
    return redirect("policies:list")


@require("policies.adopt")
@require_POST
def adopt(request: Request, pk: int) -> HttpResponse:
    pack = get_visible(Pack.objects, request.user, pk=pk)
    try:
        adopt_pack(actor=request.user, pack=pack)
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, f"已采用“{pack}”")
    return redirect("policies:show", pk=pk)
