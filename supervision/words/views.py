"""The page on which an officer enters what a party handed in on paper."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.clock import today
from accounts.permissions import Request, asks
from supervision.cases.listings import party_of
from supervision.cases.papers import one_case
from supervision.inspections.order_views import one_order
from supervision.reviewing.views import one_review
from supervision.words.forms import WordForm
from supervision.words.services import HEAR, About, take_word

# What a word may be about: how it is found, what the page calls it and whose word it is.
Ways = tuple[Callable[[Request, int], About], Callable[[Any], str], Callable[[Any], str]]
FOUND: Mapping[str, Ways] = {
    "review": (
        one_review,
        lambda row: f"结算单 {row.alert.settlement.number} 的疑点",
        lambda row: row.alert.settlement.visit.institution_name,
    ),
    "order": (one_order, str, lambda row: row.institution.name),
    "case": (one_case, str, party_of),
}


def _enter(request: Request, pk: int, what: str) -> HttpResponse:
    find, called, party = FOUND[what]
    row = find(request, pk)
    form = WordForm(row, request.POST or None, request.FILES or None,
                    initial={"received_on": today()})  # fmt: skip
    if request.method == "POST" and form.is_valid():
        with form.refusals():
            take_word(actor=request.user, about=row, on=today(), **form.given())
            messages.success(request, f"已代录 {party(row)} 的答复")
            return redirect(f"supervision:{what}", pk)
    context = {"row": row, "form": form, "what": called(row), "party": party(row),
               "back": f"supervision:{what}"}  # fmt: skip
    return render(request, "supervision/words/enter.html", context)


@asks(HEAR)
def of_review(request: Request, pk: int) -> HttpResponse:
    return _enter(request, pk, "review")


@asks(HEAR)
def of_order(request: Request, pk: int) -> HttpResponse:
    return _enter(request, pk, "order")


@asks(HEAR)
def of_case(request: Request, pk: int) -> HttpResponse:
    return _enter(request, pk, "case")
