"""Approvals of a claim, one or several, and the refusal of one, which is no return."""

from accounts.errors import Refusal
from accounts.models import User
from claims.adjudication import refusal_rules
from claims.clearing.standing import waits_for_clearing
from claims.deciding.models import Approval, Denial, ReviewRule
from claims.dependence import services as dependence
from claims.dependence.family import hold_family
from claims.models import Settlement
from claims.paying.services import ask_payment, refuse_unseen, unseen
from claims.refunds.services import void_refund
from claims.services.drawn import take_back
from claims.services.settling import give_back_usage
from claims.visits.parts import refuse_before_later
from claims.workflow import SETTLEMENTS
from desk.changes import all_or_nothing
from desk.reasons import given_reason
from desk.seen import refuse_stale
from policies.services import terms_of

Status = Settlement.Status


def approvals_needed(settlement: Settlement) -> int:
    """How many approve it, by the county's rules of now."""
    rule = ReviewRule.objects.in_force(settlement.division.county_code)
    return rule.approvals_for(settlement.payable_amount) if rule else 1


@all_or_nothing()
def approve(*, actor: User, settlement: Settlement, seen: str | None = None) -> Settlement:
    """A third person agrees with what the reviewer saw (复核); with the last agreement that it
    takes the payment is asked for. Where no money leaves a fund the claim is closed with it.

    Raises Refusal, and takes the claim back to its review, when it is not what was reviewed.
    """
    settlement = SETTLEMENTS.lock(settlement.pk)
    SETTLEMENTS.check(settlement, "approved", actor)
    refuse_unseen(settlement)
    refuse_stale(seen, settlement.digest)
    given = list(settlement.approvals.filter(holds=True).select_related("by"))
    if any(each.by_id == actor.pk for each in given):
        raise Refusal("您已复核过这张结算单，须由另一位复核人办理")
    rank, needed = len(given) + 1, approvals_needed(settlement)
    Approval.objects.create(settlement=settlement, rank=rank, by=actor)
    if rank < needed:
        beside = {"approval": f"{rank}/{needed}"}
        return SETTLEMENTS.take(settlement, "agreed", actor=actor, beside=beside)
    settlement = SETTLEMENTS.take(settlement, "approved", actor=actor)
    if not settlement.payable_amount:
        return SETTLEMENTS.take(settlement, "nothing_due", actor=actor)
    if not waits_for_clearing(settlement):
        ask_payment(settlement, actor=actor)
    return settlement


@all_or_nothing()
def send_back(*, actor: User, settlement: Settlement, reason: str) -> Settlement:
    """The approver gives the claim to the reviewer once more; nothing is withdrawn or computed."""
    settlement = SETTLEMENTS.lock(settlement.pk)
    settlement = SETTLEMENTS.take(
        settlement,
        "sent_back",
        actor=actor,
        reason=reason,
        withdrawn_reason="",
        **unseen(settlement),
    )
    return settlement


def denial_reasons(settlement: Settlement) -> dict[str, tuple[str, str]]:
    """Code → name and article of everything for which the claim's measures pay nothing."""
    rules = refusal_rules(terms_of(settlement.pack))
    return {rule.code: (rule.name, rule.article) for rule in rules}


@all_or_nothing()
def refuse(*, actor: User, settlement: Settlement, code: str, words: str) -> Settlement:
    """Nothing is paid (不予支付): reviewer or approver names the article and what was found.

    Usage is given back, and what was computed after it is computed anew; the visit and its
    invoices stay taken, so they cannot be handed in again.
    """
    family = hold_family(settlement.pk)
    settlement = family.head
    event = "denied" if settlement.status == Status.REVIEWED else "refused"
    SETTLEMENTS.check(settlement, event, actor)
    reasons = denial_reasons(settlement)
    if code not in reasons:
        raise Refusal("请选择不予支付的情形和条文", "code")
    words = given_reason(words, asks="查明的事实", at=("words",))
    name, article = reasons[code]
    refuse_before_later(settlement)
    give_back_usage(settlement)
    Denial.objects.create(
        settlement=settlement, code=code, name=name, article=article, words=words, by=actor
    )
    settlement = SETTLEMENTS.take(
        settlement, event, actor=actor, reason=words, beside={"article": article}
    )
    take_back(settlement)
    void_refund(settlement, actor=actor)
    dependence.follow(family, what="不予支付", actor=actor)
    return settlement
