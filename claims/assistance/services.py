"""Writes of assistance: applying, making public, objections, approving and asking the payment.

Order of locks: the person's cover (with the household), the application, the order. Who pays holds
the batch first, then the application (claims/assistance/rooms.py), and no cover.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from accounts.errors import Refusal
from accounts.models import User
from accounts.readable import readable
from claims.assistance.figures import Figures, figures, rules_of
from claims.assistance.models import KEY, AidApplication, AidCase, AidClaim
from claims.assistance.workflow import APPLICATIONS, CASES
from claims.models import Settlement
from claims.paying.against import against_resting
from claims.paying.parts import order_in
from desk.changes import all_or_nothing
from desk.numbers import next_number
from desk.reasons import given_reason
from desk.seen import fingerprint, refuse_stale
from enrollment.cover.covering import lock_cover
from enrollment.models import Enrollment, Person
from funds.models import Book
from funds.payments.models import account_index
from funds.payments.services import Part, cancel_order, checked_payee
from funds.payments.services import Payee as OrderPayee
from lib import typed_text
from lib.money import to_yuan, told
from policies.services import terms_of

Status = AidApplication.Status
MIN_DOCUMENT = 4  # characters that name a paper: 公证书3号


@dataclass(frozen=True, kw_only=True)
class AidPayee:
    """Who gets the money. `document`: why somebody else than the applicant may."""

    name: str
    account: str
    bank: str = ""
    document: str = ""


@all_or_nothing()
def apply_aid(
    *, actor: User, person: Person, year: int, kind: str, facts: str, payee: AidPayee, on: date
) -> AidApplication:
    """Take an application in, computed as the year stands now. Raises Refusal."""
    cover = lock_cover(person_id=person.pk, year=year)
    if not Person.objects.visible_to(actor).filter(pk=person.pk).exists():
        raise Refusal("申请人不在您的辖区内，请到户籍所在乡镇申请", "person")
    found = figures(cover, kind, on)
    _refuse_nothing(found)
    terms = terms_of(cover.pack)
    columns = _payee_columns(cover.person, payee)
    area = terms.area.code
    row = AidApplication.objects.create(
        number=f"JZ{area}{year}{next_number('aid', area, year):05d}",
        person=cover.person,
        cover=cover,
        division=cover.division,
        policy_year=year,
        kind=found.kind.code,
        kind_name=found.kind.name,
        held=found.held,
        held_name=terms.vocabulary["status"][found.held],
        held_source=found.held_source,
        article=found.rate.article,
        care=found.care,
        counter=found.kind.counter,
        booked_as=found.kind.booked_as,
        facts=given_reason(facts, asks="家庭困难情况", most=300, at=("facts",)),
        applied_by=actor,
        applied_on=on,
        **columns,
        **_amounts(found),
    )
    _name_claims(row, found)
    APPLICATIONS.begin(row, "apply_aid", actor=actor)
    _close_case(row)
    return row


def _refuse_nothing(found: Figures) -> None:
    if not found.aid.fen:
        raise Refusal(f"{found.kind.name}现在算得 0 元：{'；'.join(found.aid.steps)}", "kind")


def _amounts(found: Figures) -> dict[str, Any]:
    return {
        "own_amount": to_yuan(found.own),
        "amount": to_yuan(found.aid.fen),
        "steps": list(found.aid.steps),
    }


def _name_claims(row: AidApplication, found: Figures) -> None:
    row.claims.all().delete()
    AidClaim.objects.bulk_create(
        AidClaim(application=row, settlement=one, own_amount=to_yuan(fen))
        for one, fen in found.claims
    )


def _payee_columns(person: Person, payee: AidPayee) -> dict[str, Any]:
    checked = checked_payee(payee.name, payee.account, payee.bank)
    if not checked.account:
        raise Refusal("请填写收款账号", "account")
    document = readable(payee.document, "代收依据", "document")[:100]
    own = checked.name == typed_text.name(person.name)
    if own and person.death_date:
        raise Refusal(f"申请人登记于 {person.death_date} 死亡，收款人请写继承人", "payee")
    if not own and len(document) < MIN_DOCUMENT:
        asks = "继承" if person.death_date else "监护、委托"
        raise Refusal(f"收款人不是申请人，请写明{asks}依据，如“公证书〔2026〕3号”", "document")
    return {
        "payee": checked.name,
        "account": checked.account,
        "bank": checked.bank,
        "payee_document": "" if own else document,
    }


def _close_case(row: AidApplication) -> None:
    """Whoever was pointed out and applies now is no open case any more."""
    for case in AidCase.objects.filter(person=row.person_id, policy_year=row.policy_year).exclude(
        status=AidCase.Status.CLOSED
    ):
        CASES.move(case.pk, "aid_case_applied", actor=row.applied_by, application=row)


def held(application: AidApplication) -> tuple[Enrollment, AidApplication]:
    """The cover, then the application, both locked."""
    cover = lock_cover(person_id=application.person_id, year=application.policy_year)
    return cover, APPLICATIONS.lock(application.pk)


def payee_shown(row: AidApplication) -> str:
    """The fingerprint of the payee that a page shows."""
    return fingerprint(row.payee, account_index(row.account), row.bank, row.payee_document)


@all_or_nothing()
def publish_aid(
    *, actor: User, application: AidApplication, on: date, seen: str | None = None
) -> AidApplication:
    """The reviewer agrees: computed anew, and made public for the county's days."""
    cover, row = held(application)
    APPLICATIONS.check(row, "publish_aid", actor)
    refuse_stale(seen, payee_shown(row))
    found = figures(cover, row.kind, row.applied_on, row)
    _refuse_nothing(found)
    days = rules_of(terms_of(cover.pack)).publicity_days
    row = APPLICATIONS.take(
        row,
        "publish_aid",
        actor=actor,
        public_from=on,
        public_to=on + timedelta(days=max(days - 1, 0)),
        held=found.held,
        held_source=found.held_source,
        **_amounts(found),
    )
    _name_claims(row, found)
    return row


@all_or_nothing()
def approve_aid(*, actor: User, application: AidApplication, on: date) -> AidApplication:
    """A third person agrees after the publicity, and the payment is asked for. Raises Refusal."""
    cover, row = held(application)
    APPLICATIONS.check(row, "approve_aid", actor)
    assert row.public_to is not None
    if on <= row.public_to:
        raise Refusal(f"公示到 {row.public_to} 截止，期满无异议后才能审批")
    if words := standing_against(row, on) or claim_problems([row]).get(row.pk):
        raise Refusal(words)
    found = figures(cover, row.kind, row.applied_on, row)
    if to_yuan(found.aid.fen) != row.amount:
        raise Refusal(
            f"公示的救助金额是 {told(row.amount)} 元，现在算得 {told(to_yuan(found.aid.fen))} 元"
            "（结算单有变动或限额已被用去），请退回重新审核、公示"
        )
    row = APPLICATIONS.take(row, "approve_aid", actor=actor)
    _ask_payment(row, actor, on)
    return row


def standing_against(row: AidApplication, on: date) -> str:
    """Why the payee may not be paid; "" when nothing stands against it."""
    person = row.person
    died = person.death_date
    if died is not None and died <= on and row.payee == typed_text.name(person.name):
        return (
            f"救助单 {row.number} 的申请人登记于 {died} 死亡，"
            "请退回重新审核，由受理人凭继承材料改收款人"
        )
    return ""


def claim_problems(rows: Collection[AidApplication]) -> dict[int, str]:
    """Application → what stands against paying a claim that it rests on; the others are left
    out. Statements: one, two more when some stands."""
    claims = AidClaim.objects.filter(application__in=rows).order_by("-settlement")
    against = against_resting(Settlement.objects.filter(pk__in=claims.values("settlement")))
    if not against:
        return {}
    pairs = claims.filter(settlement__in=against).select_related("application")
    return {
        one.application_id: f"救助单 {one.application.number} {against[one.settlement_id]}，"
        "办结以后才能审批、支付"
        for one in pairs
    }


def part_of(row: AidApplication) -> Part:
    """What the payment consists of."""
    return Part(
        amount=row.amount,
        fund_type=Book.FundType.ASSISTANCE,
        purpose=row.booked_as,
        tier=row.cover.tier,
        policy_year=row.policy_year,
    )


def _ask_payment(row: AidApplication, actor: User, on: date) -> None:
    order_in(
        row.division,
        actor=actor,
        key=f"{KEY}{row.pk}",
        source=f"救助单 {row.number}",
        payee=OrderPayee(name=row.payee, account=row.account, bank=row.bank),
        parts=[part_of(row)],
        on=on,
    )


# What a step leaves of the review and the publicity that no longer hold.
ANEW: dict[str, Any] = {
    "reviewed_by": None,
    "reviewed_at": None,
    "approved_by": None,
    "approved_at": None,
    "public_from": None,
    "public_to": None,
}


@all_or_nothing()
def decide_aid(
    *,
    actor: User,
    application: AidApplication,
    event: str,
    reason: str,
    on: date,
    seen: str | None = None,
) -> AidApplication:
    """One step by its name: those with services of their own, and those that only say why."""
    if event == "publish_aid":
        return publish_aid(actor=actor, application=application, on=on, seen=seen)
    if event == "approve_aid":
        return approve_aid(actor=actor, application=application, on=on)
    _, row = held(application)  # what counts toward a cap changes under the cover's lock
    if event == "object_aid" and row.public_to is not None and on > row.public_to:
        raise Refusal(f"公示已于 {row.public_to} 截止；仍要核实的，请由审核人退回重新审核")
    columns = dict(ANEW) if event in {"recall_aid", "settle_objection"} else {}
    if event == "recall_aid":
        cancel_order(actor=actor, key=f"{KEY}{row.pk}", reason=f"退回重新审核：{reason}")
    return APPLICATIONS.take(row, event, actor=actor, reason=reason, **columns)


@all_or_nothing()
def change_payee(
    *, actor: User, application: AidApplication, payee: AidPayee, reason: str
) -> AidApplication:
    """Another payee, before the review: what was approved goes back first. Raises Refusal."""
    row = APPLICATIONS.lock(application.pk)
    reason = APPLICATIONS.check(row, "payee_of_aid", actor, reason)
    columns = _payee_columns(row.person, payee)
    return APPLICATIONS.take(row, "payee_of_aid", actor=actor, reason=reason, **columns)
