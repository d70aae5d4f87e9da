"""A trial of a version: the same settlements by what holds today and by the version, side by side.

Writes its hits and nothing else: no alert, no hold, no mark that a settlement was looked at.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Count, Q, Sum

from accounts.models import Division
from claims.models import Settlement
from desk.jobs import Tell
from lib.periods import Month
from supervision.candidates.reading import candidates
from supervision.gathering import Batch, gather
from supervision.rules import RULES, SCREENS, ClaimFacts, Hit, Known, Need, Rule
from supervision.runs.services import of_month
from supervision.thresholds.cards import SWITCHED, InForce
from supervision.thresholds.models import RuleTrial, TrialHit
from supervision.thresholds.reading import in_force

# Settlements in one transaction, as of a month's run (supervision/runs).
AT_ONCE = 5_000
_TRIED = frozenset(rule.code for rule in SWITCHED)
Key = tuple[str, int]


def try_out(trial: RuleTrial, tell: Tell, *, on: date) -> Mapping[str, Any]:
    """Month by month, by batches in the order of settlements; each is written together with how
    far it is. `on`: the day whose rules stand beside the version."""
    now, proposed = in_force(trial.area_code, on), trial.version.says
    whole = sum(of_month(trial.version.area, month).count() for month in _all_months(trial))
    for month in trial.months:
        while _try_next(trial, month, now, proposed):
            done = min(99, trial.looked_at * 100 // max(1, whole))
            tell(done, f"{month}：已试 {trial.looked_at} 笔")
        _move_on(trial, month)
    return {}


def _all_months(trial: RuleTrial) -> Iterator[Month]:
    month = Month.of(trial.first_month)
    while month <= Month.of(trial.last_month):
        yield month
        month = month.next()


def _move_on(trial: RuleTrial, month: Month) -> None:
    if month < Month.of(trial.last_month):
        trial.month, trial.upto = month.next().first, 0
        RuleTrial.objects.filter(pk=trial.pk).update(month=trial.month, upto=0)


@transaction.atomic
def _try_next(trial: RuleTrial, month: Month, now: InForce, proposed: InForce) -> bool:
    """One batch; False when nothing of the month was left."""
    area = trial.version.area
    rows = of_month(area, month).filter(pk__gt=trial.upto).order_by("pk")[:AT_ONCE]
    taken = list(rows.values_list("pk", flat=True))
    if not taken:
        return False
    _write(trial, *both_found(area, taken, month, now, proposed))
    columns = {
        "upto": taken[-1],
        "looked_at": trial.looked_at + len(taken),
    }
    RuleTrial.objects.filter(pk=trial.pk).update(**columns)
    for name, value in columns.items():
        setattr(trial, name, value)
    return True


def both_found(
    area: Division, taken: Sequence[int], month: Month, now: InForce, proposed: InForce
) -> tuple[dict[Key, Hit], dict[Key, Hit]]:
    """What the rules say of these settlements of the month, by the one and by the other."""
    asked = _asked(area, taken, month, (now, proposed))
    rows = Settlement.objects.filter(pk__in=asked).order_by("pk")
    batch = Batch.of(area, rows, month, taken)
    new = batch.claims
    known, given = gather(batch, now.bounds, ends_run=False)
    # Deaths are looked for among all claims once a run; here among those of the months.
    known, given = replace(known, outlived=new), given | {Need.OUTLIVED}
    return _found(new, known, given, now), _found(new, known, given, proposed)


def _asked(area: Division, taken: Sequence[int], month: Month, both: Sequence[InForce]) -> set[int]:
    """Of which a rule may say something by the bounds of either: the statements compare with
    bounds, so each is asked with its own."""
    return {
        settlement
        for says in both
        for settlement in candidates(area, taken, says.bounds, month, asked=_TRIED - says.off)
    }


def _found(
    new: Sequence[ClaimFacts], known: Known, given: frozenset[Need], says: InForce
) -> dict[Key, Hit]:
    asked = _TRIED - says.off
    known = replace(known, bounds=says.bounds)
    screens = [one for one in SCREENS if one.rule.code in asked and one.rule.needs <= given]
    hits = (hit for screen in screens for hit in screen.find(new, known))
    return {(hit.rule, hit.settlement): hit for hit in hits}


def _write(trial: RuleTrial, now: Mapping[Key, Hit], proposed: Mapping[Key, Hit]) -> None:
    """What a batch before found of the same rule and settlement is found as well."""
    keys = {**now, **proposed}
    before = {
        (hit.rule, hit.settlement_id): hit
        for hit in trial.hits.filter(settlement__in={settlement for _, settlement in keys})
    }
    fresh, changed = [], []
    for key, hit in keys.items():
        was = before.get(key)
        if was is None:
            fresh.append(
                TrialHit(
                    trial=trial,
                    rule=hit.rule,
                    settlement_id=hit.settlement,
                    finding=hit.finding[:300],
                    is_now=key in now,
                    is_proposed=key in proposed,
                )
            )
        else:
            was.is_now |= key in now
            was.is_proposed |= key in proposed
            changed.append(was)
    TrialHit.objects.bulk_create(fresh)
    TrialHit.objects.bulk_update(changed, ["is_now", "is_proposed"])


@dataclass(frozen=True)
class Beside:
    """A rule's hits by what holds today and by the version. Sums in yuan of what the fund pays."""

    rule: Rule
    now: int
    proposed: int
    new: int
    gone: int
    new_fund: Any
    gone_fund: Any


def beside(trial: RuleTrial) -> list[Beside]:
    """Rules that found anything either way. One statement."""
    new, gone = Q(is_now=False), Q(is_proposed=False)
    rows: Any = (
        trial.hits.order_by()
        .values("rule")
        .annotate(
            now=Count("pk", filter=Q(is_now=True)),
            proposed=Count("pk", filter=Q(is_proposed=True)),
            new=Count("pk", filter=new),
            gone=Count("pk", filter=gone),
            new_fund=Sum("settlement__fund_amount", filter=new, default=0),
            gone_fund=Sum("settlement__fund_amount", filter=gone, default=0),
        )
    )
    return [Beside(**{**row, "rule": RULES[row["rule"]]}) for row in rows.order_by("rule")]
