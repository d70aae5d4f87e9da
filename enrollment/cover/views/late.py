"""Joining after the window, the unborn, and classes of a school."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render

from accounts.clock import today
from accounts.errors import Refusal
from accounts.forms import refusals_as_messages
from accounts.permissions import Request, acts, asks, shows
from accounts.scoping import get_visible
from desk.downloads import download
from desk.reasons import ReasonForm
from enrollment.cover.enrolling import season_on
from enrollment.cover.forms import BornForm, ClassForm, ExpectForm, LateForm, NewbornRuleForm
from enrollment.cover.late import (
    complete_child,
    drop_child,
    enroll_late,
    expect_child,
    set_newborn_rule,
)
from enrollment.cover.late_quote import late_tiers, verdict_of
from enrollment.cover.models import Enrollment, ExpectedChild, NewbornRule, SchoolClass
from enrollment.cover.students import LAYOUT, enroll_class, read_students
from enrollment.cover.views.places import needed_campaign, page_campaign
from enrollment.people.lifecycle import Newcomer
from enrollment.people.models import Household
from enrollment.people.register import statuses_on
from enrollment.people.views.one import one_household
from lib.tables.templates import said_columns, template_of


def _late_page(request: Request, household: Household, **extra: Any) -> HttpResponse:
    """Members without cover in the year that is running, and what a rule says about each."""
    context: dict[str, Any] = {
        "household": household,
        "expect_form": ExpectForm(household=household),
        "children": household.expected_children.select_related("mother", "child"),
    }
    area_code, on = household.division.county_code, today()
    try:
        tiers = late_tiers(area_code=area_code, day=on)
    except Refusal as refusal:
        return render(
            request, "enrollment/cover/late.html", context | {"refusal": refusal.message} | extra
        )
    people = list(household.members.present())
    statuses = statuses_on([person.pk for person in people], on)
    taken = Enrollment.objects.filter(household=household).exclude(status="cancelled")
    last = taken.order_by("-year").values_list("tier", flat=True).first()
    tier = last if last and last in tiers else next(iter(tiers), "")
    verdicts = [
        verdict_of(person, area_code=area_code, tiers=tiers, tier=tier,
                   statuses=statuses[person.pk], on=on)
        for person in people
    ]  # fmt: skip
    verdicts = [one for one in verdicts if one.is_told]
    admitted = [one.person for one in verdicts if one.offers]
    form = LateForm(tiers=tiers, people=admitted, initial={"tier": tier})
    context |= {"verdicts": verdicts, "admitted": admitted, "form": form, "tiers": tiers}
    return render(request, "enrollment/cover/late.html", context | extra)


@asks("enrollment.enroll")
def late(request: Request, pk: int) -> HttpResponse:
    household = one_household(request, pk)
    if request.method == "GET":
        return _late_page(request, household)
    with refusals_as_messages(request):
        tiers = late_tiers(area_code=household.division.county_code, day=today())
        members = list(household.members.present())
        form = LateForm(request.POST, tiers=tiers, people=members)
        if not form.is_valid():
            raise Refusal("请选择成员和缴费档次")
        picked = set(form.cleaned_data["members"])
        enroll_late(
            actor=request.user,
            household=household,
            members=[person for person in members if person.pk in picked],
            tier=form.cleaned_data.get("tier", ""),
            on=today(),
        )
        return redirect("enrollment:payment", pk=household.pk)
    return _late_page(request, household)


@acts("enrollment.enroll")
def expect(request: Request, pk: int) -> HttpResponse:
    """Enter an unborn child of household `pk`."""
    household = one_household(request, pk)
    form = ExpectForm(request.POST, household=household)
    if form.is_valid():
        with form.refusals():
            campaign = needed_campaign(request)
            expect_child(actor=request.user, campaign=campaign, on=today(), **form.cleaned_data)
            messages.success(request, "已登记，孩子出生后凭出生医学证明补登")
            return redirect("enrollment:late", pk=pk)
    return _late_page(request, household, expect_form=form)


def _expected(request: Request, pk: int) -> ExpectedChild:
    return get_visible(
        ExpectedChild, request.user, "household__division", "mother", "campaign", pk=pk
    )


@asks("enrollment.enroll")
def expected(request: Request, pk: int) -> HttpResponse:
    """The child is born: its real name, number and birthday."""
    row = _expected(request, pk)
    form = BornForm(request.POST or None, initial={"name": row.working_name})
    form.fields["name"].widget.attrs["autofocus"] = True
    if request.method == "POST" and form.is_valid():
        with form.refusals():
            complete_child(
                actor=request.user,
                expected=row,
                newcomer=Newcomer(**form.cleaned_data),
                on=today(),
            )
            messages.success(request, "已补登，可以办理参保")
            return redirect("enrollment:late", pk=row.household_id)
    context = {"form": form, "expected": row, "reason_form": ReasonForm()}
    return render(request, "enrollment/cover/expected.html", context)


@acts("enrollment.enroll")
def expected_drop(request: Request, pk: int) -> HttpResponse:
    row = _expected(request, pk)
    reason = request.POST.get("reason", "")
    with refusals_as_messages(request):
        drop_child(actor=request.user, expected=row, reason=reason, on=today())
        messages.success(request, "已撤销")
        return redirect("enrollment:expected_list")
    return redirect("enrollment:expected", pk=pk)


@asks("enrollment.prepare")
def newborn_rule(request: Request) -> HttpResponse:
    """A named rule beside the measures, for the year that is collected or running."""
    campaign = page_campaign(request)
    if campaign is None:
        return render(request, "enrollment/cover/no_campaign.html", {"title": "新生儿参保规则"})
    rule = NewbornRule.objects.filter(campaign=campaign).first()
    initial = {"days": rule.days, "source": rule.source} if rule else {}
    form = NewbornRuleForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        with form.refusals():
            set_newborn_rule(actor=request.user, campaign=campaign, **form.cleaned_data)
            messages.success(request, "新生儿参保规则已保存")
            return redirect("enrollment:newborn_rule")
    context = {"form": form, "campaign": campaign}
    return render(request, "enrollment/cover/newborn_rule.html", context)


@shows("enrollment.enroll")
def class_blank(request: Request) -> HttpResponseBase:
    """A table for the students of a class, to fill in."""
    return download(template_of(LAYOUT, "班级名单"), "班级名单模板.xlsx")


@asks("enrollment.enroll")
def classes(request: Request) -> HttpResponse:
    """Classes entered so far; POST enters one from its table."""
    rows = SchoolClass.objects.visible_to(request.user).select_related("household__division")
    try:
        season = season_on(area_code=request.user.county_code, day=today())
    except Refusal as refusal:
        context = {"rows": rows, "refusal": refusal.message}
        return render(request, "enrollment/cover/classes.html", context)
    form = ClassForm(
        request.POST or None,
        request.FILES or None,
        user=request.user,
        on=today(),
        tiers=season.tiers,
    )
    if request.method == "POST" and form.is_valid():
        data = {"tier": ""} | form.cleaned_data
        with form.refusals():
            students = read_students(data.pop("file"))
            row, cover = enroll_class(actor=request.user, students=students, on=today(), **data)
            messages.success(request, f"{row} {len(cover)} 名学生已登记，请收款开票")
            return redirect("enrollment:payment", pk=row.household_id)
    return render(
        request,
        "enrollment/cover/classes.html",
        {"rows": rows, "form": form, "columns": said_columns(LAYOUT)},
    )
