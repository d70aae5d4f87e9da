"""Correcting a household and its members."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.clock import today
from accounts.permissions import Request, asks
from enrollment.people.forms import HouseholdEditForm, PersonForm
from enrollment.people.listed import held_on
from enrollment.people.models import Person
from enrollment.people.register import change_household, change_person
from enrollment.people.views.one import one_household, one_person


@asks("enrollment.enroll")
def household_edit(request: Request, pk: int) -> HttpResponse:
    household = one_household(request, pk)
    initial = {"address": household.address, "bank_account_name": household.bank_account_name}
    form = HouseholdEditForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        with form.refusals():
            change_household(
                actor=request.user,
                household=household,
                address=data["address"],
                phone=data["phone"] or None,
                bank_account=data["bank_account"] or None,
                bank_account_name=data["bank_account_name"],
            )
            messages.success(request, "家庭信息已更正")
            return redirect("enrollment:household_detail", pk=pk)
    context = {"form": form, "household": household}
    return render(request, "enrollment/people/household_edit.html", context)


def person_facts(person: Person) -> dict[str, Any]:
    """What stands in the register, for a PersonForm. Number and phone are asked anew only."""
    names = ("name", "relationship", "residence", "ethnicity", "actual_residence")
    return {name: getattr(person, name) for name in names}


@asks("enrollment.enroll")
def person_edit(request: Request, pk: int) -> HttpResponse:
    person = one_person(request, pk)
    form = PersonForm(request.POST or None, initial=person_facts(person))
    if request.method == "POST" and form.is_valid():
        with form.refusals():
            change_person(actor=request.user, person=person, on=today(), **form.facts())
            messages.success(request, "成员信息已更正")
            return redirect("enrollment:household_detail", pk=person.household_id)
    held = held_on([person.pk], today())[person.pk]
    context = {"form": form, "person": person, "statuses": held}
    return render(request, "enrollment/people/person_edit.html", context)
