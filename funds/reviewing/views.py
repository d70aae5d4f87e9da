"""Pages of the review: what waits by event, one voucher with what it books, many at once."""

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Count, Exists, OuterRef, Q, Sum
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.errors import Refusal
from accounts.forms import refusals_as_messages
from accounts.models import User
from accounts.permissions import Request, acts, shows
from accounts.scoping import get_visible
from desk.listing import Table, listing_page
from desk.seen import asked_seen
from desk.ticks import ticked_ids
from funds.events import EVENTS
from funds.ledgers.behind import behind
from funds.models import ZERO, Voucher, VoucherQuerySet
from funds.papers import voucher_lines
from funds.reviewing import services
from funds.reviewing.forms import DoubtForm
from funds.reviewing.listings import REVIEWS, ReviewFilter
from funds.reviewing.models import VoucherDoubt
from lib.money import told

EVENTS_OF_ONE = ("review_voucher", "raise_doubt", "settle_doubt")


@shows("funds.view")
def reviews(request: Request) -> HttpResponse:
    table = Table(REVIEWS, request)
    assert isinstance(table.form, ReviewFilter)
    groups = _by_event(table.form.around(table.all_rows), request.user)
    context = {
        "groups": [one | {"query": _query(request, event=one["event"])} for one in groups],
        "own": sum(one["own"] for one in groups),
        "doubted": sum(one["doubted"] for one in groups),
        "lot": services.lot_of(table.narrowed, request.user),
        "query": request.GET.urlencode(),
    }
    return listing_page(request, REVIEWS, context)


def _by_event(rows: VoucherQuerySet, user: User) -> list[dict[str, Any]]:
    """Of each event what nobody has reviewed: how many, their sum, how many of them the user made
    and how many are doubted."""
    open_doubts = VoucherDoubt.objects.filter(voucher=OuterRef("pk"), status="open")
    found = (
        rows.unreviewed()
        .order_by()
        .values("event")
        .annotate(
            number=Count("pk"),
            amount=Sum("amount"),
            own=Count("pk", filter=Q(prepared_by=user)),
            doubted=Count("pk", filter=Exists(open_doubts)),
        )
        .order_by("event")
    )
    return [
        one | {"title": EVENTS[one["event"]].title if one["event"] in EVENTS else one["event"]}
        for one in found
    ]


def _query(request: Request, **changed: str) -> str:
    """The filter as it is, for other rows of the same days."""
    kept = {name: request.GET[name] for name in ("book", "month", "on") if name in request.GET}
    return urlencode(kept | changed)


def _act(request: Request, work: Callable[[], str]) -> HttpResponse:
    """Do it, say so, and go back to the list as it was filtered."""
    with refusals_as_messages(request):
        messages.success(request, work())
    return redirect(f"{reverse('funds:reviews')}?{request.GET.urlencode()}")


def _told_of(rows: Sequence[Voucher]) -> str:
    total = sum((row.amount for row in rows), ZERO)
    return f"已复核 {len(rows)} 张凭证，合计 {told(total)} 元"


def _ticked(request: Request) -> list[int]:
    """What was ticked; a voucher that the user may not see is 404 like everywhere."""
    ids = set(ticked_ids(request.POST.getlist("vouchers")))
    found = Voucher.objects.visible_to(request.user).filter(pk__in=ids)
    if found.count() != len(ids):
        raise Http404
    return sorted(ids)


@acts("funds.review_voucher")
def review_ticked(request: Request) -> HttpResponse:
    ids = _ticked(request)
    return _act(
        request, lambda: _told_of(services.review_vouchers(actor=request.user, vouchers=ids))
    )


@acts("funds.review_voucher")
def doubt_ticked(request: Request) -> HttpResponse:
    """What was ticked, and what is doubtful about it: a page of its own, so that Enter reviews
    nothing and nothing typed is lost."""
    ids = _ticked(request)
    back = f"{reverse('funds:reviews')}?{request.GET.urlencode()}"
    if not ids:
        messages.error(request, "请先勾选凭证")
        return redirect(back)
    form = DoubtForm(request.POST if "reason" in request.POST else None)
    if form.is_valid():
        with form.refusals():
            services.raise_doubt(
                actor=request.user, vouchers=ids, reason=form.cleaned_data["reason"]
            )
            messages.success(request, f"{len(ids)} 张凭证已标为有疑问，澄清前不复核")
            return redirect(back)
    rows = Voucher.objects.filter(pk__in=ids).select_related("book__area", "period").order_by("pk")
    context = {"rows": rows, "form": form, "query": request.GET.urlencode(),
               "total": sum((row.amount for row in rows), ZERO)}  # fmt: skip
    return render(request, "funds/reviewing/doubt.html", context)


@acts("funds.review_voucher")
def review_all(request: Request) -> HttpResponse:
    """All that the filter leaves and this person may review: a day, an event, a month."""
    rows = Table(REVIEWS, request).narrowed.reviewable_by(request.user).order_by("pk")

    def work() -> str:
        ids = list(rows.values_list("pk", flat=True)[: services.MAX_AT_ONCE + 1])
        seen = asked_seen(request)
        if seen is None:
            raise Refusal("请在列表中查看后再全部复核")
        return _told_of(services.review_vouchers(actor=request.user, vouchers=ids, seen=seen))

    return _act(request, work)


# -- one voucher -------------------------------------------------------------------------------


def _voucher(request: Request, pk: int) -> Voucher:
    rows = services.with_review(
        Voucher.objects.with_postings().select_related("reversal", "period")
    )
    return get_visible(rows, request.user, pk=pk)


@shows("funds.view")
def review(request: Request, pk: int) -> HttpResponse:
    row = _voucher(request, pk)
    if getattr(row, "draft", None):
        return redirect("funds:draft", pk=row.draft.pk)
    doubt, may = services.doubt_of(row), request.user.may("funds.review_voucher")
    context = {
        "voucher": row,
        "standing": services.standing(row),
        "review": getattr(row, "review", None),
        "lines": voucher_lines(row),
        "found": behind(request.user, row),
        "doubts": row.doubts.select_related("raised_by", "settled_by"),
        "doubt": doubt,
        "may_review": may and not services.problem(row, request.user),
        "may_doubt": may and not doubt and not services.not_theirs(row, request.user),
        "may_settle": may and doubt and not services.not_theirs(row, request.user),
        "list_query": urlencode({"book": row.book_id, "month": str(row.period.as_month)}),
    }
    return render(request, "funds/reviewing/voucher.html", context)


@acts("funds.review_voucher")
def review_act(request: Request, pk: int, event: str) -> HttpResponse:
    if event not in EVENTS_OF_ONE:
        raise Http404
    row, actor, reason = _voucher(request, pk), request.user, request.POST.get("reason", "")
    with refusals_as_messages(request):
        if event == "review_voucher":
            services.review_vouchers(actor=actor, vouchers=[row.pk])
            messages.success(request, f"凭证 {row.label} 已复核")
            return _next(row, actor)
        if event == "raise_doubt":
            services.raise_doubt(actor=actor, vouchers=[row.pk], reason=reason)
            messages.success(request, f"凭证 {row.label} 已标为有疑问")
        elif doubt := services.doubt_of(row):
            services.settle_doubt(actor=actor, doubt=doubt, answer=reason)
            messages.success(request, f"凭证 {row.label} 的疑问已澄清")
        else:
            raise Refusal(f"凭证 {row.label} 没有待澄清的疑问")
    return redirect("funds:review", pk=pk)


def _next(row: Voucher, actor: User) -> HttpResponse:
    """The next voucher of the same month and event that waits for this person, else the list."""
    rows = Voucher.objects.visible_to(actor).filter(period=row.period_id, event=row.event)
    if found := rows.reviewable_by(actor).order_by("number").first():
        return redirect("funds:review", pk=found.pk)
    query = urlencode({"book": row.book_id, "month": str(row.period.as_month)})
    return redirect(f"{reverse('funds:reviews')}?{query}")
