"""Refunds: by the rule, asked for in the township, granted by the county, paid by its cashier."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet

from accounts.errors import Refusal
from accounts.models import User
from desk.changes import all_or_nothing
from desk.reasons import given_reason
from enrollment.collection.amounts import township_of
from enrollment.collection.models import ZERO, Receipt, Refund, Remittance, SponsorUse, TaxRow
from enrollment.collection.settled import Kind, key_of
from enrollment.collection.workflow import REFUNDS
from enrollment.cover.models import Enrollment, EnrollmentQuerySet
from enrollment.cover.workflow import COVERS
from enrollment.people.models import Household
from enrollment.people.rooms import refuse_by_rooms
from funds.balances import book_of
from funds.banking.models import BankLine
from funds.models import Voucher
from funds.services import EventLine, post_event
from lib.money import told

# 《基本医疗保险参保管理经办规程（暂行）》第十六条（医保办函〔2021〕11号）: who paid and,
# before cover begins, dies, turns out to have paid twice, or is insured elsewhere, gets the premium
# back on application while the cover ends; once cover has begun it is not given back.
RULE = "基本医疗保险参保管理经办规程第十六条"
Ground = Refund.Ground
# A death before cover begins may become known later; the money is the family's all the same.
MAY_COME_LATER = (Ground.DEATH,)
# A paper is named by what it is and its number: 死亡证明.
MIN_EVIDENCE = 4


def _refuse_drawn(row: Enrollment) -> None:
    """Benefits claimed after a death or beside another insurance are recovered first.

    Call with the enrolment locked: claims write what was drawn under the same lock.
    """
    if row.drawn_claims:
        raise Refusal(
            f"此人本年度已报销 {row.drawn_claims} 笔共 {told(row.drawn_amount)} 元"
            f"（结算单 {row.drawn_first}），请先撤回或追回已报销的待遇，再办理退费"
        )
    refuse_by_rooms("drawn_before", row)


def refund_problem(row: Enrollment, *, ground: str, ground_date: date, on: date) -> str | None:
    """Why the rule does not allow this refund, in Chinese; None when it does."""
    if row.carried_id:
        return (
            "此参保由原系统转入，保费不在本系统的收据上，不能在这里退费；请凭原收据由会计登记支出"
        )
    if row.status != Enrollment.Status.ACTIVE or row.receipt_id is None:
        return "此人没有已缴费的参保登记，不需要退费"
    starts = row.cover_first_day
    if ground_date > on or ground_date >= starts:
        return f"事由应已发生，且在待遇期开始（{starts}）之前；开始后个人缴费不再退回（{RULE}）"
    if on >= starts and ground not in MAY_COME_LATER:
        return f"待遇期已于 {starts} 开始，个人缴费不再退回（{RULE}）"
    if ground == Ground.DEATH and row.person.death_date != ground_date:
        registered = row.person.death_date or "（无）"
        return f"请先在家庭页登记死亡，现登记为 {registered}，与申请的 {ground_date} 不一致"
    return None


def booked(row: Enrollment) -> str | None:
    """The voucher that the premium is in, "" when nothing was paid here; None when not booked
    yet."""
    if row.carried_id:
        return ""
    receipt = Receipt.objects.select_related("remittance").get(enrollments=row)
    if receipt.channel == Receipt.Channel.AID or not row.personal_amount:
        return ""
    use = SponsorUse.objects.filter(receipt=receipt, enrollment=row, released_on=None).first()
    if use is not None:
        return use.voucher_number or None
    if receipt.channel == Receipt.Channel.TAX:
        return row.tax_row.voucher_number
    return receipt_booked(receipt)


def receipt_booked(receipt: Receipt) -> str | None:
    """The voucher of what the window collected on the receipt, None when not booked yet; "" when
    the window collected nothing."""
    if receipt.channel == Receipt.Channel.BANK:
        line = BankLine.objects.filter(settles=key_of(Kind.RECEIPT, receipt.pk)).first()
        return line.voucher_number if line else None
    if receipt.channel != Receipt.Channel.CASH:
        return ""
    done = receipt.remittance is not None and (
        receipt.remittance.status == Remittance.Status.CONFIRMED
    )
    return receipt.remittance.voucher_number if done and receipt.remittance else None


def _lock(enrollment: Enrollment) -> Enrollment:
    # The cover before its refund, everywhere: claims lock the cover alone, and asking for a refund
    # locks the cover while there is no refund yet.
    # Locked by itself: with a receipt that may be missing, a row that changed while one waited
    # would be joined to the receipt of before.
    Enrollment.objects.select_for_update(no_key=True).get(pk=enrollment.pk)
    rows = Enrollment.objects.select_related("person", "division", "campaign__area", "receipt")
    return rows.get(pk=enrollment.pk)


def refundable(household: Household) -> EnrollmentQuerySet:
    """The household's paid covers, and those that ended while a second payment is still owed."""
    owed = TaxRow.objects.to_match().filter(duplicate_of__household=household)
    ended = owed.filter(duplicate_of__status=Enrollment.Status.CANCELLED).values("duplicate_of")
    return (
        Enrollment.objects.filter(
            Q(status=Enrollment.Status.ACTIVE) | Q(pk__in=ended), household=household
        )
        .select_related("person", "receipt__book")
        .order_by("-year", "person__member_number")
    )


def second_payment(enrollment: Enrollment) -> TaxRow | None:
    """A second payment of this cover that waits as 待查款 and nobody has asked back yet."""
    return TaxRow.objects.to_match().filter(duplicate_of=enrollment).order_by("pk").first()


def second_payments(user: User) -> QuerySet[TaxRow]:
    """The second payments of covers in the user's scope that nobody has asked back yet."""
    covers = Enrollment.objects.visible_to(user)
    return TaxRow.objects.to_match().filter(duplicate_of__in=covers).order_by("paid_on", "pk")


def why_not(row: Enrollment, on: date) -> str:
    """Why nothing of this cover's premium would be given back on the day; "" when something may."""
    if second_payment(row) is not None:
        return ""
    if Refund.objects.filter(enrollment=row, tax_row=None).exclude(
        status=Refund.Status.REFUSED
    ).exists():  # fmt: skip
        return "本年度的退费已经申请"
    died = row.person.death_date
    if on >= row.cover_first_day and not (died and died < row.cover_first_day):
        return f"待遇期已于 {row.cover_first_day} 开始，个人缴费不再退回"
    if row.drawn_claims:
        return f"本年度已报销 {row.drawn_claims} 笔，先撤回或追回"
    if booked(row) is None:
        return "保费还没有入账：未缴存的请作废收据，已缴存的请等会计入账"
    return ""


@all_or_nothing()
def request_refund(
    *,
    actor: User,
    enrollment: Enrollment,
    ground: str,
    ground_date: date,
    evidence: str,
    payee: str,
    bank_account: str = "",
    on: date,
) -> Refund:
    """The township asks. The cover stays until it is granted. Raises Refusal.

    Where the premium was paid a second time, that payment is asked back and the cover stays.
    """
    second = second_payment(enrollment) if ground == Ground.DOUBLE else None
    if second is not None:  # tax rows before covers, as when a file is matched
        second = (
            TaxRow.objects.select_for_update(no_key=True).to_match().filter(pk=second.pk).first()
        )
        if second is None:
            raise Refusal("这笔重复缴费的退费已经申请，或刚重新匹配，请刷新", "ground")
    row = _lock(enrollment)
    facts = {
        "enrollment": row,
        "ground": ground,
        "ground_date": ground_date,
        "payee": payee.strip() or row.person.name,
        "bank_account": bank_account,
        "requested_by": actor,
        "requested_on": on,
    }
    if second is not None:
        return _request(actor, evidence, facts | {"amount": second.amount, "tax_row": second})
    if problem := refund_problem(row, ground=ground, ground_date=ground_date, on=on):
        raise Refusal(problem, "ground")
    _refuse_drawn(row)
    if booked(row) is None:
        raise Refusal("保费还没有入账：未缴存的请作废收据，已缴存的请等会计入账后再申请")
    live = Refund.objects.filter(enrollment=row, tax_row=None).exclude(status=Refund.Status.REFUSED)
    if live.exists():
        raise Refusal("此人本年度的退费已经申请，请勿重复")
    sponsored = SponsorUse.objects.filter(enrollment=row, receipt=row.receipt, released_on=None)
    own = ZERO if sponsored.exists() else row.personal_amount
    amounts = {"amount": own, "sponsor_amount": row.personal_amount - own}
    return _request(actor, evidence, facts | amounts)


def _request(actor: User, evidence: str, facts: dict[str, Any]) -> Refund:
    evidence = given_reason(
        evidence, asks="依据材料，如“死亡医学证明第 12 号”", least=MIN_EVIDENCE, at=("evidence",)
    )
    return REFUNDS.create("request_refund", actor=actor, evidence=evidence, **facts)


@all_or_nothing()
def grant_refund(*, actor: User, refund: Refund, on: date) -> Refund:
    """End the cover. The family's money waits for the cashier, a sponsor's goes back at once.

    A second payment ends nothing: it waits for the cashier, and the cover stays.
    """
    if refund.tax_row_id is not None:
        return REFUNDS.move(refund.pk, "grant_refund", actor=actor, decided_on=on)
    enrollment = _lock(Enrollment.objects.get(pk=refund.enrollment_id))
    refund = REFUNDS.lock(refund.pk)
    event = "grant_refund" if refund.amount else "restore_sponsor"
    REFUNDS.check(refund, event, actor)
    COVERS.check(enrollment, "end_cover", actor)
    _refuse_drawn(enrollment)
    if refund.amount and not booked(enrollment):
        raise Refusal("保费还没有入账，不能退费")
    decided: dict[str, Any] = {"decided_on": on}
    if not refund.amount:
        decided["paid_on"] = on
    if refund.sponsor_amount:
        decided["voucher_number"] = _restore(actor, refund, enrollment, on).label
    REFUNDS.take(refund, event, actor=actor, **decided)
    COVERS.take(enrollment, "end_cover", actor=actor, reason=RULE)
    return refund


@all_or_nothing()
def pay_refund(*, actor: User, refund: Refund, on: date, today: date) -> Refund:
    """The cashier gives the money back on `on`; it is booked on that day. Raises Refusal.

    Never by who asked for it or granted it.
    """
    enrollment = _lock(Enrollment.objects.get(pk=refund.enrollment_id))
    refund = REFUNDS.lock(refund.pk)
    REFUNDS.check(refund, "pay_refund", actor)
    if on > today:
        raise Refusal(f"付款日期不能晚于今天 {today}，请按实际付款日期填写", "paid_on")
    if refund.decided_on and on < refund.decided_on:
        raise Refusal(f"付款日期早于审批日期 {refund.decided_on}，请核对", "paid_on")
    if refund.tax_row_id is None:
        voucher = _pay_back(actor, refund, enrollment, on)
    else:
        voucher = _return(actor, refund, enrollment, on)
    return REFUNDS.take(refund, "pay_refund", actor=actor, paid_on=on, voucher_number=voucher.label)


def _event(enrollment: Enrollment, voucher: str, on: date) -> str:
    """This year's income is lessened; income of a year that is over is an expense (E10, E11)."""
    area = enrollment.campaign.area
    deferred = book_of(area).defers_advance_premium
    income_year = enrollment.year if deferred else int(voucher[:4])
    return "premium_refunded" if on.year <= income_year else "prior_premium_refunded"


def _pay_back(actor: User, refund: Refund, enrollment: Enrollment, on: date) -> Voucher:
    voucher = booked(enrollment)
    if not voucher:
        raise Refusal("保费还没有入账，不能退费")
    return _post(
        actor,
        refund,
        enrollment,
        on,
        event=_event(enrollment, voucher, on),
        key="refund",
        line=_line(refund.amount, enrollment, "personal"),
        summary=f"退还{enrollment.year}年度个人缴费",
    )


def _post(
    actor: User,
    refund: Refund,
    enrollment: Enrollment,
    on: date,
    *,
    event: str,
    key: str,
    line: EventLine,
    summary: str,
) -> Voucher:
    return post_event(
        event=event,
        area=enrollment.campaign.area,
        on=on,
        key=f"{key}:{refund.pk}",
        source=f"退费申请 {refund.pk} 号",
        actor=actor,
        lines=[line],
        summary=f"{summary}（{refund.get_ground_display()}）",
    )


def _return(actor: User, refund: Refund, enrollment: Enrollment, on: date) -> Voucher:
    """The second payment out of what was owed for it (待查款)."""
    voucher = post_event(
        event="suspense_returned",
        area=enrollment.campaign.area,
        on=on,
        key=f"refund:{refund.pk}",
        source=f"退费申请 {refund.pk} 号",
        actor=actor,
        lines=[
            EventLine(amount=refund.amount, policy_year=enrollment.year, funding_level="personal")
        ],
        summary=f"退还{enrollment.year}年度重复缴费",
    )
    TaxRow.objects.filter(refunds=refund).update(returned_voucher=voucher.label)
    return voucher


@all_or_nothing()
def stop_refund(*, actor: User, refund: Refund, reason: str, on: date) -> Refund:
    """Take the grant of a second payment's refund back before it is paid. Raises Refusal."""
    refund = REFUNDS.lock(refund.pk)
    REFUNDS.check(refund, "stop_refund", actor, reason)
    if refund.tax_row_id is None:
        raise Refusal("审批时参保已经终止，不能撤回；退费支付后可重新登记参保")
    return REFUNDS.take(refund, "stop_refund", actor=actor, reason=reason, decided_on=on)


def _restore(actor: User, refund: Refund, enrollment: Enrollment, on: date) -> Voucher:
    uses = SponsorUse.objects.filter(enrollment=enrollment, released_on=None)
    uses.update(released_on=on)
    return _post(
        actor,
        refund,
        enrollment,
        on,
        event="sponsor_restored",
        key="refund-sponsor",
        line=_line(refund.sponsor_amount, enrollment, "other"),
        summary=f"{enrollment.year}年度资助代缴退回资助资金",
    )


def _line(amount: Decimal, enrollment: Enrollment, level: str) -> EventLine:
    return EventLine(
        amount=amount,
        township=township_of(enrollment.division),
        tier=enrollment.tier,
        policy_year=enrollment.year,
        funding_level=level,
    )


@all_or_nothing()
def refuse_refund(*, actor: User, refund: Refund, reason: str, on: date) -> Refund:
    """Not granted; the cover stays. The township may ask again with better papers."""
    return REFUNDS.move(refund.pk, "refuse_refund", actor=actor, reason=reason, decided_on=on)
