"""The page of an institution: everything that is known of it, and the ways to where it is done."""

from datetime import date
from typing import Any

from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from accounts.clock import today
from accounts.models import User
from accounts.permissions import Request, shows
from accounts.roles import ROLE_NAMES, Role
from accounts.scoping import get_visible
from desk.decisions import Decision
from desk.rooms import answers
from institutions.agreements.models import AgreementStep, Signing
from institutions.bank_accounts.models import BankAccount
from institutions.eligibility import ineligible
from institutions.models import (
    Institution,
    Practitioner,
)
from institutions.practice.models import PracticePlace
from institutions.registry.columns import text_of, told, told_becomes, told_was
from institutions.registry.models import RegistryChange
from institutions.sent_models import CodeMapping, Department

BESIDE = "ROOMS_BESIDE_INSTITUTIONS"
# A hospital's doctors are some hundreds; the page shows so many and says how many there are.
SHOWN = 30


@shows("institutions.view")
def institution(request: Request, pk: int) -> HttpResponse:
    rows = Institution.objects.with_agreements()
    row = get_visible(rows, request.user, pk=pk)
    on = today()
    context = {
        "row": row,
        "standing": row.standing(on),
        "agreements": [(one, row.standing_of(one, on))
                       for one in row.agreements.all()],
        "signing": row.signings.filter(status=Signing.Status.PROPOSED).first(),
        "waiting": AgreementStep.objects.visible_to(request.user).filter(
            agreement__institution=row, status=AgreementStep.Status.PROPOSED
        ).first(),
        "changes": _changes(row),
        "registered": _registered(row),
        "departments": Department.objects.filter(institution=row, withdrawn_at=None),
        "accounts": _accounts(row),
        "mappings": _mappings(row),
        "beside": [one for lines in answers(BESIDE, "beside", row, request.user, on)
                   for one in lines],
        "to_decide": _to_decide(row, request.user),
        "account": BankAccount.objects.in_force(row.pk, on)
        if request.user.may("institutions.view_bank_accounts") else None,
        "elsewhere": _from_elsewhere(row, on),
        **_practitioners(row, on),
    }  # fmt: skip
    return render(request, "institutions/institution.html", context)


def _registered(row: Institution) -> list[tuple[str, str]]:
    """Everything that a change may be put forward of, as it is today."""
    return [(one.label, told(one, text_of(one, row))) for one in RegistryChange.Column]


def _changes(row: Institution) -> list[tuple[RegistryChange, str, str]]:
    """Those that wait, and those that come or came to hold, the latest first."""
    states = RegistryChange.Status
    rows = row.changes.filter(status__in=[states.PROPOSED, states.APPROVED])
    return [(one, told_was(one), told_becomes(one)) for one in rows.order_by("-pk")[:SHOWN]]


def _practitioners(row: Institution, on: Any) -> dict[str, Any]:
    """The first of them with what stands against paying for each today; two statements."""
    people = Practitioner.objects.filter(institution=row)
    first = list(people.order_by("code")[: SHOWN + 1])
    told = ineligible([one.code for one in first], on)
    return {
        "practitioners": [(one, told.get(one.code, "")) for one in first[:SHOWN]],
        "more_practitioners": people.count() - SHOWN if len(first) > SHOWN else 0,
    }


def _to_decide(row: Institution, user: User) -> list[tuple[Decision, str]]:
    """Accounts and places of practice that wait for a second person, with where each is."""
    proposed = {"institution": row, "status": Decision.Status.PROPOSED}
    found: list[tuple[Decision, str]] = []
    if user.may("institutions.view_bank_accounts"):
        accounts = BankAccount.objects.filter(**proposed)
        found += [(one, reverse("institutions:bank_account", args=[one.pk])) for one in accounts]
    places = PracticePlace.objects.filter(**proposed).select_related("practitioner")
    return [
        *found,
        *((one, reverse("institutions:practice_place", args=[one.pk])) for one in places),
    ]


def _from_elsewhere(row: Institution, on: date) -> list[PracticePlace]:
    """Those who work here besides their own institution, from today on: the last decision."""
    places = PracticePlace.objects.decided().filter(institution=row)
    latest = places.order_by("practitioner_id", "-pk").distinct("practitioner_id").values("pk")
    rows = PracticePlace.objects.filter(pk__in=latest, last_day__gte=on)
    return list(rows.select_related("practitioner__institution").order_by("practitioner__code"))


def _accounts(row: Institution) -> list[tuple[str, int]]:
    """How many people work here with the portal, by role."""
    users = User.objects.filter(institution_code=row.code, is_active=True).order_by()
    counted = users.values_list("role").annotate(number=Count("pk")).order_by("role")
    return [(ROLE_NAMES[Role(role)], number) for role, number in counted]


def _mappings(row: Institution) -> dict[str, int]:
    """How many of its own codes are agreed to, and how many wait."""
    states = CodeMapping.Status
    return CodeMapping.objects.filter(institution=row).aggregate(
        agreed=Count("pk", filter=Q(status=states.AGREED)),
        proposed=Count("pk", filter=Q(status=states.PROPOSED)),
    )
