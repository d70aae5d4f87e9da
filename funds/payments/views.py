"""Pages of the payments: what waits, batches, one order, what the bank sent back."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render

from accounts.clock import today
from accounts.errors import Refusal
from accounts.forms import refusals_as_messages, say_refused
from accounts.models import Division
from accounts.permissions import Request, acts, shows
from accounts.scoping import get_visible
from desk.downloads import download, purpose
from desk.import_pages import ImportPages, UploadForm, one_step
from desk.listing import listing_page
from desk.reasons import ReasonForm
from desk.seen import asked_seen
from desk.ticks import ticked_ids
from funds.payments import keeping, services
from funds.payments.bank_file import take_bank_file
from funds.payments.forms import BatchForm, PayeeForm, ReleaseForm, ReturnFileForm, ReturnForm
from funds.payments.listings import OWED, QUEUE, RETURN_FILE, RETURN_FILES, TRANSFERS
from funds.payments.means import means_of
from funds.payments.models import (
    PaymentBatch,
    PaymentKept,
    PaymentOrder,
    PaymentReturn,
    ReturnNote,
    Transfer,
)
from funds.payments.owing import lasting_of, owed
from funds.payments.returns import LAYOUT, RETURNS
from funds.payments.rooms import place_of
from funds.payments.workflow import ORDERS
from lib.money import told


def _queue(request: Request, form: BatchForm) -> HttpResponse:
    return listing_page(request, QUEUE, {"form": form})


@shows("funds.view_payments")
def queue(request: Request) -> HttpResponse:
    return _queue(request, BatchForm([]))


@acts("funds.make_batch")
def make(request: Request) -> HttpResponse:
    """The ticked orders become a batch; one that the user may not see is 404 like everywhere."""
    ids = set(ticked_ids(request.POST.getlist("orders")))
    rows = list(PaymentOrder.objects.ticked(request.user, ids))
    if len(rows) != len(ids):
        raise Http404
    form = BatchForm([row.pk for row in rows], request.POST)
    if form.is_valid():
        with form.refusals():
            batch = services.make_batch(actor=request.user, orders=rows, on=today())
            messages.success(
                request, f"已编{batch}：{batch.number_of} 笔，{told(batch.total)} 元，待出纳发出"
            )
            return redirect("funds:payment_batch", pk=batch.pk)
    return _queue(request, form)


@acts("funds.make_batch")
def tried(request: Request) -> HttpResponse:
    """Fragment: what the expenditure accounts have for the orders that are ticked so far."""
    ids = ticked_ids(request.POST.getlist("orders"))
    rows = PaymentOrder.objects.ticked(request.user, ids).values_list("pk", flat=True)
    area = get_object_or_404(Division, code=request.user.county_code)
    try:
        context: dict[str, Any] = {"means": means_of(area, list(rows), today())}
    except Refusal as refusal:
        context = {"refusal": refusal.message}
    return render(request, "funds/payments/_means.html", context)


@shows("funds.view_payments")
def owed_list(request: Request) -> HttpResponse:
    user, tiles = request.user, owed(request.user)
    context: dict[str, Any] = {"tiles": tiles}
    if user.division is not None and user.division_code == user.county_code:  # who sees all of it
        context["lasting"] = lasting_of(user.division, tiles, user)
    return listing_page(request, OWED, context)


# -- a batch -----------------------------------------------------------------------------------


def _batch(request: Request, pk: int) -> PaymentBatch:
    return get_visible(PaymentBatch, request.user, "area", "made_by", "released_by", pk=pk)


def _show_batch(
    request: Request, batch: PaymentBatch, form: ReleaseForm | None = None
) -> HttpResponse:
    seen = {"number_of": batch.number_of, "total": batch.total, "paid_on": today()}
    lines = Transfer.objects.filter(batch=batch).select_related("order__division__parent", "batch")
    lines = lines.prefetch_related("notes")
    vouchers = batch.vouchers.select_related("voucher", "township", "transfer").order_by("id")
    is_made = batch.status == PaymentBatch.Status.MADE and batch.number_of
    orders = batch.orders.values_list("pk", flat=True)
    context = {
        "batch": batch,
        "means": means_of(batch.area, list(orders), today(), batch=batch) if is_made else [],
        "form": form or ReleaseForm(initial=seen),
        "reason_form": ReasonForm(),
        "vouchers": vouchers,
        "files": batch.files.select_related("taken_by"),
        **lines.aggregate(
            arrived=Count("pk", filter=Q(outcome=Transfer.Outcome.ARRIVED)),
            bounced=Count("pk", filter=Q(outcome=Transfer.Outcome.RETURNED)),
        ),
    }
    return listing_page(request, TRANSFERS, context, rows=lines.order_by("position"))


@shows("funds.view")
def batch(request: Request, pk: int) -> HttpResponse:
    return _show_batch(request, _batch(request, pk))


@acts("funds.release_batch")
def release(request: Request, pk: int) -> HttpResponse:
    row, form = _batch(request, pk), ReleaseForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        with form.refusals():
            done = services.release_batch(
                actor=request.user,
                batch=row,
                seen=(data["number_of"], data["total"]),
                on=data["paid_on"],
                today=today(),
            )
            messages.success(
                request, f"{done} 已发出：{done.number_of} 笔，{told(done.total)} 元，凭证已记账"
            )
            return redirect("funds:payment_batch", pk=pk)
    return _show_batch(request, _batch(request, pk), form)


@acts("funds.make_batch")
def discard(request: Request, pk: int) -> HttpResponse:
    row = _batch(request, pk)
    with refusals_as_messages(request):
        services.discard_batch(actor=request.user, batch=row, reason=request.POST.get("reason", ""))
        messages.success(request, f"{row}已解散，款项回到“待支付”")
    return redirect("funds:payment_batch", pk=pk)


def _transfer(request: Request, pk: int) -> Transfer:
    return get_visible(Transfer, request.user, "batch__area", "order", pk=pk)


@acts("funds.make_batch")
def take_out(request: Request, pk: int) -> HttpResponse:
    row = _transfer(request, pk)
    with refusals_as_messages(request):
        services.take_out(actor=request.user, transfer=row, reason=request.POST.get("reason", ""))
        messages.success(request, f"{row.order.source}已移出批次，回到“待支付”")
    return redirect("funds:payment_batch", pk=row.batch_id)


@acts("funds.read_returns")
def came_back(request: Request, pk: int) -> HttpResponse:
    """The bank gave one payment back: told by hand, for a second person to confirm."""
    row, form = _transfer(request, pk), ReturnForm(request.POST)
    with refusals_as_messages(request):
        if not form.is_valid():
            field, said = next(iter(form.errors.items()))
            raise Refusal(str(said[0]), field)
        data = form.cleaned_data
        services.tell_return(
            actor=request.user,
            transfer=row,
            on=data["returned_on"],
            reason=data["reason"],
            evidence=data["evidence"],
            today=today(),
        )
        messages.success(request, f"付款 {row.reference} 已登记退汇，待出纳核对后记账")
    return redirect("funds:payment_order", pk=row.order_id)


def _note(request: Request, pk: int) -> ReturnNote:
    return get_visible(ReturnNote, request.user, "transfer", pk=pk)


@acts("funds.confirm_return")
def confirm_return(request: Request, pk: int) -> HttpResponse:
    row = _note(request, pk)
    with refusals_as_messages(request, "退汇已核对并记账，更正账户后再支付"):
        services.confirm_return(actor=request.user, note=row)
    return redirect("funds:payment_order", pk=row.transfer.order_id)


@acts("funds.confirm_return")
def refuse_return(request: Request, pk: int) -> HttpResponse:
    row = _note(request, pk)
    with refusals_as_messages(request, "已记下没有退汇"):
        services.refuse_return(actor=request.user, note=row, reason=request.POST.get("reason", ""))
    return redirect("funds:payment_order", pk=row.transfer.order_id)


@acts("funds.take_bank_file")
def bank_file(request: Request, pk: int) -> HttpResponseBase:
    row = _batch(request, pk)
    try:
        reason = purpose(request)
        content, name = take_bank_file(actor=request.user, batch=row, reason=reason)
    except Refusal as refusal:
        say_refused(request, refusal)
        return redirect("funds:payment_batch", pk=pk)
    return download(content, name)


# -- an order ----------------------------------------------------------------------------------


def _order(request: Request, pk: int) -> PaymentOrder:
    return get_visible(
        PaymentOrder,
        request.user,
        "division__parent",
        "township",
        "batch",
        "asked_by",
        "corrected_by",
        "confirmed_by",
        pk=pk,
    )


def _show_order(
    request: Request, order: PaymentOrder, form: PayeeForm | None = None
) -> HttpResponse:
    transfers = order.transfers.select_related("batch").order_by("id")
    context = {
        "order": order,
        "kept": PaymentKept.objects.filter(part__order=order).select_related("voucher"),
        "transfers": transfers.prefetch_related("return_vouchers__voucher"),
        "notes": ReturnNote.objects.filter(transfer__order=order).select_related(
            "transfer__batch", "noted_by", "decided_by"
        ),
        "may_confirm_return": request.user.may("funds.confirm_return"),
        "place": place_of(order.key),
        "moves": (moves := {step.event for step in ORDERS.open_to(order, request.user)}),
        "no_account": "按协议账户" if order.payee_code else "还没有收款账号",
        "may_correct": services.correcting(order) in moves,
        "form": form or PayeeForm(initial={"payee": order.payee, "bank": order.bank}),
        "reason_form": ReasonForm(),
        "seen": services.payee_shown(order),
    }
    return render(request, "funds/payments/order.html", context)


@shows("funds.view_payments")
def order(request: Request, pk: int) -> HttpResponse:
    return _show_order(request, _order(request, pk))


def _step(
    request: Request, pk: int, step: Callable[..., Any], said: str, **given: Any
) -> HttpResponse:
    """What a button of the page does to the order; `said` when it is done."""
    row = _order(request, pk)
    with refusals_as_messages(request, said):
        step(actor=request.user, order=row, **given)
    return redirect("funds:payment_order", pk=pk)


def _way_back(request: Request, pk: int, step: Callable[..., Any], said: str) -> HttpResponse:
    """The same of a step that wants a reason."""
    return _step(request, pk, step, said, reason=request.POST.get("reason", ""))


@acts("funds.correct_payee")
def correct(request: Request, pk: int) -> HttpResponse:
    row, form = _order(request, pk), PayeeForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        with form.refusals():
            payee = services.checked_payee(data["payee"], data["account"], data["bank"])
            services.correct_payee(
                actor=request.user, order=row, payee=payee, reason=data["reason"]
            )
            messages.success(request, "已提交更正，待复核确认后再支付")
            return redirect("funds:payment_order", pk=pk)
    return _show_order(request, _order(request, pk), form)


@acts("funds.confirm_payee")
def confirm(request: Request, pk: int) -> HttpResponse:
    said = "已确认更正，回到“待支付”"
    typed = {"seen": asked_seen(request), "account": request.POST.get("account", "")}
    return _step(request, pk, services.confirm_payee, said, **typed)


@acts("funds.confirm_payee")
def refuse(request: Request, pk: int) -> HttpResponse:
    return _way_back(request, pk, services.refuse_payee, "没有同意更正，请重新更正账户")


@acts("funds.correct_payee")
def ask_give_up(request: Request, pk: int) -> HttpResponse:
    """Nobody is there to be paid what came back."""
    return _way_back(request, pk, keeping.ask_give_up, "已申请转回基金，待复核批准")


@acts("funds.confirm_payee")
def give_up(request: Request, pk: int) -> HttpResponse:
    row = _order(request, pk)
    with refusals_as_messages(request):
        done = keeping.give_up(actor=request.user, order=row, on=today())
        messages.success(request, f"{done.source}的退汇款已转回基金并记账")
    return redirect("funds:payment_order", pk=pk)


@acts("funds.confirm_payee")
def refuse_give_up(request: Request, pk: int) -> HttpResponse:
    return _way_back(request, pk, keeping.refuse_give_up, "没有同意转回，请更正账户")


# -- what the bank sent back -------------------------------------------------------------------


class _Returns(ImportPages[PaymentReturn]):
    importing = RETURNS
    room = "funds"
    paths = one_step("payments/returns", "return")
    view, load = "funds.view", "funds.read_returns"
    form = ReturnFileForm
    blanks = {"银行回盘": LAYOUT}
    listing = RETURN_FILES
    judged = RETURN_FILE
    known = "这份回盘文件已经导入过，没有重复登记"

    def about(self, request: Request, form: UploadForm) -> dict[str, Any]:
        return {"area": get_visible(Division, request.user, code=request.user.county_code)}

    def lines(self, request: Request, upload: PaymentReturn, verdict: str) -> Any:
        return Transfer.objects.none()


RETURN_PAGES = _Returns()
