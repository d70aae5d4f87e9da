"""Whatever happens in whatever order, the books keep their promises."""

import random
from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.db.models import Sum

from accounts.errors import Refusal
from accounts.models import Division
from funds.account_uses import use_problem
from funds.balances import account_balances
from funds.events import EVENTS, OUT_OF_OPENING, RESERVES, Choice
from funds.models import Book, Period, Posting, Voucher
from funds.records import book_records
from funds.services import (
    EventLine,
    close_period,
    close_year,
    post_event,
    reverse_voucher,
    seal_vouchers,
)
from funds.verify import verify
from tests.funds.conftest import check_now

# What an opening brought forward is paid out of it alone, and these books have none.
POSTABLE = [
    event
    for name, event in EVENTS.items()
    if event.debit and event.credit and name not in OUT_OF_OPENING
]


class Accountant:
    """Does random things, most of them right, some of them wrong."""

    def __init__(self, seed: int, book: Book, cast: SimpleNamespace, towns: list[Division]) -> None:
        self.random = random.Random(seed)
        self.book, self.actor, self.towns = book, cast.accountant, towns
        self.day = date(2025, 10, 1)
        self.count = 0

    def line(self, event: Any) -> EventLine:
        options: dict[str, Any] = {}
        for side, pays in ((event.debit, False), (event.credit, True)):
            if isinstance(side, Choice):
                may = {one for one, code in side.accounts.items()
                       if not use_problem(code, event.name, pays=pays)}  # fmt: skip
                options[side.by] = self.random.choice(sorted(may))
        return EventLine(
            amount=Decimal(self.random.randint(1, 5_000_000)).scaleb(-2),
            township=self.random.choice([None, *self.towns]),
            tier=self.random.choice(["", "tier1", "tier2"]),
            policy_year=self.random.choice([None, 2025, 2026]),
            **options,
        )

    def post(self) -> None:
        event = self.random.choice(POSTABLE)
        self.count += 1
        lines = [self.line(event) for _ in range(self.random.randint(1, 4))]
        facts = {
            "event": event.name,
            "area": self.book.area,
            "on": self.day,
            "key": f"k:{self.count}",
            "source": "随机",
            "actor": self.actor,
            "lines": lines,
        }
        voucher = post_event(**facts)
        if self.random.random() < 0.2:
            assert post_event(**facts) == voucher

    def reverse(self) -> None:
        voucher = self.random.choice(list(Voucher.objects.all()))
        reverse_voucher(actor=self.actor, voucher=voucher, on=self.day, reason="随机")

    def close(self) -> None:
        period = Period.objects.open().earliest("year", "month")
        close_period(actor=self.actor, period=period, on=self.day)

    def settle_banks(self) -> None:
        """Bring collection and treasury to zero, the others above it, so that months can close."""
        balances = {
            row.code: row.closing for row in account_balances(area=self.book.area, through=self.day)
        }
        moves: list[tuple[str, Decimal, dict[str, str]]] = []
        if balances["1002"] > 0:
            moves.append(("premium_transferred", balances["1002"], {}))
        elif balances["1002"] < 0:
            moves.append(("premium_collected", -balances["1002"], {}))
        if balances["1005"] > 0:
            moves.append(("tax_premium_transferred", balances["1005"], {}))
        elif balances["1005"] < 0:
            moves.append(("tax_premium_collected", -balances["1005"], {}))
        advance = max(Decimal(0), -balances["1101-advance"])  # more used than was paid out
        if advance:
            moves.append(("prepayment_out", advance, {}))
        if balances["1101-overspend"] < 0:  # more cleared than was charged
            moves.append(("overspend_charged", -balances["1101-overspend"], {}))
        need = max(Decimal(0), advance - balances["1004"])
        if need:
            moves.append(("expenditure_funded", need, {}))
        moves.append(
            (
                "subsidy_received",
                max(Decimal(0), -balances["1003"]) + need + Decimal("1e6"),
                {"funding_level": "central"},
            )
        )
        for reserve, code in RESERVES.accounts.items():
            if balances[code] < 0:
                moves.append(("reserve_drawn", -balances[code], {"purpose": reserve}))
        for event, amount, options in moves:
            self.count += 1
            post_event(
                event=event,
                area=self.book.area,
                on=self.day,
                key=f"k:{self.count}",
                source="调平",
                actor=self.actor,
                lines=[EventLine(amount.quantize(Decimal("0.01")), **options)],
            )

    def step(self) -> None:
        """One thing, and what PostgreSQL asks at its COMMIT: a later red-letter voucher may take
        what this one has spent."""
        choice = self.random.random()
        try:
            if choice < 0.6:
                self.post()
            elif choice < 0.8:
                self.reverse()
            elif choice < 0.85:
                seal_vouchers(book=self.book)
            elif choice < 0.95:
                self.day += timedelta(days=self.random.randint(0, 12))
                self.day = min(self.day, date(2025, 12, 31))
            else:
                self.close()
        except (Refusal, IndexError):
            pass  # refused operations must leave no trace: the invariants below see to that
        check_now()


def assert_invariants(book: Book) -> None:
    check_now()
    sums = Posting.objects.aggregate(d=Sum("debit"), c=Sum("credit"))
    assert sums["d"] == sums["c"]
    assert verify(book_records(book)).findings == []
    kinds = {kind: Decimal(0) for kind in ("asset", "liability", "net", "income", "expense")}
    for row in account_balances(area=book.area, through=date(2025, 12, 31)):
        kinds[row.kind] += row.closing
    assert kinds["asset"] + kinds["expense"] == (
        kinds["liability"] + kinds["net"] + kinds["income"]
    )
    for period in Period.objects.filter(book=book):
        numbers = Voucher.objects.filter(period=period).order_by("number")
        assert list(numbers.values_list("number", flat=True)) == list(range(1, period.next_number))


@pytest.mark.parametrize("seed", range(6))
def test_random_operations_keep_the_books_whole(
    book: Book, cast: SimpleNamespace, town_a: Division, town_b: Division, seed: int
) -> None:
    someone = Accountant(seed, book, cast, [town_a, town_b])
    for turn in range(60):
        someone.step()
        if turn % 20 == 19:
            assert_invariants(book)


@pytest.mark.usefixtures("money_aside")
@pytest.mark.parametrize("seed", range(3))
def test_after_the_year_assets_are_liabilities_and_net_assets(
    book: Book, cast: SimpleNamespace, town_a: Division, seed: int
) -> None:
    someone = Accountant(seed + 100, book, cast, [town_a])
    for month in (10, 11, 12):
        someone.day = date(2025, month, 28)
        for _ in range(12):
            someone.post()
        someone.settle_banks()
    for month in (10, 11):
        period = Period.objects.get(book=book, year=2025, month=month)
        close_period(actor=cast.accountant, period=period, on=date(2026, 1, 3))

    close_year(actor=cast.accountant, book=book, year=2025, on=date(2026, 1, 3))

    assert_invariants(book)
    kinds: dict[str, Decimal] = {}
    for row in account_balances(area=book.area, through=date(2025, 12, 31)):
        kinds[row.kind] = kinds.get(row.kind, Decimal(0)) + row.closing
    assert kinds["income"] == kinds["expense"] == 0
    assert kinds["asset"] == kinds["liability"] + kinds["net"]
