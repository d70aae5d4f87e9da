"""Receipts of the township."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Sum
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from accounts.clock import today
from accounts.permissions import Request, require
from accounts.scoping import get_visible
from desk.reasons import ReasonForm
from enrollment.collection.models import Receipt, ReceiptBook
from enrollment.collection.receipts import void_receipt
from lib.periods import parse_day

KINDS = {**dict(Receipt.Channel.choices), "void": "已作废", "unremitted": "现金未缴存"}


@require("enrollment.take_payment")
@require_GET
def receipts(request: Request) -> HttpResponse:
    """The clerk's own receipts and books."""
    rows = Receipt.objects.visible_to(request.user).filter(issued_by=request.user)
    kind, day = request.GET.get("kind", ""), parse_day(request.GET.get("day", ""))
    if kind == "void":
        rows = rows.exclude(voided_at=None)
    elif kind == "unremitted":
        rows = rows.unremitted()
    elif kind in Receipt.Channel.values:
        rows = rows.valid().filter(channel=kind)
    if day:
        rows = rows.filter(issued_on=day)
    sums = rows.valid().aggregate(number=Count("pk"), amount=Sum("amount"))
    rows = rows.select_related("book", "division__parent", "household", "remittance").order_by(
        "-pk"
    )
    context = {
        "page": Paginator(rows, 50).get_page(request.GET.get("page")),
        "sums": sums,
        "kind": kind,
        "kinds": KINDS,
        "day": day,
        "books": ReceiptBook.objects.visible_to(request.user).filter(
            clerk=request.user, status=ReceiptBook.Status.IN_USE
        ),
    }
    return render(request, "enrollment/collection/receipts.html", context)


@require("enrollment.take_payment")
@require_http_methods(["GET", "POST"])
def receipt_void(request: Request, pk: int) -> HttpResponse:
    receipt = get_visible(
        Receipt.objects.select_related("book", "household", "division"), request.user, pk=pk
    )
    form = ReasonForm(request.POST or None)
    form.fields["reason"].widget.attrs["autofocus"] = True
    if request.method == "POST" and form.is_valid():
        with form.refusals():
            void_receipt(
                actor=request.user,
                receipt=receipt,
                reason=form.cleaned_data["reason"],
                on=today(),
            )
            messages.success(request, f"收据 {receipt.full_number} 已作废，参保登记回到待缴费")
            return redirect("enrollment:payment", pk=receipt.household_id)
    return render(
        request, "enrollment/collection/receipt_void.html", {"form": form, "receipt": receipt}
    )
