"""Pages of vouchers made by hand and of the county's limits."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.clock import today
from accounts.errors import Refusal
from accounts.forms import refusals_as_messages
from accounts.models import Division
from accounts.permissions import Request, acts, asks, shows
from accounts.scoping import get_visible
from desk.buttons import decide_visible
from funds.drafts import services
from funds.drafts.earlier import SUBSIDY, corrections, standing_lines
from funds.drafts.forms import CorrectionForm, LevelForm, LimitForm, OfClosedYear
from funds.drafts.models import BookLimit, LimitProposal, VoucherDraft
from funds.drafts.workflow import DRAFTS, LIMITS
from funds.events import EVENTS, FUNDING_LEVELS, PURPOSES
from funds.law.working import Step
from funds.models import Book, Voucher
from funds.papers import tier_names
from institutions.models import Institution


def _draft(request: Request, pk: int) -> VoucherDraft:
    related = ("book__area", "made_by", "reviewed_by", "approved_by", "posted_by")
    rows = VoucherDraft.objects.select_related(*related, "voucher", "reverses", "corrects")
    return get_visible(rows, request.user, pk=pk)


@shows("funds.view_drafts")
def draft(request: Request, pk: int) -> HttpResponse:
    row = _draft(request, pk)
    context = {
        "draft": row,
        "lines": _lines(row),
        "steps": [Step.of(each) for each in row.working],
        "needs_approval": services.asks_approval(row),
    }
    return render(request, "funds/drafts/draft.html", context)


@asks("funds.post")
def correct(request: Request, pk: int) -> HttpResponse:
    """A voucher by hand of a closed year is put right in this one."""
    row = get_visible(Voucher, request.user, "book__area", "draft", pk=pk)
    context: dict[str, Any] = {"voucher": row, "done": corrections(row)}
    try:
        standing = standing_lines(row)
    except Refusal as refusal:
        return render(request, "funds/drafts/correct.html", context | {"refusal": refusal})
    is_level = "level" in request.POST
    ways: dict[str, tuple[type[OfClosedYear], Callable[..., VoucherDraft], bool]] = {
        "form": (CorrectionForm, services.make_correction, not is_level)
    }
    if row.event == SUBSIDY:
        ways["level_form"] = (LevelForm, services.make_level_move, is_level)
    for name, (kind, make, is_asked) in ways.items():
        sent = request.POST if request.method == "POST" and is_asked else None
        form = kind(row.book, standing, sent, initial={"on": today()})
        context[name] = form
        if sent is not None and form.is_valid():
            with form.refusals():
                made = make(actor=request.user, voucher=row, today=today(), **form.asked())
                messages.success(request, f"{made.title}已制单，待复核")
                return redirect("funds:draft", pk=made.pk)
    return render(request, "funds/drafts/correct.html", context)


def _lines(row: VoucherDraft) -> list[dict[str, Any]]:
    """Each line as people read it: what it is about, and how much."""
    tiers = tier_names(row.book)
    codes = [line.get("institution_code", "") for line in row.lines]
    names = dict(Institution.objects.filter(code__in=codes).values_list("code", "name"))
    towns = {town.code: town.name for town in Division.objects.filter(
        code__in=[line.get("township", "") for line in row.lines])}  # fmt: skip

    def about(line: dict[str, str]) -> str:
        words = (
            PURPOSES.get(line.get("purpose", ""), ""),
            FUNDING_LEVELS.get(line.get("funding_level", ""), ""),
            towns.get(line.get("township", ""), ""),
            tiers.get(line.get("tier", ""), line.get("tier", "")),
            names.get(line.get("institution_code", ""), line.get("institution_code", "")),
            f"{line['policy_year']}年度" if line.get("policy_year") else "",
        )
        return "、".join(word for word in words if word) or EVENTS[row.event].title

    return [{"about": about(line), "amount": Decimal(line["amount"])} for line in row.lines]


def _step(event: str) -> Callable[..., HttpResponseBase]:
    step = DRAFTS.by_event[event]

    @acts(step.permission)
    def take(request: Request, pk: int) -> HttpResponse:
        row = _draft(request, pk)
        with refusals_as_messages(request):
            done = services.take_step(
                actor=request.user, draft=row, event=event, reason=request.POST.get("reason", "")
            )
            messages.success(request, DRAFTS.told(done, event))
        return redirect("funds:draft", pk=pk)

    return take


review = _step("review_voucher")
approve = _step("approve_voucher")
refuse = _step("refuse_voucher")
refuse_huge = _step("refuse_huge_voucher")
withdraw = _step("withdraw_voucher")


@acts("funds.enter_voucher")
def enter(request: Request, pk: int) -> HttpResponse:
    row = _draft(request, pk)
    with refusals_as_messages(request):
        done = services.enter_draft(actor=request.user, draft=row, today=today())
        assert done.voucher is not None
        messages.success(request, f"已记入凭证 {done.voucher.label}")
    return redirect("funds:draft", pk=pk)


def _limits_page(request: Request, form: LimitForm) -> HttpResponse:
    books = Book.objects.of_user(request.user)
    wanted = request.GET.get("book", "")
    book = next((one for one in books if str(one.pk) == wanted), books[0] if books else None)
    proposal = LimitProposal.objects.filter(book=book).open().select_related("proposed_by").first()
    context = {
        "books": books,
        "book": book,
        "form": form,
        "rows": BookLimit.objects.filter(book=book).select_related("set_by", "agreed_by"),
        "proposal": proposal,
        "may_propose": request.user.may("funds.set_limits"),
        "moves": LIMITS.open_to(proposal, request.user) if proposal else [],
    }
    return render(request, "funds/drafts/limits.html", context)


@shows("funds.view_drafts")
def limits(request: Request) -> HttpResponse:
    return _limits_page(request, LimitForm())


@acts("funds.set_limits")
def propose(request: Request) -> HttpResponse:
    book = get_visible(Book, request.user, "area", pk=_number(request.GET.get("book", "")))
    form = LimitForm(request.POST)
    if form.is_valid():
        with form.refusals():
            services.propose_limits(actor=request.user, book=book, on=today(), **form.cleaned_data)
            messages.success(request, "记账限额已提出，由复核岗另一人同意后生效")
            return _to_limits(book)
    return _limits_page(request, form)


@acts("funds.view_drafts")
def limit_act(request: Request, pk: int, event: str) -> HttpResponse:
    return _to_limits(decide_visible(request, LIMITS, event, pk, services.decide_limits).book)


def _to_limits(book: Book) -> HttpResponse:
    return redirect(f"{reverse('funds:limits')}?book={book.pk}")


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
