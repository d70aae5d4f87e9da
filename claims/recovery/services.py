"""Writes of recovery: proposing a debt, deciding it, taking the money, giving it up."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet, Sum
from django.utils import timezone

from accounts.errors import Refusal
from accounts.models import User
from claims.clearing.models import ClearingClaim
from claims.clearing.standing import place_of
from claims.dependence.models import Dependent, Supplement
from claims.dependence.supplements import key_of as supplement_key
from claims.models import Settlement
from claims.paying.services import key_of
from claims.recovery.models import Recovery, RecoveryPart, RecoveryQuerySet
from claims.recovery.workflow import RECOVERIES
from claims.shares import Share, Shares, standing_shares, total
from claims.visits.parts import refuse_before_later
from desk.changes import all_or_nothing
from desk.numbers import Serial, last_numbered
from desk.reasons import given_reason
from enrollment.models import Household
from funds.payments.keeping import first_paid_on
from funds.payments.models import PaymentOrder
from funds.payments.services import order_of
from institutions.models import Institution
from lib.money import to_fen, to_yuan, told
from policies.services import terms_of

Debtor, Reason, Source, Usage = (
    Recovery.Debtor,
    Recovery.Reason,
    Recovery.Source,
    Recovery.Usage,
)
# Days to pay after the decision. No norm gives them; a notice names the last day.
DAYS_TO_PAY = 30


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """What somebody asks back and why.

    `amounts`: layer → yuan; None asks for all that is left of the payment. `debtor_name`: of a
    person who is neither the household nor the institution. `source_note`: the alert, case or bank
    line, as its own room calls it. Of a claim for which nothing was given nothing is asked: it only
    counts no more (`why_nothing`).
    """

    reason: str
    facts: str
    debtor: str
    source: str = Source.REVIEW
    source_note: str = ""
    debtor_name: str = ""
    amounts: Mapping[str, Decimal] | None = None
    usage: str = Usage.PROPORTION


@all_or_nothing()
def propose(*, actor: User, settlement: Settlement, proposal: Proposal) -> Recovery:
    """Ask a paid settlement's money back, all of what is left or by layer. Raises Refusal."""
    row = _paid(settlement)
    terms = terms_of(row.pack)
    left = standing_shares(row, terms)
    asked = left if proposal.amounts is None else _asked(proposal.amounts, left)
    nothing = not left and why_nothing(row)
    if total(left) <= 0 and not nothing:
        raise Refusal(f"结算单 {row.number} 已没有可追回的金额", "amounts")
    if any(one.fen < 0 for one in asked.values()):
        raise Refusal("有的层次已追回过多，请逐个层次填写追回金额", "amounts")
    if not total(asked) and not nothing:
        raise Refusal("各层次的追回金额都是 0，请填写要追回多少", "amounts")
    if nothing and proposal.usage != Usage.PROPORTION:
        raise Refusal("没有款项可追，年度累计也不退还，就没有要办的；撤销待遇的请选退还", "usage")
    facts = given_reason(proposal.facts, asks="事实和依据", most=300, at=("facts",))
    if proposal.reason not in Reason.values or proposal.reason == Reason.RECOMPUTED:
        raise Refusal("请选择追回原因", "reason")
    if proposal.usage not in {Usage.PROPORTION, Usage.KEPT}:
        raise Refusal("请选择年度累计怎样处理", "usage")
    _refuse_twice(row, asked, proposal.reason, facts, actor)
    is_whole = asked == left and proposal.usage == Usage.PROPORTION
    if is_whole:
        refuse_before_later(row)
    return _insert(
        row,
        asked,
        actor=actor,
        event="propose_recovery",
        columns={
            **_debtor(row, proposal.debtor, proposal.debtor_name),
            "reason": proposal.reason,
            "facts": facts,
            "source": proposal.source,
            "source_note": proposal.source_note[:120],
            "usage": proposal.usage,
            "is_whole": is_whole,
            "proposed_by": actor,
        },
    )


def _refuse_twice(row: Settlement, asked: Shares, reason: str, facts: str, actor: User) -> None:
    """A page that is sent twice asks once: the settlement is locked."""
    same = Recovery.objects.filter(settlement=row, proposed_by=actor, reason=reason, facts=facts)
    found = same.filter(status=Recovery.Status.PROPOSED, amount=to_yuan(total(asked))).first()
    if found is not None:
        raise Refusal(f"同样的追回已提出（{found}），没有重复提出；确有两笔的请写明各自的事实")


def why_nothing(row: Settlement) -> str:
    """Why nothing that was given of a paid claim is there to be asked back although nobody asked
    for it yet; "" where something was given, or was asked back before.

    What is to come back is the fund's loss (医疗保障基金使用监督管理条例 第三十八条、第四十条、
    第四十一条: 造成医疗保障基金损失的，责令退回; 大足办法 第三十六条: 追回已发生的基金). Where a
    month by its payment method, the check or an institution that closed left the claim without a
    fen, the fund lost none: nothing is owed, by nobody. The benefit all the same falls, and with it
    what the year counts.
    """
    own = row.recoveries.standing().filter(dependent=None, payment_key="")
    if not row.payable_amount or standing_shares(row, terms_of(row.pack)) or own.exists():
        return ""
    claim = place_of(row)
    if claim is not None and not claim.worth:
        return (
            f"月结清算单 {claim.clearing.number} 按付费方式没有给付这一笔"
            f"（按项目 {told(claim.amount)} 元，给付 0.00 元）"
        )
    if claim is not None and _taken_off(claim) >= claim.worth:
        return f"月结清算单 {claim.clearing.number} 核对时已全部扣减，没有给付"
    anew = row.recoveries.standing().filter(dependent__isnull=False).order_by("-pk").first()
    if anew is not None:
        return f"随前一笔重算已全部要求退回（追回单 {anew}）"
    return "机构没有领取，款项已转回基金"


def _taken_off(claim: ClearingClaim) -> Decimal:
    """Yuan that the check of its month took off the claim."""
    rows = claim.deductions.counted()
    off: Decimal = rows.aggregate(total=Sum("amount", default=Decimal(0)))["total"]
    return off


def _paid(settlement: Settlement) -> Settlement:
    """Locked: the settlement before its debts, in every service."""
    rows = Settlement.objects.select_for_update(no_key=True, of=("self",))
    row = rows.select_related("visit__institution", "division", "pack").get(pk=settlement.pk)
    if row.status != Settlement.Status.PAID:
        raise Refusal(
            f"结算单 {row.number} 现为“{row.get_status_display()}”，还没有支付："
            "请撤回、退回或停止支付，不需要追回"
        )
    return row


def order_at_the_fund(row: Settlement, key: str = "") -> PaymentOrder | None:
    """A payment of the settlement, or more on it, that the bank gave back and that nobody has again
    yet: this money lies in the fund's account, and what is asked back is taken from it
    (`receiving.receive`), for nobody can bring it a second time. `key`: of another payment that
    rested on it."""
    paid = row.supplements.filter(status=Supplement.Status.PAID).order_by("pk")
    own = [key_of(row), *(supplement_key(one) for one in paid)]
    for one in [key] if key else own:
        order = order_of(one)
        if order is not None and order.status not in (*PaymentOrder.GONE, *PaymentOrder.ENDED):
            return order
    return None


def _asked(amounts: Mapping[str, Decimal], left: Shares) -> Shares:
    """Layer by layer no more than is left."""
    asked: Shares = {}
    for layer, yuan in amounts.items():
        at = ("amounts", layer)
        try:
            fen = to_fen(yuan)
        except ValueError:
            raise Refusal("追回金额最多两位小数", at=at) from None
        share = left.get(layer)
        most = share.fen if share else 0
        if not 0 <= fen <= most:
            raise Refusal(f"追回金额应在 0 至 {told(to_yuan(most))} 元之间", at=at)
        if fen and share:
            asked[layer] = Share(share.book, share.booked_as, fen)
    return asked


def _debtor(row: Settlement, debtor: str, name: str) -> dict[str, object]:
    visit = row.visit
    if debtor == Debtor.INSTITUTION:
        if visit.institution is None:
            raise Refusal("这次就诊不在本县定点机构，不能向定点机构追回", "debtor")
        named: dict[str, object] = {"institution": visit.institution}
        name = visit.institution.name
    elif debtor == Debtor.HOUSEHOLD:
        household = Household.objects.get(pk=visit.household_id)
        head = household.members.order_by("member_number").first()
        named, name = {"household": household}, head.name if head else household.number
    elif debtor == Debtor.PERSON:
        named, name = {}, given_reason(name, asks="责任人姓名", most=100, at=("debtor_name",))
    else:
        raise Refusal("请选择向谁追回", "debtor")
    return {"debtor": debtor, "debtor_name": name, **named}


def propose_difference(dependent: Dependent, back: Shares) -> Recovery:
    """What a paid settlement got more than it is due since an earlier one fell; the settlement is
    locked. Asked from the household: the benefit is the insured's, the hospital has billed no more
    than before. Usage was corrected when it was computed anew."""
    row = dependent.settlement
    return _insert(
        row,
        back,
        actor=dependent.found_by,
        event="find_recovery",
        columns={
            **_debtor(row, Debtor.HOUSEHOLD, ""),
            "reason": Reason.RECOMPUTED,
            "facts": f"结算单 {dependent.because_of.number} {dependent.reason}，"
            f"重算后应支付 {told(dependent.new_amount)} 元",
            "source": Source.PORTAL,
            "usage": Usage.DONE,
            "dependent": dependent,
        },
    )


def propose_beyond(
    *, key: str, layer: str, share: Share, settlement: Settlement, facts: str, actor: User | None
) -> Recovery:
    """What another payment that rested on claims got more than it is due since one of them fell;
    asked from the household, whose benefit it was."""
    return _insert(
        settlement,
        {layer: share},
        actor=actor,
        event="find_recovery",
        columns={
            **_debtor(settlement, Debtor.HOUSEHOLD, ""),
            "reason": Reason.RECOMPUTED,
            "facts": facts[:300],
            "source": Source.PORTAL,
            "usage": Usage.DONE,
            "payment_key": key,
        },
    )


def take_back_returned(
    row: Settlement, asked: Shares, *, actor: User, order: PaymentOrder, is_whole: bool
) -> Recovery:
    """What the bank gave back and nobody claims, as the debt that it settles at once: two people
    said so on the order. The settlement is locked."""
    return _insert(
        row,
        asked,
        actor=actor,
        event="give_up_recovery",
        columns={
            **_debtor(row, Debtor.HOUSEHOLD, ""),
            "reason": Reason.PAYEE,
            "facts": order.reason,
            "source": Source.BANK,
            "source_note": order.source,
            "is_whole": is_whole,
            "status": Recovery.Status.RECEIVED,
            "proposed_by": order.corrected_by,
            "approved_by": actor,
            "approved_at": timezone.now(),
        },
    )


@dataclass(frozen=True)
class Payment:
    """What a debt is about: as people call it, and the day on which it was paid."""

    name: str
    paid_on: date | None


def payment_of(recovery: Recovery) -> Payment:
    """The claim's own payment, or the other one that rested on it."""
    if not recovery.payment_key:
        row = recovery.settlement
        return Payment(f"结算单 {row.number}", row.paid_on)
    order = order_of(recovery.payment_key)
    assert order is not None
    return Payment(order.source, first_paid_on(order))


def _insert(
    row: Settlement, asked: Shares, *, actor: User | None, event: str, columns: dict[str, object]
) -> Recovery:
    area, year = row.division.county_code, row.policy_year
    recovery: Recovery = Recovery.objects.create(
        number=f"{area}{year}Z{SERIALS.next(area, year):06d}",
        settlement=row,
        division=row.division,
        amount=to_yuan(total(asked)),
        **columns,
    )
    RecoveryPart.objects.bulk_create(
        RecoveryPart(
            recovery=recovery,
            layer=layer,
            **share.columns(),
        )
        for layer, share in asked.items()
    )
    RECOVERIES.begin(recovery, event, actor=actor)
    return recovery


SERIALS = Serial("claims_recovery_number", last_numbered(Recovery, "Z"))


def replace_open(settlement: Settlement, *, actor: User | None) -> None:
    """What the portal had found and nobody acted on yet gives way to what it finds now."""
    _give_way(Recovery.objects.filter(settlement=settlement, dependent__isnull=False), actor)


def replace_of(key: str, *, actor: User | None) -> None:
    """The same of another payment that rested on claims. Its row is locked by the caller."""
    _give_way(Recovery.objects.filter(payment_key=key), actor)


def _give_way(rows: RecoveryQuerySet, actor: User | None) -> None:
    open_ones = rows.filter(status=Recovery.Status.PROPOSED).order_by("pk")
    for pk in open_ones.values_list("pk", flat=True):
        recovery = RECOVERIES.lock(pk)
        if recovery.status == Recovery.Status.PROPOSED:
            RECOVERIES.take(recovery, "replace_recovery", actor=actor)


@all_or_nothing()
def decide(*, actor: User, recovery: Recovery, event: str, reason: str = "", on: date) -> Recovery:
    """One step that moves no money: review, approval, refusal, waiver. Raises Refusal."""
    if event == "end_recovery":
        raise ValueError("what is asked of nothing ends in receiving.end_without_money")
    if event == "approve_recovery" and not recovery.amount:
        raise Refusal("没有款项可收，请按“复核同意，撤销待遇”办结")
    columns: dict[str, Any] = {}
    if event == "approve_recovery":
        columns["due_on"] = on + timedelta(days=DAYS_TO_PAY)
    return RECOVERIES.move(recovery.pk, event, actor=actor, reason=reason, **columns)


def owed_by(
    *, institution: Institution | None = None, household: Household | None = None
) -> QuerySet[Recovery]:
    """What a payee owes to the fund, the oldest first: what a payment to them may be set off
    against, by `receiving.receive` with the way SET_OFF in the payment's transaction."""
    rows = Recovery.objects.filter(status=Recovery.Status.APPROVED).with_received()
    if institution is not None:
        return rows.filter(institution=institution).order_by("approved_at", "pk")
    return rows.filter(household=household).order_by("approved_at", "pk")
