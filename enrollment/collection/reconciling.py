"""Receipts = handed in = bank = vouchers: the campaign's money side by side, to the fen."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from django.db.models import Count, Q, QuerySet, Sum

from enrollment.collection.models import (
    ZERO,
    Receipt,
    Remittance,
    SponsorMoney,
    SponsorUse,
    TaxRow,
)
from enrollment.collection.settled import Kind, lines_for
from enrollment.cover.models import Campaign
from funds.banking.models import BankLine
from funds.named import moved_by

CONFIRMED = Remittance.Status.CONFIRMED


@dataclass(frozen=True)
class ChannelRow:
    """One way in, in yuan. `due`: what the receipts say, `handed`: what was handed in or sent."""

    name: str
    receipts: int
    due: Decimal
    handed: Decimal
    bank: Decimal
    booked: Decimal

    @property
    def open(self) -> Decimal:
        """What is known of and the books do not have yet."""
        return max(self.due, self.handed, self.bank) - self.booked

    @property
    def agrees(self) -> bool:
        return self.due == self.handed == self.bank == self.booked


@dataclass(frozen=True)
class _Receipts:
    """Valid receipts of one channel, in yuan. `remitted`: on a clerk's slip."""

    number: int = 0
    amount: Decimal = ZERO
    remitted: Decimal = ZERO


def _receipts(campaign: Campaign) -> tuple[_Receipts, _Receipts, _Receipts]:
    """Cash, transfers, tax bureau."""
    rows = Receipt.objects.valid().filter(campaign=campaign).order_by().values_list("channel")
    sums = rows.annotate(
        number=Count("pk"),
        sum=Sum("amount"),
        remitted=Sum("amount", filter=Q(remittance__isnull=False), default=ZERO),
    )
    found = {channel: _Receipts(*facts) for channel, *facts in sums}
    kinds = Receipt.Channel
    cash, bank, tax = (found.get(one, _Receipts()) for one in (kinds.CASH, kinds.BANK, kinds.TAX))
    return cash, bank, tax


def _bank(lines: "QuerySet[BankLine]") -> Decimal:
    total: Decimal = lines.aggregate(s=Sum("amount", default=ZERO))["s"]
    return total


def _booked(
    campaign: Campaign, event: str, side: Literal["debit", "credit"], key_prefix: str = ""
) -> Decimal:
    """What the event moved in the books for the campaign's year."""
    return moved_by(
        event, side, area=campaign.area, policy_year=campaign.year, key_prefix=key_prefix
    )


def channel_rows(campaign: Campaign) -> list[ChannelRow]:
    """Cash, transfers, tax bureau, sponsors: each with its four figures.

    What the bureau took and nobody's enrolment explains yet has a row of its own, in suspense.
    """
    cash, bank, tax = _receipts(campaign)
    transfers = Receipt.objects.filter(campaign=campaign, channel=Receipt.Channel.BANK)
    sponsored = SponsorUse.objects.filter(fund__campaign=campaign, released_on=None)
    used: Decimal = sponsored.aggregate(s=Sum("amount", default=ZERO))["s"]
    explained = Q(enrollment__isnull=False)
    taxed = TaxRow.objects.filter(campaign=campaign).aggregate(
        explained=Sum("amount", filter=explained, default=ZERO),
        open=Sum("amount", filter=~explained & Q(returned_voucher=""), default=ZERO),
    )
    cleared = _booked(campaign, "suspense_cleared", "debit")
    return [
        ChannelRow(
            "现金",
            cash.number,
            cash.amount,
            cash.remitted,
            _bank(lines_for(Kind.REMITTANCE, Remittance.objects.filter(campaign=campaign))),
            _booked(campaign, "premium_collected", "debit", "remittance:"),
        ),
        ChannelRow(
            "银行转账",
            bank.number,
            bank.amount,
            bank.amount,
            _bank(lines_for(Kind.RECEIPT, transfers)),
            _booked(campaign, "premium_collected", "debit", "bank-line:"),
        ),
        ChannelRow(
            "税务征收",
            tax.number,
            tax.amount,
            taxed["explained"],
            taxed["explained"],
            _booked(campaign, "tax_premium_collected", "debit") + cleared,
        ),
        ChannelRow(
            "税务征收（待查款）",
            0,
            taxed["open"],
            taxed["open"],
            taxed["open"],
            _booked(campaign, "tax_suspended", "credit")
            - cleared
            - _booked(campaign, "suspense_returned", "debit"),
        ),
        ChannelRow(
            "集体、社会资助（已用）",
            sponsored.values("receipt").distinct().count(),
            used,
            used,
            used,
            _booked(campaign, "sponsor_used", "debit")
            - _booked(campaign, "sponsor_restored", "credit"),
        ),
    ]


@dataclass(frozen=True)
class SponsorTotals:
    """Sponsors' money of a campaign, in yuan: received = bank = booked; received - used = left."""

    received: Decimal
    bank: Decimal
    booked: Decimal
    used: Decimal

    @property
    def left(self) -> Decimal:
        return self.received - self.used


def sponsor_totals(campaign: Campaign) -> SponsorTotals:
    money = SponsorMoney.objects.filter(fund__campaign=campaign)
    received: Decimal = money.aggregate(s=Sum("amount", default=ZERO))["s"]
    uses = SponsorUse.objects.filter(fund__campaign=campaign, released_on=None)
    used: Decimal = uses.aggregate(s=Sum("amount", default=ZERO))["s"]
    lines = lines_for(Kind.SPONSOR, money)
    return SponsorTotals(
        received, _bank(lines), _booked(campaign, "sponsor_received", "debit"), used
    )


@dataclass(frozen=True)
class TownRow:
    """A township's cash, in yuan."""

    name: str
    receipts: int
    cash: Decimal
    remitted: Decimal
    confirmed: Decimal

    @property
    def in_hand(self) -> Decimal:
        return self.cash - self.remitted


def town_rows(campaign: Campaign) -> list[TownRow]:
    """Cash by the township whose clerk took it."""
    rows = (
        Receipt.objects.valid()
        .filter(campaign=campaign, channel=Receipt.Channel.CASH)
        .order_by("book__township__code")
        .values_list("book__township__name")
        .annotate(
            number=Count("pk"),
            cash=Sum("amount", default=ZERO),
            remitted=Sum("amount", filter=Q(remittance__isnull=False), default=ZERO),
            confirmed=Sum("amount", filter=Q(remittance__status=CONFIRMED), default=ZERO),
        )
    )
    return [TownRow(*row) for row in rows]
