"""The window: a household's form with its live premium, payment, and the printed receipt."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.clock import today
from accounts.errors import Refusal
from accounts.forms import PlainForm
from accounts.permissions import Request, require
from accounts.scoping import get_visible
from enrollment.forms import (
    MEMBERS,
    ROWS,
    HouseholdForm,
    PaymentForm,
    ReasonForm,
    household_entry,
    initial_rows,
    member_formset,
    refuse,
)
from enrollment.listing import load_packs
from enrollment.models import Enrollment, Household, Person, Receipt
from enrollment.services import (
    Quote,
    Season,
    cancel_pending,
    place_of,
    quote,
    save_entry,
    season_on,
    statuses_on,
    take_payment,
)

MORE_ROWS = 3


class Window:
    """The form of one household, bound to what was sent or filled from the register."""

    def __init__(self, request: Request, household: Household | None = None) -> None:
        self.request, self.household, self.on = request, household, today()
        self.season, self.closed = self._season()
        self.known: Mapping[int, Person] = {}
        rows: list[dict[str, Any]] = []
        if household is not None:
            people = self._waiting(household)
            self.known = {person.pk: person for person in people}
            rows = initial_rows(people, statuses_on(self.known, self.on))
        data: Any = request.POST if request.method == "POST" else None
        if data is not None and "more_rows" in data:
            data = self._with_more_rows(data)
        self.form = HouseholdForm(
            data,
            user=request.user,
            on=self.on,
            tiers=self.season.tiers if self.season else {},
            division=household.division if household else None,
            initial=self._initial(),
        )
        self.members = member_formset(extra=ROWS if not rows else 2)(
            data,
            prefix=MEMBERS,
            initial=rows,
            form_kwargs={"on": self.on, "known": self.known, "fresh": household is None},
        )

    def _season(self) -> tuple[Season | None, str]:
        try:
            return season_on(area_code=self.request.user.county_code, day=self.on), ""
        except Refusal as refusal:
            return None, refusal.message

    def _waiting(self, household: Household) -> list[Person]:
        """Living members who are not enrolled for the open year yet."""
        people = household.members.present()
        if self.season:
            taken = Enrollment.objects.filter(year=self.season.year, person__household=household)
            live = taken.exclude(status=Enrollment.Status.CANCELLED)
            people = people.exclude(pk__in=live.values("person"))
        return list(people.order_by("member_number"))

    def _initial(self) -> dict[str, Any]:
        if self.household is None:  # clerks work through one village after the other
            return {"division": self.request.session.get("last_division")}
        last = (
            Enrollment.objects.filter(household=self.household)
            .exclude(status=Enrollment.Status.CANCELLED)
            .order_by("-year")
            .first()
        )
        return {"address": self.household.address, "tier": last.tier if last else ""}

    @staticmethod
    def _rows_sent(data: Any) -> int:
        sent = str(data.get(f"{MEMBERS}-TOTAL_FORMS", ""))
        return int(sent) if sent.isdecimal() and len(sent) < 4 else 0

    def _with_more_rows(self, data: Any) -> Any:
        """What was sent and further rows as a fresh page has them: untouched, so not filled in."""
        data = data.copy()
        sent = self._rows_sent(data)
        data[f"{MEMBERS}-TOTAL_FORMS"] = str(sent + MORE_ROWS)
        for row in range(sent, sent + MORE_ROWS):
            data[f"{MEMBERS}-{row}-residence"] = Person.Residence.RURAL.value
            if self.known:
                data[f"{MEMBERS}-{row}-joins"] = "on"
        return data

    @property
    def chooses(self) -> bool:
        """Whether registered members may be left out this year."""
        return bool(self.known)

    @property
    def valid(self) -> bool:
        good = self.form.is_valid()
        if not self.members.filled:
            self.form.add_error(None, "请至少录入一人")
            good = False
        good = self.members.is_valid() and good
        return good and all(row.is_valid() for row in self.members.filled)

    def quote(self) -> Quote | None:
        """Premiums of the rows that can be read; None before a tier is chosen."""
        self.form.is_valid()
        self.members.is_valid()
        tier = self.form.cleaned_data.get("tier", "")
        if self.season is None or (self.season.tiers and not tier):
            return None
        entries = [row.entry() for row in self.members.filled if hasattr(row, "cleaned_data")]
        return quote(season=self.season, entries=entries, known=self.known, tier=tier, on=self.on)

    def forget_problems(self) -> None:
        """Who asks for more rows saves nothing yet, so nothing is wrong yet."""
        for form in (self.form, *self.members.forms):
            form.errors.clear()

    def _place_to_go_on(self) -> tuple[PlainForm, str] | None:
        """Where something must be mended, else the next empty row; None on a fresh page."""
        if not self.form.is_bound:
            return None
        for form in (self.form, *self.members.forms):
            for name in form.fields:
                if name in form.errors:
                    return form, name
        filled = self.members.filled
        return next(((row, "resident_id") for row in self.members.forms if row not in filled), None)

    def _set_focus(self) -> None:
        place = self._place_to_go_on()
        if place is not None:
            for field in self.form.fields.values():
                field.widget.attrs.pop("autofocus", None)
            form, name = place
            form.fields[name].widget.attrs["autofocus"] = True

    def page(self, **extra: Any) -> HttpResponse:
        self._set_focus()
        context = {
            "window": self,
            "form": self.form,
            "members": self.members,
            "household": self.household,
            "closed": self.closed,
            "year": self.season.year if self.season else None,
        }
        return render(self.request, "enrollment/household_form.html", context | extra)


def _wants_fragment(request: Request) -> bool:
    """Asked by htmx while somebody types; the page itself stays."""
    return request.headers.get("HX-Request") == "true"


def _trial(window: Window) -> HttpResponse:
    """The page, or for htmx only the premium table, with what it would come to."""
    try:
        found, problem = window.quote(), ""
    except Refusal as refusal:
        found, problem = None, refusal.message
    context: dict[str, Any] = {"quote": found, "problem": problem}
    if _wants_fragment(window.request):
        context |= {"window": window, "members": window.members}
        return render(window.request, "enrollment/_quote.html", context)
    if "more_rows" in window.request.POST:
        window.forget_problems()
    return window.page(**context)


def _window(request: Request, household: Household | None) -> HttpResponse:
    window = Window(request, household)
    if request.method == "GET":
        return window.page()
    if "more_rows" in request.POST or "trial" in request.POST or _wants_fragment(request):
        return _trial(window)
    if window.valid:
        entry = household_entry(window.form, window.members.filled, household=household)
        try:
            saved = save_entry(actor=request.user, entry=entry, on=window.on)
        except Refusal as refusal:
            refuse(window.form, window.members, refusal)
        else:
            request.session["last_division"] = saved.household.division_id
            return redirect("enrollment:payment", pk=saved.household.pk)
    return _trial(window)


@require("enrollment.enroll")
@require_http_methods(["GET", "POST"])
def household_new(request: Request) -> HttpResponse:
    return _window(request, None)


@require("enrollment.enroll")
@require_http_methods(["GET", "POST"])
def renew(request: Request, pk: int) -> HttpResponse:
    household = get_visible(Household.objects.select_related("division"), request.user, pk=pk)
    return _window(request, household)


def _pending(household: Household) -> list[Enrollment]:
    rows = list(
        Enrollment.objects.filter(household=household, status=Enrollment.Status.PENDING)
        .select_related("person", "campaign")
        .order_by("person__member_number")
    )
    load_packs(rows)
    return rows


@require("enrollment.take_payment")
@require_http_methods(["GET", "POST"])
def payment(request: Request, pk: int) -> HttpResponse:
    household = get_visible(Household.objects.select_related("division"), request.user, pk=pk)
    rows = _pending(household)
    due = sum((row.personal_amount for row in rows), Decimal(0))
    form = PaymentForm(request.POST or None, initial={"received": due})
    if _wants_fragment(request):
        change = form.cleaned_data["received"] - due if form.is_valid() else None
        return render(request, "enrollment/_change.html", {"change": change})
    if request.method == "POST" and form.is_valid():
        try:
            receipt, change = take_payment(
                actor=request.user,
                household=household,
                received=form.cleaned_data["received"],
                on=today(),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            back = f"，应找零 {change:.2f} 元" if change else ""
            messages.success(request, f"已收款 {receipt.amount:.2f} 元{back}，请打印收据交给群众")
            return redirect("enrollment:receipt", pk=receipt.pk)
    context = {
        "household": household,
        "rows": rows,
        "due": due,
        "form": form,
        "reason_form": ReasonForm(),
    }
    return render(request, "enrollment/payment.html", context)


@require("enrollment.enroll")
@require_POST
def cancel(request: Request, pk: int) -> HttpResponse:
    household = get_visible(Household.objects.all(), request.user, pk=pk)
    rows = _pending(household)
    try:
        number = cancel_pending(
            actor=request.user,
            household=household,
            year=rows[0].year if rows else today().year,
            reason=request.POST.get("reason", ""),
        )
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, f"已撤销 {number} 人的待缴费登记，可重新办理")
    return redirect("enrollment:household_detail", pk=pk)


@require("enrollment.view")
@require_GET
def receipt(request: Request, pk: int) -> HttpResponse:
    """The paper: every member by name."""
    row = get_visible(
        Receipt.objects.select_related(
            "book", "household", "division__parent__parent", "campaign", "issued_by", "voided_by"
        ),
        request.user,
        pk=pk,
    )
    lines = list(
        row.enrollments.select_related("person", "household").order_by("person__member_number")
    )
    load_packs(lines)
    spans: dict[tuple[date, date], list[str]] = {}
    for line in lines:
        days = (line.cover_first_day, line.cover_last_day)
        spans.setdefault(days, []).append(line.person.name)
    context = {
        "receipt": row,
        "lines": lines,
        "place": place_of(row.division),
        "spans": [(names, *days) for days, names in spans.items()],
    }
    return render(request, "enrollment/receipt.html", context)
