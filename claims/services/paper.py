"""Paper claims from elsewhere: a township clerk keys invoices in, the household is paid."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal

from accounts.errors import Place, Refusal
from accounts.models import User
from claims.carried.models import OldSettlement
from claims.classification import MAX_SUBTOTAL, line_lacks, self_pay_problem
from claims.entries import Hospital, PaperEntry, PaperLine, VisitFacts
from claims.models import ELECTRONIC, BillLine, Invoice, Settlement, Visit
from claims.services.lines import check_total
from claims.services.settling import Prepared
from claims.services.visits import check_dates, visit_row
from claims.unpaid.models import OldClaim
from enrollment.models import Person
from institutions.categories import CATEGORY_NAMES
from institutions.models import Institution, Level
from institutions.registry.columns import CLOSED
from lib import typed_text
from lib.festivals import spring_festival
from lib.money import to_fen, told
from policies.services import Measures
from policies.terms import ORIGINS, BillClass

FOURTH = Decimal("0.0001")
MAX_UNITS, MAX_PRICE = 100_000, 10**8  # what the columns of a bill line hold


def prepare_paper(entry: PaperEntry, *, actor: User, on: date) -> Prepared:
    """Unsaved rows of a visit that was paid elsewhere in advance. Raises Refusal naming the input.

    The facts `claimed_late` and, inside the county, `non_contracted` are found out here.
    """
    person, hospital, visit = entry.person, entry.hospital, entry.visit
    if not actor.may("claims.enter_paper"):
        raise Refusal("手工报销由乡镇经办录入，请用乡镇经办账号办理")
    if not Person.objects.visible_to(actor).filter(pk=person.pk).exists():
        raise Refusal("此人不属于您的乡镇，请到其户籍所在乡镇办理", "person")
    last_day = check_dates(visit, on)
    name = typed_text.words(hospital.name)
    if not name:
        raise Refusal("请填写就诊医院名称", "hospital")
    if hospital.level not in Level.values:
        raise Refusal("请选择医院级别", "level")
    measures = Measures.of_visit(area_code=actor.county_code, starts=visit.starts, ends=last_day)
    institution, facts = _where(actor, name, hospital, visit)
    if hospital.place == "outside":
        deadline = deadline_of(measures, last_day)
        if deadline is not None and _is_late(deadline, entry, on):
            facts |= {"claimed_late"}
    rows = _bill(entry.lines, measures)
    return Prepared(
        visit=visit_row(
            visit,
            person=person,
            source=Visit.Source.PAPER,
            institution=institution,
            name=name,
            level=hospital.level,
            registered=institution,
            place=hospital.place,
            facts=facts,
            terms=measures.terms,
        ),
        lines=rows,
        measures=measures,
        pay_to=Settlement.PayTo.HOUSEHOLD,
        invoices=_invoices(entry, rows, on, measures.pack.area.code),
    )


def _where(
    actor: User, name: str, hospital: Hospital, visit: VisitFacts
) -> tuple[Institution | None, frozenset[str]]:
    """The institution when it is one of this county, and whether it was designated then."""
    facts = visit.facts - {"claimed_late"}
    if hospital.place != "local":
        return None, facts
    here = Institution.objects.filter(division__code__startswith=actor.county_code, name=name)
    institution = here.as_of(visit.starts).first()
    if institution is None:
        return None, facts | {"non_contracted"}
    if institution.level_then != hospital.level:
        level = Level(institution.level_then).label
        raise Refusal(f"{name} {visit.starts} 登记的级别是{level}，请核对", "level")
    # As the counter asks: who is closed on the day is not designated, whatever is still signed.
    was_open = institution.active_then != CLOSED
    if was_open and here.contracted_on(visit.starts).exists():
        return institution, facts - {"non_contracted"}
    return institution, facts | {"non_contracted"}


@dataclass(frozen=True)
class ClaimDeadline:
    """Until when a claim from elsewhere comes in time, and until when an extension may last."""

    due_on: date
    until: date
    article: str


def deadline_of(measures: Measures, ends: date) -> ClaimDeadline | None:
    """出院后 30 日; 因路途遥远须延长的, 不得超过次年春节后 30 日 (大足办法 第二十三条(七)). As many
    days after the festival's first day as after the discharge: the article says no other start."""
    rule = measures.terms.deadlines.get("claim")
    if rule is None:
        return None
    days = timedelta(days=rule.days)
    due_on = ends + days
    until = max(due_on, spring_festival(ends.year + 1) + days)
    return ClaimDeadline(due_on, until, rule.article)


def _is_late(deadline: ClaimDeadline, entry: PaperEntry, on: date) -> bool:
    """Whether it came too late. One that an extension lets in says why. Raises Refusal."""
    if on <= deadline.due_on:
        return False
    if not entry.extension_approved or on > deadline.until:
        return True
    if not entry.late_reason.strip():
        raise Refusal(
            f"应在 {deadline.due_on} 前申请，今天 {on} 已逾期；批准延期的请填写逾期原因"
            f"（{deadline.article}，最迟 {deadline.until}）",
            "late_reason",
        )
    return False


def lateness_of(entry: PaperEntry, prepared: Prepared, on: date) -> ClaimDeadline | None:
    """The deadline that an extension moved for this claim; None when it came in time or is refused
    for coming late."""
    if entry.hospital.place != "outside" or not entry.extension_approved:
        return None
    ends = prepared.visit.ends
    deadline = deadline_of(prepared.measures, ends) if ends else None
    if deadline is None or not deadline.due_on < on <= deadline.until:
        return None
    return deadline


def _bill(lines: Sequence[PaperLine], measures: Measures) -> list[BillLine]:
    if not lines:
        raise Refusal("费用清单是空的，请至少录入一行", "lines")
    rows = []
    for position, line in enumerate(lines):
        row = f"第 {position + 1} 行："
        if not line.name.strip():
            raise Refusal(f"{row}请填写项目名称", at=("lines", position, "name"))
        if line.category not in CATEGORY_NAMES:
            raise Refusal(f"{row}请选择费用类别", at=("lines", position, "category"))
        if line.bill_class not in measures.terms.bill.classes:
            raise Refusal(f"{row}请选择报销类别", at=("lines", position, "bill_class"))
        check_amount(line.amount, row, ("lines", position, "amount"))
        _check_line(line, row, position, measures.terms.bill.classes[line.bill_class])
        quantity = Decimal(1) if line.quantity is None else line.quantity
        rows.append(
            BillLine(
                line_number=position + 1,
                item_name=line.name.strip(),
                category=line.category,
                bill_class=line.bill_class,
                origin=line.origin,
                quantity=quantity,
                # Rounded up, so that a price limit is never met by rounding.
                unit_price=(line.amount / quantity).quantize(FOURTH, ROUND_CEILING),
                amount=line.amount,
                approved_amount=line.amount,
                self_pay_amount=line.self_pay,
            )
        )
    check_total(rows)
    return rows


def _check_line(line: PaperLine, row: str, position: int, rule: BillClass) -> None:
    """Quantity and origin are fit to be kept, and there where the measures judge by them."""
    counted = line.quantity is not None
    if line.quantity is not None and not (
        0 < line.quantity <= MAX_UNITS and line.quantity == round(line.quantity, 2)
    ):
        raise Refusal(
            f"{row}数量应大于 0、不超过 {MAX_UNITS}，最多两位小数",
            at=("lines", position, "quantity"),
        )
    if line.quantity is not None and line.amount / line.quantity >= MAX_PRICE:
        raise Refusal(f"{row}金额与数量相差太大，请核对数量", at=("lines", position, "quantity"))
    if line.origin and line.origin not in ORIGINS:
        raise Refusal(f"{row}请选择产地", at=("lines", position, "origin"))
    wrong = self_pay_problem(rule, line.self_pay, line.amount)
    if wrong:
        raise Refusal(f"{row}{wrong}", at=("lines", position, "self_pay"))
    lacking = line_lacks(rule, counted=counted, origin=line.origin, self_pay=True)
    if lacking == "quantity":
        raise Refusal(
            f"{row}{rule.name}按数量或单价计算，请逐项录入并填写数量",
            at=("lines", position, "quantity"),
        )
    if lacking == "origin":
        raise Refusal(f"{row}{rule.name}按产地先自付，请选择产地", at=("lines", position, "origin"))


def check_amount(amount: Decimal, row: str, at: Place) -> None:
    """A positive amount to the fen, not beyond what a bill can be."""
    try:
        fen = to_fen(amount)
    except ValueError:
        raise Refusal(f"{row}金额最多两位小数", at=at) from None
    if not 0 < fen <= MAX_SUBTOTAL:
        raise Refusal(f"{row}金额应大于 0、不超过一千万元", at=at)


def _invoices(
    entry: PaperEntry, rows: Sequence[BillLine], on: date, area_code: str
) -> list[Invoice]:
    """Unsaved invoices: complete, adding up to the bill, and not handed in before."""
    invoices = entry.invoices
    if not invoices:
        raise Refusal("请录入发票", "invoices")
    result: list[Invoice] = []
    for position, invoice in enumerate(invoices):
        row, at = f"第 {position + 1} 张发票：", ("invoices", position)
        number, issuer = typed_text.number(invoice.number), typed_text.words(invoice.issuer)
        if not number:
            raise Refusal(f"{row}请填写发票号", at=(*at, "number"))
        if not issuer:
            raise Refusal(f"{row}请填写开票单位", at=(*at, "issuer"))
        if invoice.issued_on > on:
            raise Refusal(f"{row}开票日期不能晚于今天 {on}", at=(*at, "issued_on"))
        check_amount(invoice.amount, row, (*at, "amount"))
        paper = Invoice(
            issuer=issuer, number=number, issued_on=invoice.issued_on, amount=invoice.amount
        )
        if any(_same_paper(one, paper) for one in result):
            raise Refusal(f"{row}发票号 {number} 重复录入，请删去一行", at=(*at, "number"))
        result.append(paper)
    _refuse_known(result, entry.replaces, area_code)
    _refuse_paid_before(result, entry.person)
    billed = sum((row.amount for row in rows), Decimal(0))
    invoiced = sum((invoice.amount for invoice in result), Decimal(0))
    if billed != invoiced:
        raise Refusal(
            f"发票合计 {told(invoiced)} 元与费用合计 {told(billed)} 元不符，请核对", "invoices"
        )
    return result


def _refuse_known(invoices: Sequence[Invoice], replaces: Settlement | None, area_code: str) -> None:
    """An invoice is paid once. Where is said within the own county; of another only that it was."""
    numbers = [invoice.number for invoice in invoices]
    known = Invoice.objects.filter(is_live=True, number__in=numbers).order_by("pk")
    known = known.select_related("visit__division")
    if replaces is not None and replaces.status == Settlement.Status.DRAFT:
        known = known.exclude(visit=replaces.visit_id)
    for other in known:
        for position, invoice in enumerate(invoices):
            if _same_paper(other, invoice):
                here = other.visit.division.county_code == area_code
                where = f"（{other.visit.starts} 就诊的单）" if here else ""
                whose = f"{other.issuer} 的发票" if here else "发票"
                raise Refusal(
                    f"第 {position + 1} 张发票：{whose} {other.number} 已经报销、正在办理或不予支付"
                    f"{where}，不能重复报销，请核对原件",
                    at=("invoices", position, "number"),
                )


def _refuse_paid_before(invoices: Sequence[Invoice], person: Person) -> None:
    """An invoice that the old system paid, before the county moved in: within its county."""
    numbers = [invoice.number for invoice in invoices]
    paid = OldSettlement.objects.live().filter(
        invoice_number__in=numbers, area__code=person.household.division.county_code
    )
    for old in paid.order_by("pk"):
        at = numbers.index(old.invoice_number)
        raise Refusal(
            f"第 {at + 1} 张发票：{old.invoice_number} 已在原系统报销（原结算单 {old.number}，"
            f"{old.starts} 就诊），不能重复报销，请核对原件",
            at=("invoices", at, "number"),
        )
    county = {"area__code": person.household.division.county_code}
    owed = OldClaim.objects.decided_before().filter(invoices__overlap=numbers, **county)
    for claim in owed.order_by("pk"):
        at = next(place for place, one in enumerate(numbers) if one in claim.invoices)
        raise Refusal(
            f"第 {at + 1} 张发票：{numbers[at]} 已在原系统审定（原单号 {claim.number}），"
            "按原审定金额支付，不能再报销",
            at=("invoices", at, "number"),
        )


def _same_paper(one: Invoice, other: Invoice) -> bool:
    """Whether two rows mean one invoice. An electronic number (20 digits) is given once in the
    country, whatever else was typed; an older number is given once by each issuer, whose name is
    compared without blanks and width; under another name the day and amount must agree as well."""
    if one.number != other.number:
        return False
    return (
        re.fullmatch(ELECTRONIC, one.number) is not None
        or typed_text.plain(one.issuer) == typed_text.plain(other.issuer)
        or (one.issued_on, one.amount) == (other.issued_on, other.amount)
    )
