"""Asking for a month's run, and running it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Count, Max

from accounts.audit import record
from accounts.clock import today
from accounts.errors import Refusal
from accounts.models import Division, User
from claims.models import SettlementQuerySet
from desk.changes import all_or_nothing
from desk.jobs import Tell, start
from lib.money import half_up
from lib.periods import Month
from supervision.claim_rows import counted_claims
from supervision.models import Alert
from supervision.rules import RULES, Rule
from supervision.rules.bounds import CARDS, BoundCard
from supervision.runs.models import MonthRun
from supervision.services import AT_ONCE, screen, screen_new_claims
from supervision.thresholds.cards import SWITCHED, InForce
from supervision.thresholds.models import RuleVersion
from supervision.thresholds.reading import begun


@all_or_nothing()
def request_run(*, actor: User, area: Division, month: Month) -> MonthRun:
    """Put the month in line. Of months that are over: what only the whole month tells would be
    wrong before. The same month may be run again and finds the same. Raises Refusal."""
    if month >= Month.of(today()):
        raise Refusal("只能筛查已经结束的月份，请选择上月或更早", "month")
    run = MonthRun.objects.create(area=area, month=month.first, requested_by=actor)
    after = {"area": area.code, "month": f"{month}"}
    record(actor=actor, action="supervision.run_month", subject=run, after=after)
    start(run)
    return run


def of_month(area: Division, month: Month) -> SettlementQuerySet:
    return counted_claims().filter(
        settled_on__range=(month.first, month.last), division__code__startswith=area.code
    )


def screen_month(run: MonthRun, month: Month, tell: Tell) -> Mapping[str, Any]:
    """By batches in the order of settlements; each is written together with how far it is. What
    nobody looked at yet is looked at first, so that all of the month is compared with all."""
    while screen_new_claims(area=run.area):
        tell(0, "先筛查新提交的结算单")
    rows = of_month(run.area, month)
    whole = rows.count()
    while _screen_next(run, rows, month):
        tell(min(99, run.looked_at * 100 // max(1, whole)), f"已筛查 {run.looked_at} 笔")
    return {"found": run.found}


@transaction.atomic
def _screen_next(run: MonthRun, rows: SettlementQuerySet, month: Month) -> bool:
    """One batch; False when nothing was left."""
    before = Alert.objects.aggregate(top=Max("pk"))["top"] or 0
    batch = rows.filter(pk__gt=run.upto).order_by("pk")[:AT_ONCE]
    seen = screen(run.area, batch, most=AT_ONCE, month=month)
    if not seen.looked_at:
        return False
    own = Alert.objects.filter(pk__gt=before, settlement__in={hit.settlement for hit in seen.hits})
    told = Counter(run.found) + Counter(
        rule for rule, _ in {(h.rule, h.settlement) for h in seen.hits}
    )
    columns = {
        "upto": seen.last,
        "looked_at": run.looked_at + seen.looked_at,
        "added": run.added + own.count(),
        "found": dict(told),
    }
    MonthRun.objects.filter(pk=run.pk).update(**columns)
    for name, value in columns.items():
        setattr(run, name, value)
    return True


@dataclass(frozen=True)
class Standing:
    """A rule with what became of what it found within the user's scope. `is_on`: None where it is
    switched elsewhere or not at all; `bounds`: its cards with what holds today; `since`: from which
    day on it stands like this, None for the defaults of the house."""

    rule: Rule
    hits: int
    confirmed: int
    dismissed: int
    is_on: bool | None
    bounds: Sequence[tuple[BoundCard, int]]
    since: date | None

    @property
    def open(self) -> int:
        return self.hits - self.confirmed - self.dismissed

    @property
    def false_alarms(self) -> int | None:
        """In hundredths of a per cent of what was concluded on; None where nothing was."""
        concluded = self.confirmed + self.dismissed
        return half_up(self.dismissed * 10_000, concluded) if concluded else None


def standings(user: User) -> list[Standing]:
    """Every rule of the house, also those that found nothing. Two statements."""
    rows = Alert.objects.visible_to(user).order_by().values_list("rule", "status")
    counted = {(rule, status): number for rule, status, number in rows.annotate(n=Count("pk"))}
    versions = begun(user.county_code, today())
    held = versions[0].says if versions else InForce()
    return [
        Standing(
            rule=rule,
            hits=sum(n for (code, _), n in counted.items() if code == rule.code),
            confirmed=counted.get((rule.code, Alert.Status.CONFIRMED), 0),
            dismissed=counted.get((rule.code, Alert.Status.DISMISSED), 0),
            is_on=rule.code not in held.off if rule in SWITCHED else None,
            bounds=[(CARDS[name], value) for name, value in _own(rule, held)],
            since=_since(rule, versions),
        )
        for rule in RULES.values()
    ]


def _own(rule: Rule, says: InForce) -> list[tuple[str, int]]:
    """The thresholds that this rule asks, by the names of their cards."""
    return [(name, says.values[name]) for name, card in CARDS.items() if card.rule == rule.code]


def _since(rule: Rule, versions: Sequence[RuleVersion]) -> date | None:
    """The first day of the earliest of the versions that say of the rule what today's does, back
    to the last that did not. `versions`: the one in force first."""
    since = None
    for version in versions:
        if _stands(rule, version.says) != _stands(rule, versions[0].says):
            return since
        since = version.first_day
    untouched = not versions or _stands(rule, versions[0].says) == _stands(rule, InForce())
    return None if untouched else since


def _stands(rule: Rule, says: InForce) -> tuple[bool, list[tuple[str, int]]]:
    return rule.code in says.off, _own(rule, says)
