"""A complaint on its page, and what is done with it."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.clock import today
from accounts.forms import PlainForm, refusals_as_messages
from accounts.models import Division
from accounts.permissions import Request, acts, asks, shows
from accounts.scoping import get_visible
from claims.recovery.forms import money_field
from desk.buttons import asked_step, decide_visible, take_asked
from desk.reasons import ReasonField
from desk.workflow import START
from supervision.complaints import services
from supervision.complaints.models import Complaint, Reward
from supervision.complaints.services import Told
from supervision.complaints.workflow import COMPLAINTS, REWARDS

VIEW, HANDLE = "supervision.view_complaints", "supervision.handle_complaint"
BUTTONS = {step.event for step in COMPLAINTS.steps if START not in step.sources}


class ComplaintForm(PlainForm):
    channel = forms.ChoiceField(label="渠道", choices=Complaint.Channel.choices)
    about = forms.CharField(
        label="被投诉举报人", max_length=100, widget=forms.TextInput(attrs={"size": 30})
    )
    informant = forms.CharField(
        label="投诉举报人姓名、联系方式",
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"size": 36}),
        help_text="匿名的不填；加密保存，查看须有理由并留痕",
    )
    told = ReasonField(
        label="内容", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )


class RewardForm(PlainForm):
    found_amount = money_field("查实金额（元）")
    percent = forms.IntegerField(
        label="奖励比例（%）",
        min_value=1,
        max_value=100,
        widget=forms.TextInput(attrs={"size": 5}),
    )
    evidence = forms.CharField(
        label="依据文件", max_length=100, widget=forms.TextInput(attrs={"size": 30})
    )
    reason = ReasonField(label="事由", max_length=200, required=False)


@asks(HANDLE)
def new(request: Request) -> HttpResponse:
    form = ComplaintForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with form.refusals():
            area = get_visible(Division, request.user, code=request.user.county_code)
            row = services.take_complaint(
                actor=request.user, area=area, said=form.typed(Told), on=today()
            )
            messages.success(request, f"已登记 {row}")
            return redirect("supervision:complaint", row.pk)
    context = {"form": form, "title": "登记投诉举报"}
    return render(request, "supervision/complaints/ask.html", context)


def one_complaint(request: Request, pk: int) -> Complaint:
    return get_visible(Complaint, request.user, "area", "case", *COMPLAINTS.hands, pk=pk)


def _shown(request: Request, row: Complaint, informant: str = "") -> HttpResponse:
    rewards = list(row.rewards.select_related("proposed_by", "decided_by"))
    context = {
        "complaint": row,
        "steps": [one for one in COMPLAINTS.open_to(row, request.user) if one.event in BUTTONS],
        "informant": informant,
        "rewards": rewards,
        "deciding": [
            (one, [step for step in REWARDS.open_to(one, request.user)])
            for one in rewards
            if one.status == Reward.Status.PROPOSED
        ],
    }
    return render(request, "supervision/complaints/complaint.html", context)


@shows(VIEW)
def complaint(request: Request, pk: int) -> HttpResponse:
    return _shown(request, one_complaint(request, pk))


@acts("supervision.reveal_informant")
def reveal(request: Request, pk: int) -> HttpResponse:
    row, informant = one_complaint(request, pk), ""
    with refusals_as_messages(request):
        reason = request.POST.get("reason", "")
        informant = services.reveal_informant(actor=request.user, row=row, reason=reason)
    return _shown(request, row, informant)


@acts(HANDLE)
def to_clue(request: Request, pk: int) -> HttpResponse:
    row = one_complaint(request, pk)
    with refusals_as_messages(request):
        case = services.to_clue(actor=request.user, row=row, on=today())
        messages.success(request, f"已转为案件线索 {case}")
    return redirect("supervision:complaint", pk)


@asks("supervision.propose_reward")
def reward(request: Request, pk: int) -> HttpResponse:
    row = one_complaint(request, pk)
    form = RewardForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with form.refusals():
            services.propose_reward(actor=request.user, row=row, on=today(), **form.cleaned_data)
            messages.success(request, "奖励已提出，待审批")
            return redirect("supervision:complaint", pk)
    context = {"form": form, "title": f"奖励：{row}"}
    return render(request, "supervision/complaints/ask.html", context)


@acts(VIEW)
def decide(request: Request, pk: int, event: str) -> HttpResponse:
    row = decide_visible(request, REWARDS, event, pk, services.decide_reward)
    return redirect("supervision:complaint", row.complaint_id)


@acts(VIEW)
def step(request: Request, pk: int, event: str) -> HttpResponse:
    """One button of the workflow."""
    asked_step(request, COMPLAINTS, event, BUTTONS)
    row = one_complaint(request, pk)
    take_asked(request, COMPLAINTS, event, services.step_complaint, row=row)
    return redirect("supervision:complaint", pk)
