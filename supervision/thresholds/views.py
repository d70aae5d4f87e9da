"""Pages of versions: what one says, its trials with what they found, and the decision."""

from dataclasses import dataclass
from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from accounts.clock import today
from accounts.models import Division
from accounts.permissions import Request, acts, asks, shows
from accounts.scoping import get_visible
from desk.buttons import decide_visible
from lib.periods import Month
from supervision.rules import RULES
from supervision.rules.bounds import BoundCard
from supervision.thresholds.cards import EVERY_CARD, InForce
from supervision.thresholds.forms import TrialForm, VersionForm
from supervision.thresholds.models import RuleTrial, RuleVersion
from supervision.thresholds.reading import in_force, latest
from supervision.thresholds.services import decide_version, propose_version, request_trial
from supervision.thresholds.trying import beside
from supervision.thresholds.workflow import VERSIONS

# So many months back a trial is offered.
OFFERED = 3


@asks("supervision.propose_rule_version")
def new(request: Request) -> HttpResponse:
    area = get_object_or_404(Division, code=request.user.county_code)
    last, first_day = latest(area.code), today() + timedelta(days=1)
    form = VersionForm(
        last.says if last else InForce(),
        request.POST or None,
        initial={"first_day": max(first_day, last.first_day) if last else first_day},
    )
    if request.method == "POST" and form.is_valid():
        with form.refusals():
            row = propose_version(actor=request.user, area=area, on=today(), **form.asked)
            messages.success(request, "已提出，请先试运行，再由复核岗决定")
            return redirect("supervision:rule_version", row.pk)
    return render(request, "supervision/thresholds/new.html", {"form": form})


@shows("supervision.view")
def version(request: Request, pk: int) -> HttpResponse:
    row = _visible(request, pk)
    last = Month.of(today()).previous()
    first = last
    for _ in range(OFFERED - 1):
        first = first.previous()
    return _page(request, row, TrialForm(initial={"first": str(first), "last": str(last)}))


@acts("supervision.try_rule_version")
def try_out(request: Request, pk: int) -> HttpResponse:
    row = _visible(request, pk)
    form = TrialForm(request.POST)
    if form.is_valid():
        with form.refusals():
            request_trial(actor=request.user, version=row, on=today(), **form.span)
            messages.success(request, "已开始试运行；可以关闭本页，稍后再看结果")
            return redirect("supervision:rule_version", pk)
    return _page(request, row, form)


@acts("supervision.view")
def decide(request: Request, pk: int, event: str) -> HttpResponse:
    decide_visible(request, VERSIONS, event, pk, decide_version)
    return redirect("supervision:rule_version", pk)


def _visible(request: Request, pk: int) -> RuleVersion:
    return get_visible(RuleVersion, request.user, "area", "proposed_by", "decided_by", pk=pk)


@dataclass(frozen=True)
class Changed:
    """A threshold or a term that the version sets otherwise than what holds without it."""

    card: BoundCard
    was: int
    becomes: int

    @property
    def about(self) -> str:
        rule = RULES.get(self.card.rule)
        return f"{rule.code} {rule.title}" if rule else "审核期限"


def _page(request: Request, row: RuleVersion, form: TrialForm) -> HttpResponse:
    waits = row.status == RuleVersion.Status.PROPOSED
    before = _before(row)
    says = row.says
    trials = list(row.trials.select_related("requested_by"))
    done = next((one for one in trials if one.status == RuleTrial.Status.DONE), None)
    context = {
        "row": row,
        "steps": VERSIONS.open_to(row, request.user),
        "changes": [
            Changed(card, before.values[name], says.values[name])
            for name, card in EVERY_CARD.items()
            if before.values[name] != says.values[name]
        ],
        "switched_off": [RULES[code] for code in sorted(says.off - before.off) if code in RULES],
        "switched_on": [RULES[code] for code in sorted(before.off - says.off) if code in RULES],
        "stay_off": [RULES[code] for code in sorted(says.off & before.off) if code in RULES],
        "trials": trials,
        "done": done,
        "beside": beside(done) if done else [],
        "form": form,
        "may_try": waits and request.user.may("supervision.try_rule_version"),
    }
    return render(request, "supervision/thresholds/version.html", context)


def _before(row: RuleVersion) -> InForce:
    """What holds without it on its first day: of one that was released what held the day before."""
    if row.status == RuleVersion.Status.APPROVED:
        return in_force(row.area.code, row.first_day - timedelta(days=1))
    return in_force(row.area.code, max(row.first_day, today()))
