"""Naming another payee of a claim."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from accounts.permissions import Request, acts
from claims.paying.forms import PayeeForm
from claims.paying.services import change_payee
from claims.views.listing import one_claim, show_claim


@acts("claims.enter")
def change(request: Request, pk: int) -> HttpResponse:
    claim, form = one_claim(request, pk), PayeeForm(request.POST)
    if form.is_valid():
        with form.refusals():
            change_payee(actor=request.user, settlement=claim, **form.named())
            messages.success(request, "已改收款人，须重新初审、复核")
            return redirect("claims:claim", pk)
    return show_claim(request, one_claim(request, pk), payee_form=form)
