"""Two records of one person: found, seen side by side, proposed, decided, and undone."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.clock import today
from accounts.models import User
from accounts.permissions import Request, acts, asks, shows
from accounts.scoping import get_visible
from desk.buttons import decide_asked
from enrollment.people.models import Person
from enrollment.people.rooms import answers
from enrollment.people.same import (
    decide_same,
    problem_of,
    propose_same,
    propose_undoing,
    undoing_problem,
)
from enrollment.people.same_forms import FindForm, PapersForm, SameForm
from enrollment.people.same_models import SamePerson
from enrollment.people.search import found_people
from enrollment.people.views.one import one_person
from enrollment.people.workflow import SAME

MOST_FOUND = 12  # they fit on the page; more are no answer to who is meant


def _same(request: Request, pk: int) -> SamePerson:
    return get_visible(
        SamePerson,
        request.user,
        "kept__household__division__parent__parent",
        "given_up__household__division__parent__parent",
        "proposed_by",
        "decided_by",
        "undoes",
        pk=pk,
    )


def _side_by_side(one: Person, other: Person, user: User) -> list[dict[str, Any]]:
    """Title, and what each room says of either record: a list of (label, value) for each."""
    both = [
        [part for room in answers("shown", person, user) for part in room]
        for person in (one, other)
    ]
    return [
        {"title": title, "sides": (left, right)}
        for (title, left), (_, right) in zip(*both, strict=True)
        if left or right
    ]


def _foretold(kept: Person, given_up: Person) -> list[str]:
    return [words for room in answers("foretold", kept, given_up) for words in room]


@asks("enrollment.propose_same")
def same_find(request: Request, pk: int) -> HttpResponse:
    """Look for the other record of this person."""
    person = one_person(request, pk)
    form = FindForm(request.POST or None)
    found = []
    if request.method == "POST" and form.is_valid():
        people = Person.objects.visible_to(request.user).with_place()
        named = found_people(people, form.cleaned_data["number"], MOST_FOUND + 1)
        found = [one.person for one in named if one.person != person][:MOST_FOUND]
        if len(found) == 1:
            return redirect("enrollment:same_new", pk=person.pk, other=found[0].pk)
        if not found:
            form.add_error(
                "number",
                "您管辖范围内没有这样的登记；另一条登记在别的乡镇的，请由县经办中心申请",
            )
    context = {"form": form, "person": person, "found": found}
    return render(request, "enrollment/people/same_find.html", context)


@asks("enrollment.propose_same")
def same_new(request: Request, pk: int, other: int) -> HttpResponse:
    """Both records side by side; ask that they be one."""
    people = (one_person(request, pk), one_person(request, other))
    form = SameForm(request.POST or None, people=people)
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        kept, given_up = people if data.pop("kept") == people[0].pk else people[::-1]
        with form.refusals():
            row = propose_same(actor=request.user, kept=kept, given_up=given_up, on=today(), **data)
            messages.success(request, f"{row}已提交，审批之前两条登记都不变")
            return redirect("enrollment:same_person", pk=row.pk)
    context = {
        "form": form,
        "people": people,
        "problem": problem_of(*people),
        "foretold": _foretold(*people),
        "parts": _side_by_side(*people, request.user),
    }
    return render(request, "enrollment/people/same_new.html", context)


@shows("enrollment.view_changes")
def same_person(request: Request, pk: int) -> HttpResponse:
    """The case: what each record holds, what came over, what is to be looked at."""
    row = _same(request, pk)
    people = (row.kept, row.given_up)
    approved = row.status == SamePerson.Status.APPROVED and not row.undoes_id
    context = {
        "row": row,
        "steps": SAME.open_to(row, request.user),
        "people": people,
        "parts": _side_by_side(*people, request.user),
        "undone": row.undoings.filter(status=SamePerson.Status.APPROVED).first(),
        "no_way_back": undoing_problem(row) if approved else "",
        "approved": approved,
        "foretold": _foretold(*people) if row.status == SamePerson.Status.PROPOSED else [],
    }
    return render(request, "enrollment/people/same_person.html", context)


@acts("enrollment.view_changes")
def same_act(request: Request, pk: int, event: str) -> HttpResponse:
    decide_asked(request, SAME, event, decide_same, same=_same(request, pk))
    return redirect("enrollment:same_person", pk=pk)


@asks("enrollment.propose_same")
def same_undo(request: Request, pk: int) -> HttpResponse:
    """Ask that the two records be two again."""
    row = _same(request, pk)
    form = PapersForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with form.refusals():
            back = propose_undoing(actor=request.user, same=row, on=today(), **form.cleaned_data)
            messages.success(request, f"{back}已提交，审批之前登记不变")
            return redirect("enrollment:same_person", pk=back.pk)
    context = {"form": form, "row": row}
    return render(request, "enrollment/people/same_undo.html", context)
