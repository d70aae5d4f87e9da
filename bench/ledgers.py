"""All ledgers of a book as a file: seconds, memory, ratio to the bare writer, and its check.

    DATABASE_URL=postgres://…/own_database python bench/ledgers.py --postings 1000000

Needs the environment of the portal (docs/operations.md) and a database of its own, as its owner; an
empty one gets a small demo county. Vouchers of eight postings are written by COPY into the book's
last open month, sealed as the portal seals, until there are as many postings as asked; where they
are there already, as after a run before, it only measures. Then, each in a process of its own: the
export as a worker writes it; the library that writes workbooks with the same rows out of memory and
no formats; the workbook read again and added up; the checker that is handed out, over records and
workbook. Ends with an error when totals differ or the checker finds anything.
"""

import argparse
import io
import json
import os
import resource
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryDirectory
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django  # noqa: E402

django.setup()

from copies import copies_for  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.db.models import Sum  # noqa: E402
from django.utils import timezone  # noqa: E402
from python_calamine import CalamineWorkbook  # noqa: E402
from rustpy_xlsxwriter import write_worksheets  # noqa: E402

from accounts.models import Division, User  # noqa: E402
from desk.jobs import run  # noqa: E402
from funds.events import BENEFITS  # noqa: E402
from funds.handing_out import writing  # noqa: E402
from funds.handing_out.models import LedgerExport  # noqa: E402
from funds.handing_out.services import take_export  # noqa: E402
from funds.models import Book, Period, Posting, Seal, Voucher  # noqa: E402
from funds.named import account_of  # noqa: E402
from funds.records import one_view  # noqa: E402
from funds.verify import FIRST_LINK, content_digest, seal_digest, voucher_digest  # noqa: E402

YEAR = 2026
LINES = 4  # debits of a voucher, and as many credits
PREPARER = "系统"
COPIED = {
    Voucher: "id, book_id, period_id, number, occurred_on, event, summary, source, key, amount,"
    " line_count, content_digest, preparer, posted_at",
    Posting: "voucher_id, line, account_id, period_id, debit, credit, funding_level, tier,"
    " township_id, institution_code, policy_year",
    Seal: "book_id, sequence, voucher_id, previous, digest, sealed_at",
}


# -- the rows ----------------------------------------------------------------------------------


def fill(book: Book, postings: int) -> None:
    there = Posting.objects.filter(voucher__book=book).count()
    vouchers = -(-(postings - there) // (2 * LINES))
    if vouchers <= 0:
        return
    started = time.perf_counter()
    files = {model: io.StringIO() for model in COPIED}
    for model, row in _rows(book, vouchers):
        files[model].write("\t".join("\\N" if one is None else str(one) for one in row) + "\n")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for model, file in files.items():
            file.seek(0)
            table = model._meta.db_table
            cursor.copy_expert(f"COPY {table} ({COPIED[model]}) FROM STDIN", file)
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"
            )
        cursor.execute(
            "UPDATE funds_period SET next_number = next_number + %s WHERE id = %s",
            [vouchers, _month(book).pk],
        )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    print(f"{vouchers} vouchers written in {time.perf_counter() - started:.0f} s", flush=True)


def _month(book: Book) -> Period:
    period = book.periods.filter(status=Period.Status.OPEN).order_by("year", "month").last()
    if period is None:
        raise SystemExit("the book has no open month")
    return period


def _rows(book: Book, vouchers: int) -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """(model, row) of each voucher, its postings and its seal: as `post_event` and the sealer."""
    same = Same.of(book)
    last = Seal.objects.filter(book=book).order_by("sequence").last()
    head, sequence = (last.digest, last.sequence) if last else (FIRST_LINK, 0)
    first_pk = (Voucher.objects.order_by("pk").last() or Voucher(pk=0)).pk + 1
    for place in range(vouchers):
        number, pk = same.period.next_number + place, first_pk + place
        said = same.content(pk, same.lines(place))
        digest, lines = content_digest(said), said["postings"]
        yield from ((Posting, same.posting(pk, line)) for line in lines)
        yield (
            Voucher,
            (pk, book.pk, same.period.pk, number, said["occurred_on"], said["event"],
             said["summary"], said["source"], said["key"], said["amount"], len(lines), digest,
             PREPARER, same.at),
        )  # fmt: skip
        sequence += 1
        link = seal_digest(head, sequence, voucher_digest(same.whole(said, number, digest)))
        yield Seal, (book.pk, sequence, pk, head, link, same.at)
        head = link


@dataclass(frozen=True)
class Same:
    """What all vouchers of the bench have in common; towns and accounts by code."""

    book: Book
    period: Period
    at: datetime
    accounts: dict[str, int]
    towns: dict[str, int]

    @classmethod
    def of(cls, book: Book) -> "Same":
        towns = Division.objects.townships().filter(code__startswith=book.area.code)
        return cls(
            book,
            _month(book),
            timezone.now(),
            dict(book.accounts.values_list("code", "pk")),
            dict(towns.values_list("code", "pk")),
        )

    def lines(self, place: int) -> list[dict[str, Any]]:
        """Benefits in debit and the bank in credit, as many and as much."""
        accounts = {
            "debit": BENEFITS.accounts["inpatient"],
            "credit": account_of("claim_paid", "credit"),
        }
        towns, nothing = list(self.towns), dict.fromkeys(accounts, "0.00")
        return [
            {
                "line": at * LINES + line + 1,
                "account": account,
                **nothing,
                side: f"{(place * 7 + line * 13) % 90_000 + 100}.{place % 100:02d}",
                "funding_level": "",
                "tier": f"tier{place % 2 + 1}",
                "township": towns[(place + line) % len(towns)],
                "institution_code": f"H50022500{line + 1:03d}",
                "policy_year": self.period.year,
            }
            for at, (side, account) in enumerate(accounts.items())
            for line in range(LINES)
        ]

    def posting(self, pk: int, line: dict[str, Any]) -> tuple[Any, ...]:
        """The row of one line of the voucher `pk`."""
        keys = {"account": self.accounts[line["account"]], "township": self.towns[line["township"]]}
        row = line | keys
        return (
            pk, row["line"], row["account"], self.period.pk, row["debit"], row["credit"],
            row["funding_level"], row["tier"], row["township"], row["institution_code"],
            row["policy_year"],
        )  # fmt: skip

    def content(self, pk: int, lines: list[dict[str, Any]]) -> dict[str, Any]:
        """What the voucher says."""
        return {
            "book": self.book.code,
            "occurred_on": date(self.period.year, self.period.month, 28).isoformat(),
            "event": "claim_paid",
            "summary": "支付补偿款",
            "source": f"结算单 {pk}",
            "key": f"bench:{pk}",
            "amount": f"{sum(Decimal(line['debit']) for line in lines):.2f}",
            "reversal_of": None,
            "postings": lines,
        }

    def whole(self, content: dict[str, Any], number: int, digest: str) -> dict[str, Any]:
        """As it is sealed."""
        month = content["occurred_on"][:7]
        return content | {
            "kind": "voucher",
            "label": f"{month}-{number:04d}",
            "month": month,
            "number": number,
            "prepared_by": PREPARER,
            "posted_at": self.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "content_digest": digest,
        }


# -- what is measured --------------------------------------------------------------------------


def apart(what: str, act: Callable[[], dict[str, Any] | None]) -> dict[str, Any]:
    """Do it in a process of its own; what it found, with seconds, CPU and peak memory in MB."""
    connection.close()
    end, begin = os.pipe()
    child = os.fork()
    if not child:
        os.close(end)
        with os.fdopen(begin, "w") as pipe:
            started, cpu = time.perf_counter(), time.process_time()
            found = act() or {}
            found = {
                "wall": time.perf_counter() - started,
                "cpu": time.process_time() - cpu,
            } | found
            found["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            json.dump(found, pipe)
        os._exit(0)
    os.close(begin)
    with os.fdopen(end) as pipe:
        text = pipe.read()
    os.waitpid(child, 0)
    if not text:
        raise SystemExit(f"{what} failed")
    found = json.loads(text)
    print(
        f"{what}: {found['wall']:.1f} s, CPU of Python {found['cpu']:.1f} s,"
        f" peak memory {found['memory']:.0f} MB",
        flush=True,
    )
    return dict(found)


@contextmanager
def stages() -> Iterator[dict[str, tuple[float, float]]]:
    """Seconds and CPU of the records and of the workbook inside the export."""
    spent: dict[str, tuple[float, float]] = {}
    write, lines = writing.add_workbook, writing.json_lines

    def timed_write(*given: Any) -> None:
        started, cpu = time.perf_counter(), time.process_time()
        write(*given)
        spent["workbook"] = (time.perf_counter() - started, time.process_time() - cpu)

    def timed_lines(*given: Any) -> Iterator[bytes]:
        started, cpu = time.perf_counter(), time.process_time()
        yield from lines(*given)
        spent["records"] = (time.perf_counter() - started, time.process_time() - cpu)

    writing.add_workbook, writing.json_lines = timed_write, timed_lines
    try:
        yield spent
    finally:
        writing.add_workbook, writing.json_lines = write, lines


def write_out(book: Book) -> dict[str, Any]:
    row = LedgerExport.objects.create(
        book=book, requested_by=User.objects.first(), reason="bench of the export"
    )
    with stages() as spent:
        run("funds.ledgerexport", row.pk, date(YEAR, 12, 31))
    row.refresh_from_db()
    if row.status != row.Status.DONE:
        raise SystemExit(f"not written: {row.failure}")
    return {"export": row.pk, "size": row.size, **spent}


def bare(book: Book) -> dict[str, Any]:
    """The same rows of the three long sheets from memory, no formats, no look at what they hold."""
    with one_view():
        seals = writing.seal_rows(Seal.objects.filter(book=book))
        sheets = [
            (title, [column.title for column in columns], rows)
            for title, columns, rows in (
                ("序时账", writing.VOUCHER_COLUMNS, _values(writing._journal(book))),
                ("明细账", writing.LEDGER_COLUMNS, _values(writing._ledger(book))),
                ("封存链", writing.SEAL_COLUMNS, [tuple(row) for row in seals]),
            )
        ]
    with NamedTemporaryFile(suffix=".xlsx") as file:
        started, cpu = time.perf_counter(), time.process_time()
        write_worksheets([(title, _dicts(names, rows)) for title, names, rows in sheets], file.name)
        return {"wall": time.perf_counter() - started, "cpu": time.process_time() - cpu}


def _values(rows: Iterator[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in rows]


def _dicts(names: list[str], rows: list[tuple[Any, ...]]) -> Iterator[dict[str, Any]]:
    return (dict(zip(names, row, strict=True)) for row in rows)


def opened_again(path: Path) -> dict[str, Any]:
    """The sums of debit and credit over the sheets of each long ledger, in fen."""
    workbook, sums = CalamineWorkbook.from_path(str(path)), {}
    for name in workbook.sheet_names:
        title = name.rstrip("0123456789")
        if title not in ("序时账", "明细账"):
            continue
        rows = workbook.get_sheet_by_name(name).iter_rows()
        header = next(rows)
        sides = [header.index("借方"), header.index("贷方")]
        found = sums.setdefault(title, [0, 0])
        for row in rows:
            for place, column in enumerate(sides):
                found[place] += round(float(row[column]) * 100)
    return {"sums": sums}


def checked(folder: Path) -> dict[str, Any]:
    """By the program alone, as an auditor runs it."""
    started, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "-I", "-S", writing.CHECKER, writing.RECORDS, writing.WORKBOOK],
        cwd=folder, capture_output=True, check=False, env={"PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(
        f"the checker: {time.perf_counter() - started:.1f} s, CPU"
        f" {after.ru_utime - before.ru_utime:.1f} s, peak memory {after.ru_maxrss / 1024:.0f} MB;"
        f" {done.stdout.decode().splitlines()[0]}"
    )
    return {"code": done.returncode}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--postings", type=int, default=100_000)
    options = parser.parse_args()
    copies_for(1, YEAR)
    book = Book.objects.select_related("area").get(fund_type=Book.FundType.RESIDENT)
    fill(book, options.postings)
    postings = Posting.objects.filter(voucher__book=book)
    wanted = postings.aggregate(debit=Sum("debit"), credit=Sum("credit"))
    print(f"{postings.count()} postings, {Voucher.objects.filter(book=book).count()} vouchers")
    written = apart("the whole export", lambda: write_out(book))
    plain = apart("the bare writer", lambda: bare(book))
    for part, (wall, cpu) in ((one, written[one]) for one in ("records", "workbook")):
        print(f"  {part} {wall:.1f} s, CPU of Python {cpu:.1f} s")
    wall, cpu = written["workbook"]
    print(
        f"workbook ÷ bare writer {wall / plain['wall']:.2f}, by CPU of Python"
        f" {cpu / plain['cpu']:.2f}; file {written['size'] / 1e6:.0f} MB"
    )
    export = LedgerExport.objects.get(pk=written["export"])
    with TemporaryDirectory() as folder:
        with zipfile.ZipFile(take_export(actor=User.objects.first(), export=export)) as archive:
            archive.extractall(folder)
        found = apart("opened again", lambda: opened_again(Path(folder) / writing.WORKBOOK))
        asked = [int(wanted["debit"] * 100), int(wanted["credit"] * 100)]
        if found["sums"] != {"序时账": asked, "明细账": asked}:
            raise SystemExit(f"totals differ: {found['sums']} in the file, {asked} in the books")
        if checked(Path(folder))["code"]:
            raise SystemExit("the checker found something")


if __name__ == "__main__":
    main()
