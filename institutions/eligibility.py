"""Whether the fund pays for what a practitioner does (医保支付资格), and since when not.

医保发〔2024〕23号: whoever is suspended or ended is not paid for, at whatever institution;
emergencies and rescues are excepted.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q

from accounts.errors import Refusal
from accounts.models import User
from desk.changes import all_or_nothing
from desk.decisions import Asked
from institutions.looked_up import one_named
from institutions.models import Eligibility, Practitioner
from institutions.workflow import ELIGIBILITIES
from lib.periods import months_after

State = Eligibility.State
# 暂停 1 至 6 个月.
MIN_MONTHS, MAX_MONTHS = 1, 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A decision on one practitioner: what holds from a day to a day (None: until another)."""

    state: str
    first_day: date
    last_day: date | None
    name: str
    evidence: str

    def covers(self, day: date) -> bool:
        return self.first_day <= day and (self.last_day is None or day <= self.last_day)


def refused_on(spans: Sequence[Span], day: date) -> str:
    """Why what the practitioner did on the day is not paid, "" when it is.

    `spans`: the latest decision first, which holds where several cover the day.
    """
    held = next((span for span in spans if span.covers(day)), None)
    if held is None or held.state == State.NORMAL:
        return ""
    until = f"至 {held.last_day}" if held.last_day else "，恢复以前"
    return (
        f"医师{held.name}自 {held.first_day} 起{State(held.state).label}医保支付资格"
        f"{until}（{held.evidence}），{day} 的费用医保不予支付，急诊、抢救除外"
    )


def spans_of(codes: Iterable[str]) -> dict[str, list[Span]]:
    """Code of a practitioner → what was decided, the latest first; one statement.

    Of every institution and area: the state is one for the whole country.
    """
    found: dict[str, list[Span]] = {}
    rows = Eligibility.objects.decided().filter(practitioner__code__in=set(codes))
    for code, name, state, first, last, evidence in rows.values_list(
        "practitioner__code", "practitioner__name", "state", "first_day", "last_day", "evidence"
    ):
        found.setdefault(code, []).append(
            Span(state=state, first_day=first, last_day=last, name=name, evidence=evidence)
        )
    return found


def ineligible(codes: Iterable[str], day: date) -> dict[str, str]:
    """Code of a practitioner → why what he did on the day is not paid; one statement."""
    told = {code: refused_on(spans, day) for code, spans in spans_of(codes).items()}
    return {code: words for code, words in told.items() if words}


def last_of(first_day: date, months: int) -> date:
    """The last day of so many months from that day on: of one from 15 November 14 December."""
    return months_after(first_day, months) - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Ruling:
    """What points lead to. `barred_until`: before that day nobody who was ended registers again."""

    state: str
    first_day: date
    last_day: date | None = None
    barred_until: date | None = None


def standing_on(code: str, day: date) -> Eligibility | None:
    """The decision by which the practitioner is not paid for on the day; None when he is."""
    rows = Eligibility.objects.decided().filter(practitioner__code=code, first_day__lte=day)
    held = rows.filter(Q(last_day=None) | Q(last_day__gte=day)).first()
    return None if held is None or held.state == State.NORMAL else held


def rule_at_once(
    ruling: Ruling, *, practitioner: Practitioner, asked: Asked, decided_by: User
) -> Eligibility:
    """What follows from what two people have decided: put forward by the one, agreed to by the
    other. Inside `all_or_nothing()`."""
    row = ELIGIBILITIES.propose(
        asked,
        practitioner=practitioner,
        state=ruling.state,
        first_day=ruling.first_day,
        last_day=ruling.last_day,
        barred_until=ruling.barred_until,
    )
    return ELIGIBILITIES.decided(row, "approve_eligibility", actor=decided_by, on=asked.on)


@all_or_nothing()
def propose_eligibility(
    *,
    actor: User,
    code: str,
    state: str,
    first_day: date,
    last_day: date | None,
    evidence: str,
    reason: str,
    on: date,
) -> Eligibility:
    """Put forward that the practitioner of the code is not paid for, or is again. Raises Refusal
    at the input."""
    who: Practitioner = one_named(Practitioner.objects.visible_to(actor), code, "医师", "code")
    _check_days(state, first_day, last_day, on)
    if state == State.NORMAL and not ineligible([who.code], first_day):
        raise Refusal(f"{who.name} {first_day} 没有暂停或终止，不需要恢复", at=("first_day",))
    if state == State.NORMAL:
        _refuse_barred(who.code, first_day)
    return ELIGIBILITIES.propose(
        Asked(actor, on, evidence, reason, paper="文号"),
        practitioner=who,
        state=state,
        first_day=first_day,
        last_day=last_day,
    )


def _refuse_barred(code: str, first_day: date) -> None:
    """Who was ended by his points registers again after one year, or three (医保发〔2024〕23号)."""
    held = standing_on(code, first_day)
    if held is not None and held.barred_until is not None and first_day < held.barred_until:
        raise Refusal(
            f"终止支付资格未满期，{held.barred_until} 以前不得重新登记；"
            "记分有误的，请由机构在记分决定中申诉",
            at=("first_day",),
        )


def _check_days(state: str, first_day: date, last_day: date | None, on: date) -> None:
    """What is taken begins today or later: what was paid before stays paid. What is given back may
    begin earlier, as an appeal is decided."""
    if state == State.NORMAL:
        if last_day is not None:
            raise Refusal("恢复不填截止日期", at=("last_day",))
        return
    if first_day < on:
        raise Refusal(f"起始日期不能早于今天（{on}），已经发生的费用不受影响", at=("first_day",))
    if state == State.SUSPENDED:
        least, most = last_of(first_day, MIN_MONTHS), last_of(first_day, MAX_MONTHS)
        if last_day is None or not least <= last_day <= most:
            raise Refusal(
                f"暂停为 {MIN_MONTHS} 至 {MAX_MONTHS} 个月，截止日期请填 {least} 至 {most}",
                at=("last_day",),
            )
    elif last_day is not None and last_day < first_day:
        raise Refusal("截止日期不能早于起始日期", at=("last_day",))


@all_or_nothing()
def decide_eligibility(
    *, actor: User, row: Eligibility, event: str, on: date, reason: str = ""
) -> Eligibility:
    """Agree, refuse or take back. What begins in the past is not agreed to: its lines are paid."""
    row = ELIGIBILITIES.lock(row.pk)
    if event == "approve_eligibility" and row.state != State.NORMAL and row.first_day < on:
        raise Refusal(f"起始日期 {row.first_day} 已过，请撤回后按新的日期重新提出")
    return ELIGIBILITIES.decided(row, event, actor=actor, on=on, reason=reason)
