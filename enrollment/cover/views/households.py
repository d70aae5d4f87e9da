"""Finding households, looking into one, correcting it, and unmasking its numbers."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.clock import today
from accounts.errors import Refusal
from accounts.models import Division
from accounts.permissions import Request, require
from accounts.scoping import get_visible
from enrollment.forms import HouseholdEditForm, PersonForm, ReasonForm
from enrollment.listing import household_rows, load_packs
from enrollment.models import Campaign, Enrollment, Household, Person
from enrollment.services import (
    Revealed,
    change_household,
    change_person,
    place_of,
    reveal_household,
    statuses_on,
)
from enrollment.watch.search import found_households

FOUND_AT_MOST = 50
STATES = {"missing": "未参保", "pending": "待缴费", "enrolled": "已参保"}


def current_year(county_code: str) -> int:
    """The latest year that collection has begun for, else this one."""
    campaign = Campaign.objects.begun(county_code, today()).first()
    return campaign.year if campaign else today().year


@require("enrollment.view")
@require_http_methods(["GET", "POST"])
def household_list(request: Request) -> HttpResponse:
    """POST searches: what is searched for is personal and must not stand in an address."""
    year = current_year(request.user.county_code)
    context: dict[str, Any] = {"year": year, "states": STATES}
    households = Household.objects.visible_to(request.user).select_related("division__parent")
    text = request.POST.get("text", "").strip()[:40]
    if text:
        people = Person.objects.visible_to(request.user)
        ids = found_households(people, text, FOUND_AT_MOST + 1)
        rows = list(households.filter(pk__in=ids[:FOUND_AT_MOST]))
        context |= {"text": text, "too_many": len(ids) > FOUND_AT_MOST}
    else:
        state, village = request.GET.get("state", ""), request.GET.get("village", "")
        if village.isdecimal():
            households = households.within(village)
        if state == "missing":
            households = households.missing(year)
        elif state == "pending":
            households = households.awaiting_payment(year)
        elif state == "enrolled":
            households = households.enrolled(year)
        page = Paginator(households, 50).get_page(request.GET.get("page"))
        rows = list(page)
        context |= {"page": page, "state": state, "village": village}
        context["villages"] = Division.objects.visible_to(request.user).filter(
            level__in=[Division.Level.TOWNSHIP, Division.Level.VILLAGE]
        )
    context["rows"] = household_rows(rows, year)
    return render(request, "enrollment/household_list.html", context)


def _detail(request: Request, household: Household, **extra: Any) -> HttpResponse:
    people = list(household.members.order_by("member_number"))
    statuses = statuses_on([person.pk for person in people], today())
    cover = list(
        Enrollment.objects.filter(Q(household=household) | Q(person__household=household))
        .select_related("person", "receipt__book")
        .order_by("-year", "person__member_number", "pk")
    )
    load_packs(cover)
    year = current_year(household.division.county_code)
    live = {row.person_id: row for row in cover if row.year == year and row.status != "cancelled"}
    revealed: Revealed | None = extra.get("revealed")
    names = dict(_status_names())
    members = [
        {
            "person": person,
            "statuses": [names[code] for code in sorted(statuses[person.pk])],
            "cover": live.get(person.pk),
            "resident_id": revealed.resident_ids[person.pk] if revealed else "",
        }
        for person in people
    ]
    context = {
        "household": household,
        "place": place_of(household.division),
        "members": members,
        "cover": cover,
        "year": year,
        "owed": any(row.status == Enrollment.Status.PENDING for row in cover),
        "incomplete": any(person.is_present and person.pk not in live for person in people),
        "receipts": household.receipts.select_related("book", "issued_by").order_by("-pk"),
        "reason_form": ReasonForm(),
    }
    return render(request, "enrollment/household_detail.html", context | extra)


def _status_names() -> list[tuple[str, str]]:
    from enrollment.models import IdentityStatus

    return list(IdentityStatus.Code.choices)


def _visible(request: Request, pk: int) -> Household:
    households = Household.objects.select_related("division__parent__parent")
    household: Household = get_visible(households, request.user, pk=pk)
    return household


@require("enrollment.view")
@require_GET
def household_detail(request: Request, pk: int) -> HttpResponse:
    return _detail(request, _visible(request, pk))


@require("enrollment.reveal")
@require_POST
def reveal(request: Request, pk: int) -> HttpResponse:
    """The same page once, with the numbers in the clear."""
    household = _visible(request, pk)
    form = ReasonForm(request.POST)
    if form.is_valid():
        try:
            shown = reveal_household(
                actor=request.user, household=household, reason=form.cleaned_data["reason"]
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return _detail(request, household, revealed=shown)
    return _detail(request, household, reason_form=form)


@require("enrollment.enroll")
@require_http_methods(["GET", "POST"])
def household_edit(request: Request, pk: int) -> HttpResponse:
    household = _visible(request, pk)
    initial = {"address": household.address, "bank_account_name": household.bank_account_name}
    form = HouseholdEditForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            change_household(
                actor=request.user,
                household=household,
                address=data["address"],
                phone=data["phone"] or None,
                bank_account=data["bank_account"] or None,
                bank_account_name=data["bank_account_name"],
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, "家庭信息已更正")
            return redirect("enrollment:household_detail", pk=pk)
    context = {"form": form, "household": household}
    return render(request, "enrollment/household_edit.html", context)


@require("enrollment.enroll")
@require_http_methods(["GET", "POST"])
def person_edit(request: Request, pk: int) -> HttpResponse:
    people = Person.objects.select_related("household__division")
    person: Person = get_visible(people, request.user, pk=pk)
    initial = {
        "name": person.name,
        "relationship": person.relationship,
        "residence": person.residence,
        "ethnicity": person.ethnicity,
        "actual_residence": person.actual_residence,
        "statuses": sorted(statuses_on([person.pk], today())[person.pk]),
    }
    form = PersonForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data | {"statuses": frozenset(form.cleaned_data["statuses"])}
        data |= {name: data[name] or None for name in ("resident_id", "phone", "ethnicity")}
        try:
            change_person(actor=request.user, person=person, on=today(), **data)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, "成员信息已更正")
            return redirect("enrollment:household_detail", pk=person.household_id)
    context = {"form": form, "person": person}
    return render(request, "enrollment/person_edit.html", context)
