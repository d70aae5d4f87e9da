"""Finding households, looking into one, and unmasking its numbers."""

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.clock import today
from accounts.models import Division
from accounts.permissions import Request, require
from accounts.scoping import get_visible
from desk.reasons import ReasonForm
from enrollment.cover.households import awaiting_payment, enrolled, missing
from enrollment.cover.listing import household_rows, load_packs, standing_of
from enrollment.cover.models import Campaign, Enrollment
from enrollment.people.models import Household, IdentityStatus, Person
from enrollment.people.register import (
    Revealed,
    place_of,
    reveal_household,
    statuses_on,
)
from enrollment.people.search import found_households

MAX_FOUND = 50
HEAD = Person.Relationship.HEAD
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
        ids = found_households(people, text, MAX_FOUND + 1)
        rows = list(households.filter(pk__in=ids[:MAX_FOUND]))
        context |= {"text": text, "too_many": len(ids) > MAX_FOUND}
    else:
        state, village = request.GET.get("state", ""), request.GET.get("village", "")
        if village.isdecimal():
            households = households.within(village)
        if state == "missing":
            households = missing(households, year)
        elif state == "pending":
            households = awaiting_payment(households, year)
        elif state == "enrolled":
            households = enrolled(households, year)
        page = Paginator(households, 50).get_page(request.GET.get("page"))
        rows = list(page)
        context |= {"page": page, "state": state, "village": village}
        context["villages"] = Division.objects.visible_to(request.user).filter(
            level__in=[Division.Level.TOWNSHIP, Division.Level.VILLAGE]
        )
    context["rows"] = household_rows(rows, year)
    return render(request, "enrollment/cover/household_list.html", context)


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
            "standing": standing_of(person, live.get(person.pk)),
            "resident_id": revealed.resident_ids[person.pk] if revealed else "",
        }
        for person in people
    ]
    context = {
        "household": household,
        "head": next((one.name for one in people if one.relationship == HEAD), ""),
        "place": place_of(household.division),
        "members": members,
        "cover": cover,
        "year": year,
        "owed": any(row.status == Enrollment.Status.PENDING for row in cover),
        "incomplete": any(person.is_present and person.pk not in live for person in people),
        "receipts": household.receipts.select_related("book", "issued_by").order_by("-pk"),
        "reason_form": ReasonForm(),
    }
    return render(request, "enrollment/cover/household_detail.html", context | extra)


def _status_names() -> list[tuple[str, str]]:
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
        with form.refusals():
            shown = reveal_household(
                actor=request.user, household=household, reason=form.cleaned_data["reason"]
            )
            return _detail(request, household, revealed=shown)
    return _detail(request, household, reason_form=form)
