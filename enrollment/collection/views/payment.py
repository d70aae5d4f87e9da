"""The payment page."""

from decimal import Decimal

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.clock import today
from accounts.permissions import Request, asks
from accounts.scoping import get_visible
from desk.reasons import ReasonForm
from enrollment.collection.forms import PaymentForm
from enrollment.collection.receipts import take_payment
from enrollment.cover.listing import pending_rows
from enrollment.people.models import Household
from lib.money import told


@asks("enrollment.take_payment")
def payment(request: Request, pk: int) -> HttpResponse:
    household = get_visible(Household.objects.select_related("division"), request.user, pk=pk)
    rows = pending_rows(household)
    due = sum((row.personal_amount for row in rows), Decimal(0))
    form = PaymentForm(request.POST or None, initial={"received": due})
    if request.headers.get("HX-Request") == "true":
        change = form.cleaned_data["received"] - due if form.is_valid() else None
        return render(request, "enrollment/collection/_change.html", {"change": change})
    if request.method == "POST" and form.is_valid():
        with form.refusals():
            receipt, change = take_payment(
                actor=request.user,
                household=household,
                received=form.cleaned_data["received"],
                on=today(),
            )
            back = f"，应找零 {told(change)} 元" if change else ""
            messages.success(request, f"已收款 {told(receipt.amount)} 元{back}，请打印收据交给群众")
            return redirect("enrollment:receipt", pk=receipt.pk)
    context = {
        "household": household,
        "rows": rows,
        "due": due,
        "form": form,
        "reason_form": ReasonForm(),
    }
    return render(request, "enrollment/collection/payment.html", context)
