"""Entering claims: the counter of an institution and the window of a township."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.core import signing
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters

from accounts.clock import today
from accounts.errors import Refusal
from accounts.forms import say_refused
from accounts.models import User
from accounts.permissions import Request, asks, shows
from accounts.scoping import get_visible
from claims import forms, services
from claims.adjudication import asked_dimensions
from claims.classification import line_amount
from claims.computation import layers_shown
from claims.entries import CounterEntry, Entry, PaperEntry
from claims.filings.models import Filing
from claims.filings.services import proposed_facts
from claims.models import Settlement, Visit
from claims.prescriptions import Prescribed, beyond_limits, cares_with_days
from claims.services.lines import class_of, over_limits, priced_lines
from claims.unpaid.models import OldClaim
from enrollment.models import Person
from institutions.catalogue import match_items
from institutions.models import CatalogueItem
from institutions.registry.columns import Levels
from lib.money import to_fen, to_yuan, told
from lib.periods import parse_day
from policies.services import Measures
from policies.terms import Terms

# Empty lines added at a time.
MORE_ROWS = 6
SETTLING = frozenset({"preview", "ask", "draft", "submit"})
# Seconds: a working day. An entry page that was left open overnight does not settle.
TOKEN_AGE = 12 * 3600


@dataclass
class Desk:
    """One entry page under way: who works, for whom, by which measures, correcting what."""

    request: Request
    user: User
    area_code: str
    terms: Terms
    person: Person | None = None
    replaces: Settlement | None = None
    old: OldClaim | None = None
    context: dict[str, Any] = field(default_factory=dict)

    @property
    def action(self) -> str:
        return self.request.POST.get("action", "")

    @property
    def stays(self) -> list[Visit]:
        """Stays the patient may have been referred from, where the measures ask for them."""
        if self.person is None or "prior_deductible" not in asked_dimensions(self.terms):
            return []
        return services.stays_before(self.person)


def seal_patient(user: User, person: Person) -> str:
    """A token for the form: only who looked the patient up can go on with it."""
    return signing.dumps([user.pk, person.pk], salt="claims.patient")


def open_patient(user: User, token: str) -> Person | None:
    """The patient of a token, None when it is too old. A forged one is 404."""
    try:
        user_id, person_id = signing.loads(token, salt="claims.patient", max_age=TOKEN_AGE)
    except signing.SignatureExpired:
        return None
    except signing.BadSignature:
        raise Http404 from None
    if user_id != user.pk:
        raise Http404
    return Person.objects.select_related("household__division__parent").get(pk=person_id)


def open_desk(request: Request) -> Desk:
    user = request.user
    area_code = services.area_code_of(user)
    terms = Measures.on(area_code=area_code, day=today()).terms
    desk = Desk(request, user, area_code, terms)
    number = request.POST.get("replaces") or request.GET.get("from")
    if number:
        desk.replaces = get_visible(
            Settlement,
            user,
            "visit__person__household__division__parent",
            pk=number,
            entered_by=user,
            status__in=[Settlement.Status.DRAFT, Settlement.Status.WITHDRAWN],
        )
    if wanted := request.GET.get("old"):
        desk.old = get_visible(
            OldClaim.objects.to_enter(), user, "person__household__division__parent", pk=wanted
        )
    if request.method == "POST" and request.POST.get("patient"):
        desk.person = open_patient(user, request.POST["patient"])
    elif desk.replaces and request.method == "GET":
        desk.person = desk.replaces.visit.person
    elif desk.old and request.method == "GET":
        desk.person = desk.old.person
    return desk


def fragment_desk(request: Request) -> Desk | None:
    """The desk for a fragment; None when there is none: the page itself says why."""
    try:
        return open_desk(request)
    except Refusal:
        return None


Enter = Callable[[Desk], HttpResponse]


def at_desk(request: Request, template: str, enter: Enter) -> HttpResponse:
    """The course of both pages: look the patient up, then the form, then `enter`."""
    try:
        desk = open_desk(request)
    except Refusal as refusal:
        say_refused(request, refusal)
        return redirect("claims:list")
    form = forms.PatientForm(request.POST if desk.action == "find" else None)
    candidates: list[dict[str, Any]] = []
    if desk.action == "find" and form.is_valid():
        try:
            found = services.find_patients(actor=desk.user, text=form.cleaned_data["resident_id"])
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            if len(found) == 1:
                desk.person = found[0].person
                desk.context["found_by"] = found[0].said
            if len(found) > 1:  # the first of them has the cursor
                form.fields["resident_id"].widget.attrs.pop("autofocus")
            candidates = [
                {"one": one, "token": seal_patient(desk.user, one.person)} for one in found
            ]
    if desk.person is None:
        return render(request, template, {"patient_form": form, "candidates": candidates})
    standing = services.standing_of(desk.person, on=today(), area_code=desk.area_code)
    desk.context |= {
        "standing": standing,
        "token": seal_patient(desk.user, desk.person),
        "replaces": desk.replaces,
        "filings": list(Filing.objects.holding(desk.person.pk, today())),
        "level_names": desk.terms.vocabulary["level"],
    }
    return enter(desk)


@asks("claims.enter_counter")
@sensitive_post_parameters("resident_id")
def enter_counter(request: Request) -> HttpResponse:
    """An institution's own patient: visit, bill, 试算, 结算提交."""
    return at_desk(request, "claims/enter_counter.html", _counter)


@asks("claims.enter_paper")
@sensitive_post_parameters("resident_id")
def enter_paper(request: Request) -> HttpResponse:
    """Invoices from elsewhere at the township's window."""
    return at_desk(request, "claims/enter_paper.html", _paper)


def blank_rows(
    kind: Any, prefix: str, rows: list[dict[str, Any]], least: int, **options: Any
) -> forms.RowSet:
    """Prefilled rows, then empty ones up to `least` in all."""
    formset: forms.RowSet = kind(initial=rows, prefix=prefix, **options)
    formset.extra = max(0, least - len(rows))
    return formset


def posted(desk: Desk, *prefixes: str) -> Any:
    """The posted data. Every row counts as new; the button `more-<prefix>` adds empty ones."""
    data = desk.request.POST.copy()
    for prefix in prefixes:
        data[f"{prefix}-INITIAL_FORMS"] = "0"
        if desk.action == f"more-{prefix}":
            sent = data.get(f"{prefix}-TOTAL_FORMS", "")
            total = int(sent) if sent.isdecimal() and len(sent) < 5 else 0
            data[f"{prefix}-TOTAL_FORMS"] = str(min(total + MORE_ROWS, forms.MAX_LINES))
    return data


def finish(desk: Desk, entry: Entry, doubts: Sequence[str] = ()) -> HttpResponse | None:
    """试算 stays on the page; 保存草稿 and 结算提交 go on to the claim. Raises Refusal.

    Before 结算提交 the page asks for the question that it puts: who, what it comes to, and what is
    doubtful in the bill.
    """
    if desk.action in {"preview", "ask"}:
        preview = services.preview(entry, actor=desk.user, on=today())
        if desk.action == "ask":
            asked = "\n".join([preview.question, *doubts])
            return HttpResponse(asked, content_type="text/plain; charset=utf-8")
        desk.context["preview"] = preview
        benefit = preview.decision.benefit
        desk.context["layers"] = layers_shown(preview.measures.terms, preview.decision.layers)
        desk.context["benefit"] = desk.terms.benefit(benefit).name if benefit else ""
        return None
    submit_now = desk.action == "submit"
    settlement = services.enter(entry, actor=desk.user, on=today(), submit_now=submit_now)
    if submit_now:
        messages.success(
            desk.request,
            f"结算单 {settlement.number} 已提交：总费用 {told(settlement.total_amount)} 元，"
            f"基金支付 {told(settlement.fund_amount)} 元，"
            f"个人现金 {told(settlement.cash_amount)} 元",
        )
    else:
        messages.success(desk.request, f"草稿 {settlement.number} 已保存，提交时按当时累计重新计算")
    return redirect("claims:claim", settlement.pk)


def _patient(desk: Desk) -> Person:
    assert desk.person is not None
    return desk.person


def _counter(desk: Desk) -> HttpResponse:
    options = {"form_kwargs": {"rules": desk.terms.bill}}
    if desk.action in {"", "find"}:
        initial, rows = {}, []
        if desk.replaces:
            initial = forms.initial_visit(desk.replaces.visit)
            rows = [
                {"code": one.item_code, "quantity": one.quantity,
                 "unit_price": one.unit_price, "origin": one.origin,
                 "self_pay": one.self_pay_amount, "supply_days": one.supply_days}
                for one in desk.replaces.bill_lines()
            ]  # fmt: skip
        else:
            initial = proposed_facts(_patient(desk), today(), desk.terms)
        visit_form = forms.CounterVisitForm(desk.terms, initial=initial, stays=desk.stays)
        lines = blank_rows(forms.CounterLines, "lines", rows, 12, **options)
    else:
        data = posted(desk, "lines")
        visit_form = forms.CounterVisitForm(desk.terms, data, stays=desk.stays)
        lines = forms.CounterLines(data, prefix="lines", **options)
        if desk.action in SETTLING and visit_form.is_valid() & lines.is_valid():
            with visit_form.refusals(lines=lines.filled()):
                answer = _settle_counter(desk, visit_form, lines)
                if answer is not None:
                    return answer
    show_lines(
        desk,
        lines,
        day=read_day(visit_form["starts"].value()),
        signed=bool(visit_form["consent_signed"].value()),
        care=str(visit_form["care"].value() or ""),
    )
    asked = forms.asked_of_lines(desk.terms.bill)
    desk.context |= {"visit_form": visit_form, "lines": lines, "asked_of_lines": asked}
    return render(desk.request, "claims/enter_counter.html", desk.context)


def _settle_counter(
    desk: Desk, visit_form: forms.CounterVisitForm, lines: forms.RowSet
) -> HttpResponse | None:
    assert desk.person is not None
    visit = visit_form.visit()
    typed = [form.line() for form in lines.filled()]
    prices = priced_lines(typed, area_code=desk.area_code, day=visit.starts)
    entry = CounterEntry(
        institution=services.workplace(desk.user),
        person=desk.person,
        visit=visit,
        lines=prices,
        consent_signed=visit_form.cleaned_data["consent_signed"],
        replaces=desk.replaces,
        key=visit_form.cleaned_data["key"],
    )
    doubts = over_limits(prices, area_code=desk.area_code, day=visit.starts)
    return finish(desk, entry, doubts if desk.action == "ask" else ())


@dataclass(frozen=True)
class Told:
    """What the portal answers to a line that is being typed."""

    items: list[CatalogueItem]
    bill_class: str = ""
    amount: Decimal | None = None
    unit_price: Decimal | None = None

    @property
    def over_limit(self) -> Decimal:
        """How much a unit costs above the catalogue's limit (yuan)."""
        limit = self.item.price_limit if self.item else None
        if limit is None or self.unit_price is None:
            return Decimal(0)
        over: Decimal = max(self.unit_price - limit, Decimal(0))
        return over

    @property
    def item(self) -> CatalogueItem | None:
        return self.items[0] if len(self.items) == 1 else None


def show_line(
    items: list[CatalogueItem], terms: Terms, quantity: Any, unit_price: Any, signed: bool
) -> Told:
    """The item's class and quantity × price, as far as they are typed."""
    bill_class = ""
    if len(items) == 1:
        code = class_of(items[0], terms, consent_signed=signed)
        bill_class = terms.bill.classes[code].name if code else "办法中没有对应的费用类别"
    typed = {"code": "x", "quantity": quantity, "unit_price": unit_price}
    form = forms.CounterLineForm(typed, rules=terms.bill)
    if not form.is_valid():
        return Told(items, bill_class)
    fen = line_amount(form.cleaned_data["quantity"], form.cleaned_data["unit_price"])
    return Told(items, bill_class, to_yuan(fen), form.cleaned_data["unit_price"])


def show_lines(
    desk: Desk, lines: forms.RowSet, *, day: date, signed: bool, care: str, level: str = ""
) -> None:
    """The same for every filled row of a page that is shown again, and the sum of the bill.
    `level`: by which its visit is limited; of one that is not begun, the hospital's of the day."""
    codes = [str(form["code"].value() or "").strip() for form in lines.forms]
    matches = match_items(desk.area_code, day, codes)
    total = Decimal(0)
    prescribed: list[Prescribed] = []
    for form, code in zip(lines.forms, codes, strict=True):
        if code:
            quantity, price = form["quantity"].value(), form["unit_price"].value()
            shown = show_line(matches[code], desk.terms, quantity, price, signed)
            form.shown = shown
            total += shown.amount or 0
            if shown.item and shown.amount is not None:
                amount = to_fen(shown.amount)
                item = shown.item
                prescribed.append(
                    Prescribed(
                        item.name,
                        item.category,
                        amount,
                        item.is_antibiotic,
                        forms.days_typed(form),
                    )
                )
    desk.context["bill_total"] = total
    desk.context |= {"chosen_care": care, "cares_with_days": cares_with_days(desk.terms)}
    level = level or Levels.of(services.workplace(desk.user, as_of=day)).limits_by
    desk.context["beyond"] = beyond_limits(desk.terms, care=care, level=level, lines=prescribed)


def read_day(text: Any) -> date:
    """The admission date as far as it is typed; today until it is."""
    return (text if isinstance(text, date) else parse_day(str(text))) or today()


@shows("claims.enter_counter")
def line_shown(request: Request) -> HttpResponse:
    """Fragment beside a line of the bill: the item, its class, the amount."""
    desk = fragment_desk(request)
    if desk is None:
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    values = {key.rpartition("-")[2]: str(value) for key, value in request.GET.items()}
    code, day = values.get("code", "").strip(), read_day(request.GET.get("starts", ""))
    items = match_items(desk.area_code, day, [code]).get(code, [])
    signed = "consent_signed" in request.GET
    shown = show_line(items, desk.terms, values.get("quantity"), values.get("unit_price"), signed)
    return render(request, "claims/_line_shown.html", {"shown": shown, "typed": code})


@shows("claims.enter_counter")
def suggest(request: Request) -> HttpResponse:
    """Fragment: catalogue items that match what is being typed, to be chosen under the field."""
    desk = fragment_desk(request)
    if desk is None:
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    sent = ((key, str(value)) for key, value in request.GET.items() if key.endswith("-code"))
    field, text = next(sent, ("", ""))
    text = text.strip()
    day = read_day(request.GET.get("starts", ""))
    items = match_items(desk.area_code, day, [text]).get(text, [])
    return render(request, "claims/_suggestions.html", {"items": items, "field": field})


def _of_old(old: OldClaim) -> dict[str, Any]:
    """What the old system's row says of a visit that is entered anew."""
    return {
        "hospital": old.institution_name, "care": old.care, "starts": old.starts, "ends": old.ends,
    }  # fmt: skip


def _papers_of_old(old: OldClaim) -> list[dict[str, Any]]:
    """Its invoices; of a single one the amount is the whole."""
    whole = {"amount": old.total_amount} if len(old.invoices) == 1 else {}
    return [{"number": one, **whole} for one in old.invoices]


def _paper(desk: Desk) -> HttpResponse:
    options = {"form_kwargs": {"rules": desk.terms.bill}}
    if desk.action in {"", "find"}:
        initial: dict[str, Any] = {}
        rows: list[dict[str, Any]] = []
        handed: list[Any] = []
        if desk.replaces:
            visit = desk.replaces.visit
            initial = forms.initial_visit(visit)
            rows = [
                {"name": one.item_name, "category": one.category,
                 "bill_class": one.bill_class, "amount": one.amount,
                 "quantity": one.quantity, "origin": one.origin,
                 "self_pay": one.self_pay_amount}
                for one in desk.replaces.bill_lines()
            ]  # fmt: skip
            handed += visit.invoices.values("number", "issuer", "issued_on", "amount")
        else:
            initial = proposed_facts(_patient(desk), today(), desk.terms)
        if desk.old:
            initial |= _of_old(desk.old)
            handed += _papers_of_old(desk.old)
        visit_form = forms.PaperVisitForm(desk.terms, initial=initial, stays=desk.stays)
        lines = blank_rows(forms.PaperLines, "lines", rows, 6, **options)
        invoices = blank_rows(forms.Invoices, "invoices", handed, 3)
    else:
        data = posted(desk, "lines", "invoices")
        visit_form = forms.PaperVisitForm(desk.terms, data, stays=desk.stays)
        lines = forms.PaperLines(data, prefix="lines", **options)
        invoices = forms.Invoices(data, prefix="invoices")
        valid = [visit_form.is_valid(), lines.is_valid(), invoices.is_valid()]
        if desk.action in SETTLING and all(valid):
            with visit_form.refusals(lines=lines.filled(), invoices=invoices.filled()):
                answer = _settle_paper(desk, visit_form, lines, invoices)
                if answer is not None:
                    return answer
    desk.context |= {
        "visit_form": visit_form,
        "lines": lines,
        "invoices": invoices,
        "asked_of_lines": forms.asked_of_lines(desk.terms.bill),
    }
    return render(desk.request, "claims/enter_paper.html", desk.context)


def _settle_paper(
    desk: Desk, visit_form: forms.PaperVisitForm, lines: forms.RowSet, invoices: forms.RowSet
) -> HttpResponse | None:
    assert desk.person is not None
    hospital = visit_form.where()
    entry = PaperEntry(
        person=desk.person,
        hospital=hospital,
        visit=visit_form.visit(),
        lines=[form.line() for form in lines.filled()],
        invoices=[form.invoice(hospital.name) for form in invoices.filled()],
        extension_approved=visit_form.cleaned_data["extension_approved"],
        late_reason=visit_form.cleaned_data["late_reason"],
        replaces=desk.replaces,
    )
    return finish(desk, entry)
