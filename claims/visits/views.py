"""The pages of a registered visit: who is in hospital, its bill, its discharge, its settlement."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q, Sum
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters

from accounts.clock import today
from accounts.errors import Refusal
from accounts.forms import refusals_as_messages
from accounts.permissions import Request, acts, asks, shows
from accounts.scoping import get_visible
from claims.asked import answers_shown
from claims.computation import layers_shown
from claims.entries import Charges, Registration
from claims.forms import CounterLines, asked_of_lines
from claims.models import Settlement, Visit
from claims.services import workplace
from claims.services.lines import priced_lines
from claims.services.settling import Preview
from claims.views.entry import Desk, at_desk, blank_rows, posted, show_lines
from claims.visits import services
from claims.visits.forms import (
    ChargesForm,
    DischargeForm,
    PartForm,
    RegistrationForm,
    SettleForm,
    SheetForm,
    known_of,
)
from claims.visits.listings import BILL, days_of, registered
from claims.visits.models import BillBatch
from claims.visits.sheet import LAYOUT, FaultsError, read_charges
from claims.visits.workflow import UNSETTLED, VISITS
from desk.downloads import download
from desk.listing import listing_page
from enrollment.models import Person
from lib.money import told
from lib.tables.templates import said_columns, template_of
from policies.services import Measures
from policies.terms import Terms

MAY = "claims.enter_counter"
Status = Visit.Status
RELATED = (
    *("person", "household__division__parent", "institution__division", "division__parent"),
    *("enrollment", "entered_by", "referred_from"),
)
LINES_SHOWN = 12


def one_visit(request: Request, pk: int) -> Visit:
    """The registered visit when the user may see it, else 404."""
    rows = registered(request.user).select_related(*RELATED)
    return get_visible(rows, request.user, pk=pk)


def terms_of_visit(visit: Visit) -> Terms:
    """The measures that judge the visit."""
    assert visit.institution is not None
    return Measures.of_visit(
        area_code=visit.institution.division.county_code,
        starts=visit.starts,
        ends=visit.days.ends or visit.starts,
    ).terms


@asks(MAY)
@sensitive_post_parameters("resident_id")
def register(request: Request) -> HttpResponse:
    """A visit begins: the person is looked up, what stands against it is told, then the form."""
    return at_desk(request, "claims/visits/register.html", _register)


def _register(desk: Desk) -> HttpResponse:
    assert desk.person is not None
    typed = desk.action == "register"
    form = RegistrationForm(
        desk.terms,
        desk.request.POST if typed else None,
        stays=desk.stays,
        initial={"starts": today()},
    )
    if typed and form.is_valid():
        with form.refusals():
            visit = services.register_visit(
                Registration(
                    institution=workplace(desk.user),
                    person=desk.person,
                    visit=form.visit(),
                    admission_number=form.cleaned_data["admission_number"],
                    consent_signed=form.cleaned_data["consent_signed"],
                    key=form.cleaned_data["key"],
                ),
                actor=desk.user,
                on=today(),
            )
            messages.success(desk.request, f"{desk.person.name}已登记，可以录入费用")
            return redirect("claims:visit", visit.pk)
    desk.context |= {
        "visit_form": form,
        "elsewhere": _unsettled_of(desk.person),
        "own": desk.user.institution_code,
    }
    return render(desk.request, "claims/visits/register.html", desk.context)


def _unsettled_of(person: Person) -> list[Visit]:
    """Registered visits of the person that are not settled, wherever: told before anything else."""
    rows = Visit.objects.filter(person=person, is_registered=True, status__in=UNSETTLED)
    return list(rows.select_related("institution"))


@dataclass
class Shown:
    """One visit as its page shows it to somebody."""

    request: Request
    visit: Visit

    @cached_property
    def terms(self) -> Terms:
        return terms_of_visit(self.visit)

    @property
    def is_own(self) -> bool:
        user, place = self.request.user, self.visit.institution
        return user.may(MAY) and place is not None and place.code == user.institution_code

    def steps(self) -> set[str]:
        """What may be done with it here."""
        if not self.is_own:
            return set()
        return {step.event for step in VISITS.open_to(self.visit, self.request.user)}

    def main(self, steps: set[str], billed: Any) -> str:
        """The one act that comes next."""
        if "lines_added" in steps and not billed:
            return "lines"
        if "visit_discharged" in steps and self.visit.bed:
            return "leave"
        return "settle" if "visit_settled" in steps else ""

    def facts(self) -> dict[str, Any]:
        visit, words = self.visit, self.terms.vocabulary

        def named(dimension: str, codes: list[str]) -> list[str]:
            names = words.get(dimension, {})
            return [names.get(code, code) for code in codes]

        alike = [f"与已有就诊相似，说明：{visit.alike_reason}"] if visit.alike_reason else []
        return {
            "visit": visit,
            "person": visit.person,
            "care": named("care", [visit.care])[0],
            "referral": named("referral", [visit.referral])[0],
            "day_count": days_of(visit),
            "circumstances": named("fact", visit.facts)
            + named("disease", visit.diseases)
            + named("procedure", visit.procedures)
            + named("reason", visit.reasons)
            + answers_shown(self.terms, visit.answers)
            + alike,
        }


def preview_shown(preview: Preview) -> dict[str, Any]:
    """What `claims/_preview.html` reads."""
    terms, decision = preview.measures.terms, preview.decision
    return {
        "preview": preview,
        "layers": layers_shown(terms, decision.layers),
        "benefit": terms.benefit(decision.benefit).name if decision.benefit else "",
    }


@shows("claims.view")
def visit_page(request: Request, pk: int) -> HttpResponse:
    return show_visit(request, one_visit(request, pk))


def show_visit(
    request: Request, visit: Visit, settle_form: SettleForm | None = None
) -> HttpResponse:
    """The page of a visit; the form comes back with its error when a settlement was refused."""
    shown = Shown(request, visit)
    steps = shown.steps()
    if "visit_recalled" in steps and not services.may_recall(visit):
        steps.discard("visit_recalled")
    batches = visit.batches.select_related("received_by", "withdrawn_by").annotate(
        line_count=Count("lines"),
        amount=Sum("lines__amount"),
        settled=Count("lines", filter=Q(lines__part__isnull=False)),
    )
    rows: list[Any] = list(batches.order_by("pk"))
    open_ = visit.lines.filter(is_live=True).aggregate(
        count=Count("pk"),
        total=Sum("amount"),
        left=Sum("amount", filter=Q(part=None)),
    )
    context = shown.facts() | {
        "steps": steps,
        "main": shown.main(steps, open_["total"]),
        "batches": rows,
        "billed": open_,
        "settlements": list(visit.settlements.order_by("pk")),
        "settle_form": settle_form or SettleForm(),
    }
    if steps & {"visit_settled"} and open_["total"]:
        try:
            preview = services.pre_settle(actor=request.user, visit=visit, on=today())
            context |= preview_shown(preview)
        except Refusal as refusal:
            context["cannot"] = refusal.message
    return listing_page(request, BILL, context, visit=visit)


@asks(MAY)
def change(request: Request, pk: int) -> HttpResponse:
    """What was registered was wrong or is known by now."""
    visit = one_visit(request, pk)
    terms = terms_of_visit(visit)
    form = RegistrationForm(terms, request.POST or None, initial=known_of(visit))
    if request.method == "POST" and form.is_valid():
        with form.refusals():
            services.change_registration(
                actor=request.user,
                visit=visit,
                facts=form.visit(),
                consent_signed=form.cleaned_data["consent_signed"],
                admission_number=form.cleaned_data["admission_number"],
                on=today(),
            )
            messages.success(request, "登记已变更")
            return redirect("claims:visit", pk)
    about = {"title": "登记变更", "button": "保存变更"}
    return _form_page(request, visit, form, about)


@asks(MAY)
def leave(request: Request, pk: int) -> HttpResponse:
    """The patient leaves: the last day, and what is known by then."""
    visit = one_visit(request, pk)
    initial = known_of(visit) | {"ends": visit.days.ends or today()}
    terms = terms_of_visit(visit)
    form = DischargeForm(terms, request.POST or None, visit=visit, initial=initial)
    if request.method == "POST" and form.is_valid():
        with form.refusals():
            services.discharge(actor=request.user, visit=visit, facts=form.visit(), on=today())
            messages.success(request, "出院已登记，请核对预结算后结算")
            return redirect("claims:visit", pk)
    about = {"title": "出院登记", "button": "办理出院"}
    return _form_page(request, visit, form, about)


def _form_page(request: Request, visit: Visit, form: Any, about: dict[str, Any]) -> HttpResponse:
    context = Shown(request, visit).facts() | about | {"visit_form": form}
    return render(request, "claims/visits/facts.html", context)


@asks(MAY)
def lines(request: Request, pk: int) -> HttpResponse:
    """Lines of the bill, typed as at the counter."""
    visit = one_visit(request, pk)
    terms = terms_of_visit(visit)
    assert visit.institution is not None
    area_code = visit.institution.division.county_code
    desk = Desk(request, request.user, area_code, terms)
    options = {"form_kwargs": {"rules": terms.bill}}
    if request.method == "GET":
        form = ChargesForm(visit=visit, initial={"charged_on": visit.days.ends or today()})
        rows = blank_rows(CounterLines, "lines", [], LINES_SHOWN, **options)
    else:
        data = posted(desk, "lines")
        form = ChargesForm(data, visit=visit)
        rows = CounterLines(data, prefix="lines", **options)
        if desk.action == "add" and form.is_valid() & rows.is_valid():
            with form.refusals(lines=rows.filled()):
                typed = [one.line() for one in rows.filled()]
                priced = priced_lines(typed, area_code=area_code, day=visit.starts)
                key, day = form.cleaned_data["key"].hex[:20], form.cleaned_data["charged_on"]
                numbered = [
                    replace(line, charged_on=day, number=f"{key}-{at}")
                    for at, line in enumerate(priced, start=1)
                ]
                return _added(request, visit, numbered)
    signed = visit.consent_signed
    show_lines(desk, rows, day=visit.starts, signed=signed, care=visit.care, level=visit.limits_by)
    return _lines_page(request, visit, terms, desk.context | {"charges_form": form, "lines": rows})


def _added(request: Request, visit: Visit, new: Any) -> HttpResponse:
    known = set(visit.batches.values_list("pk", flat=True))
    batch = services.add_lines(Charges(lines=new), actor=request.user, visit=visit, on=today())
    if batch.pk in known:
        messages.warning(
            request,
            f"这些费用已在{batch}中，没有重复写入；确是另一批的，请填写计费日期或明细号后再传",
        )
    else:
        sums = batch.lines.aggregate(count=Count("pk"), total=Sum("amount"))
        said = f"{batch}费用已录入：{sums['count']} 行，合计 {told(sums['total'])} 元"
        messages.success(request, said)
    return redirect("claims:visit", visit.pk)


def _lines_page(
    request: Request, visit: Visit, terms: Terms, context: dict[str, Any]
) -> HttpResponse:
    context = Shown(request, visit).facts() | {
        "asked_of_lines": asked_of_lines(terms.bill),
        "columns": said_columns(LAYOUT),
        "sheet_form": SheetForm(),
    } | context  # fmt: skip
    return render(request, "claims/visits/lines.html", context)


@acts(MAY)
def sheet(request: Request, pk: int) -> HttpResponse:
    """Lines of the bill from a table: all of them, or everything that is wrong with it."""
    visit = one_visit(request, pk)
    form = SheetForm(request.POST, request.FILES)
    context: dict[str, Any] = {"sheet_form": form}
    if form.is_valid():
        try:
            with form.refusals():
                new = read_charges(form.cleaned_data["file"], visit, on=today())
                return _added(request, visit, new)
        except FaultsError as wrong:
            context["wrong"] = wrong
    terms = terms_of_visit(visit)
    rows = blank_rows(CounterLines, "lines", [], LINES_SHOWN, form_kwargs={"rules": terms.bill})
    charges = ChargesForm(visit=visit, initial={"charged_on": visit.days.ends or today()})
    context |= {"charges_form": charges, "lines": rows}
    return _lines_page(request, visit, terms, context)


@shows(MAY)
def charges_blank(request: Request) -> HttpResponseBase:
    """A table for the charges, to fill in."""
    return download(template_of(LAYOUT, "费用明细"), "费用明细模板.xlsx")


@acts(MAY)
def withdraw(request: Request, pk: int, batch: int) -> HttpResponse:
    visit = one_visit(request, pk)
    row = get_visible(BillBatch, request.user, "visit", pk=batch, visit=visit)
    return _undo(request, visit, f"{row}费用已撤销", services.withdraw_batch, batch=row)


@acts(MAY)
def undo(request: Request, pk: int) -> HttpResponse:
    """The patient did not leave."""
    visit = one_visit(request, pk)
    return _undo(request, visit, "出院登记已撤销", services.undo_discharge, visit=visit)


@acts(MAY)
def recall(request: Request, pk: int) -> HttpResponse:
    """Its money is back: it is settled anew."""
    visit = one_visit(request, pk)
    return _undo(
        request, visit, "就诊已退回待结算，请核对费用后重新结算", services.recall, visit=visit
    )


@acts(MAY)
def cancel(request: Request, pk: int) -> HttpResponse:
    """Nobody lay in that bed."""
    visit = one_visit(request, pk)
    return _undo(request, visit, "登记已撤销", services.cancel_registration, visit=visit)


def _undo(
    request: Request, row: Visit, done: str, act: Callable[..., Any], **about: Any
) -> HttpResponse:
    with refusals_as_messages(request):
        act(actor=request.user, reason=request.POST.get("reason", ""), **about)
        messages.success(request, done)
    return redirect("claims:visit", row.pk)


@asks(MAY)
def part(request: Request, pk: int) -> HttpResponse:
    """An interim settlement: tried up to a day, then settled."""
    visit = one_visit(request, pk)
    typed = request.method == "POST"
    form = PartForm(request.POST if typed else None, initial={"to": today()})
    context = Shown(request, visit).facts() | {"part_form": form}
    if typed and form.is_valid():
        to = form.cleaned_data["to"]
        with form.refusals():
            if request.POST.get("action") == "settle":
                reason = form.cleaned_data["alike_reason"]
                claim = services.settle_interim(
                    actor=request.user, visit=visit, to=to, on=today(), alike_reason=reason
                )
                return _settled(request, claim)
            tried = services.pre_settle(actor=request.user, visit=visit, on=today(), to=to)
            context |= preview_shown(tried)
    return render(request, "claims/visits/part.html", context)


@acts(MAY)
def settle(request: Request, pk: int) -> HttpResponse:
    visit = one_visit(request, pk)
    form = SettleForm(request.POST)
    if form.is_valid():
        with form.refusals():
            claim = services.settle(
                actor=request.user, visit=visit, on=today(), **form.cleaned_data
            )
            return _settled(request, claim)
    return show_visit(request, visit, form)


def _settled(request: Request, claim: Settlement) -> HttpResponse:
    messages.success(
        request,
        f"结算单 {claim.number} 已提交：总费用 {told(claim.total_amount)} 元，"
        f"基金支付 {told(claim.fund_amount)} 元，个人现金 {told(claim.cash_amount)} 元",
    )
    return redirect("claims:claim", claim.pk)
