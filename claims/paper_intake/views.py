"""The papers of a claim from elsewhere: the checklist and the scanned pages."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render

from accounts.forms import refusals_as_messages
from accounts.permissions import Request, acts, shows
from accounts.scoping import get_visible
from claims.models import Settlement, Visit
from claims.paper_intake import scans, services
from claims.paper_intake.checklist import asked_of, paper_names
from claims.paper_intake.forms import ChecklistForm, ScanForm
from claims.paper_intake.models import LateClaim, Scan
from desk.downloads import download
from policies.services import terms_of


def paper_claim(request: Request, pk: int) -> Settlement:
    """A claim from elsewhere that the user may see, else 404."""
    return get_visible(
        Settlement,
        request.user,
        "visit__person",
        "visit__enrollment__person",
        "division__parent",
        "pack",
        pk=pk,
        visit__source=Visit.Source.PAPER,
    )


def one_scan(settlement: Settlement, number: int) -> Scan:
    return get_object_or_404(Scan, pk=number, visit=settlement.visit, removed_at=None)


@shows("claims.view_papers")
def papers(request: Request, pk: int) -> HttpResponse:
    return _show(request, paper_claim(request, pk))


def _show(
    request: Request,
    settlement: Settlement,
    form: ChecklistForm | None = None,
    scan_form: ScanForm | None = None,
) -> HttpResponse:
    asked = asked_of(settlement)
    names = paper_names(terms_of(settlement.pack))
    form = form or ChecklistForm(asked)
    rows: list[dict[str, Any]] = [{"one": one, "field": form[one.rule.code]} for one in asked]
    pages: list[Any] = list(Scan.objects.of(settlement.visit))
    twice = scans.seen_elsewhere(settlement)
    for page in pages:
        page.paper_name = names.get(page.paper, "")
        page.also_in = "、".join(twice.get(page.sha256, []))
    is_open = settlement.status in services.OPEN and request.user.may("claims.keep_papers")
    context = {
        "claim": settlement,
        "rows": rows,
        "form": form,
        "scan_form": scan_form or ScanForm([(one.rule.code, one.rule.name) for one in asked]),
        "pages": pages,
        "is_open": is_open,
        "may_remove": is_open and settlement.status == Settlement.Status.DRAFT,
        "lateness": LateClaim.objects.filter(visit=settlement.visit).first(),
        "lacks": [one.lack for one in asked if one.lack],
    }
    return render(request, "claims/paper_intake/papers.html", context)


@acts("claims.keep_papers")
def note(request: Request, pk: int) -> HttpResponse:
    settlement = paper_claim(request, pk)
    form = ChecklistForm(asked_of(settlement), request.POST)
    if form.is_valid():
        with form.refusals():
            services.note_papers(
                actor=request.user, settlement=settlement, states=form.cleaned_data
            )
            messages.success(request, "材料核对结果已保存")
            return redirect("claims:papers", settlement.pk)
    return _show(request, settlement, form=form)


@acts("claims.keep_papers")
def add(request: Request, pk: int) -> HttpResponse:
    settlement = paper_claim(request, pk)
    names = [(one.rule.code, one.rule.name) for one in asked_of(settlement)]
    form = ScanForm(names, request.POST, request.FILES)
    if form.is_valid():
        with form.refusals():
            scan = scans.add_scan(
                actor=request.user,
                settlement=settlement,
                content=form.cleaned_data["file"].read(),
                paper=form.cleaned_data["paper"],
            )
            messages.success(request, f"第 {scan.place} 页已保存")
            twice = scans.seen_elsewhere(settlement).get(scan.sha256)
            if twice:
                messages.warning(
                    request, f"这一页在{'、'.join(twice)}中用过，请核对是不是同一份材料"
                )
            return redirect("claims:papers", settlement.pk)
    return _show(request, settlement, scan_form=form)


ACTS = {"remove": scans.remove_scan, "forward": scans.move_scan}


@acts("claims.keep_papers")
def change(request: Request, pk: int, number: int, what: str) -> HttpResponse:
    """Take a page away, or move it forward."""
    settlement = paper_claim(request, pk)
    if what not in ACTS:
        raise Http404
    scan = one_scan(settlement, number)
    with refusals_as_messages(request):
        ACTS[what](actor=request.user, settlement=settlement, scan=scan)
    return redirect("claims:papers", settlement.pk)


@shows("claims.view_papers")
def page(request: Request, pk: int, number: int) -> HttpResponseBase:
    """The page itself; that it was looked at is noted."""
    settlement = paper_claim(request, pk)
    scan = one_scan(settlement, number)
    with refusals_as_messages(request):
        content = scans.open_scan(actor=request.user, settlement=settlement, scan=scan)
        return _file(content, scans.TYPES[scan.kind], f"{settlement.number}-{scan.place}", scan)
    return redirect("claims:papers", settlement.pk)


@shows("claims.view_papers")
def thumbnail(request: Request, pk: int, number: int) -> HttpResponseBase:
    settlement = paper_claim(request, pk)
    scan = one_scan(settlement, number)
    path = scans.place_of(scan.file, "jpg")
    if not path.exists():
        raise Http404
    return _file(path.read_bytes(), "image/jpeg", f"{scan.place}", scan)


def _file(content: bytes, kind: str, name: str, scan: Scan) -> HttpResponseBase:
    """Shown as what it was found to be; a PDF, which may hold scripts, is taken home."""
    is_picture = scan.kind != Scan.Kind.PDF
    return download(content, f"{name}.{kind.rpartition('/')[2]}", kind, inline=is_picture)
