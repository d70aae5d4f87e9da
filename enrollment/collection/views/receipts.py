"""Receipts of the township."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.clock import today
from accounts.permissions import Request, asks
from accounts.scoping import get_visible
from desk.listing import Table, listing_page
from desk.reasons import ReasonForm
from enrollment.collection.listings import RECEIPTS, with_next
from enrollment.collection.models import Receipt, ReceiptBook
from enrollment.collection.receipts import void_receipt


@asks("enrollment.take_payment")
def receipts(request: Request) -> HttpResponse:
    """The clerk's own receipts and books."""
    valid = Table(RECEIPTS, request).rows.order_by().valid()
    books = ReceiptBook.objects.visible_to(request.user).in_use_by(request.user)
    context = {
        "valid": valid.count(),
        "books": with_next(request.user, list(books)),
    }
    return listing_page(request, RECEIPTS, context)


@asks("enrollment.take_payment")
def receipt_void(request: Request, pk: int) -> HttpResponse:
    receipt = get_visible(Receipt, request.user, "book", "household", "division", pk=pk)
    form = ReasonForm(request.POST or None)
    form.fields["reason"].widget.attrs["autofocus"] = True
    if request.method == "POST" and form.is_valid():
        with form.refusals():
            void_receipt(actor=request.user, receipt=receipt, on=today(), **form.cleaned_data)
            messages.success(request, f"收据 {receipt.full_number} 已作废，参保登记回到待缴费")
            return redirect("enrollment:payment", pk=receipt.household_id)
    return render(
        request, "enrollment/collection/receipt_void.html", {"form": form, "receipt": receipt}
    )
