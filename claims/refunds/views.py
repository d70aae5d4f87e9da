"""The hospital confirms what it gave back."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.clock import today
from accounts.permissions import Request, asks
from accounts.scoping import get_visible
from claims.refunds.forms import GivenForm
from claims.refunds.models import PatientRefund
from claims.refunds.services import give_refund
from lib.money import told


@asks("claims.give_refund")
def given(request: Request, pk: int) -> HttpResponse:
    """One amount that is due to a patient: what, why, and the confirmation."""
    refund = get_visible(
        PatientRefund,
        request.user,
        "settlement__visit__person",
        "settlement__division__parent",
        "given_by",
        pk=pk,
    )
    form = GivenForm(request.POST or None, initial={"given_on": today()})
    if request.method == "POST" and form.is_valid():
        with form.refusals():
            give_refund(actor=request.user, refund=refund, today=today(), **form.cleaned_data)
            messages.success(
                request,
                f"已确认退给{refund.settlement.visit.person.name} {told(refund.amount)} 元",
            )
            return redirect("claims:refunds")
    lines = [line for line in refund.settlement.bill_lines() if line.cut_amount]
    context = {"refund": refund, "form": form, "lines": lines}
    return render(request, "claims/refunds/given.html", context)
