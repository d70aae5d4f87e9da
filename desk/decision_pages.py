"""Pages on which one puts a decision forward and another decides it: the list with its form, one
decision with its buttons. Every kind of decision that has pages of its own has these four."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path

from accounts.clock import today
from accounts.forms import PlainForm
from accounts.models import User
from accounts.permissions import Request, acts, shows
from accounts.scoping import get_visible
from desk.buttons import decide_asked
from desk.decisions import DecisionFlow
from desk.listing import Listing, list_routes, listing_page
from desk.workflow import START


def _cleaned(form: Any) -> dict[str, Any]:
    return dict(form.cleaned_data)


def _nothing(row: Any, user: User) -> dict[str, Any]:
    return {}


@dataclass(frozen=True)
class DecisionPages:
    """`lists`, `one`: routes of the list and of one decision; what asks is `one` with _new behind,
    what decides `one` with _act. `form(user)` and `form(user, data)` make the form, `entry` what
    `propose` takes of it. `more(row, user)`: what the template shows of one besides. `typed`:
    inputs beside a button that `decide` is told by name; they come back empty."""

    room: str
    lists: str
    one: str
    listing: Listing
    template: str
    form: Callable[..., Any]
    way: DecisionFlow[Any]
    propose: Callable[..., Any]
    asks: str
    decide: Callable[..., Any] | None = None
    entry: Callable[[Any], dict[str, Any]] = _cleaned
    more: Callable[[Any, User], dict[str, Any]] = _nothing
    related: Sequence[str] = ()
    typed: Sequence[str] = ()

    @property
    def list_route(self) -> str:
        return f"{self.room}:{self.lists}"

    @property
    def new_route(self) -> str:
        return f"{self.room}:{self.one}_new"

    @property
    def act_route(self) -> str:
        return f"{self.room}:{self.one}_act"

    def routes(self, address: str) -> list[URLPattern]:
        """List, putting forward, one, deciding."""
        views = self.listing.permission
        listed = shows(views)(partial(_list, pages=self))
        asked = acts(self.asks)(partial(_new, pages=self))
        shown = shows(views)(partial(_one, pages=self))
        decided = acts(views)(partial(_act, pages=self))
        return [
            *list_routes(address, self.listing, self.lists, page=listed),
            path(f"{address}/new", asked, name=f"{self.one}_new"),
            path(f"{address}/<int:pk>", shown, name=self.one),
            path(f"{address}/<int:pk>/<slug:event>", decided, name=f"{self.one}_act"),
        ]


def _list(request: Request, *, pages: DecisionPages, form: PlainForm | None = None) -> HttpResponse:
    context: dict[str, Any] = {"pages": pages}
    if request.user.may(pages.asks):
        context["form"] = form or pages.form(request.user)
        context["new_route"] = pages.new_route
    return listing_page(request, pages.listing, context)


def _new(request: Request, *, pages: DecisionPages) -> HttpResponse:
    form = pages.form(request.user, request.POST)
    if form.is_valid():
        with form.refusals():
            row = pages.propose(actor=request.user, on=today(), **pages.entry(form))
            messages.success(request, f"已提出{pages.listing.title}，待第二人审批")
            return redirect(f"{pages.room}:{pages.one}", row.pk)
    return _list(request, pages=pages, form=form)


def _row(request: Request, pk: int, pages: DecisionPages) -> Any:
    related = (*pages.way.related, *pages.related, "proposed_by", "decided_by")
    return get_visible(pages.way.model, request.user, *related, pk=pk)


def _one(request: Request, pk: int, *, pages: DecisionPages) -> HttpResponse:
    row = _row(request, pk, pages)
    steps = [step for step in pages.way.open_to(row, request.user) if START not in step.sources]
    context = {"row": row, "pages": pages, "steps": steps, "act_route": pages.act_route}
    return render(request, pages.template, context | pages.more(row, request.user))


def _act(request: Request, pk: int, event: str, *, pages: DecisionPages) -> HttpResponse:
    service = pages.decide or pages.way.decide
    typed = {name: request.POST.get(name, "") for name in pages.typed}
    decide_asked(request, pages.way, event, service, row=_row(request, pk, pages), **typed)
    return redirect(f"{pages.room}:{pages.one}", pk)
