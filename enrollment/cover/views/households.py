"""Finding households, looking into one, and unmasking its numbers."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.clock import today
from accounts.permissions import Request, acts, asks, shows
from desk import searches
from desk.listing import listing_page
from desk.reasons import ReasonForm
from enrollment.cover.campaigns import latest_year
from enrollment.cover.late import newborn_years
from enrollment.cover.listing import load_packs, standing_of
from enrollment.cover.listings import HOUSEHOLDS
from enrollment.cover.models import AccountOpening, Enrollment
from enrollment.cover.proposal_models import Proposal
from enrollment.people.listed import held_on
from enrollment.people.models import Household, Person
from enrollment.people.old_numbers import OldNumber
from enrollment.people.register import Revealed, reveal_household
from enrollment.people.registered import place_of
from enrollment.people.search import found_households
from enrollment.people.views.one import one_household

# More hits than fit a page say that the search was too wide, not who was meant.
MAX_FOUND = 50
HEAD = Person.Relationship.HEAD


@asks("enrollment.view")
def household_list(request: Request) -> HttpResponse:
    """POST searches: what is searched for is personal and must not stand in an address."""
    context: dict[str, Any] = {"year": latest_year(area_code=request.user.county_code, day=today())}
    text = request.POST.get("text", "").strip()[:40] or searches.asked_for(request)
    if not text:
        return listing_page(request, HOUSEHOLDS, context)
    people = Person.objects.visible_to(request.user)
    if request.method == "POST":
        first = found_households(people, text, 2)
        if len(first) == 1:  # nobody else can be meant
            return redirect("enrollment:household_detail", pk=first[0])
        return searches.lead_to(request, request.path, text)
    ids = found_households(people, text, MAX_FOUND + 1)
    rows = Household.objects.visible_to(request.user).filter(pk__in=ids[:MAX_FOUND])
    context |= {"text": text, "too_many": len(ids) > MAX_FOUND}
    return listing_page(request, HOUSEHOLDS, context, rows=rows.select_related("division__parent"))


def _detail(request: Request, household: Household, **extra: Any) -> HttpResponse:
    people = list(household.members.order_by("member_number"))
    statuses = held_on([person.pk for person in people], today())
    cover = list(
        Enrollment.objects.filter(Q(household=household) | Q(person__in=people))
        .select_related("person", "receipt__book")
        .order_by("-year", "person__member_number", "pk")
    )
    load_packs(cover)
    year = latest_year(area_code=household.division.county_code, day=today())
    live = {row.person_id: row for row in cover if row.year == year and row.status != "cancelled"}
    waiting: dict[int, list[Proposal]] = {}
    for one in Proposal.objects.waiting().filter(person__in=people):
        waiting.setdefault(one.person_id, []).append(one)
    revealed: Revealed | None = extra.get("revealed")
    members = [
        {
            "person": person,
            "proposals": waiting.get(person.pk, []),
            "statuses": statuses[person.pk],
            "standing": standing_of(person, live.get(person.pk)),
            "resident_id": revealed.resident_ids[person.pk] if revealed else "",
        }
        for person in people
    ]
    receipts = household.receipts.select_related("book", "campaign", "issued_by").order_by("-pk")
    context = {
        "household": household,
        "head": next((one.name for one in people if one.relationship == HEAD), ""),
        "place": place_of(household.division),
        "members": members,
        "cover_now": [row for row in cover if row.year >= year],
        "cover_before": [row for row in cover if row.year < year],
        "year": year,
        "owed": any(row.status == Enrollment.Status.PENDING for row in cover),
        "incomplete": any(person.is_present and person.pk not in live for person in people),
        "receipts": [row for row in receipts if row.campaign.year >= year],
        "receipts_before": [row for row in receipts if row.campaign.year < year],
        "openings": list(AccountOpening.objects.filter(household=household).order_by("pk")),
        "old_numbers": _old_numbers(household, people),
        "newborns": newborn_years(people, area_code=household.division.county_code, on=today()),
        "reason_form": ReasonForm(),
    }
    return render(request, "enrollment/cover/household_detail.html", context | extra)


def _old_numbers(household: Household, people: Sequence[Person]) -> str:
    """What household and people were called in the old system, in a line; "" where in none."""
    rows = OldNumber.objects.filter(Q(household=household) | Q(person__in=people))
    names = {person.pk: person.name for person in people}
    told = [(names.get(row.person_id or 0, "户"), row.number) for row in rows.order_by("pk")]
    return "；".join(f"{name} {number}" for name, number in told)


@shows("enrollment.view")
def household_detail(request: Request, pk: int) -> HttpResponse:
    return _detail(request, one_household(request, pk))


@acts("enrollment.reveal")
def reveal(request: Request, pk: int) -> HttpResponse:
    """The same page once, with the numbers in the clear."""
    household = one_household(request, pk)
    form = ReasonForm(request.POST)
    if form.is_valid():
        with form.refusals():
            shown = reveal_household(
                actor=request.user, household=household, reason=form.cleaned_data["reason"]
            )
            return _detail(request, household, revealed=shown)
    return _detail(request, household, reason_form=form)
