"""Measures of the area: list, text with every article, drafts, proposing and adopting."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from accounts.errors import Refusal
from accounts.forms import PlainForm, refusals_as_messages
from accounts.models import Division
from accounts.permissions import Request, acts, asks, shows
from accounts.scoping import get_visible
from desk.listing import Table, listing_page
from desk.reasons import ReasonForm
from policies.doubts import doubts_of
from policies.drafts import (
    change_numbers,
    discard_draft,
    problems_of,
    propose_draft,
    start_draft,
)
from policies.editing import by_article, editor, lines_changed
from policies.forms import ApprovalForm, ProposeForm
from policies.listings import DRAFTS, PACK_LIST
from policies.loading.format_one import lifted
from policies.matrices import matrices_of
from policies.models import Draft, Pack, Trial
from policies.numbers import differences, everything_of
from policies.problems import Problem
from policies.release import probed, release_problem, sign_trial, unknown_levels
from policies.services import adopt_pack, consequences, propose_pack, refuse_pack, terms_of


@shows("policies.view")
def list_packs(request: Request) -> HttpResponse:
    return _list(request)


def _list(request: Request, problems: Sequence[Problem] = ()) -> HttpResponse:
    """The measures of the area, and what is wrong with a text that was just handed in."""
    context = {"form": ProposeForm(), "problems": problems}
    if request.user.may(DRAFTS.permission):
        context["drafts"] = Table(DRAFTS, request)
    return listing_page(request, PACK_LIST, context)


@shows("policies.view")
def show(request: Request, pk: int) -> HttpResponse:
    """The text, and for a version that is not in force yet what adopting it would change."""
    return _show(request, _readable(request, pk))


def _readable(request: Request, pk: int) -> Pack:
    pack = Pack.objects.readable_by(request.user).select_related("area").filter(pk=pk).first()
    if pack is None:
        raise Http404
    return pack


def _show(request: Request, pack: Pack, **forms: PlainForm) -> HttpResponse:
    proposed = pack.status == Pack.Status.PROPOSED
    counts = pack.status in {Pack.Status.PROPOSED, Pack.Status.ADOPTED}
    present = _replaced_by(pack) if proposed else None
    context: dict[str, Any] = {
        "pack": pack,
        "terms": terms_of(pack),
        "parts": matrices_of(terms_of(pack)),
        "present": present,
        "consequences": consequences(pack) if proposed else [],
        "trials": Trial.objects.of_text(pack).select_related("read_by", "signed_by"),
        "problem": release_problem(pack) if proposed else "",
        "probed": probed(pack) if proposed else None,
        "approval_form": ApprovalForm(),
        "reason_form": ReasonForm(),
        **forms,
        "unknown_levels": unknown_levels(pack, terms_of(pack)) if counts else [],
        "doubts": doubts_of(terms_of(pack), pack.name) if proposed else [],
    }
    if present is not None:
        before = everything_of(lifted(present.source))
        context["changes"] = by_article(differences(before, everything_of(pack.source)))
        context["text_changes"] = lines_changed(present.source, pack.source)
    return render(request, "policies/show.html", context)


def _replaced_by(pack: Pack) -> Pack | None:
    """The adopted measures that a proposed version is to be compared with: those for its first
    day, else the latest before it."""
    adopted = Pack.objects.adopted().filter(area=pack.area_id, first_day__lte=pack.first_day)
    return adopted.order_by("-first_day").first()


@acts("policies.propose")
def propose(request: Request) -> HttpResponse:
    form = ProposeForm(request.POST, request.FILES)
    if form.is_valid():
        area = get_visible(Division, request.user, code=request.user.county_code)
        problems = problems_of(form.cleaned_data["file"])
        if problems:
            return _list(request, problems)
        with refusals_as_messages(request):
            pack = propose_pack(actor=request.user, area=area, source=form.cleaned_data["file"])
            messages.success(request, f"已提出“{pack}”，由复核岗位采用后生效")
            return redirect("policies:show", pk=pack.pk)
    else:
        messages.error(request, "；".join(str(error) for error in form.errors["file"]))
    return redirect("policies:list")


def _pack(request: Request, pk: int) -> Pack:
    return get_visible(Pack, request.user, "area", pk=pk)


@acts("policies.adopt")
def adopt(request: Request, pk: int) -> HttpResponse:
    pack = _pack(request, pk)
    form = ApprovalForm(request.POST)
    form.is_valid()
    with form.refusals():
        approval = form.cleaned_data.get("approval", "")
        adopt_pack(actor=request.user, pack=pack, approval=approval)
        messages.success(request, f"已采用“{pack}”（{approval}）")
        return redirect("policies:show", pk=pk)
    return _show(request, _readable(request, pk), approval_form=form)


@acts("policies.adopt")
def refuse(request: Request, pk: int) -> HttpResponse:
    pack = _pack(request, pk)
    form = ReasonForm(request.POST)
    form.is_valid()
    with form.refusals():
        refuse_pack(actor=request.user, pack=pack, reason=form.cleaned_data.get("reason", ""))
        messages.success(request, f"“{pack}”不予采用，已退回提出人")
        return redirect("policies:show", pk=pk)
    return _show(request, _readable(request, pk), reason_form=form)


@acts("policies.sign_trial")
def sign(request: Request, pk: int, trial: int) -> HttpResponse:
    """One signature under what a text changes, on the page that shows it."""
    pack = _pack(request, pk)
    row = get_visible(Trial.objects.of_text(pack), request.user, pk=trial)
    with refusals_as_messages(request):
        row = sign_trial(actor=request.user, trial=row)
        messages.success(request, f"已签字确认{row}的差异，现为“{row.get_status_display()}”")
    return redirect("policies:show", pk=pk)


@acts("policies.propose")
def begin_draft(request: Request, pk: int) -> HttpResponse:
    pack = _pack(request, pk)
    draft = start_draft(actor=request.user, pack=pack)
    messages.success(request, f"已据“{pack}”建立草稿，可直接改数；原办法不受影响")
    return redirect("policies:draft", pk=draft.pk)


def _draft(request: Request, pk: int) -> Draft:
    drafts = Draft.objects.select_related("area", "base", "proposed")
    return get_visible(drafts.filter(discarded_at=None), request.user, pk=pk)


@asks("policies.propose")
def draft(request: Request, pk: int) -> HttpResponse:
    """The numbers of a draft as tables; saving keeps the text, even an unfinished one. The button
    that proposes saves first, so that what is put forward is what the page shows."""
    row = _draft(request, pk)
    if request.method == "GET":
        return render(request, "policies/draft.html", {"draft": row, "editor": editor(row)})
    shown = editor(row, request.POST)
    if shown.form.is_valid():
        with shown.form.refusals():
            row = change_numbers(
                actor=request.user,
                draft=row,
                values=shown.form.changed,
                sha256=shown.form.cleaned_data["sha256"],
            )
            if request.POST.get("then") == "propose":
                return _put_forward(request, row)
            messages.success(request, "已保存草稿")
            return redirect("policies:draft", pk=row.pk)
    return render(request, "policies/draft.html", {"draft": row, "editor": shown})


def _put_forward(request: Request, row: Draft) -> HttpResponse:
    try:
        pack = propose_draft(actor=request.user, draft=row)
    except Refusal as refusal:
        messages.warning(request, f"已保存草稿，但不能提出：{refusal.message}")
        return redirect("policies:draft", pk=row.pk)
    messages.success(request, f"已提出“{pack}”，由复核岗位采用后生效")
    return redirect("policies:show", pk=pack.pk)


@acts("policies.propose")
def check_draft(request: Request, pk: int) -> HttpResponse:
    """What htmx asks while somebody types: what is wrong beside the fields, and what differs."""
    row = _draft(request, pk)
    context = {"draft": row, "editor": editor(row, request.POST), "live": True}
    return render(request, "policies/_checked.html", context)


@acts("policies.propose")
def discard(request: Request, pk: int) -> HttpResponse:
    row = _draft(request, pk)
    with refusals_as_messages(request, f"已作废{row}"):
        discard_draft(actor=request.user, draft=row)
    return redirect("policies:list")
