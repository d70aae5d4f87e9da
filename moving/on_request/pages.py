"""Who asks for what is held about somebody, and why."""

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.audit import record
from accounts.errors import Refusal
from accounts.forms import say_refused
from accounts.permissions import Request, acts, asks
from accounts.scoping import get_visible
from desk import searches
from desk.people import PersonSearch
from desk.reasons import given_reason
from enrollment.models import Person
from enrollment.people.search import found_people
from moving.on_request.papers import ASKED

MAX_FOUND = 20


@asks("moving.view_person")
def one_person(request: Request) -> HttpResponse:
    """POST searches, as names and numbers must not stand in an address."""
    if request.method == "POST":
        form = PersonSearch(request.POST)
        if form.is_valid():
            return searches.lead_to(request, request.path, form.cleaned_data["person"])
        return render(request, "moving/one_person.html", {"form": form})
    text = searches.asked_for(request)
    form = PersonSearch(initial={"person": text})
    people = Person.objects.visible_to(request.user).select_related("household__division__parent")
    hits = found_people(people, text, MAX_FOUND) if text else []
    return render(request, "moving/one_person.html", {"form": form, "text": text, "hits": hits})


@acts("moving.view_person")
def ask(request: Request, pk: int) -> HttpResponse:
    """The reason goes into the trail, and leads to the paper."""
    person = get_visible(Person, request.user, "household__division", pk=pk)
    try:
        reason = given_reason(request.POST.get("reason", ""), asks="查阅事由")
    except Refusal as refusal:
        say_refused(request, refusal)
        return redirect("moving:one_person")
    with transaction.atomic():
        record(actor=request.user, action=ASKED, subject=person, reason=reason)
    return redirect("moving:one_person_paper", pk=pk)
