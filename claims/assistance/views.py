"""Applying for assistance, deciding about it, and the people who were pointed out."""

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.clock import today
from accounts.errors import Refusal
from accounts.forms import refusals_as_messages
from accounts.models import Division
from accounts.permissions import Request, acts, asks, shows
from accounts.scoping import get_visible
from claims.assistance import cases as found
from claims.assistance import services
from claims.assistance.figures import figures
from claims.assistance.forms import AidForm, ChangePayeeForm, WhoForm
from claims.assistance.models import KEY, AidApplication, AidCase
from claims.assistance.workflow import APPLICATIONS, CASES
from claims.recovery.models import Recovery
from desk.buttons import asked_step, take_asked
from desk.seen import asked_seen
from desk.workflow import PORTAL, START, Workflow, hands_told
from enrollment.cover.covering import cover_on
from enrollment.models import Enrollment, Person
from enrollment.people.search import found_people
from funds.payments.shown import corrected_payee
from lib.bank_numbers import masked_account
from policies.services import terms_of


def _buttons(flow: Workflow[Any], *besides: str) -> dict[str, Any]:
    """Steps that one button takes, by their event."""
    return {
        step.event: step
        for step in flow.steps
        if START not in step.sources and step.permission != PORTAL and step.event not in besides
    }


DECISIONS = _buttons(APPLICATIONS, "payee_of_aid")
ANSWERS = _buttons(CASES, "hand_down_case")


def one_application(request: Request, pk: int) -> AidApplication:
    """The application when the user may see it, else 404."""
    return get_visible(
        AidApplication,
        request.user,
        "person",
        "division__parent",
        "cover__pack",
        "applied_by",
        "named_by",
        "reviewed_by",
        "approved_by",
        pk=pk,
    )


@asks("claims.apply_aid")
def who(request: Request) -> HttpResponse:
    """Whose application it is."""
    form = WhoForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with form.refusals():
            people = Person.objects.visible_to(request.user).present()
            hits = found_people(people, form.cleaned_data["who"], 2)
            if len(hits) != 1:
                told = "查到不止一人，请改用证件号码" if hits else "辖区内没有查到此人，请核对"
                raise Refusal(told, "who")
            return redirect("claims:aid_new", hits[0].person.pk)
    return render(request, "claims/assistance/who.html", {"form": form})


@asks("claims.apply_aid")
def new(request: Request, pk: int) -> HttpResponse:
    """What each kind comes to for this person today, and the application."""
    person = get_visible(Person, request.user, "household", pk=pk)
    cover = cover_on(person, today())
    offers = list(_offers(cover)) if cover else []
    kinds = [(code, name) for code, name, fen, _ in offers if fen]
    initial = {} if person.death_date else {"payee": person.name}
    form = AidForm(kinds, request.POST or None, initial=initial)
    if request.method == "POST" and cover is not None and form.is_valid():
        with form.refusals():
            row = services.apply_aid(
                actor=request.user,
                person=person,
                year=cover.year,
                kind=form.cleaned_data["kind"],
                facts=form.cleaned_data["facts"],
                payee=form.entry(),
                on=today(),
            )
            messages.success(request, f"已受理救助申请 {row.number}，待县级审核")
            return redirect("claims:aid", row.pk)
    context = {
        "person": person, "cover": cover, "offers": offers, "form": form, "can": bool(kinds),
    }  # fmt: skip
    return render(request, "claims/assistance/new.html", context)


def _offers(cover: Enrollment) -> Iterator[tuple[str, str, int, str]]:
    """Code and name of each kind, fen, and how it is computed or why there is nothing."""
    terms = terms_of(cover.pack)
    for kind in terms.assistance.kinds if terms.assistance else ():
        try:
            one = figures(cover, kind.code, today())
        except Refusal as refusal:
            yield kind.code, kind.name, 0, str(refusal)
        else:
            yield kind.code, kind.name, one.aid.fen, "；".join(one.aid.steps)


@shows("claims.view_aid")
def aid(request: Request, pk: int) -> HttpResponse:
    """One application: what it comes to and why, how far it is, what may be done."""
    row = one_application(request, pk)
    steps = APPLICATIONS.open_to(row, request.user)
    may_see_claims = request.user.may("claims.view")
    context = {
        "aid": row,
        # Where somebody was treated tells of what: of it civil affairs reads the level alone, and
        # of the account nothing.
        "may_see_claims": may_see_claims,
        "account": masked_account(row.account) if may_see_claims else "",
        "seen": services.payee_shown(row),
        "claims": list(row.claims.select_related("settlement__visit")),
        "decisions": [step for step in steps if step.event in DECISIONS],
        "may_change": any(step.event == "payee_of_aid" for step in steps),
        "hands": _hands(row),
        "debts": Recovery.objects.filter(payment_key=f"{KEY}{row.pk}").with_received(),
        "corrected": corrected_payee(f"{KEY}{row.pk}"),
        "obstacle": _obstacle(row) if row.is_open else "",
    }
    return render(request, "claims/assistance/application.html", context)


def _obstacle(row: AidApplication) -> str:
    waits = services.claim_problems([row])
    return services.standing_against(row, today()) or waits.get(row.pk, "")


def _hands(row: AidApplication) -> list[tuple[str, str, Any]]:
    return hands_told(
        ("受理", row.applied_by, row.applied_on),
        ("改收款人", row.named_by, row.named_at),
        ("审核", row.reviewed_by, row.reviewed_at),
        ("审批", row.approved_by, row.approved_at),
    )


@acts("claims.view_aid")
def decide(request: Request, pk: int, event: str) -> HttpResponse:
    """One button of the workflow."""
    asked_step(request, APPLICATIONS, event, DECISIONS)
    row = one_application(request, pk)
    seen = asked_seen(request)
    take_asked(request, APPLICATIONS, event, services.decide_aid, application=row, seen=seen)
    return redirect("claims:aid", pk)


@asks("claims.apply_aid")
def payee(request: Request, pk: int) -> HttpResponse:
    """Another payee, with the paper that says why."""
    row = one_application(request, pk)
    form = ChangePayeeForm(request.POST or None, initial={"bank": row.bank})
    if request.method == "POST" and form.is_valid():
        with form.refusals():
            services.change_payee(
                actor=request.user,
                application=row,
                payee=form.entry(),
                reason=form.cleaned_data["reason"],
            )
            messages.success(request, f"救助单 {row.number} 已改收款人")
            return redirect("claims:aid", pk)
    return render(request, "claims/assistance/payee.html", {"aid": row, "form": form})


@acts("claims.review_aid")
def find(request: Request) -> HttpResponse:
    """Look for large own pay in the year's claims once more."""
    with refusals_as_messages(request):
        division = request.user.division
        if division is None:
            raise Refusal("您的账号没有所属区划，不能更新名单")
        area = Division.objects.get(code=division.code[:6])
        day = today()
        new = found.find_cases(actor=request.user, area=area, year=day.year, on=day)
        messages.success(request, f"已更新 {day.year} 年度预警名单，新增 {new} 人")
    return redirect("claims:aid_cases")


@shows("claims.view_aid")
def case(request: Request, pk: int) -> HttpResponse:
    """Somebody who was pointed out: how much, and what was done."""
    row = _case(request, pk)
    steps = CASES.open_to(row, request.user)
    context = {
        "case": row,
        "answers": [step for step in steps if step.event in ANSWERS],
        "may_hand_down": any(step.event == "hand_down_case" for step in steps),
    }
    return render(request, "claims/assistance/case.html", context)


def _case(request: Request, pk: int) -> AidCase:
    return get_visible(AidCase, request.user, "person", "division__parent", "application", pk=pk)


@acts("claims.view_aid")
def answer(request: Request, pk: int, event: str) -> HttpResponse:
    """One button of a case."""
    asked_step(request, CASES, event, {*ANSWERS, "hand_down_case"})
    row = _case(request, pk)
    with refusals_as_messages(request):
        if event == "hand_down_case":
            found.hand_down(actor=request.user, cases=[row], on=today())
            messages.success(request, "已下放镇街办理")
        else:
            reason = request.POST.get("reason", "")
            done = found.answer(actor=request.user, case=row, event=event, reason=reason)
            messages.success(request, CASES.told(done, event))
    return redirect("claims:aid_case", pk)
