"""Lists that go back to the village, and corrections by the lists that came back."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.clock import today
from accounts.models import Division
from accounts.permissions import Request, acts, asks, shows
from accounts.scoping import get_visible
from desk.listing import listing_page
from enrollment.cover.listing import load_packs
from enrollment.cover.models import Enrollment
from enrollment.cover.views.places import needed_campaign
from enrollment.people.listed import held_on
from enrollment.people.models import IdentityStatus
from enrollment.people.register import statuses_on
from enrollment.people.views.register import person_facts
from enrollment.progress.checks import FIELDS, correct_line, print_check_list, receive_check_list
from enrollment.progress.forms import LineForm, PlaceForm, ReceiveForm
from enrollment.progress.listings import CHECKS
from enrollment.progress.models import CheckLine, CheckList, Correction

LEVELS = (Division.Level.VILLAGE, Division.Level.GROUP)


def _listing(request: Request, form: PlaceForm) -> HttpResponse:
    return listing_page(request, CHECKS, {"form": form})


@shows("enrollment.enroll")
def checks(request: Request) -> HttpResponse:
    return _listing(request, PlaceForm(user=request.user, levels=LEVELS))


@acts("enrollment.enroll")
def check_new(request: Request) -> HttpResponse:
    form = PlaceForm(request.POST, user=request.user, levels=LEVELS)
    if form.is_valid():
        with form.refusals():
            row = print_check_list(
                actor=request.user,
                campaign=needed_campaign(request),
                division=form.cleaned_data["division"],
                on=today(),
            )
            return redirect("enrollment:check_paper", pk=row.pk)
    return _listing(request, form)


def one_check_list(request: Request, pk: int) -> CheckList:
    """The list when the user may see it, else 404."""
    return get_visible(
        CheckList, request.user, "division__parent", "campaign", "printed_by", "returned_by", pk=pk
    )


def lines_of(row: CheckList) -> list[dict[str, Any]]:
    """Numbered people with statuses and cover as they stand now, in four statements."""
    lines = list(row.lines.select_related("person__household__division"))
    people = [line.person_id for line in lines]
    statuses = statuses_on(people, today())
    names = dict(IdentityStatus.Code.choices)
    cover = list(
        Enrollment.objects.filter(person__in=people, campaign=row.campaign_id).exclude(
            status=Enrollment.Status.CANCELLED
        )
    )
    load_packs(cover)
    by_person = {one.person_id: one for one in cover}
    return [
        {
            "line": line,
            "person": line.person,
            "statuses": "、".join(str(names[code]) for code in sorted(statuses[line.person_id])),
            "cover": by_person.get(line.person_id),
        }
        for line in lines
    ]


def _detail(request: Request, row: CheckList, form: ReceiveForm) -> HttpResponse:
    corrections = Correction.objects.filter(line__check_list=row)
    context = {
        "check": row,
        "lines": lines_of(row),
        "form": form,
        "corrections": corrections.select_related("line__person", "corrected_by"),
        "fields": FIELDS,
    }
    return render(request, "enrollment/progress/check.html", context)


@shows("enrollment.enroll")
def check(request: Request, pk: int) -> HttpResponse:
    return _detail(request, one_check_list(request, pk), ReceiveForm())


@acts("enrollment.enroll")
def check_receive(request: Request, pk: int) -> HttpResponse:
    row = one_check_list(request, pk)
    form = ReceiveForm(request.POST)
    if form.is_valid():
        with form.refusals():
            receive_check_list(actor=request.user, check_list=row, on=today(), **form.cleaned_data)
            messages.success(request, "已登记交回，可以按表逐行更正")
            return redirect("enrollment:check", pk=pk)
    return _detail(request, row, form)


@asks("enrollment.enroll")
def check_line(request: Request, pk: int, line: int) -> HttpResponse:
    """Line number `line` of list `pk`."""
    row = one_check_list(request, pk)
    lines = CheckLine.objects.select_related("person__household__division", "check_list__division")
    found = lines.filter(check_list=row, line=line).first()
    if found is None:
        messages.error(request, f"核对表没有第 {line} 行")
        return redirect("enrollment:check", pk=pk)
    person = found.person
    form = LineForm(request.POST or None, initial=person_facts(person))
    if request.method == "POST" and form.is_valid():
        with form.refusals():
            rows = correct_line(actor=request.user, line=found, on=today(), facts=form.facts())
            what = "、".join(FIELDS[one.field] for one in rows)
            messages.success(request, f"第 {found.line} 行已更正：{what}")
            return redirect("enrollment:check", pk=pk)
    held = held_on([person.pk], today())[person.pk]
    context = {"form": form, "line": found, "check": row, "person": person, "statuses": held}
    return render(request, "enrollment/progress/check_line.html", context)
