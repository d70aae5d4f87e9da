"""Screening of settled claims, and what the supervisor concludes about an alert."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from django.db import transaction

from accounts.audit import record
from accounts.errors import Refusal
from accounts.models import Division, User
from claims.models import Settlement, Visit
from claims.paying.services import hold_payment, hold_payments, lift_hold
from claims.recovery.models import Recovery
from claims.recovery.services import Proposal, propose
from claims.services.drawn import hold_cover_of
from claims.visits.stopping import release_visit, stop_visit
from claims.workflow import SETTLEMENTS
from desk.changes import all_or_nothing
from desk.reasons import given_reason
from lib.resident_id import masked_in
from supervision.gathering import Batch, gather, unscreened
from supervision.models import Alert, Screening, VisitDenial
from supervision.releasing import SOURCE
from supervision.rules import SCREENS, Certainty, Hit
from supervision.rules.denied import RULE as DENIED
from supervision.telling import tell_claims
from supervision.workflow import ALERTS, DENIALS


@transaction.atomic
def screen_new_claims(*, area: Division, most: int = 2000) -> int:
    """Look at up to `most` submitted settlements of the area that nobody has looked at yet.

    Adds the alerts they give rise to and marks them as screened. Returns how many were looked
    at; 0 says that screening is up to date. The last call of a run (fewer than `most` were left)
    also goes through all claims of the dead, since deaths become known later than claims. A
    constant number of statements whatever `most`; safe to run twice at once.
    """
    batch = Batch.of(area, unscreened(area).order_by("pk")[:most])
    new = batch.claims
    known, given = gather(batch, ends_run=len(new) < most)
    screens = [screen for screen in SCREENS if screen.rule.needs <= given]
    hits = [hit for screen in screens for hit in screen.find(new, known)]
    _add_alerts(hits)
    # In the transaction of the alerts: a run that dies leaves its claims to be looked at again.
    Screening.objects.bulk_create(
        [Screening(settlement_id=claim.settlement) for claim in new], ignore_conflicts=True
    )
    tell_claims([claim.settlement for claim in new] + [hit.settlement for hit in hits])
    return len(new)


@all_or_nothing()
def handle_alert(*, actor: User, alert: Alert, event: str, reason: str) -> Alert:
    """Confirm or dismiss an alert (an event of `ALERTS`) with a conclusion in words, once.

    What is confirmed is not paid, what is dismissed stands against the payment no longer. The claim
    says which rule and how it ended: the words are for who may see alerts.
    """
    alert = ALERTS.move(alert.pk, event, actor=actor, reason=reason)
    held = hold_payment if alert.status == Alert.Status.CONFIRMED else lift_hold
    held(
        actor=actor,
        settlement=alert.settlement,
        source=source_of(alert),
        reason=f"{alert.rule_title}，核查{alert.get_status_display()}",
    )
    tell_claims([alert.settlement_id])
    return alert


@all_or_nothing()
def note_found(*, hits: Sequence[Hit]) -> None:
    """What a room above found by itself about settlements, as if screening had. What is found once
    more of the same rule and settlement changes nothing."""
    _add_alerts(hits)
    tell_claims(hit.settlement for hit in hits)


@all_or_nothing()
def note_denial(*, actor: User, settlement: Settlement, told: str) -> Alert:
    """The patient says at the window that they were never there (本人否认就诊): a certain finding,
    which stops the payment until the supervisor has concluded on it. `told`: who said so, and how
    the clerk knows that it was them, which only who may see alerts reads: the accused hospital sees
    the claim. Raises Refusal.

    Whoever was mistaken comes again: the supervisor dismisses the finding, and the payment goes on.
    """
    told = masked_in(given_reason(told, asks="谁来说明、怎样核对的身份"))
    settlement = SETTLEMENTS.lock(settlement.pk)
    if settlement.status in Settlement.NOT_COUNTED:
        raise Refusal(f"结算单现为“{settlement.get_status_display()}”，没有款项要停付，不需要登记")
    before = Alert.objects.filter(rule=DENIED.code, settlement=settlement).first()
    if before is not None:
        said = before.conclusion or "等待基金监管核查"
        raise Refusal(f"这张结算单已登记过本人否认（{said}）；有新的情况请告知基金监管人员")
    _add_alerts(
        [
            Hit(
                rule=DENIED.code,
                certainty=Certainty.CERTAIN,
                settlement=settlement.pk,
                finding=f"本人说明没有在{settlement.visit.institution_name}就诊：{told}"[:300],
            )
        ]
    )
    tell_claims([settlement.pk])
    alert = Alert.objects.get(rule=DENIED.code, settlement=settlement)
    record(actor=actor, action="supervision.note_denial", subject=alert, reason=told)
    return alert


@all_or_nothing()
def deny_visit(*, actor: User, visit: Visit, told: str, evidence: str) -> VisitDenial:
    """The same of a visit that is not settled yet, which is stopped until it is concluded on. Parts
    of it that were settled on the way get their finding, too. `evidence`: the paper that was taken
    down, as 询问笔录〔2026〕3号. Raises Refusal."""
    told = masked_in(given_reason(told, asks="谁来说明、怎样核对的身份", at=("told",)))
    evidence = given_reason(evidence, asks="凭据（如询问笔录编号）", most=100, at=("evidence",))
    # Settlements before the cover, as everybody takes them (claims/dependence/family.py).
    counted = visit.settlements.exclude(status__in=Settlement.NOT_COUNTED).order_by("pk")
    held = set(counted.select_for_update(no_key=True).values_list("pk", flat=True))
    visit = stop_visit(actor=actor, visit=visit, words=DENIED.title)
    denial = DENIALS.create(
        "deny_visit",
        actor=actor,
        visit=visit,
        division=visit.division,
        told=told[:200],
        evidence=masked_in(evidence)[:100],
        told_by=actor,
    )
    if not held.issuperset(counted.values_list("pk", flat=True)):
        raise Refusal("这次就诊刚又结算了一段，请重新登记")
    for part in counted.exclude(alerts__rule=DENIED.code):
        note_denial(actor=actor, settlement=part, told=told)
    return denial


@all_or_nothing()
def handle_denial(*, actor: User, denial: VisitDenial, event: str, reason: str) -> VisitDenial:
    """Confirm, dismiss, or let what was confirmed go on after all (an event of `DENIALS`). What is
    confirmed stays stopped: the hospital takes its bill and the registration back."""
    hold_cover_of(denial.visit_id)  # before the denial, as whoever stops it
    row = DENIALS.move(denial.pk, event, actor=actor, reason=reason)
    if row.status == VisitDenial.Status.DISMISSED:
        release_visit(actor=actor, visit=row.visit)
    return row


def source_of(alert: Alert) -> str:
    """What a hold on a payment names the alert by."""
    return f"{SOURCE}{alert.pk}"


@all_or_nothing()
def release_payment(*, actor: User, alert: Alert, reason: str) -> Alert:
    """What was found is settled, by a recovery or by a decision that nothing is to come back: what
    the bank gave back of the claim goes on, and so does what rests on it (assistance, a second
    compensation), although the alert was confirmed.

    By another than who confirmed it. A claim that was not paid yet is returned or stopped instead.
    Raises Refusal.
    """
    alert = ALERTS.lock(alert.pk)
    settlement = SETTLEMENTS.lock(alert.settlement_id)
    ALERTS.check(alert, "release_payment", actor, reason)
    if not settlement.is_paid:
        raise Refusal("这张结算单还没有支付，不能解除暂停：请退回或停止支付")
    if open_ones := settlement.recoveries.filter(status__in=Recovery.UNSETTLED).first():
        raise Refusal(f"追回单 {open_ones} 还没有办结，请先办结，再解除暂停支付")
    lifted = lift_hold(actor=actor, settlement=settlement, source=source_of(alert), reason=reason)
    if lifted is None:
        raise Refusal("这条疑点没有暂停支付，不需要解除")
    ALERTS.note(alert, "release_payment", actor=actor, reason=reason)
    return alert


def _hold_certain(settlements: Iterable[int]) -> None:
    """A definite finding stops the payment from the moment it is made, until it is dismissed.

    Of it the hold says the rule: who may see the claim need not see what was found.
    """
    found = Alert.objects.open().filter(
        certainty=Alert.Certainty.CERTAIN, settlement__in=set(settlements)
    )
    hold_payments(
        [(one.settlement_id, source_of(one), one.rule_title) for one in found.order_by("pk")]
    )


def recover(*, actor: User, alert: Alert, proposal: Proposal) -> Recovery:
    """Ask back what a confirmed alert found was paid and not due. Raises Refusal."""
    if alert.status != Alert.Status.CONFIRMED:
        raise Refusal("疑点核实属实以后才能提出追回，请先填写核查结论")
    named = replace(proposal, source=Recovery.Source.ALERT, source_note=f"疑点 {alert}")
    return propose(actor=actor, settlement=alert.settlement, proposal=named)


def _add_alerts(hits: Iterable[Hit]) -> None:
    """One alert per rule and settlement; what is already there stays as it is."""
    found = {(hit.rule, hit.settlement): hit for hit in hits}
    if not found:
        return
    divisions = dict(
        Settlement.objects.filter(pk__in=[hit.settlement for hit in found.values()])
        .order_by()
        .values_list("pk", "division_id")
    )
    # The constraint over rule and settlement decides between two runs at once; the later gives way.
    Alert.objects.bulk_create(
        [
            Alert(
                rule=hit.rule,
                certainty=hit.certainty,
                settlement_id=hit.settlement,
                division_id=divisions[hit.settlement],
                finding=hit.finding,
            )
            for hit in found.values()
        ],
        ignore_conflicts=True,
    )
    _hold_certain(hit.settlement for hit in found.values() if hit.certainty == "certain")
