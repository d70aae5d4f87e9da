"""The page of a book's opening balances: in force, waiting, put forward, and those before."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.clock import today
from accounts.permissions import Request, acts, asks, shows
from accounts.scoping import get_visible
from desk.buttons import decide_asked
from funds.models import Book
from funds.opening import services
from funds.opening.forms import BLANK, ITEMS, LINES, MAX_ROWS, MORE_ROWS, OpeningForm
from funds.opening.models import Opening
from funds.opening.papers import told_lines, told_outstanding
from funds.opening.rules import Rules, day_of
from funds.opening.workflow import OPENINGS
from funds.papers import tier_names
from funds.views import no_book, open_books


@shows("funds.view_drafts")
def opening(request: Request) -> HttpResponse:
    """Before anybody has said which book: the one of which a proposal waits, so that whoever sent
    its table, or comes from the work list, finds it."""
    if "book" not in request.GET:
        waiting = Opening.objects.visible_to(request.user).proposed()
        if one := waiting.select_related("book").order_by("pk").first():
            return _back(one.book)
    books, book = open_books(request)
    if book is None:
        return no_book(request)
    rows = list(Opening.objects.of_book(book).order_by("-pk"))
    proposal = next((one for one in rows if one.status == Opening.Status.PROPOSED), None)
    now = next(
        (one for one in rows if one.status == Opening.Status.APPROVED and one.red is None), None
    )
    shown = proposal or now
    context = {
        "books": books,
        "book": book,
        "on": day_of(book),
        "now": now,
        "proposal": proposal,
        "shown": shown,
        "lines": told_lines(shown) if shown else [],
        "outstanding": told_outstanding(shown) if shown else [],
        "steps": OPENINGS.open_to(proposal, request.user) if proposal else [],
        "obstacle": services.obstacle(book, now),
        "rows": rows,
    }
    return render(request, "funds/opening/opening.html", context)


@asks("funds.propose_opening")
def propose(request: Request) -> HttpResponse:
    """A row for each account that may have a balance, or the rows in force to be corrected."""
    books, book = open_books(request)
    if book is None:
        return no_book(request)
    now = Opening.objects.of_book(book).in_force().first()
    if found := services.obstacle(book, now):
        messages.error(request, found)
        return _back(book)
    rules, sent = Rules(book), request.POST if request.method == "POST" else None
    about: dict[str, Any] = {"form_kwargs": {"rules": rules, "tiers": tier_names(book)}}
    apart: dict[str, Any] = {"form_kwargs": {"rules": rules}, "prefix": "items"}
    items = ITEMS(sent, **apart) if sent is not None else ITEMS(initial=_apart(now), **apart)
    form = OpeningForm(sent) if sent is not None else OpeningForm()
    if sent is None:
        rows = LINES(initial=_start(rules, now), prefix="lines", **about)
        rows.extra = BLANK
    elif sent.get("action") == "more":
        rows = LINES(_with_more(sent), prefix="lines", **about)
        form = OpeningForm(initial=sent.dict())
    else:
        rows = LINES(_as_new(sent), prefix="lines", **about)
        rows.is_valid()
        lines, outstanding = rows.lines(rules), items.rows()
        is_whole = form.is_valid() and lines is not None and outstanding is not None
        if is_whole and form.check(rules, lines, outstanding):
            with form.refusals():
                services.propose_opening(
                    actor=request.user,
                    book=book,
                    lines=lines,
                    on=today(),
                    corrects=now is not None,
                    outstanding=outstanding,
                    **form.cleaned_data,
                )
                messages.success(request, "期初余额已提出，由另一人同意后记账")
                return _back(book)
    context = {
        "books": books,
        "book": book,
        "on": rules.on,
        "now": now,
        "form": form,
        "rows": rows,
        "items": items,
        "may_more": len(rows.forms) < MAX_ROWS,
    }
    return render(request, "funds/opening/new.html", context)


def _start(rules: Rules, now: Opening | None) -> list[dict[str, Any]]:
    if now is None:
        return [{"account": one.code} for one in rules.opened]
    return [
        {
            "account": one.account,
            "debit": one.debit or None,
            "credit": one.credit or None,
            "tier": one.tier,
            "township": one.township.code if one.township else "",
            "institution_code": one.institution_code,
            "funding_level": one.funding_level,
            "policy_year": one.policy_year,
        }
        for one in now.lines.select_related("township")
    ]


def _apart(now: Opening | None) -> list[dict[str, Any]]:
    """What the opening in force names as outstanding."""
    return list(now.outstanding) if now else []


def _as_new(sent: Any) -> Any:
    """Every row counts as new, however the page began."""
    data = sent.copy()
    data["lines-INITIAL_FORMS"] = "0"
    return data


def _with_more(sent: Any) -> Any:
    data = _as_new(sent)
    total = data.get("lines-TOTAL_FORMS", "")
    count = int(total) if total.isascii() and total.isdecimal() and len(total) < 5 else 0
    data["lines-TOTAL_FORMS"] = str(min(count + MORE_ROWS, MAX_ROWS))
    return data


@acts("funds.view_drafts")
def opening_act(request: Request, pk: int, event: str) -> HttpResponse:
    row = get_visible(Opening, request.user, "book", pk=pk)
    decide_asked(request, OPENINGS, event, services.decide_opening, opening=row)
    return _back(row.book)


def _back(book: Book) -> HttpResponse:
    return redirect(f"{reverse('funds:opening')}?book={book.pk}")
