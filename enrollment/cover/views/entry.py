"""The window: a household's form with its live premium."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import cached_property

from accounts.clock import today
from accounts.errors import Refusal
from accounts.forms import PlainForm, refusals_as_messages
from accounts.permissions import Request, acts, asks
from desk.kept import Kept, among, given
from enrollment.cover.enrolling import Season, cancel_pending, save_entry, season_on
from enrollment.cover.forms import (
    MEMBERS,
    ROWS,
    HouseholdForm,
    MemberForm,
    household_entry,
    initial_row,
    member_formset,
    usual_residence,
)
from enrollment.cover.listing import pending_rows
from enrollment.cover.lookups import listed_statuses, look_up
from enrollment.cover.models import Enrollment
from enrollment.cover.quoting import Quote, quote
from enrollment.people.listed import codes_of, held_on
from enrollment.people.models import Household, Person
from enrollment.people.views.one import one_household

# Lines added at a time.
MORE_ROWS = 3


def _overtaken() -> QuerySet[Enrollment]:
    rows = Enrollment.objects.filter(among("person_id", given("people")), year=given("year"))
    rows = rows.exclude(status=Enrollment.Status.CANCELLED)
    return rows.select_related("person", "entered_by").order_by("entered_at")


OVERTAKEN = Kept(_overtaken)


class Window:
    """The form of one household, bound to what was sent or filled from the register."""

    def __init__(self, request: Request, household: Household | None = None) -> None:
        self.request, self.household, self.on = request, household, today()
        self.season, self.closed = self._season()
        self._barred: list[MemberForm] | None = None
        data: Any = request.POST if request.method == "POST" else None
        self.known: Mapping[int, Person] = {}
        if household is not None:
            # Who was enrolled since the page was opened is still known when it is sent.
            people = self._waiting(household) if data is None else list(household.members.all())
            self.known = {person.pk: person for person in people}
        if data is not None and "more_rows" in data:
            data = self._with_more_rows(data)
        self.data = data
        rows = self._initial_rows() if household is not None else []
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
        held = held_on(self.known, self.on) if self.known else {}
        for row in self.members.forms:
            row.statuses = held[row.person.pk] if row.person else ()

    def _initial_rows(self) -> list[dict[str, Any]]:
        """What the register says of each row, by the order in which the rows were sent."""
        if self.data is None:
            return [initial_row(person) for person in self.known.values()]
        sent = (self.known.get(pk) for pk in self._people_sent())
        return [initial_row(one) if one else {} for one in sent]

    def _people_sent(self) -> list[int]:
        """The registered person of each row; 0 where none is named."""
        sent = [
            str(self.data.get(f"{MEMBERS}-{row}-person_id", ""))
            for row in range(self._rows_sent(self.data))
        ]
        return [int(pk) if pk.isdecimal() and len(pk) < 19 else 0 for pk in sent]

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
            data[f"{MEMBERS}-{row}-residence"] = usual_residence(self.known)
            if self.household is not None:
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
        good = good and all(row.is_valid() for row in self.members.filled)
        for row in self.look_up():
            assert row.answer is not None
            if row.entry().joins or row.person is None:
                row.add_error(None, row.answer.text)
                good = False
        return good

    @property
    def _readable(self) -> list[MemberForm]:
        return [row for row in self.members.filled if hasattr(row, "cleaned_data")]

    def look_up(self) -> list[MemberForm]:
        """The rows whose people cannot join, each with its `answer`; asked once a request."""
        if self._barred is None:
            rows = {row.position: row for row in self._readable}
            entries = [row.entry() for row in rows.values()]
            user = self.request.user
            for place, answer in look_up(
                actor=user, entries=entries, known=self.known, on=self.on
            ).items():
                rows[place].answer = answer
            listed = listed_statuses(entries, on=self.on, area_code=user.county_code)
            for place, (held, problem) in listed.items():
                rows[place].statuses, rows[place].status_problem = held, problem
            self._barred = [row for row in rows.values() if row.answer is not None]
        return self._barred

    def quote(self) -> Quote | None:
        """Premiums of the rows that can be read; None before a tier is chosen."""
        self.form.is_valid()
        self.members.is_valid()
        self.look_up()
        tier = self.form.cleaned_data.get("tier", "")
        if self.season is None or (self.season.tiers and not tier):
            return None
        barred = self.look_up()
        rows = [row for row in self._readable if row not in barred]
        return quote(
            season=self.season,
            entries=[row.entry() for row in rows],
            known=self.known,
            statuses={row.position: codes_of(row.statuses) for row in rows},
            tier=tier,
            on=self.on,
        )

    @property
    def problems(self) -> list[tuple[str, str]]:
        """What the form itself says is wrong in the rows: the input's id, and row, field, words."""
        return [
            (row[name].id_for_label, f"第 {row.position + 1} 行：{errors[0]}")
            for row in self.members.forms
            for name, errors in row.errors.items()
            if name in row.fields and row.is_bound
        ]

    @cached_property
    def overtaken(self) -> list[Enrollment]:
        """Live covers of this year of members whom the page offers: another window was first."""
        if self.household is None or self.season is None or self.data is None:
            return []
        people = [pk for pk in self._people_sent() if pk in self.known]
        return OVERTAKEN(people=people, year=self.season.year) if people else []

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

    def _called(self) -> str:
        head = Person.Relationship.HEAD
        name = next((one.name for one in self.known.values() if one.relationship == head), "")
        if name or self.household is None:
            return f"{name}户" if name else ""
        return self.household.called

    def page(self, **extra: Any) -> HttpResponse:
        self._set_focus()
        context = {
            "window": self,
            "form": self.form,
            "members": self.members,
            "household": self.household,
            "called": self._called(),
            "problems": self.problems,
            "overtaken": self.overtaken,
            "closed": self.closed,
            "year": self.season.year if self.season else None,
        }
        return render(self.request, "enrollment/cover/household_form.html", context | extra)


def _wants_fragment(request: Request) -> bool:
    """Asked by htmx while somebody types; the page itself stays."""
    return request.headers.get("HX-Request") == "true"


def _trial(window: Window) -> HttpResponse:
    """The page, or for htmx only the premium table, with what it would come to."""
    try:
        found, problem = window.quote(), ""
    except Refusal as refusal:
        found, problem = None, refusal.message
    lines = {line.entry.position: line for line in found.lines} if found else {}
    for row in window.members.forms:
        row.line = lines.get(row.position)
    context: dict[str, Any] = {"quote": found, "problem": problem}
    if _wants_fragment(window.request):
        context |= {"window": window, "members": window.members}
        return render(window.request, "enrollment/cover/_quote.html", context)
    if "more_rows" in window.request.POST:
        window.forget_problems()
    return window.page(**context)


def _window(request: Request, household: Household | None) -> HttpResponse:
    window = Window(request, household)
    if request.method == "GET":
        return window.page()
    if "more_rows" in request.POST or "trial" in request.POST or _wants_fragment(request):
        return _trial(window)
    if window.valid and not window.overtaken:
        entry = household_entry(window.form, window.members.filled, household=household)
        with window.form.refusals(members=window.members.forms):
            saved = save_entry(actor=request.user, entry=entry, on=window.on)
            request.session["last_division"] = saved.household.division_id
            return redirect("enrollment:payment", pk=saved.household.pk)
    return _trial(window)


@asks("enrollment.enroll")
def household_new(request: Request) -> HttpResponse:
    return _window(request, None)


@asks("enrollment.enroll")
def renew(request: Request, pk: int) -> HttpResponse:
    household = one_household(request, pk)
    return _window(request, household)


@acts("enrollment.enroll")
def cancel(request: Request, pk: int) -> HttpResponse:
    household = one_household(request, pk)
    rows = pending_rows(household)
    with refusals_as_messages(request):
        number = cancel_pending(
            actor=request.user,
            household=household,
            year=rows[0].year if rows else today().year,
            reason=request.POST.get("reason", ""),
        )
        messages.success(request, f"已撤销 {number} 人的待缴费登记，可重新办理")
        return redirect("enrollment:household_detail", pk=pk)
    # Where the reason is asked for.
    return redirect(reverse("enrollment:payment", args=[pk]) + "?withdraw=1")
