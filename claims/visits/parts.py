"""The parts in which a stay is settled, from rows to the engine and back. See interim.py."""

from collections import Counter
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Any, Self

from django.db.models import Exists, OuterRef, QuerySet

from accounts.errors import Refusal
from claims.adjudication import Decision
from claims.computation import compute, decide, member_of
from claims.models import BillLine, Settlement, UsageEntry, Visit
from claims.recovery.models import Recovery
from claims.visits.interim import Paid, difference, short_of
from desk.kept import Kept, given
from enrollment.models import Enrollment
from lib.money import to_fen
from policies.services import Measures


@dataclass(frozen=True)
class Earlier:
    """The parts that stand before one, in their order, with all their lines.

    `own`: counter → what they moved it by, as it now stands in the usage to date.
    """

    settlements: Sequence[Settlement]
    lines: Sequence[BillLine]
    own: Mapping[str, int]

    @classmethod
    def after(
        cls,
        before: Self | None,
        settlement: Settlement,
        lines: Sequence[BillLine],
        decision: Decision,
    ) -> Self:
        """With one part more, which moved the counters as the decision says."""
        own = Counter(dict(before.own) if before else {})
        own.update({change.counter: change.delta for change in decision.changes})
        settlements = [*(before.settlements if before else ()), settlement]
        return cls(settlements, [*(before.lines if before else ()), *lines], own)


def standing_parts(visit: Visit) -> list[Settlement]:
    """The visit's settlements that stand, the first part first: neither withdrawn nor wholly back
    in the fund."""
    return standing_and_gone(visit)[0]


def standing_and_gone(visit: Visit) -> tuple[list[Settlement], list[Settlement]]:
    """Those that stand, and those that were paid and are wholly back, in their order; what comes
    next takes a number after both."""
    parts: list[Any] = PARTS(visit=visit.pk)
    for one in parts:
        one.visit = visit
    gone = [one for one in parts if one.is_back]
    return [one for one in parts if not one.is_back], gone


def _parts() -> QuerySet[Settlement]:
    back = Recovery.objects.filter(settlement=OuterRef("pk")).whole_and_back()
    rows = Settlement.objects.filter(visit_id=given("visit"))
    rows = rows.exclude(status=Settlement.Status.WITHDRAWN).annotate(is_back=Exists(back))
    return rows.order_by("part")


PARTS = Kept(_parts)


def earlier_than(visit: Visit, part: int) -> Earlier | None:
    """The parts before this one; None for the first, which costs no statement."""
    if part == 1:
        return None
    before = [one for one in standing_parts(visit) if one.part < part]
    return earlier_of(before, list(visit.lines.filter(part__in=[one.part for one in before])))


def earlier_of(before: Sequence[Settlement], lines: Sequence[BillLine]) -> Earlier | None:
    """The same of parts that are known, with their lines."""
    if not before:
        return None
    return Earlier(before, lines, UsageEntry.objects.filter(settlement__in=before).totals())


def compute_part(
    *,
    enrollment: Enrollment,
    visit: Visit,
    lines: Sequence[BillLine],
    measures: Measures,
    used: Mapping[str, int],
    earlier: Earlier | None,
) -> Decision:
    """What the measures say about these lines, after those of the earlier parts.

    Raises Refusal in the engine's words, or when the stay so far comes to less than was paid.
    """
    if earlier is None:
        return compute(
            enrollment=enrollment, visit=visit, lines=lines, measures=measures, used=used
        )
    others = {**used}
    for counter, amount in earlier.own.items():
        others[counter] = others.get(counter, 0) - amount
    then = copy(visit)
    then.ends = earlier.settlements[-1].charged_to
    member = member_of(enrollment, visit.starts, measures.terms)
    whole, before = (
        decide(member, stay, billed, measures.terms, others)
        for stay, billed in ((visit, [*earlier.lines, *lines]), (then, earlier.lines))
    )
    paid = [
        Paid(number=one.number, charged_to=one.charged_to, fund_pay=_paid(one))
        for one in earlier.settlements
        if one.charged_to is not None
    ]
    part = difference(whole, before, paid, used)
    short = short_of(part)
    if short:
        raise Refusal(
            f"按入院以来全部费用计算，{short}比此前中途结算的还少，本次不能结算；"
            f"请先撤回最后一次中途结算 {earlier.settlements[-1].number}，再一并结算"
        )
    return part


def _paid(part: Settlement) -> int:
    """Fen that the fund pays for it: nothing where it was refused."""
    return 0 if part.status in Settlement.NOT_COUNTED else to_fen(part.fund_amount)


def refuse_before_later(settlement: Settlement) -> None:
    """The last part goes first: a later one was computed from this one. Ask it under the cover."""
    later = [one for one in standing_parts(settlement.visit) if one.part > settlement.part]
    if later:
        raise Refusal(
            f"这次住院之后又有第 {later[-1].part} 次结算 {later[-1].number}"
            f"（{later[-1].get_status_display()}），请先撤回后一次，再办理这一次"
        )
