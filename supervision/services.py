"""Screening of settled claims, and what the supervisor concludes about an alert."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from django.db import transaction

from accounts.audit import record
from accounts.clock import today
from accounts.errors import Refusal
from accounts.models import Division, User
from claims.models import Settlement, SettlementQuerySet, Visit
from claims.paying.services import hold_payment, hold_payments, lift_hold
from claims.recovery.models import Recovery
from claims.recovery.services import Proposal, propose
from claims.services.drawn import hold_cover_of
from claims.visits.stopping import release_visit, stop_visit
from claims.workflow import SETTLEMENTS
from desk.changes import all_or_nothing
from desk.reasons import given_reason
from desk.workdays import calendar
from lib.periods import Month
from lib.resident_id import masked_in
from supervision.candidates.reading import candidates
from supervision.gathering import Batch, gather, unscreened
from supervision.grouping import event_of, join_alerts
from supervision.library.noting import note_library
from supervision.models import Alert, AlertQuerySet, VisitDenial
from supervision.releasing import SOURCE
from supervision.rules import SCREENS, Certainty, Hit
from supervision.rules.denied import RULE as DENIED
from supervision.rules.library import gaps
from supervision.telling import mark_screened, tell_claims
from supervision.thresholds.cards import InForce
from supervision.thresholds.reading import in_force
from supervision.workflow import ALERTS, DENIALS

# Settlements in one transaction: a few seconds of work, so that a run that dies loses no more.
AT_ONCE = 20_000


def screen_new_claims(*, area: Division, most: int = AT_ONCE) -> int:
    """Look at up to `most` submitted settlements of the area that nobody has looked at yet.

    Adds the alerts they give rise to and marks them as screened. Returns how many were looked
    at; 0 says that screening is up to date. The last call of a run (fewer than `most` were left)
    also goes through all claims of the dead, since deaths become known later than claims. A
    constant number of statements whatever `most`; safe to run twice at once.
    """
    return screen(area, unscreened(area).order_by("pk")[:most], most=most).looked_at


@dataclass(frozen=True)
class Looked:
    """What one look at some settlements saw: how many, the last of them, and the hits."""

    looked_at: int
    last: int
    hits: Sequence[Hit]


@transaction.atomic
def screen(
    area: Division, rows: SettlementQuerySet, *, most: int, month: Month | None = None
) -> Looked:
    """The rules over these at most `most` settlements, as today's version of the county has them;
    fewer of them end the run. `month`: they are of a month that is over and is looked at as a
    whole.

    The database leaves those that a rule may say something of (`candidates`); the rules are asked
    of these.
    """
    says = in_force(area.code, today())
    taken = sorted(rows.values_list("pk", flat=True))
    # In the transaction of the alerts: a run that dies leaves its claims to be looked at again.
    mark_screened(taken)
    asked = candidates(area, taken, says.bounds, month) if taken else []
    batch = Batch.of(area, Settlement.objects.filter(pk__in=asked).order_by("pk"), month)
    known, given = gather(batch, says.bounds, ends_run=len(taken) < most)
    screens = [one for one in SCREENS if one.rule.needs <= given and one.rule.code not in says.off]
    hits = [hit for screen in screens for hit in screen.find(batch.claims, known)]
    _add_alerts(hits, says)
    note_library(hits, gaps(batch.claims, known), on=today())
    tell_claims([*taken, *(hit.settlement for hit in hits)])
    return Looked(len(taken), taken[-1] if taken else 0, hits)


@all_or_nothing()
def handle_alert(*, actor: User, alert: Alert, event: str, reason: str) -> Alert:
    """Confirm or dismiss an alert (an event of `ALERTS`) with a conclusion in words, once, and with
    it all that is of the same event.

    What is confirmed is not paid, what is dismissed stands against the payment no longer. The claim
    says which rule and how it ended: the words are for who may see alerts.
    """
    head = Alert.objects.values_list("lead", flat=True).get(pk=alert.pk) or alert.pk
    event_rows = Alert.objects.of_event(head)
    held = held_bills(event_rows)
    lead = ALERTS.lock(head)
    members = list(event_rows.exclude(pk=head).values_list("pk", "settlement"))
    is_here = alert.pk in {head, *(pk for pk, _ in members)}  # not set apart meanwhile
    if lead.lead_id or not is_here or not held.issuperset(bill for _, bill in members):
        raise Refusal("这组疑点刚又有新的发现或分出了一项，请刷新后再办")
    done = [_conclude(actor, pk, event, reason) for pk in (head, *(pk for pk, _ in members))]
    tell_claims([one.settlement_id for one in done])
    return next(one for one in done if one.pk == alert.pk)


def held_bills(alerts: AlertQuerySet) -> set[int]:
    """Settlements of these alerts, and all else of the same visits, on which a hold may fall:
    locked in order, before any alert, as whoever notes a denial locks them."""
    visits = alerts.order_by().values("settlement__visit")
    rows = Settlement.objects.select_for_update(no_key=True).filter(visit__in=visits)
    return set(rows.order_by("pk").values_list("pk", flat=True))


def _conclude(actor: User, pk: int, event: str, reason: str) -> Alert:
    alert = ALERTS.move(pk, event, actor=actor, reason=reason)
    held = hold_payment if alert.status == Alert.Status.CONFIRMED else lift_hold
    held(
        actor=actor,
        settlement=alert.settlement,
        source=source_of(alert),
        reason=f"{alert.rule_title}，核查{alert.get_status_display()}",
    )
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
    settlement = SETTLEMENTS.lock(alert.settlement_id)
    alert = ALERTS.lock(alert.pk)
    ALERTS.check(alert, "release_payment", actor, reason)
    if not settlement.is_paid:
        raise Refusal("这张结算单还没有支付，不能解除暂停：请退回或停止支付")
    if open_ones := settlement.recoveries.filter(status__in=Recovery.UNSETTLED).first():
        raise Refusal(f"追回单 {open_ones} 还没有办结，请先办结，再解除暂停支付")
    # Everything of the event that stands against this claim.
    sources = [source_of(one) for one in event_of(alert) if one.settlement_id == settlement.pk]
    lifted = [
        lift_hold(actor=actor, settlement=settlement, source=source, reason=reason)
        for source in sources
    ]
    if not any(lifted):
        raise Refusal("这条疑点没有暂停支付，不需要解除")
    ALERTS.note(alert, "release_payment", actor=actor, reason=reason)
    return alert


def _hold_certain(settlements: Iterable[int]) -> None:
    """A definite finding stops the payment from the moment it is made, until it is dismissed.

    Of it the hold says the rule: who may see the claim need not see what was found.
    """
    wanted = set(settlements)
    if not wanted:
        return
    found = Alert.objects.open().filter(certainty=Alert.Certainty.CERTAIN, settlement__in=wanted)
    hold_payments(
        [(one.settlement_id, source_of(one), one.rule_title) for one in found.order_by("pk")]
    )


def recover(*, actor: User, alert: Alert, proposal: Proposal) -> Recovery:
    """Ask back what a confirmed alert found was paid and not due. Raises Refusal."""
    if alert.status != Alert.Status.CONFIRMED:
        raise Refusal("疑点核实属实以后才能提出追回，请先填写核查结论")
    named = replace(proposal, source=Recovery.Source.ALERT, source_note=f"疑点 {alert}")
    return propose(actor=actor, settlement=alert.settlement, proposal=named)


def _add_alerts(hits: Iterable[Hit], says: InForce | None = None) -> None:
    """One alert per rule and settlement; what is already there stays as it is. What is of one event
    is then joined. `says`: the version of the county's rules by which screening found them."""
    found = {(hit.rule, hit.settlement): hit for hit in hits}
    if not found:
        return
    rows = Settlement.objects.filter(pk__in=[hit.settlement for hit in found.values()])
    places = {
        pk: (division, code)
        for pk, division, code in rows.order_by().values_list("pk", "division", "division__code")
    }
    area = next(iter(places.values()))[1][:6]
    on = today()
    days = (says or in_force(area, on)).days.first_days
    due_on = calendar(on).after(on, days)
    # The constraint over rule and settlement decides between two runs at once; the later gives way.
    Alert.objects.bulk_create(
        [
            Alert(
                rule=hit.rule,
                certainty=hit.certainty,
                settlement_id=hit.settlement,
                division_id=places[hit.settlement][0],
                finding=hit.finding,
                version_id=says.version if says else None,
                due_on=due_on,
            )
            for hit in found.values()
        ],
        ignore_conflicts=True,
    )
    # Settlements are locked before alerts, as everywhere.
    _hold_certain(hit.settlement for hit in found.values() if hit.certainty == "certain")
    join_alerts(found.values())
