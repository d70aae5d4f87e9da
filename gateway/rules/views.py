"""Pages of the county's rules for the interface."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.clock import today
from accounts.models import Division
from accounts.permissions import Request, acts, asks, shows
from accounts.scoping import get_visible
from desk.buttons import decide_visible
from gateway.rules.forms import RuleForm
from gateway.rules.models import InterfaceRule
from gateway.rules.services import propose_rules
from gateway.rules.workflow import RULES


@asks("gateway.propose_rules")
def new(request: Request) -> HttpResponse:
    form = RuleForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with form.refusals():
            area = Division.objects.get(code=request.user.county_code)
            rule = propose_rules(actor=request.user, area=area, on=today(), **form.cleaned_data)
            messages.success(request, f"{rule}已提出，由复核岗另一人决定后生效")
            return redirect("gateway:rule", rule.pk)
    return render(request, "gateway/rule_new.html", {"form": form})


@shows("gateway.view_rules")
def rule(request: Request, pk: int) -> HttpResponse:
    row = get_visible(InterfaceRule, request.user, "area", "proposed_by", "decided_by", pk=pk)
    context = {"row": row, "steps": RULES.open_to(row, request.user)}
    return render(request, "gateway/rule.html", context)


@acts("gateway.view_rules")
def act(request: Request, pk: int, event: str) -> HttpResponse:
    decide_visible(request, RULES, event, pk)
    return redirect("gateway:rule", pk)
