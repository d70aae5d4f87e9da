"""The county's rule, payment methods, money in advance, deposits given back: four kinds of one
page, on which one proposes and another decides."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path

from accounts.clock import today
from accounts.forms import PlainForm
from accounts.permissions import Request, acts, shows
from accounts.scoping import get_visible
from claims.clearing import money
from claims.clearing.forms import MethodForm, PrepaymentForm, ReturnForm, RuleForm
from claims.clearing.listings import METHODS, PREPAYMENTS, RETURNS, RULES, VIEW
from claims.clearing.workflow import METHODS as METHOD_WAY
from claims.clearing.workflow import PREPAYMENTS as PREPAYMENT_WAY
from claims.clearing.workflow import RETURNS as RETURN_WAY
from claims.clearing.workflow import RULES as RULE_WAY
from desk.buttons import decide_asked
from desk.listing import Listing, list_routes, listing_page
from desk.workflow import START, Workflow


@dataclass(frozen=True)
class Kind:
    """`name`: of the route of one; with an s, of the list."""

    name: str
    listing: Listing
    form: Callable[..., Any]
    way: Workflow[Any]
    propose: Callable[..., Any]
    decide: Callable[..., Any]
    asks: str

    @property
    def lists(self) -> str:
        return f"claims:{self.name}s"

    def routes(self, address: str) -> list[URLPattern]:
        """List, one, proposing, deciding."""
        shown = partial(_list, kind=self)
        return [
            *list_routes(address, self.listing, f"{self.name}s", page=shows(VIEW)(shown)),
            path(
                f"{address}/new", acts(self.asks)(partial(_new, kind=self)), name=f"{self.name}_new"
            ),
            path(f"{address}/<int:pk>", shows(VIEW)(partial(_one, kind=self)), name=self.name),
            path(
                f"{address}/<int:pk>/<slug:event>",
                acts(VIEW)(partial(_act, kind=self)),
                name=f"{self.name}_act",
            ),
        ]


def _list(request: Request, *, kind: Kind, form: PlainForm | None = None) -> HttpResponse:
    context: dict[str, Any] = {"kind": kind}
    if request.user.may(kind.asks):
        context["form"] = form or kind.form(request.user)
        context["new_route"] = f"claims:{kind.name}_new"
    return listing_page(request, kind.listing, context)


def _new(request: Request, *, kind: Kind) -> HttpResponse:
    form = kind.form(request.user, request.POST)
    if form.is_valid():
        with form.refusals():
            row = kind.propose(actor=request.user, on=today(), **form.entry())
            messages.success(request, f"已提出{kind.listing.title}，待审批")
            return redirect(f"claims:{kind.name}", row.pk)
    return _list(request, kind=kind, form=form)


def _row(request: Request, pk: int, kind: Kind) -> Any:
    rows = kind.way.model._default_manager.select_related(
        *kind.way.related, "proposed_by", "decided_by"
    )
    return get_visible(rows, request.user, pk=pk)


def _one(request: Request, pk: int, *, kind: Kind) -> HttpResponse:
    row = _row(request, pk, kind)
    steps = [step for step in kind.way.open_to(row, request.user) if START not in step.sources]
    context = {"row": row, "kind": kind, "steps": steps, "act_route": f"claims:{kind.name}_act"}
    return render(request, "claims/clearing/decision.html", context)


def _act(request: Request, pk: int, event: str, *, kind: Kind) -> HttpResponse:
    decide_asked(request, kind.way, event, kind.decide, row=_row(request, pk, kind))
    return redirect(f"claims:{kind.name}", pk)


KINDS = (
    Kind("clearing_rule", RULES, RuleForm, RULE_WAY, money.propose_rule, RULE_WAY.decide,
         "claims.propose_rules"),
    Kind("payment_method", METHODS, MethodForm, METHOD_WAY, money.propose_method,
         money.decide_method, "claims.propose_rules"),
    Kind("prepayment", PREPAYMENTS, PrepaymentForm, PREPAYMENT_WAY, money.propose_prepayment,
         money.decide_prepayment, "claims.propose_prepayment"),
    Kind("deposit_return", RETURNS, ReturnForm, RETURN_WAY, money.propose_return,
         money.decide_return, "claims.propose_deposit_return"),
)  # fmt: skip
