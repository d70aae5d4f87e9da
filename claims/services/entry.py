"""Claims at an institution's counter: checked line by line, settled at once."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

from accounts.errors import Refusal
from accounts.models import User
from claims.asked import answer_field, answer_problem
from claims.classification import (
    MAXIMUM_FEN,
    classify,
    line_amount,
    line_lacks,
    payable_limit,
)
from claims.computation import Measures
from claims.entries import CounterLine, VisitFacts
from claims.models import BillLine, Settlement, Visit
from claims.services.progress import set_aside
from claims.services.settling import (
    Prepared,
    Preview,
    compute_locked,
    lock_and_check_cover,
    settle_new,
)
from claims.workflow import SETTLEMENTS
from desk.changes import all_or_nothing
from enrollment.models import Person
from institutions.models import CatalogueItem, Institution
from lib.money import to_fen, to_yuan
from policies.terms import ORIGINS, BillClass, Terms

MOST_BABIES = 9


@all_or_nothing()
def enter_counter_claim(
    *,
    actor: User,
    institution: Institution,
    person: Person,
    visit: VisitFacts,
    lines: Sequence[CounterLine],
    on: date,
    consent_signed: bool = False,
    submit_now: bool = False,
    replaces: Settlement | None = None,
    key: UUID | None = None,
) -> Settlement:
    """Settle a visit at the actor's institution: a draft, or submitted at once.

    `consent_signed`: the patient or the family signed for items outside the catalogue.
    `replaces`: the actor's own draft or withdrawn claim that this entry corrects; a draft is
    discarded. `key`: of the page it was typed on, which enters one visit however often it is sent.
    Raises Refusal naming the input (`starts`, `("lines", 0, "code")`, …); then nothing is
    written.
    """
    prepared = _prepare(
        actor=actor,
        institution=institution,
        person=person,
        visit=visit,
        lines=lines,
        on=on,
        consent_signed=consent_signed,
    )
    prepared.visit.entry_key = key
    return enter(prepared, actor=actor, on=on, submit_now=submit_now, replaces=replaces)


@all_or_nothing()
def preview_counter_claim(
    *,
    actor: User,
    institution: Institution,
    person: Person,
    visit: VisitFacts,
    lines: Sequence[CounterLine],
    on: date,
    consent_signed: bool = False,
    replaces: Settlement | None = None,
) -> Preview:
    """What the claim would come to today, with the same checks; nothing is saved."""
    prepared = _prepare(
        actor=actor,
        institution=institution,
        person=person,
        visit=visit,
        lines=lines,
        on=on,
        consent_signed=consent_signed,
    )
    return preview(prepared, replaces=replaces)


def enter(
    prepared: Prepared, *, actor: User, on: date, submit_now: bool, replaces: Settlement | None
) -> Settlement:
    """The writing end of both ways to enter a claim."""
    event = "entered" if submit_now else "drafted"
    SETTLEMENTS.check(Settlement(), event, actor)
    if replaces is not None:
        set_aside(replaces, actor=actor)
    return settle_new(prepared, actor=actor, on=on, event=event, replaces=replaces)


def preview(prepared: Prepared, *, replaces: Settlement | None) -> Preview:
    """The reading end: the lock of the cover is held only for the moment of the computation."""
    enrollment = lock_and_check_cover(prepared, replaces=replaces)
    return Preview(
        decision=compute_locked(prepared, enrollment),
        visit=prepared.visit,
        lines=prepared.lines,
        enrollment=enrollment,
        measures=prepared.measures,
    )


def _prepare(
    *,
    actor: User,
    institution: Institution,
    person: Person,
    visit: VisitFacts,
    lines: Sequence[CounterLine],
    on: date,
    consent_signed: bool,
) -> Prepared:
    if not actor.may("claims.enter_counter") or actor.institution_code != institution.code:
        raise Refusal("只能录入本机构的结算，请用本机构的账号办理")
    check_dates(visit, on)
    if not institution.is_active or not (
        Institution.objects.contracted_on(visit.starts).filter(pk=institution.pk).exists()
    ):
        raise Refusal(
            f"{institution.name}在 {visit.starts} 没有有效的定点协议，不能结算，请与县经办中心联系",
            "starts",
        )
    area_code = institution.division.county_code
    measures = Measures.on(area_code=area_code, day=visit.starts)
    return Prepared(
        visit=visit_row(
            visit,
            person=person,
            source=Visit.Source.COUNTER,
            institution=institution,
            name=institution.name,
            level=institution.level,
            place="local",
            facts=visit.facts,
            terms=measures.terms,
            consent_signed=consent_signed,
        ),
        lines=_bill(lines, area_code, visit.starts, consent_signed, measures.terms),
        measures=measures,
        pay_to=Settlement.PayTo.INSTITUTION,
    )


def check_dates(visit: VisitFacts, on: date) -> None:
    """Discharge not before admission, nothing in the future, a diagnosis."""
    if visit.ends < visit.starts:
        raise Refusal("出院日期早于入院日期，请核对", "ends")
    if visit.ends > on:
        raise Refusal(f"出院（就诊）日期不能晚于今天 {on}，请核对", "ends")
    if not visit.diagnosis.strip():
        raise Refusal("请填写诊断", "diagnosis")
    if not 0 <= visit.babies <= MOST_BABIES:
        raise Refusal(f"婴儿数应为 0 至 {MOST_BABIES}，请核对", "babies")


def visit_row(
    visit: VisitFacts,
    *,
    person: Person,
    source: str,
    institution: Institution | None,
    name: str,
    level: str,
    place: str,
    facts: frozenset[str],
    terms: Terms,
    consent_signed: bool = False,
) -> Visit:
    """An unsaved Visit; cover, household and division follow with the lock.

    Raises Refusal naming the field when an answer that the kind of care asks for cannot stand.
    """
    care = terms.cares.get(visit.care)
    if care is not None:
        problem = answer_problem(terms, care, visit.answers)
        if problem is not None:
            raise Refusal(problem[1], answer_field(problem[0]))
    return Visit(
        person=person,
        source=source,
        institution=institution,
        institution_name=name,
        level=level,
        place=place,
        care=visit.care,
        bed=care is not None and care.bed,
        counts_as_stay=care is not None and care.counts_as_stay,
        answers=dict(visit.answers),
        consent_signed=consent_signed,
        referral=visit.referral,
        starts=visit.starts,
        ends=visit.ends,
        diagnosis_code=visit.diagnosis_code.strip(),
        diagnosis=visit.diagnosis.strip(),
        diseases=sorted(visit.diseases),
        procedures=sorted(visit.procedures),
        facts=sorted(facts),
        reasons=sorted(visit.reasons),
        babies=visit.babies,
        referred_from_id=visit.referred_from,
    )


def _bill(
    lines: Sequence[CounterLine], area_code: str, day: date, consent_signed: bool, terms: Terms
) -> list[BillLine]:
    """The bill from the catalogue of the day, two statements however long it is."""
    if not lines:
        raise Refusal("费用清单是空的，请至少录入一行", "lines")
    items = {
        item.code: item
        for item in CatalogueItem.objects.valid_on(day).filter(
            area__code=area_code, code__in={line.code for line in lines}
        )
    }
    rows = []
    for position, line in enumerate(lines):
        item = items.get(line.code)
        if item is None:
            raise Refusal(
                f"第 {position + 1} 行：目录中没有编码“{line.code}”（{day}），请重新查找",
                at=("lines", position, "code"),
            )
        _check_line(position, line)
        bill_class = classify(
            payment_class=item.payment_class,
            category=item.category,
            consent_signed=consent_signed,
            classes=terms.bill.classes,
        )
        origin = _origin(position, line, item, terms.bill.classes.get(bill_class))
        limit = payable_limit(line.quantity, item.price_limit)
        rows.append(
            BillLine(
                line_number=position + 1,
                item=item,
                item_code=item.code,
                item_name=item.name,
                category=item.category,
                bill_class=bill_class,
                origin=origin,
                quantity=line.quantity,
                unit_price=line.unit_price,
                amount=line.amount,
                approved_amount=line.amount,
                limit_amount=None if limit is None else to_yuan(limit),
            )
        )
    check_total(rows)
    return rows


def _origin(position: int, line: CounterLine, item: CatalogueItem, rule: BillClass | None) -> str:
    """Where the item was made: as the catalogue says, else as the clerk does. Raises Refusal when
    the measures cannot judge the item, because no class takes it or its origin is not known."""
    row = f"第 {position + 1} 行："
    if rule is None:
        raise Refusal(
            f"{row}现行办法没有接收“{item.name}”（{item.get_payment_class_display()}）的费用类别，"
            "请与县经办中心联系",
            at=("lines", position, "code"),
        )
    at = ("lines", position, "origin")
    if line.origin and line.origin not in ORIGINS:
        raise Refusal(f"{row}请选择产地", at=at)
    if item.origin and line.origin not in {"", item.origin}:
        raise Refusal(
            f"{row}目录写明“{item.name}”是{item.get_origin_display()}，与所选产地不符，请核对",
            at=at,
        )
    origin = item.origin or line.origin
    if line_lacks(rule, counted=True, origin=origin):
        raise Refusal(
            f"{row}{rule.name}按产地先自付，目录没有写明“{item.name}”的产地，请选择产地", at=at
        )
    return origin


def _check_line(position: int, line: CounterLine) -> None:
    row = f"第 {position + 1} 行："
    if line.quantity <= 0:
        raise Refusal(f"{row}数量应大于 0", at=("lines", position, "quantity"))
    if line.unit_price < 0:
        raise Refusal(f"{row}单价不能为负数", at=("lines", position, "unit_price"))
    try:
        right = line_amount(line.quantity, line.unit_price)
        written = to_fen(line.amount)
    except ValueError:
        raise Refusal(
            f"{row}数量、金额最多两位小数，单价最多四位小数", at=("lines", position, "amount")
        ) from None
    if written != right:
        raise Refusal(
            f"{row}数量 × 单价 = {to_yuan(right):.2f} 元，与金额 {line.amount:.2f} 元不符，请核对",
            at=("lines", position, "amount"),
        )
    if not 0 < right <= MAXIMUM_FEN:
        raise Refusal(f"{row}金额应大于 0、不超过一千万元", at=("lines", position, "amount"))


def check_total(rows: Sequence[BillLine]) -> None:
    total = sum((row.amount for row in rows), Decimal(0))
    if to_fen(total) > MAXIMUM_FEN:
        raise Refusal(f"总费用 {total:.2f} 元超过一千万元，请核对", "lines")
