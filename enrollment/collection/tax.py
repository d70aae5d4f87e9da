"""Payments that the tax bureau took: matched to who is waiting to pay, receipted, booked."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from accounts.audit import record
from accounts.errors import Refusal
from accounts.models import Division, User
from desk.changes import all_or_nothing
from desk.importing import Importing, refuse_faults
from enrollment.collection.amounts import township_of
from enrollment.collection.models import ZERO, Receipt, ReceiptBook, TaxFile, TaxRow
from enrollment.collection.receipts import payer_of
from enrollment.collection.workflow import TAX_ACTS, TAX_FLOW
from enrollment.cover.campaigns import NO_CAMPAIGN
from enrollment.cover.models import Campaign, Enrollment
from enrollment.cover.workflow import COVERS
from enrollment.people.models import Person
from enrollment.people.numbers import NumberKind, indexes_of, read_number
from enrollment.people.search import bearers
from funds.services import EventLine, post_event
from lib import typed_text
from lib.money import to_yuan, told
from lib.tables.reading import Column, Layout, Row
from lib.tables.standing import STANDING, SortedOut, sort_out

LAYOUT = Layout(
    (
        Column(
            "resident_id",
            "身份证号",
            (
                "身份证号码",
                "证件号码",
                "公民身份号码",
                "纳税人识别号",
                "身份证",
            ),
        ),
        Column(
            "name",
            "姓名",
            (
                "缴费人姓名",
                "缴费人",
                "纳税人名称",
                "参保人姓名",
            ),
        ),
        Column(
            "amount",
            "缴费金额",
            (
                "实缴金额",
                "实缴费额",
                "金额",
                "入库金额",
            ),
        ),
        Column(
            "paid_on",
            "缴费日期",
            (
                "入库日期",
                "缴款日期",
                "日期",
                "缴费时间",
            ),
            day=True,
        ),
        Column(
            "serial",
            "税票流水号",
            (
                "电子税票号码",
                "税票号码",
                "流水号",
                "凭证号",
                "缴费流水号",
            ),
        ),
        *STANDING,
    ),
    required=("resident_id", "amount", "paid_on", "serial"),
    max_rows=50_000,
    max_bytes=10 * 1024 * 1024,
    advice="请用税务部门导出的原表",
    first_counts=True,
)
ELECTRONIC = "SW"  # 税务: the township's electronic book of the year
# The electronic book has no last page; this is what eight digits of a receipt number hold.
LAST_NUMBER = 99_999_999


@dataclass(frozen=True)
class _Payment:
    """Named as the columns of a row are."""

    line: int
    resident_id: str
    name: str
    amount: Decimal
    paid_on: date
    serial: str


def _payment(row: Row, on: date) -> "_Payment | str":
    """The row understood, or what is wrong with it."""
    fen, paid_on = typed_text.amount(row.cells["amount"]), typed_text.day(row.cells["paid_on"])
    serial = typed_text.serial(row.cells["serial"])
    problem = LAYOUT.odd(row.cells.values())
    if problem:
        return problem
    if serial is None:
        problem = typed_text.LOST_SERIAL
    elif fen is not None and fen < 0:
        problem = "金额为负（冲正或退费），请与税务部门核对后，连同所冲的那一行一起删去"
    elif not fen:
        meant = typed_text.figure_problem(typed_text.figure(row.cells["amount"]))
        problem = f"缴费金额{meant or '不对'}"
    elif paid_on is None or paid_on > on:
        problem = "缴费日期不对"
    elif not serial:
        problem = "没有税票流水号"
    if problem or fen is None or paid_on is None or serial is None:
        return problem
    number = typed_text.number(row.cells["resident_id"])[:24]
    name = typed_text.name(row.cells["name"])[:40]
    return _Payment(row.line, number, name, to_yuan(fen), paid_on, serial)


def _read(rows: Iterable[Row], on: date) -> SortedOut[_Payment]:
    """All payments. Raises Refusal that names the lines."""
    found = sort_out(
        (row for row in rows if not _is_total(row)),
        lambda row: _payment(row, on),
        key=lambda payment: payment.serial,
        twice="的税票流水号与第 {} 行相同",
        beside=lambda row: {"serial": typed_text.serial(row.cells["serial"]) or ""},
    )
    refuse_faults(found.problems)
    if not found.taken and not found.void:
        raise Refusal("文件里没有缴费记录", "file")
    return found


def _is_total(row: Row) -> bool:
    """A line such as 合计 at the foot."""
    return not row.cells["resident_id"] and not row.cells["serial"]


def _new_payments(campaign: Campaign, payments: Sequence[_Payment]) -> list[_Payment]:
    """Without those that an earlier file brought. Raises Refusal when they differ from then."""
    serials = [payment.serial for payment in payments]
    known = {
        row.serial: row for row in TaxRow.objects.filter(campaign=campaign, serial__in=serials)
    }
    for payment in payments:
        row = known.get(payment.serial)
        if row is not None and (row.amount, row.paid_on) != (payment.amount, payment.paid_on):
            raise Refusal(
                f"第 {payment.line} 行的税票流水号此前已导入，当时为 {row.paid_on} 缴 "
                f"{told(row.amount)} 元，与这次不同，请与税务部门核对",
                "file",
            )
    return [payment for payment in payments if payment.serial not in known]


def _told(campaign: Campaign, void: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows that nothing was collected for, each with why; what an earlier file collected."""
    serials = [row["serial"] for row in void if row["serial"]]
    rows = TaxRow.objects.filter(campaign=campaign, serial__in=serials)
    known = {row.serial: row for row in rows.select_related("enrollment__receipt__book")}
    told = []
    for row in void:
        before = known.get(row["serial"])
        done = ""
        if before is not None:
            receipt = before.enrollment.receipt if before.enrollment else None
            by = f"，开了收据 {receipt.full_number}" if receipt else ""
            done = f"；此前已按有效导入{by}，请与税务部门核对"
        told.append({"line": row["line"], "said": f"{row['said']}，没有收{done}"})
    return told


class _TaxFiles(Importing[TaxFile]):
    """Match a file's payments, issue receipts, book the money; half a tax file is none.

    The same file, or the same payment in another file, adds nothing.
    """

    model = TaxFile
    acts = TAX_ACTS
    flow = TAX_FLOW
    same = ("campaign",)
    table = LAYOUT
    asks = False

    def columns(self, *, actor: User, on: date, **about: Any) -> dict[str, Any]:
        """`about`: the `campaign` whose payments they are."""
        campaign: Campaign | None = about["campaign"]
        if campaign is None:
            raise Refusal(NO_CAMPAIGN)
        return {"area": campaign.area, "campaign": campaign}

    def judge(self, upload: TaxFile, on: date) -> Mapping[str, Any]:
        actor, campaign = upload.requested_by, upload.campaign
        assert actor is not None  # somebody uploads it
        found = _read(upload.table(LAYOUT).rows, on)
        payments = found.taken
        fresh = _new_payments(campaign, payments)
        rows = TaxRow.objects.bulk_create(_row(upload, campaign, one, on) for one in fresh)
        _match(actor, upload, rows, on)
        _suspend(actor, upload, [row for row in rows if row.enrollment_id is None], on)
        return {
            "row_count": len(payments),
            "known_count": len(payments) - len(fresh),
            "amount": sum((payment.amount for payment in payments), ZERO),
            "void_rows": _told(campaign, found.void),
        }

    def beside(self, upload: TaxFile) -> dict[str, Any]:
        rows = TaxRow.objects.filter(file=upload)
        waiting = rows.open().count()
        return {"matched": rows.count() - waiting, "open": waiting}


TAX_FILES = _TaxFiles()


def _row(file: TaxFile, campaign: Campaign, payment: _Payment, on: date) -> TaxRow:
    problem = "尚未匹配"
    if not indexes_of(payment.resident_id):
        try:
            read_number(NumberKind.RESIDENT_ID, payment.resident_id, on=on)
        except Refusal as refusal:
            problem = refusal.message[:200]
    return TaxRow(file=file, campaign=campaign, problem=problem, **asdict(payment))


@all_or_nothing()
def match_tax_file(*, actor: User, file: TaxFile, on: date) -> int:
    """Try the open rows again, e.g. after the people were entered. Returns how many fit now."""
    file = TaxFile.objects.select_related("campaign__area").get(pk=file.pk)
    # Tax rows before covers, as when the file is first read; a row is matched once.
    rows = list(TaxRow.objects.select_for_update(no_key=True).to_match().filter(file=file))
    matched = _match(actor, file, rows, on)
    left = [row for row in rows if row.enrollment_id is None and not row.suspense_voucher]
    _suspend(actor, file, left, on)
    record(
        actor=actor,
        action="enrollment.match_tax_file",
        subject=file,
        division_code=file.campaign.area.code,
        after={"matched": matched, "open": len(rows) - matched},
    )
    return matched


def _match(actor: User, file: TaxFile, rows: Sequence[TaxRow], on: date) -> int:
    campaign = file.campaign
    found = bearers((row.resident_id for row in rows), Person.objects.all())
    people = [one.person for one in found.values()]
    waiting = {
        row.person_id: row
        # In the order of the key, as at the window, which may be taking the same family's money.
        for row in Enrollment.objects.select_for_update(no_key=True, of=("self",))
        .filter(person__in=people, campaign=campaign, status=Enrollment.Status.PENDING)
        .select_related("person", "division", "late_entry")
        .order_by("pk")
    }
    paid = {
        row.person_id: row
        for row in Enrollment.objects.active()
        .filter(person__in=people, year=campaign.year)
        .select_related("receipt__book")
    }
    fits: list[TaxRow] = []
    for row in rows:
        person = found[row.resident_id].person if row.resident_id in found else None
        row.problem = _problem(row, person, waiting, paid, campaign)
        row.duplicate_of = _paid_before(row, person, waiting, paid)
        if person is not None and not row.problem:
            row.enrollment = waiting.pop(person.pk)
            paid[person.pk] = row.enrollment
            fits.append(row)
    if fits:
        _receipts(actor, campaign, fits, on)
        _book(actor, file, [row for row in fits if not row.suspense_voucher], on)
        _book(actor, file, [row for row in fits if row.suspense_voucher], on, cleared=True)
    TaxRow.objects.bulk_update(rows, ["problem", "enrollment", "voucher_number", "duplicate_of"])
    return len(fits)


def _is_theirs(row: TaxRow, person: Person) -> bool:
    """Whether the name beside the number, where there is one, is the person's."""
    return not row.name or row.name == typed_text.name(person.name)


def _paid_before(
    row: TaxRow,
    person: Person | None,
    waiting: Mapping[int, Enrollment],
    paid: Mapping[int, Enrollment],
) -> Enrollment | None:
    """The cover that this payment pays a second time; once found it stays known after its end."""
    if person is None or not _is_theirs(row, person):
        return None
    before = row.duplicate_of
    if person.pk in paid or person.pk in waiting or before is None:
        return paid.get(person.pk)
    return before if person.pk in (before.person_id, before.person.same_as_id) else None


def _problem(
    row: TaxRow,
    person: Person | None,
    waiting: dict[int, Enrollment],
    paid: dict[int, Enrollment],
    campaign: Campaign,
) -> str:
    """Why the payment cannot be receipted, "" when it can."""
    if person is None or not _is_theirs(row, person):
        return "没有登记此人，或姓名不符，请核对证件号码、姓名，未登记的先登记参保"
    if person.pk in paid:
        receipt = paid[person.pk].receipt
        by = f"（收据 {receipt.full_number}）" if receipt else "（本文件另一笔）"
        return f"此人本年度已缴费{by}，属重复缴费，请在家庭页“申请退费”中退还这一笔，参保不受影响"
    enrollment = waiting.get(person.pk)
    if enrollment is None:
        if row.duplicate_of_id is None:
            said = f"此人没有 {campaign.year} 年度待缴费的参保登记，请先登记"
        else:
            said = "此人本年度已缴费、参保已终止，属重复缴费，请在家庭页“申请退费”中退还这一笔"
        return said
    if enrollment.personal_amount != row.amount:
        gap = row.amount - enrollment.personal_amount
        name = "多缴" if gap > 0 else "少缴"
        return f"应缴 {told(enrollment.personal_amount)} 元，{name} {told(abs(gap))} 元"
    # Who was let in after the window pays when they come, as at the window (take_payment).
    over = row.paid_on > campaign.last_day and not hasattr(enrollment, "late_entry")
    if over or row.paid_on < campaign.first_day:
        return f"缴费日期不在缴费期 {campaign.first_day} 至 {campaign.last_day} 内"
    return ""


def _receipts(actor: User, campaign: Campaign, rows: Iterable[TaxRow], on: date) -> None:
    """One receipt a household, naming everybody whom the file pays for."""
    households: dict[int, list[Enrollment]] = {}
    for row in rows:
        assert row.enrollment is not None
        households.setdefault(row.enrollment.household_id, []).append(row.enrollment)
    by_town: dict[str, list[list[Enrollment]]] = {}
    for members in households.values():
        by_town.setdefault(members[0].division.township_code, []).append(members)
    for _, families in sorted(by_town.items()):
        book = _electronic_book(actor, campaign, township_of(families[0][0].division))
        for number, members in enumerate(families, start=book.next_number):
            receipt = Receipt.objects.create(
                book=book,
                number=number,
                household_id=members[0].household_id,
                division=members[0].division,
                campaign=campaign,
                channel=Receipt.Channel.TAX,
                amount=sum((one.personal_amount for one in members), ZERO),
                payer_name=payer_of(members),
                issued_by=actor,
                issued_on=on,
            )
            COVERS.take_many(members, "match_tax_file", actor=actor, receipt=receipt)
        book.next_number += len(families)
        book.save(update_fields=["next_number"])


def _electronic_book(actor: User, campaign: Campaign, township: Division) -> ReceiptBook:
    """The township's book for tax receipts, locked; numbers run like in any other."""
    code = f"{ELECTRONIC}{campaign.year}-{township.code}"
    # The book may not be there yet: the township's row stands for it until it is.
    Division.objects.select_for_update(no_key=True).get(pk=township.pk)
    book, _ = ReceiptBook.objects.get_or_create(
        code=code,
        defaults={
            "township": township,
            "clerk": actor,
            "year": campaign.year,
            "first_number": 1,
            "last_number": LAST_NUMBER,
            "next_number": 1,
        },
    )
    return ReceiptBook.objects.select_for_update(no_key=True).get(pk=book.pk)


def _book(
    actor: User, file: TaxFile, rows: Sequence[TaxRow], on: date, *, cleared: bool = False
) -> None:
    """税务征收入国库 (E02), by township and tier; `cleared`: out of what waited as 待查款."""
    if not rows:
        return
    towns: dict[str, Division] = {}
    lines = []
    for row in rows:
        one = row.enrollment
        assert one is not None
        code = one.division.township_code
        if code not in towns:
            towns[code] = township_of(one.division)
        lines.append(
            EventLine(
                amount=row.amount,
                township=towns[code],
                tier=one.tier,
                policy_year=one.year,
                funding_level="personal",
            )
        )
    year = file.campaign.year
    voucher = post_event(
        event="suspense_cleared" if cleared else "tax_premium_collected",
        area=file.campaign.area,
        on=on,
        key=f"tax{'-cleared' if cleared else ''}:{file.pk}:{rows[0].pk}",
        source=f"税务缴费文件 {file.pk} 号",
        actor=actor,
        lines=lines,
        summary=f"税务征收{year}年度个人缴费{len(rows)}人{'（原待查款）' if cleared else ''}",
    )
    for row in rows:
        row.voucher_number = voucher.label


def _suspend(actor: User, file: TaxFile, rows: Sequence[TaxRow], on: date) -> None:
    """The bureau has this money though nobody's enrolment explains it: 暂收款, till one does."""
    if not rows:
        return
    year = file.campaign.year
    voucher = post_event(
        event="tax_suspended",
        area=file.campaign.area,
        on=on,
        key=f"tax-suspended:{file.pk}:{rows[0].pk}",
        source=f"税务缴费文件 {file.pk} 号",
        actor=actor,
        lines=[
            EventLine(
                amount=sum((row.amount for row in rows), ZERO),
                policy_year=year,
                funding_level="personal",
            )
        ],
        summary=f"税务征收{year}年度待查款{len(rows)}笔",
    )
    for row in rows:
        row.suspense_voucher = voucher.label
    TaxRow.objects.bulk_update(rows, ["suspense_voucher"])
