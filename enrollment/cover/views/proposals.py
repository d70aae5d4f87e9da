"""Changes that a second person decides: asked at the window, listed, decided on a case page."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters

from accounts.clock import today
from accounts.forms import PlainForm
from accounts.permissions import Request, acts, asks, shows
from accounts.scoping import get_visible
from desk.buttons import decide_asked
from enrollment.cover.forms import EndingForm, IdentityForm, StatusForm
from enrollment.cover.proposal_models import Proposal
from enrollment.cover.proposals import (
    Corrected,
    decide,
    propose_ending,
    propose_identity,
    propose_status,
)
from enrollment.cover.workflow import PROPOSALS
from enrollment.people.listed import held_on
from enrollment.people.models import Person
from enrollment.people.registered import place_of
from enrollment.people.views.one import one_person


def _proposal(request: Request, pk: int) -> Proposal:
    return get_visible(
        Proposal,
        request.user,
        "person__household__division__parent__parent",
        "proposed_by",
        "decided_by",
        pk=pk,
    )


def _ask(
    request: Request,
    person: Person,
    form: PlainForm,
    title: str,
    propose: Callable[..., Proposal],
) -> HttpResponse:
    """The page that asks; once asked for, the case."""
    if request.method == "POST" and form.is_valid():
        with form.refusals():
            row = propose(actor=request.user, on=today())
            messages.success(request, f"{row}已提交，审批之前登记、身份和收费不变")
            return redirect("enrollment:proposal", pk=row.pk)
    context = {"form": form, "person": person, "title": title}
    return render(request, "enrollment/cover/proposal_new.html", context)


@asks("enrollment.enroll")
@sensitive_post_parameters("number")
def identity(request: Request, pk: int) -> HttpResponse:
    """Ask for another name, number, sex or birth date of a member."""
    person = one_person(request, pk)
    initial = {"name": person.name, "number_kind": person.number_kind}
    form = IdentityForm(request.POST or None, initial=initial)

    def propose(**who: Any) -> Proposal:
        data = dict(form.cleaned_data)
        about = {name: data.pop(name) for name in ("evidence", "reason", "explained")}
        return propose_identity(person=person, corrected=Corrected(**data), **about, **who)

    return _ask(request, person, form, "申请更正姓名、证件", propose)


@asks("enrollment.enroll")
def status(request: Request, pk: int) -> HttpResponse:
    """Ask for a status with benefits, with the paper that shows it."""
    person = one_person(request, pk)
    form = StatusForm(request.POST or None, initial={"reason": request.GET.get("reason", "")})

    def propose(**who: Any) -> Proposal:
        return propose_status(person=person, **form.facts(), **who)

    return _ask(request, person, form, "申请认定身份", propose)


@asks("enrollment.enroll")
def ending(request: Request, pk: int) -> HttpResponse:
    """Ask to take a status away that was granted in error or holds no longer."""
    person = one_person(request, pk)
    held = held_on([person.pk], today())[person.pk]
    initial = {"code": request.GET.get("code", "")}
    form = EndingForm(request.POST or None, held=held, initial=initial)

    def propose(**who: Any) -> Proposal:
        return propose_ending(person=person, **form.facts(), **who)

    return _ask(request, person, form, "申请取消身份", propose)


@shows("enrollment.view_changes")
def proposal(request: Request, pk: int) -> HttpResponse:
    """The case: what would change, on which paper, and what it comes to."""
    row = _proposal(request, pk)
    place = place_of(row.person.household.division)
    steps = PROPOSALS.open_to(row, request.user)
    context = {"row": row, "person": row.person, "place": place, "steps": steps}
    return render(request, "enrollment/cover/proposal.html", context)


@acts("enrollment.view_changes")
def proposal_act(request: Request, pk: int, event: str) -> HttpResponse:
    decide_asked(request, PROPOSALS, event, decide, proposal=_proposal(request, pk))
    return redirect("enrollment:proposal", pk=pk)
