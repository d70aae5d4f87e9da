"""What ought to be on the statement of the collection account, and what its lines settle here.

The statement itself stands in funds/banking, which knows no remittance: it keeps the text key.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, Sum

from accounts.audit import record
from accounts.errors import Refusal
from accounts.models import Division, User
from desk.changes import all_or_nothing
from enrollment.collection.amounts import paid_by_tier, personal_lines, township_of
from enrollment.collection.models import Receipt, Remittance, SponsorMoney
from enrollment.collection.remittances import confirm_remittance
from enrollment.collection.settled import Kind, key_of, named_by
from funds.banking.matching import Deposit, Match, Outcome, Takings, match
from funds.banking.models import BankLine
from funds.banking.statements import audit_line, close_lines, lines_of, open_line
from funds.services import post_event
from lib.money import to_fen, told

PAPERS = {Kind.REMITTANCE: "缴款单", Kind.RECEIPT: "转账收据", Kind.SPONSOR: "资助款"}
EXPECTED = "缴存、转账收据或资助款"


def _deposits(area: Division) -> list[Deposit]:
    inside = {"campaign__area": area}
    there = set(
        BankLine.objects.filter(area=area).exclude(settles="").values_list("settles", flat=True)
    )
    remittances = Remittance.objects.filter(**inside).exclude(status=Remittance.Status.RETURNED)
    transfers = Receipt.objects.valid().filter(channel=Receipt.Channel.BANK, **inside)
    money = SponsorMoney.objects.filter(fund__campaign__area=area)
    sources = (
        (Kind.REMITTANCE, remittances, ("slip_number", "slip_date", "clerk__name")),
        (Kind.RECEIPT, transfers, ("reference", "issued_on", "issued_by__name")),
        (Kind.SPONSOR, money, ("reference", "received_on", "fund__name")),
    )
    found = []
    for kind, rows, columns in sources:
        by_amount = kind == Kind.REMITTANCE
        for pk, amount, slip, day, who in rows.values_list("pk", "amount", *columns):
            key, paper, fen = key_of(kind, pk), PAPERS[kind], to_fen(amount)
            found.append(Deposit(key, paper, slip, day, fen, who, key in there, by_amount))
    return found


def _takings(area: Division) -> list[Takings]:
    rows = (
        Receipt.objects.unremitted()
        .filter(campaign__area=area)
        .order_by("issued_by", "issued_on")
        .values_list("issued_by", "issued_by__name", "issued_by__division__name", "issued_on")
        .annotate(Sum("amount"), Count("pk"))
    )
    days: dict[tuple[int, str], list[tuple[date, int, int]]] = {}
    for clerk, name, place, day, total, number in rows:
        days.setdefault((clerk, f"{place}{name}"), []).append((day, to_fen(total), number))
    return [Takings(who, tuple(taken)) for (_, who), taken in days.items()]


def outcome(area: Division, on: date) -> Outcome:
    """How statement and handed-in money compare now; nothing is written."""
    lines = lines_of(BankLine.objects.open().filter(area=area))
    return match(_deposits(area), lines, _takings(area), on=on, expected=EXPECTED)


@dataclass(frozen=True)
class Reconciled:
    """What a run settled, and which matches it had to leave, with the reason."""

    settled: int
    refused: tuple[str, ...]


@all_or_nothing()
def reconcile(*, actor: User, area: Division, on: date) -> Reconciled:
    """Settle everything that matches: confirm remittances, book transfers, tick sponsors' money.

    Differences stay open: `outcome` names them.
    """
    # One reconciliation at a time: it looks at all lines and all deposits of the area.
    Division.objects.select_for_update(no_key=True).get(pk=area.pk)
    refused: list[str] = []
    settled = 0
    for one in outcome(area, on).matches:
        try:
            _settle(actor, area, one, on)
        except Refusal as refusal:
            refused.append(f"{one.deposit.label}：{refusal.message}")
        else:
            settled += 1
    record(
        actor=actor,
        action="enrollment.reconcile",
        subject=area,
        after={"settled": settled, "refused": len(refused)},
    )
    return Reconciled(settled, tuple(refused))


@all_or_nothing()
def _settle(actor: User, area: Division, found: Match, on: date) -> None:
    lines = list(
        # Lines first, in the order of the key, then what they settle.
        BankLine.objects.select_for_update(no_key=True)
        .open()
        .filter(pk__in=[line.key for line in found.lines])
        .order_by("pk")
    )
    if len(lines) != len(found.lines):
        raise Refusal("流水刚由别人核对，请刷新")
    kind, pk = named_by(found.deposit.key)
    if kind == Kind.REMITTANCE:
        _settle_remittance(actor, pk, lines, on)
    elif kind == Kind.RECEIPT:
        _settle_receipt(actor, area, pk, lines, on)
    else:
        money = SponsorMoney.objects.get(pk=pk)
        close_lines(
            lines,
            kind=kind,
            actor=actor,
            on=on,
            voucher=money.voucher_number,
            settles=found.deposit.key,
        )


def _settle_remittance(actor: User, key: int, lines: Sequence[BankLine], on: date) -> None:
    # After its bank lines; its receipts follow.
    row = Remittance.objects.select_for_update(no_key=True).get(pk=key)
    # Asked under the lock: another window may have found the same money on another line.
    if BankLine.objects.filter(settles=key_of(Kind.REMITTANCE, row.pk)).exists():
        raise Refusal(f"缴款单 {row.slip_number} 已有对应的银行流水", "remittance")
    total = sum((line.amount for line in lines), Decimal(0))
    if row.status == Remittance.Status.SUBMITTED:
        row = confirm_remittance(actor=actor, remittance=row, bank_amount=total, on=on)
    elif row.status == Remittance.Status.RETURNED or row.amount != total:
        raise Refusal(
            f"缴款单 {row.slip_number} {row.get_status_display()}，金额 {told(row.amount)} 元，"
            f"与流水 {told(total)} 元不能核销"
        )
    close_lines(
        lines,
        kind=Kind.REMITTANCE,
        actor=actor,
        on=on,
        voucher=row.voucher_number,
        settles=key_of(Kind.REMITTANCE, row.pk),
    )


def _settle_receipt(
    actor: User, area: Division, key: int, lines: Sequence[BankLine], on: date
) -> None:
    receipt = (
        Receipt.objects.select_for_update(no_key=True, of=("self",))
        .valid()
        .select_related("division", "campaign", "book")
        .filter(pk=key)
        .first()
    )
    if receipt is None or len(lines) != 1:
        raise Refusal("转账收据已作废，或对应多笔流水，请逐笔核对")
    voucher = post_event(
        event="premium_collected",
        area=area,
        on=on,
        key=f"bank-line:{lines[0].pk}",
        source=f"银行流水 {lines[0].serial}",
        actor=actor,
        lines=personal_lines(paid_by_tier([receipt.pk]), township_of(receipt.division)),
        summary=f"转账缴纳{receipt.campaign.year}年度个人缴费，收据 {receipt.full_number}",
    )
    close_lines(
        lines,
        kind=Kind.RECEIPT,
        actor=actor,
        on=on,
        voucher=voucher.label,
        settles=key_of(Kind.RECEIPT, receipt.pk),
    )


@all_or_nothing()
def link_line(*, actor: User, line: BankLine, remittance: Remittance, on: date) -> BankLine:
    """The accountant saw the slip: this line is that remittance. Amounts must agree."""
    line = open_line(line)
    if line.amount != remittance.amount:
        raise Refusal(
            f"流水 {told(line.amount)} 元与缴款单 {told(remittance.amount)} 元相差 "
            f"{told(abs(line.amount - remittance.amount))} 元，不能核销",
            "remittance",
        )
    _settle_remittance(actor, remittance.pk, [line], on)
    audit_line(actor, line, "enrollment.link_line")
    return line
