"""The payment page."""

from decimal import Decimal

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.clock import today
from accounts.permissions import Request, asks
from desk.reasons import ReasonForm
from enrollment.collection.cash import usual_sums
from enrollment.collection.forms import PaymentForm
from enrollment.collection.models import Receipt
from enrollment.collection.receipts import payer_of, take_payment
from enrollment.cover.listing import pending_rows
from enrollment.people.models import Household
from enrollment.people.views.one import one_household
from lib.money import to_fen, told


def _last_receipt(household: Household) -> Receipt | None:
    """What a second tab, or the way back, meets: the household has just paid."""
    standing = household.receipts.valid().select_related("book", "issued_by")
    return standing.order_by("-pk").first()


@asks("enrollment.take_payment")
def payment(request: Request, pk: int) -> HttpResponse:
    household = one_household(request, pk)
    rows = pending_rows(household)
    due = sum((row.personal_amount for row in rows), Decimal(0))
    form = PaymentForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with form.refusals():
            receipt, change = take_payment(
                actor=request.user,
                household=household,
                received=form.cleaned_data["received"],
                on=today(),
                is_sure=form.cleaned_data["sure"],
            )
            back = f"，应找零 {told(change)} 元" if change else ""
            messages.success(request, f"已收款 {told(receipt.amount)} 元{back}，请打印收据交给群众")
            return redirect("enrollment:receipt", pk=receipt.pk)
    context = {
        "household": household,
        "payer": payer_of(rows) if rows else "",
        "rows": rows,
        "paid": None if rows else _last_receipt(household),
        "due": due,
        "due_fen": to_fen(due),
        "sums": usual_sums(due),
        "form": form,
        "reason_form": ReasonForm(),
        "withdraws": "withdraw" in request.GET,
    }
    return render(request, "enrollment/collection/payment.html", context)
