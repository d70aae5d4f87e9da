"""Pages of changes: one form for each kind of event, the household's history, corrections."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.debug import sensitive_post_parameters

from accounts.clock import today
from accounts.permissions import Request, asks, shows
from desk.reasons import ReasonForm
from enrollment.people import forms
from enrollment.people.households import (
    correct_event,
    merge_households,
    move_household,
    split_household,
)
from enrollment.people.lifecycle import (
    Newcomer,
    change_number,
    record_death,
    record_departure,
    record_newcomer,
    record_return,
    transfer_person,
)
from enrollment.people.models import FormerCertificate, FormerNumber, Household, RegisterEvent
from enrollment.people.registered import namesake_told, place_of
from enrollment.people.views.one import one_household

Kind = RegisterEvent.Kind
Act = Callable[[Any, dict[str, Any]], str]


def _change(
    request: Request,
    household: Household,
    title: str,
    form_class: type[forms.ChangeForm],
    act: Act,
    **options: Any,
) -> HttpResponse:
    """Show the form; when it is valid, `act` calls the service and says what is done."""
    data = request.POST if request.method == "POST" else None
    form = form_class(data, household=household, on=today(), **options)
    if request.method == "POST" and form.is_valid() and getattr(form, "asked", True):
        with form.refusals():
            done = act(form, form.cleaned_data | {"actor": request.user, "on": today()})
            messages.success(request, done)
            visible = Household.objects.visible_to(request.user).filter(pk=household.pk)
            if not visible.exists():  # moved into another township
                return redirect("enrollment:household_list")
            return redirect("enrollment:household_detail", pk=household.pk)
    context = {
        "form": form,
        "household": household,
        "place": place_of(household.division),
        "title": title,
    }
    return render(request, "enrollment/people/change.html", context)


def _newcomer(request: Request, kind: str, household: Household) -> Act:
    def act(form: Any, data: dict[str, Any]) -> str:
        names = ("name", "kind", "number", "sex", "birth_date", "relationship", "residence",
                 "ethnicity", "explained")  # fmt: skip
        person = record_newcomer(
            actor=data["actor"],
            household=household,
            newcomer=Newcomer(**{name: data[name] for name in names}),
            kind=kind,
            effective_on=data.get("effective_on"),
            on=data["on"],
            reason=data["reason"],
        )
        if told := namesake_told(person, request.user):
            messages.warning(request, told)
        return f"已登记{person.name}，医疗证号 {person.certificate_number}"

    return act


@asks("enrollment.enroll")
@sensitive_post_parameters("number")
def birth(request: Request, pk: int) -> HttpResponse:
    household = one_household(request, pk)
    act = _newcomer(request, Kind.BIRTH, household)
    return _change(request, household, "出生登记", forms.BirthForm, act)


@asks("enrollment.enroll")
@sensitive_post_parameters("number")
def arrival(request: Request, pk: int) -> HttpResponse:
    household = one_household(request, pk)
    act = _newcomer(request, Kind.ARRIVAL, household)
    return _change(request, household, "迁入、婚入（从外县）", forms.NewcomerForm, act)


def _facts(form: Any, data: dict[str, Any], *names: str) -> dict[str, Any]:
    """What a service of one member takes."""
    wanted = ("actor", "on", "effective_on", *names)
    return {"person": form.chosen} | {name: data[name] for name in wanted}


@asks("enrollment.enroll")
def death(request: Request, pk: int) -> HttpResponse:
    def act(form: Any, data: dict[str, Any]) -> str:
        event = record_death(**_facts(form, data, "new_head", "reason"))
        return f"已登记死亡（{event.effective_on}），此后的医疗费不再结算"

    return _change(request, one_household(request, pk), "死亡登记", forms.DeathForm, act)


@asks("enrollment.enroll")
def departure(request: Request, pk: int) -> HttpResponse:
    def act(form: Any, data: dict[str, Any]) -> str:
        record_departure(**_facts(form, data, "new_head", "reason"))
        return "已登记迁出，不再计入应参保人数"

    return _change(request, one_household(request, pk), "迁出本县", forms.DepartureForm, act)


@asks("enrollment.enroll")
def come_back(request: Request, pk: int) -> HttpResponse:
    def act(form: Any, data: dict[str, Any]) -> str:
        record_return(**_facts(form, data, "relationship", "reason", "explained"))
        return "已登记迁回"

    return _change(request, one_household(request, pk), "迁回", forms.ReturnForm, act)


@asks("enrollment.enroll")
def transfer(request: Request, pk: int) -> HttpResponse:
    def act(form: Any, data: dict[str, Any]) -> str:
        facts = _facts(form, data, "to", "relationship", "new_head", "reason", "explained")
        event = transfer_person(**facts)
        return f"已转入户 {data['to'].number}（{place_of(data['to'].division)}），{event}"

    return _change(request, one_household(request, pk), "婚嫁、转户", forms.TransferForm, act)


@asks("enrollment.enroll")
@sensitive_post_parameters("number")
def number(request: Request, pk: int) -> HttpResponse:
    def act(form: Any, data: dict[str, Any]) -> str:
        change_number(**_facts(form, data, "kind", "number"))
        return "证件号码已更换，原号码仍可查到本人"

    return _change(request, one_household(request, pk), "换证", forms.NumberForm, act)


@asks("enrollment.enroll")
def split(request: Request, pk: int) -> HttpResponse:
    household = one_household(request, pk)

    def act(form: Any, data: dict[str, Any]) -> str:
        names = ("actor", "on", "effective_on", "reason", "division", "address", "explained")
        new = split_household(
            household=household,
            leaving=form.leaving,
            relationships=form.relationships,
            **{name: data[name] for name in names},
        )
        return f"已分户，新户编号 {new.number}（{place_of(new.division)}）"

    return _change(request, household, "分户", forms.SplitForm, act)


@asks("enrollment.enroll")
def merge(request: Request, pk: int) -> HttpResponse:
    household = one_household(request, pk)

    def act(form: Any, data: dict[str, Any]) -> str:
        names = ("actor", "on", "effective_on", "reason", "explained")
        merge_households(
            household=household,
            into=data["to"],
            relationships=form.relationships,
            **{name: data[name] for name in names},
        )
        return f"已并入户 {data['to'].number}，原户已销户"

    return _change(request, household, "并户", forms.MergeForm, act, user=request.user)


@asks("enrollment.enroll")
def move(request: Request, pk: int) -> HttpResponse:
    household = one_household(request, pk)

    def act(form: Any, data: dict[str, Any]) -> str:
        names = ("actor", "on", "effective_on", "reason", "division", "address")
        move_household(household=household, **{name: data[name] for name in names})
        household.refresh_from_db()
        place = place_of(household.division)
        return f"全户已迁往{place}，新户编号 {household.number}；已缴费的参保仍记在原村组"

    return _change(request, household, "全户迁移", forms.MoveForm, act)


@shows("enrollment.view")
def history(request: Request, pk: int) -> HttpResponse:
    """Every event of the household and of its members, with the numbers given up."""
    household = one_household(request, pk)
    return _history(request, household, ReasonForm())


def _history(request: Request, household: Household, form: ReasonForm) -> HttpResponse:
    members = household.members.values("pk")
    events = RegisterEvent.objects.of_household(household)
    context = {
        "household": household,
        "place": place_of(household.division),
        "events": events.select_related(
            "person", "household", "other_household", "recorded_by", "undoes", "undone_by"
        ),
        "certificates": FormerCertificate.objects.filter(person__in=members).select_related(
            "person"
        ),
        "numbers": FormerNumber.objects.filter(person__in=members).select_related("person"),
        "form": form,
    }
    return render(request, "enrollment/people/history.html", context)


@asks("enrollment.enroll")
def undo(request: Request, pk: int, event: int) -> HttpResponse:
    """Asks for the reason, then corrects the event; nothing is erased."""
    household = one_household(request, pk)
    rows = RegisterEvent.objects.of_household(household)
    row = get_object_or_404(rows, pk=event)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with form.refusals():
            correct_event(
                actor=request.user, event=row, on=today(), reason=form.cleaned_data["reason"]
            )
            messages.success(request, f"“{row}”已更正撤销，原记录保留")
            if not Household.objects.ticked(request.user, [household.pk]).exists():
                return redirect("enrollment:household_list")
            return redirect("enrollment:change_history", pk=pk)
    context = {"form": form, "household": household, "event": row}
    return render(request, "enrollment/people/undo.html", context)
