"""After a settlement fell: those computed after it are computed anew, in their order.

Unpaid ones are settled anew; of paid ones the difference is owed, by the fund or to it. All of it
stands in the transaction of the act that brought it about, so that nobody ever reads a figure that
is no longer true.
"""

from dataclasses import dataclass

from accounts.audit import record
from accounts.errors import Refusal
from accounts.models import User
from claims.adjudication import Decision
from claims.assistance.falling import ask_back_aid
from claims.computation import amounts_of
from claims.dependence.family import PRIOR, Family, found_used
from claims.dependence.models import Dependent
from claims.dependence.supplements import find_supplement, replace_supplements
from claims.models import Settlement, UsageEntry
from claims.paying.payees import payee_of
from claims.paying.services import call_off, hold_likewise
from claims.recovery.services import propose_difference, replace_open
from claims.refunds.services import ask_refund
from claims.second.falling import ask_back_second
from claims.services.claim_free import mark_again
from claims.services.drawn import count_anew
from claims.services.settling import (
    Prepared,
    give_back_usage,
    insert_settlement,
    prepared_of,
    usage_moves,
)
from claims.shares import (
    Share,
    Shares,
    as_fen,
    decided_shares,
    due_shares,
    paid_shares,
    plus,
    standing_shares,
    total,
)
from claims.visits.parts import compute_part
from claims.workflow import SETTLEMENTS
from enrollment.models import Enrollment
from lib.money import to_yuan
from policies.services import Measures
from policies.terms import Terms

Status = Settlement.Status


@dataclass(frozen=True)
class Fall:
    """Which settlement fell, what happened to it, and by whose hand."""

    settlement: Settlement
    what: str
    actor: User


def follow(family: Family, *, what: str, actor: User) -> list[Dependent]:
    """Compute what depends on the family's head anew. Call it when the head has given its usage
    back and whatever replaces it stands. Returns a row for each settlement that changed.

    Raises Refusal naming the settlement when one of them cannot be computed any more.
    """
    fall = Fall(family.head, what, actor)
    mark_again({family.head.visit.enrollment_id})
    found = []
    for row in family.later:
        cover = family.covers[row.visit.enrollment_id]
        again = _again(row, cover, family.used[row.pk], fall)
        if again is not None:
            found.append(again)
            mark_again({cover.pk})
    for pk in sorted({one.settlement.visit.enrollment_id for one in found}):
        count_anew(pk)
    for ask_back in (ask_back_aid, ask_back_second):
        ask_back(family.covers.values(), fall=family.head, what=what, actor=actor)
    return found


def _again(
    row: Settlement, cover: Enrollment, used_then: dict[str, int], fall: Fall
) -> Dependent | None:
    measures = Measures.of(row.pack)
    prepared = prepared_of(row, measures)
    used = found_used(row, cover)
    try:
        decision = compute_part(
            enrollment=cover,
            visit=prepared.visit,
            lines=prepared.lines,
            measures=measures,
            used={name: value for name, value in used.items() if name != PRIOR},
            earlier=prepared.earlier,
        )
    except Refusal as refusal:
        raise Refusal(
            f"此后结算的 {row.number} 要随之重算，但算不出来：{refusal.message}；"
            "请先撤回或追回那一张，再办这一张"
        ) from refusal
    was = _due_before(row, measures.terms)
    now = decided_shares(decision, row.visit.care, measures.terms)
    moves = usage_moves(row, cover, decision)
    counters = _counters(used_then, used, measures.terms)
    changes = was != as_fen(now) or bool(moves) or not _same_amounts(row, decision)
    if not changes and not counters:
        return None
    dependent = Dependent(
        settlement=row,
        because_of=fall.settlement,
        division=row.division,
        reason=fall.what,
        counters=counters,
        layers={
            code: [was.get(code, 0), as_fen(now).get(code, 0)]
            for code in [*was, *(code for code in now if code not in was)]
        },
        old_amount=to_yuan(sum(was.values())),
        new_amount=to_yuan(total(now)),
        deductible_amount=to_yuan(decision.deductible),
        found_by=fall.actor,
    )
    if not changes:  # what its steps say of the year so far is of then: told beside them
        dependent.save()
        return None
    if row.status == Status.PAID:
        dependent.save()
        UsageEntry.objects.bulk_create(moves)
        _owe(row, dependent, now, measures.terms)
    else:
        dependent.anew = _settle_anew(row, cover, prepared, decision, fall)
        dependent.save()
    record(
        actor=fall.actor,
        action="claims.recomputed_after",
        subject=row,
        after={
            "number": row.number,
            "because_of": fall.settlement.number,
            "old_amount": str(dependent.old_amount),
            "new_amount": str(dependent.new_amount),
        },
        reason=fall.what,
    )
    return dependent


def _same_amounts(row: Settlement, decision: Decision) -> bool:
    """Whether an unpaid settlement says what the decision says, also where nothing is paid. A paid
    one never changes what it says; what is due on it was compared."""
    if row.status == Status.PAID:
        return True
    return all(getattr(row, name) == value for name, value in amounts_of(decision).items())


def _due_before(row: Settlement, terms: Terms) -> dict[str, int]:
    """Layer → fen as it was last computed."""
    last = row.dependences.order_by("-pk").first()
    if last is None:
        return as_fen(paid_shares(row, terms))
    return {code: new for code, (_, new) in last.layers.items() if new}


def _counters(then: dict[str, int], now: dict[str, int], terms: Terms) -> list[dict[str, object]]:
    """What the computation had found used, and finds now, where the two differ."""
    found: list[dict[str, object]] = []
    for key in sorted({*then, *now}):
        old, new = then.get(key, 0), now.get(key, 0)
        if old != new:
            counter = terms.counters.get(key.partition("@")[0])
            title, unit = (
                (counter.title, counter.unit) if counter else ("转出住院已付起付线", "fen")
            )
            found.append({"key": key, "title": title, "unit": unit, "old": old, "new": new})
    return found


def _settle_anew(
    row: Settlement, cover: Enrollment, prepared: Prepared, decision: Decision, fall: Fall
) -> Settlement:
    """The old one is withdrawn, the new one begins at the review with its clerk and its place.

    What the patient paid at the counter more than it leaves, the hospital gives back.
    """
    reason = f"结算单 {fall.settlement.number} {fall.what}，随之重算"
    call_off(row, actor=fall.actor, reason=reason)
    give_back_usage(row)
    SETTLEMENTS.take(row, "overtaken", actor=fall.actor, reason=reason, withdrawn_reason=reason)
    anew = insert_settlement(
        prepared,
        enrollment=cover,
        decision=decision,
        actor=fall.actor,
        event="recomputed",
        reason=f"原结算单 {row.number}；{reason}"[:200],
        columns={
            "status": Status.SUBMITTED,
            "entered_by_id": row.entered_by_id,
            "settled_on": row.settled_on,
            "submitted_at": row.submitted_at,
            **payee_of(row),
        },
    )
    hold_likewise(anew, row)
    ask_refund(row, anew, actor=fall.actor)
    return anew


def _owe(row: Settlement, dependent: Dependent, due: Shares, terms: Terms) -> None:
    """The difference of a paid settlement: what nobody acted on yet is counted anew with it."""
    replace_supplements(row, actor=dependent.found_by)
    replace_open(row, actor=dependent.found_by)
    gap = plus(due, due_shares(row, terms), -1)
    more = {code: one for code, one in gap.items() if one.fen > 0}
    if more:  # while all of it is asked back, nothing is paid: it waits for what becomes of that
        find_supplement(dependent, more)
    left = standing_shares(row, terms)
    back = {
        code: Share(one.book, one.booked_as, min(-one.fen, left[code].fen))
        for code, one in gap.items()
        if one.fen < 0 and code in left and left[code].fen > 0
    }
    if back:
        propose_difference(dependent, back)
