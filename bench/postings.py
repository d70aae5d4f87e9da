"""So many clients post to one fund: vouchers a second, p95, and how long a voucher waits for its
seal, beside the same clients at many accounts.

    DATABASE_URL=postgres://…/own_database python bench/postings.py --clients 32 --seconds 20

Needs the environment of the portal (docs/operations.md) and a database of its own, as its owner; an
empty one gets a small demo county. Every client is a process that posts vouchers of two lines
without a pause: first all of them pay benefits out of one bank account, then each books another
kind of event, so that no two of its accounts are the same. Meanwhile the sealer runs as often as
asked (in service every 60 s: that is then added to the wait). Ends with an error when a client
fails, a number is missing, or the books are not whole.
"""

import argparse
import multiprocessing
import os
import sys
import time
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django  # noqa: E402

django.setup()

from copies import copies_for  # noqa: E402
from django.db import connection  # noqa: E402
from django.db.models import F  # noqa: E402

from accounts.models import User  # noqa: E402
from accounts.roles import Role  # noqa: E402
from funds.balances import account_balances  # noqa: E402
from funds.models import Book, Period, Seal, Voucher  # noqa: E402
from funds.records import book_records, one_view  # noqa: E402
from funds.services import EventLine, post_event, seal_vouchers  # noqa: E402
from funds.verify import verify  # noqa: E402

YEAR = 2026
ONE = ({"event": "claim_paid", "purpose": "inpatient"},)
MANY: tuple[dict[str, str], ...] = (
    *({"event": "claim_paid", "purpose": one} for one in ("inpatient", "outpatient", "other")),
    *(
        {"event": "subsidy_received", "funding_level": one}
        for one in ("central", "province", "city", "county")
    ),
    {"event": "other_received"},
    {"event": "deposit_withheld", "purpose": "inpatient"},
    {"event": "prepayment_out"},
    {"event": "sponsor_received"},
)
CENT = Decimal("0.01")


def post(book: Book, on: date, what: dict[str, str], amount: Decimal, actor: User) -> None:
    about: dict[str, Any] = {"policy_year": YEAR} if what["event"] == "subsidy_received" else {}
    named = {name: value for name, value in what.items() if name != "event"}
    post_event(
        event=what["event"], area=book.area, on=on, key=f"bench:{uuid4()}", source="压测",
        actor=actor, lines=[EventLine(amount, **about, **named)],
    )  # fmt: skip


def fill_accounts(book: Book, on: date, actor: User) -> None:
    """Money enough for every client, whatever the accounts have."""
    short = min(
        (row.closing for row in account_balances(area=book.area, through=on)), default=Decimal(0)
    )
    enough = Decimal(10_000_000) + abs(min(short, Decimal(0)))
    post(book, on, {"event": "other_received"}, 2 * enough, actor)
    post(book, on, {"event": "expenditure_funded"}, enough, actor)


def posting(
    book: Book, on: date, kinds: tuple[dict[str, str], ...], clients: int, seconds: float
) -> tuple[int, float, list[float]]:
    """Vouchers, seconds, and how long each took."""
    connection.close()
    context = multiprocessing.get_context("fork")
    start, done = context.Barrier(clients, timeout=120), context.Queue()

    def work(mine: int) -> None:
        actor = User.objects.filter(role=Role.ACCOUNTANT).first() or User.objects.first()
        took: list[float] = []
        start.wait()
        began = time.monotonic()
        while (now := time.monotonic()) < began + seconds:
            post(book, on, kinds[mine % len(kinds)], CENT, actor)
            took.append(time.monotonic() - now)
        done.put((took, time.monotonic() - began))

    running = [context.Process(target=work, args=(mine,)) for mine in range(clients)]
    for one in running:
        one.start()
    found = [done.get(timeout=seconds + 120) for _ in running]
    for one in running:
        one.join()
    if any(one.exitcode for one in running):
        sys.exit("a client failed")
    took = sorted(each for mine, _ in found for each in mine)
    return len(took), max(wall for _, wall in found), took


def sealing(book: Book, every: float, stop: Any) -> None:
    while not stop.wait(every):
        seal_vouchers(book=book)


def at(part: float, rising: list[float]) -> float:
    return rising[min(len(rising) - 1, int(part * len(rising)))]


def waited(book: Book, after: int) -> list[float]:
    """Seconds from the voucher to its seal."""
    rows = Seal.objects.filter(book=book, voucher_id__gt=after).annotate(
        wait=F("sealed_at") - F("voucher__posted_at")
    )
    return sorted(one.total_seconds() for one in rows.values_list("wait", flat=True))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--every", type=float, default=1, help="seconds between two sealings")
    options = parser.parse_args()
    copies_for(1, YEAR)
    book = Book.objects.select_related("area").get(fund_type=Book.FundType.RESIDENT)
    period = book.periods.filter(status=Period.Status.OPEN).order_by("year", "month").last()
    on = period.as_month.last
    fill_accounts(book, on, User.objects.filter(role=Role.ACCOUNTANT).first())
    seal_vouchers(book=book)
    context, rates = multiprocessing.get_context("fork"), []
    for name, kinds in (("one account", ONE), ("many accounts", MANY)):
        last = Voucher.objects.order_by("pk").last().pk
        connection.close()
        stop = context.Event()
        sealer = context.Process(target=sealing, args=(book, options.every, stop))
        sealer.start()
        made, wall, took = posting(book, on, kinds, options.clients, options.seconds)
        time.sleep(2 * options.every)
        stop.set()
        sealer.join()
        seal_vouchers(book=book)
        lag = waited(book, last)
        rates.append(made / wall)
        print(
            f"{options.clients} clients at {name}: {made / wall:.1f} vouchers/s ="
            f" {2 * made / wall:.0f} postings/s, p50 {1000 * at(0.5, took):.0f} ms, p95"
            f" {1000 * at(0.95, took):.0f} ms; sealed after p50 {at(0.5, lag):.2f} s, p99"
            f" {at(0.99, lag):.2f} s",
            flush=True,
        )
    print(f"one account ÷ many accounts {rates[0] / rates[1]:.2f}")
    with one_view():
        findings = verify(book_records(book)).findings
    if findings:
        raise SystemExit(f"the books are not whole: {findings[0]}")


if __name__ == "__main__":
    main()
