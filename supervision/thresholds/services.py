"""Putting a version forward, trying it out, deciding on it."""

from collections.abc import Collection, Mapping
from datetime import date

from accounts.audit import record
from accounts.errors import Refusal
from accounts.models import Division, User
from desk.changes import all_or_nothing
from desk.decisions import Asked
from desk.jobs import start
from lib.periods import Month
from supervision.thresholds.cards import EVERY_CARD, SWITCHED, InForce, problem_of
from supervision.thresholds.models import RuleTrial, RuleVersion
from supervision.thresholds.reading import in_force, latest
from supervision.thresholds.workflow import VERSIONS

# A year of months: what a change of season hides, and what a worker does within the hour.
MOST_MONTHS = 12


@all_or_nothing()
def propose_version(
    *,
    actor: User,
    area: Division,
    values: Mapping[str, int],
    off: Collection[str],
    first_day: date,
    evidence: str,
    reason: str,
    on: date,
) -> RuleVersion:
    """`values`: every threshold and term by the name of its card, in its unit; `off`: codes of the
    rules that are not asked. From `first_day` on, today at the earliest. Raises Refusal naming the
    input."""
    if not actor.may("supervision.propose_rule_version"):
        raise Refusal("规则的阈值和启停由基金监管岗提出")
    for name in EVERY_CARD:
        if problem := problem_of(name, values[name]):
            raise Refusal(problem, name)
    if strange := {*off} - {rule.code for rule in SWITCHED}:
        raise Refusal(f"规则 {'、'.join(sorted(strange))} 不在这里停用")
    if first_day < on:
        raise Refusal(f"生效日期不能早于今天（{on}）", "first_day")
    _not_before_the_latest(area, first_day)
    content = {name: int(values[name]) for name in EVERY_CARD}
    if InForce.of(None, content, sorted(off)).says_as(in_force(area.code, first_day)):
        raise Refusal("阈值、期限和启停都与现行的相同，没有要变更的")
    asked = Asked(actor, on, evidence, reason, "文号或会议纪要")
    return VERSIONS.propose(asked, area=area, first_day=first_day, content=content, off=sorted(off))


def _not_before_the_latest(area: Division, first_day: date) -> None:
    """A version says everything: one that begins before another that was released already would
    hold until that one's first day alone, and be undone by it unseen. Raises Refusal."""
    last = latest(area.code)
    if last is not None and last.first_day > first_day:
        raise Refusal(
            f"{last}已审批，自 {last.first_day} 起生效，会取代这个版本："
            f"请在它的基础上提出，生效日期不早于 {last.first_day}",
            "first_day",
        )


@all_or_nothing()
def request_trial(
    *, actor: User, version: RuleVersion, first: Month, last: Month, on: date
) -> RuleTrial:
    """Put a trial of the version over months that are over in line. Raises Refusal."""
    row = VERSIONS.lock(version.pk)
    if row.status != RuleVersion.Status.PROPOSED:
        raise Refusal("只有待审批的版本可以试运行")
    if last >= Month.of(on):
        raise Refusal("只能用已经结束的月份试运行，请选择上月或更早", "last")
    if last < first:
        raise Refusal("末月不能早于首月", "last")
    trial = RuleTrial(
        version=row,
        first_month=first.first,
        last_month=last.first,
        month=first.first,
        requested_by=actor,
    )
    if len(trial.months) > MOST_MONTHS:
        raise Refusal(f"一次最多试运行 {MOST_MONTHS} 个月，请缩短", "first")
    trial.save()
    after = {"version": row.pk, "first": f"{first}", "last": f"{last}"}
    record(actor=actor, action="supervision.try_rule_version", subject=trial, after=after)
    start(trial)
    return trial


@all_or_nothing()
def decide_version(
    *, actor: User, row: RuleVersion, event: str, on: date, reason: str = ""
) -> RuleVersion:
    """By another than who asked. Agreed to only after a trial of it came to its end, and before
    its first day has passed. Raises Refusal."""
    version = VERSIONS.lock(row.pk)
    VERSIONS.check(version, event, actor, reason)
    if event == "approve_rule_version":
        if not version.trials.filter(status=RuleTrial.Status.DONE).exists():
            raise Refusal("这个版本还没有完成的试运行，请先试运行并看过结果，再决定")
        if version.first_day < on:
            raise Refusal(
                f"生效日期 {version.first_day} 已过，不能从过去起生效：请不同意，由监管岗重新提出"
            )
        _not_before_the_latest(version.area, version.first_day)
    return VERSIONS.decided(version, event, actor=actor, on=on, reason=reason)
