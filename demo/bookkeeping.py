"""The year in the ledger: every fen through `funds.services`, in the order of the days.

Premiums are booked when the accountant confirms a remittance, and go to the fiscal account at the
end of the month; subsidies come from each level of government; the fiscal account funds the
expenditure account on the 10th for what is paid on the 15th, one voucher per township, and on the
last day for what is approved and waits: the queue that the demo opens with can be paid.
"""

import heapq
import itertools
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from typing import Any

from accounts.models import User
from accounts.roles import Role
from claims.shares import BALANCES
from demo.cover import Takings
from demo.foundation import Foundation
from demo.payments import Payday, make_batch
from demo.plan import Plan
from demo.settling import Settled, progress_of
from funds.drafts.services import enter_draft, take_step
from funds.law.services import make_by_law
from funds.law.workings import work_out
from funds.models import Period, Voucher
from funds.payments.models import PaymentBatch, PaymentVoucher
from funds.reviewing.services import MAX_AT_ONCE, review_vouchers
from funds.services import EventLine, close_period, close_year, post_event
from lib.money import half_up, split, to_yuan
from lib.periods import Month
from policies.fund_rules import share_overspend

# When each level of government pays which share of its subsidy: (month, day, tenths).
TRANCHES = {
    "county": ((1, 25, 6), (5, 25, 4)),
    "city": ((2, 26, 5), (6, 26, 5)),
    "central": ((3, 20, 6), (6, 20, 4)),
}
# Who bears an overspend, and as which source the ledger knows them.
PARTIES = {"center": "county", "institutions": "institution"}
SUBSIDY_NAMES = {"county": "县级", "city": "市级", "central": "中央"}
INTEREST_RATE = 35  # 1/10000 a year on the fiscal account, paid each quarter
RESERVE_DAYS = ((3, 31), (9, 30))
FUNDING_DAY = 10
FIRST_WORKDAY = 4  # of a year, after the holidays
ROUND_TO = 100_000  # fen: the centre asks for whole thousands of yuan
CLOSED_AFTER = timedelta(days=5)


@dataclass(order=True)
class Entry:
    """Something to book on a day; `post` is called when its turn comes."""

    on: date
    turn: int
    post: Callable[[date], None] = field(compare=False)


class Bookkeeping:
    """Collects what happened, then posts it day by day. Amounts in fen until they are posted."""

    def __init__(self, plan: Plan, foundation: Foundation) -> None:
        self.plan = plan
        self.foundation = foundation
        self.entries: list[Entry] = []
        self.turns = itertools.count()
        self.collected: dict[int, int] = defaultdict(int)  # policy year → fen not yet transferred
        self.fiscal = 0
        self.vouchers: dict[int, str] = {}  # remittance → voucher number
        self.payments: dict[tuple[int, date], str] = {}  # township and day → voucher number
        self.paydays: dict[date, Payday] = {}
        self.batches: dict[date, PaymentBatch] = {}

    def run(
        self,
        takings: Sequence[Takings],
        subsidies: Mapping[tuple[str, str], int],
        settled: Sequence[Settled],
    ) -> None:
        """Book everything, then close the months that are over."""
        self._premiums(takings)
        self._subsidies(subsidies)
        self._payments(settled)
        self._reserves_and_interest()
        heapq.heapify(self.entries)
        while self.entries:
            entry = heapq.heappop(self.entries)
            if entry.on <= self.plan.last_day:
                entry.post(entry.on)
        self._close()

    # -- income --------------------------------------------------------------------------------

    def _premiums(self, takings: Sequence[Takings]) -> None:
        months = set()
        for taking in takings:
            if taking.season.is_history or taking.confirmed_on is None:
                continue
            self._at(taking.confirmed_on, partial(self._premium, taking))
            months.add(Month.of(taking.confirmed_on))
        for month in sorted(months):
            self._at(month.last, self._transfer)

    def _premium(self, taking: Takings, day: date) -> None:
        township = self.foundation.divisions[taking.township.code]
        voucher = self._post(
            "premium_collected",
            day,
            key=f"remittance:{taking.row_id}",
            source=f"缴款单 {taking.slip_number}",
            lines=[
                EventLine(
                    amount=to_yuan(fen),
                    township=township,
                    tier=tier,
                    policy_year=taking.season.year,
                    funding_level="personal",
                )
                for tier, fen in sorted(taking.by_tier.items())
            ],
            summary=f"{township.name}{taking.season.year}年度个人缴费{taking.count}张",
        )
        self.vouchers[taking.row_id] = voucher
        self.collected[taking.season.year] += taking.amount

    def _transfer(self, day: date) -> None:
        """收入户月末清零: all that was collected goes to the fiscal account."""
        lines = [
            EventLine(amount=to_yuan(fen), policy_year=year, funding_level="personal")
            for year, fen in sorted(self.collected.items())
            if fen
        ]
        if not lines:
            return
        self._post(
            "premium_transferred",
            day,
            key=f"transfer:{day:%Y-%m}",
            source=f"划款回单 {day:%Y%m%d}01",
            lines=lines,
        )
        self.fiscal += sum(self.collected.values())
        self.collected.clear()

    def _subsidies(self, subsidies: Mapping[tuple[str, str], int]) -> None:
        for level, tranches in TRANCHES.items():
            shares = {
                tier: split(fen, [tenths for _, _, tenths in tranches])
                for (payer, tier), fen in sorted(subsidies.items())
                if payer == level and fen
            }
            for at, (month, day, _) in enumerate(tranches):
                amounts = {tier: parts[at] for tier, parts in shares.items() if parts[at]}
                if amounts:
                    self._at(
                        date(self.plan.year, month, day),
                        partial(self._subsidy, level, amounts, at + 1),
                    )

    def _subsidy(self, level: str, amounts: Mapping[str, int], number: int, day: date) -> None:
        self._post(
            "subsidy_received",
            day,
            key=f"subsidy:{self.plan.year}:{level}:{number}",
            source=f"财社〔{self.plan.year}〕{number}号 {SUBSIDY_NAMES[level]}补助",
            lines=[
                EventLine(
                    amount=to_yuan(fen),
                    tier=tier,
                    policy_year=self.plan.year,
                    funding_level=level,
                )
                for tier, fen in amounts.items()
            ],
            summary=f"{self.plan.year}年度{SUBSIDY_NAMES[level]}财政补助第{number}批",
        )
        self.fiscal += sum(amounts.values())

    # -- expenditure ---------------------------------------------------------------------------

    def _payments(self, settled: Sequence[Settled]) -> None:
        due: dict[date, int] = defaultdict(int)
        numbers: dict[date, int] = defaultdict(int)
        for township in settled:
            for day, lines, count in _payment_lines(
                township, self.plan.last_day, self._booked_as()
            ):
                due[day] += sum(lines.values())
                numbers[day] += count
                self._at(day, partial(self._payment, township, lines, count))
        self.paydays = {day: Payday(numbers[day], due[day]) for day in due}
        asked = {day.replace(day=FUNDING_DAY): due[day] for day in sorted(due)}
        last = self.plan.last_day
        asked[last] = asked.get(last, 0) + sum(_waiting(one, last) for one in settled)
        carried = 0
        for day, fen in asked.items():
            needed = max(0, fen - carried)
            funded = -(-needed // ROUND_TO) * ROUND_TO
            carried += funded - fen
            if funded:
                self._at(day, partial(self._fund, funded))

    def _booked_as(self) -> dict[str, str]:
        """Layer → the kind of expense that it is booked as, "" where the care says.

        Raises ValueError for measures that pay from another book: this county keeps one.
        """
        terms, book = self.foundation.terms, self.foundation.book.fund_type
        payers = {terms.base_layer.code: terms.base_layer.payer}
        payers |= {layer.code: layer.payer for layer in terms.layers}
        if any(payer.book != book for payer in payers.values()):
            raise ValueError(f"the demo county keeps no book but {book}")
        return {code: payer.booked_as for code, payer in payers.items()}

    def _fund(self, fen: int, day: date) -> None:
        if self.fiscal < fen:
            self._share_overspend(-(-(fen - self.fiscal) // ROUND_TO) * ROUND_TO, day)
        self._post(
            "expenditure_funded",
            day,
            key=f"funding:{day}",
            source=f"用款计划 {day:%Y%m%d}",
            lines=[EventLine(amount=to_yuan(fen), policy_year=self.plan.year)],
            summary=f"{day:%Y年%m月}用款计划拨款",
        )
        self.fiscal -= fen

    def _share_overspend(self, fen: int, day: date) -> None:
        """What the fund cannot pay, by 第二十六条(三): where few people pool their risk."""
        parts = share_overspend(self.foundation.terms, pool="county", overspend=fen)
        self._post(
            "overspend_received",
            day,
            key=f"overspend:{day}",
            source=f"超支分担通知 {day:%Y%m%d}",
            lines=[
                EventLine(
                    amount=to_yuan(share),
                    policy_year=self.plan.year,
                    funding_level=PARTIES[party],
                )
                for party, share in parts.items()
                if share
            ],
            summary=f"统筹基金不足支付，{day:%Y年%m月}超支分担",
        )
        self.fiscal += fen

    def _payment(
        self, settled: Settled, lines: Mapping["PaymentLine", int], count: int, day: date
    ) -> None:
        township = self.foundation.divisions[settled.township.code]
        if day not in self.batches:
            self.batches[day] = make_batch(
                self.foundation, day, self.paydays[day], self._accountant()
            )
        batch = self.batches[day]
        voucher = self._voucher(
            "claim_paid",
            day,
            key=f"batch:{batch.number}:claim_paid:{township.code}",
            source=str(batch),
            lines=[
                EventLine(
                    amount=to_yuan(fen),
                    township=township,
                    tier=line.tier,
                    policy_year=self.plan.year,
                    institution_code=line.institution,
                    purpose=line.purpose,
                )
                for line, fen in sorted(lines.items())
            ],
            summary=f"支付{township.name}{count}笔",
        )
        PaymentVoucher.objects.create(
            batch=batch,
            voucher=voucher,
            fund_type=self.foundation.book.fund_type,
            event="claim_paid",
            township=township,
        )
        self.payments[settled.township.index, day] = voucher.label

    # -- reserves, interest, closing -----------------------------------------------------------

    def _reserves_and_interest(self) -> None:
        for year in (self.plan.year, self.plan.year + 1):
            self._at(date(year, 1, FIRST_WORKDAY), self._recognise)
        for month, day in RESERVE_DAYS:
            self._at(date(self.plan.year, month, day), self._reserve)
        for month in (3, 6, 9, 12):
            self._at(date(self.plan.year, month, 21), self._interest)

    def _reserve(self, day: date) -> None:
        self._by_law("reserve_drawn", self.plan.year, day)

    def _recognise(self, day: date) -> None:
        """Premiums that waited for the year become its income, where the book defers them."""
        if not work_out("advance_recognised", self.foundation.book, day.year, day).problem:
            self._by_law("advance_recognised", day.year, day)

    def _by_law(self, event: str, year: int, day: date) -> None:
        """Made, reviewed and entered by three people."""
        book, maker = self.foundation.book, self._accountant()
        draft = make_by_law(actor=maker, event=event, book=book, year=year, on=day, today=day)
        reviewer = self.foundation.officer(Role.SUPERVISOR)
        take_step(actor=reviewer, draft=draft, event="review_voucher")
        enter_draft(actor=self.foundation.users["kuaiji2"], draft=draft, today=day)

    def _interest(self, day: date) -> None:
        fen = half_up(self.fiscal * INTEREST_RATE, 40_000)
        if fen <= 0:
            return
        self._post(
            "interest_received",
            day,
            key=f"interest:{day:%Y-%m}",
            source=f"银行利息单 {day:%Y%m%d}",
            lines=[EventLine(amount=to_yuan(fen), policy_year=self.plan.year, purpose="fiscal")],
            summary=f"财政专户{day.year}年第{day.month // 3}季度利息",
        )
        self.fiscal += fen

    def _close(self) -> None:
        """Close the months that have been over for some days, and last year with its December."""
        last_day, book = self.plan.last_day, self.foundation.book
        for period in Period.objects.filter(book=book).order_by("year", "month"):
            on = period.as_month.last + CLOSED_AFTER
            if on > last_day:
                return
            self._review(period)
            if period.month == 12:
                close_year(actor=self._accountant(), book=book, year=period.year, on=on)
            else:
                close_period(actor=self._accountant(), period=period, on=on)

    def _review(self, period: Period) -> None:
        """What the business booked in the month, by another than its maker."""
        reviewer = self.foundation.officer(Role.SUPERVISOR)
        rows = Voucher.objects.filter(period=period).reviewable_by(reviewer).order_by("pk")
        ids = list(rows.values_list("pk", flat=True))
        for at in range(0, len(ids), MAX_AT_ONCE):
            review_vouchers(actor=reviewer, vouchers=ids[at : at + MAX_AT_ONCE])

    # -- one entry -----------------------------------------------------------------------------

    def _at(self, day: date, post: Callable[[date], None]) -> None:
        self.entries.append(Entry(day, next(self.turns), post))

    def _accountant(self) -> User:
        return self.foundation.officer(Role.ACCOUNTANT)

    def _post(self, event: str, on: date, **facts: Any) -> str:
        return self._voucher(event, on, **facts).label

    def _voucher(
        self,
        event: str,
        on: date,
        *,
        key: str,
        source: str,
        lines: Sequence[EventLine],
        summary: str = "",
    ) -> Voucher:
        return post_event(
            event=event,
            area=self.foundation.county,
            on=on,
            key=key,
            source=source,
            actor=self._accountant(),
            lines=lines,
            summary=summary,
        )


@dataclass(frozen=True, order=True)
class PaymentLine:
    tier: str
    institution: str
    purpose: str


def _waiting(settled: Settled, last_day: date) -> int:
    """Fen of the township's claims that are approved and not paid yet."""
    return sum(
        int(settled.payable[at])
        for at, ordinal in enumerate(settled.days)
        if progress_of(date.fromordinal(int(ordinal)), last_day).status == "approved"
    )


def _payment_lines(
    settled: Settled, last_day: date, booked_as: Mapping[str, str]
) -> Iterator[tuple[date, dict[PaymentLine, int], int]]:
    """What the township's claims come to on each payday: (day, line → fen, number of claims).

    The lines are those of claims.paying.parts.parts_from, added up: each layer as the
    measures book it, and what balances held for the patient pay.
    """
    months: dict[date, list[int]] = defaultdict(list)
    for at, ordinal in enumerate(settled.days):
        paid_on = progress_of(date.fromordinal(int(ordinal)), last_day).paid_on
        if paid_on is not None:
            months[paid_on].append(at)
    amounts = settled.amounts
    balances = amounts["account"] + amounts["credit"]
    for day in sorted(months):
        lines: dict[PaymentLine, int] = defaultdict(int)
        payable = [at for at in months[day] if settled.payable[at]]
        for at in payable:
            tier = "tier2" if settled.tier2[at] else "tier1"
            for purpose, fen in (
                *(
                    (booked_as[layer] or settled.purposes[at], paid[at])
                    for layer, paid in settled.layers.items()
                ),
                (BALANCES, balances[at]),
            ):
                if fen:
                    lines[PaymentLine(tier, settled.institutions[at], purpose)] += int(fen)
        if lines:
            yield day, dict(lines), len(payable)
