"""Fifty windows of one township at once, through real HTTP: enrolment, payment, receipt, void.

    DATABASE_URL=postgres://…/empty_database python bench/windows.py --seconds 120

Needs the environment of the portal (docs/operations.md) with HEZUO_ENV=test and a database of its
own, which it fills. It starts the web server as `script/server` does, signs fifty windows in (two
share each clerk and so each receipt book) and lets them work without a pause. At the end the
database must show no number twice, no gap, nobody enrolled twice and every yuan on a receipt; no
window may have seen an error page. Figures go to standard output; the exit code tells all.
"""

import argparse
import http.client
import os
import re
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import IO
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ["HEZUO_TODAY"] = "2025-10-15"

import django  # noqa: E402

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.db.models import Count, Max, Min, Sum  # noqa: E402

from accounts.models import Division, User  # noqa: E402
from accounts.roles import Role  # noqa: E402
from enrollment.collection.books import issue_book  # noqa: E402
from enrollment.cover.campaigns import open_campaign  # noqa: E402
from enrollment.models import Enrollment, Household, Person, Receipt, ReceiptBook  # noqa: E402
from lib.resident_id import check_character  # noqa: E402
from policies.services import adopt_pack, propose_pack  # noqa: E402

PASSWORD = "chunfeng-2026"
BOOKS = 4
NUMBERS = 5000
VOID_EVERY = 10
SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何罗高林"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平"


def set_up(clerks: int) -> Division:
    """The county, one township with one village, its clerks and four books for each of them."""
    call_command("migrate", verbosity=0)
    first = date(2010, 1, 1)
    county = Division.objects.create(code="500225", name="大足县", level="county", first_day=first)
    town = Division.objects.create(
        code="500225101", name="龙水镇", level="township", parent=county, first_day=first
    )
    village = Division.objects.create(
        code="500225101201", name="桥亭村", level="village", parent=town, first_day=first
    )
    officers = [
        User.objects.create(username=role.value, name="县中心", role=role, division=county)
        for role in (Role.SUPERVISOR, Role.APPROVER, Role.ACCOUNTANT)
    ]
    source = (ROOT / "policies" / "packs" / "dazu.yaml").read_text(encoding="utf-8")
    pack = propose_pack(actor=officers[0], area=county, source=source)
    adopt_pack(actor=officers[1], pack=pack, approval="府发〔2026〕1号")
    open_campaign(actor=officers[2], area=county, year=2026)
    for number in range(clerks):
        clerk = User(
            username=f"clerk{number}", name="经办", role=Role.TOWNSHIP_CLERK, division=town
        )
        clerk.set_password(PASSWORD)
        clerk.save()
        for book in range(BOOKS):
            issue_book(
                actor=officers[2],
                clerk=clerk,
                year=2026,
                code=f"LS{number:02}{book}",
                first_number=book * NUMBERS + 1,
                last_number=(book + 1) * NUMBERS,
            )
    return village


@dataclass
class Window:
    """A browser of one clerk: cookies, timings and what went wrong."""

    name: int
    clerk: int
    port: int
    village: int
    cookies: dict[str, str] = field(default_factory=dict)
    times: dict[str, list[float]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    receipts: int = 0
    people: int = 0

    def __post_init__(self) -> None:
        self.line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def ask(
        self, what: str, path: str, form: Mapping[str, object] | None = None
    ) -> tuple[str, str]:
        """GET or POST; the page and where it redirects to. Notes time and every status ≥ 400."""
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        body = None
        if form is not None:
            body = urlencode(form)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            headers["X-CSRFToken"] = self.cookies.get("csrftoken", "")
        began = time.perf_counter()
        self.line.request("POST" if body is not None else "GET", path, body, headers)
        answer = self.line.getresponse()
        page = answer.read().decode()
        self.times.setdefault(what, []).append(time.perf_counter() - began)
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        if answer.status >= 400:
            self.wrong.append(f"{what}: {answer.status}")
        return page, answer.headers.get("Location", "")

    def sign_in(self) -> None:
        self.ask("sign in", "/sign-in")
        self.ask("sign in", "/sign-in", {"username": f"clerk{self.clerk}", "password": PASSWORD})
        self.times.clear()

    def serve(self, number: int) -> None:
        """One family from the empty form to the printed receipt; every tenth one void."""
        self.ask("form", "/enrollment/households/new")
        _, payment = self.ask("save", "/enrollment/households/new", self._family(number))
        if not payment:
            self.wrong.append("save: refused")
            return
        page, _ = self.ask("payment page", payment)
        due = re.search(r'data-due="(\d+)"', page)
        if due is None:
            self.wrong.append("payment page: no amount")
            return
        _, receipt = self.ask("payment", payment, {"received": int(due[1]) // 100})
        if not receipt:
            self.wrong.append("payment: refused")
            return
        self.receipts, self.people = self.receipts + 1, self.people + 3
        paper, _ = self.ask("receipt", receipt)
        if "收据号" not in paper:
            self.wrong.append("receipt: not a receipt")
        if number % VOID_EVERY == 0:
            _, back = self.ask("void", f"{receipt}/void", {"reason": "窗口压测作废"})
            if not back:
                self.wrong.append("void: refused")

    def _family(self, number: int) -> dict[str, object]:
        form: dict[str, object] = {
            "division": self.village,
            "address": "桥亭村",
            "phone": "",
            "tier": "tier2",
            "members-TOTAL_FORMS": 3,
            "members-INITIAL_FORMS": 0,
        }
        for place, (year, relationship, male) in enumerate(
            ((1970, "0", 1), (1972, "1", 0), (2008, "2", 1))
        ):
            # Valid, and never the same twice: window in the area code, family in date and sequence.
            body = f"{510000 + self.name:06}{year + number // 6000:04}"
            body += f"{number // 500 % 12 + 1:02}01{(number % 500) * 2 % 1000 + male:03}"
            name = SURNAMES[number % 20] + GIVEN[number // 20 % 20] + GIVEN[self.name % 20]
            form |= {
                f"members-{place}-resident_id": body + check_character(body),
                f"members-{place}-name": name,
                f"members-{place}-relationship": relationship,
                f"members-{place}-residence": "rural",
            }
        return form

    def run(self, seconds: float, start: threading.Barrier) -> None:
        self.sign_in()
        start.wait()
        until, number = time.monotonic() + seconds, 0
        while time.monotonic() < until:
            number += 1
            self.serve(number)


def problems_in_database(windows: list[Window]) -> list[str]:
    """What must hold whatever the windows did at the same time."""
    problems = []
    for book in ReceiptBook.objects.annotate(
        least=Min("receipts__number"), most=Max("receipts__number"), number=Count("receipts")
    ).exclude(number=0):
        if (book.least, book.most) != (book.first_number, book.next_number - 1):
            problems.append(f"{book.code}: {book.least} to {book.most}, next {book.next_number}")
        if book.number != book.next_number - book.first_number:
            problems.append(f"{book.code}: {book.number} receipts, a gap or a double")
    made = sum(window.receipts for window in windows)
    if Receipt.objects.count() != made:
        problems.append(f"{made} receipts seen, {Receipt.objects.count()} written")
    if Person.objects.count() < sum(window.people for window in windows):
        problems.append("somebody who was enrolled is not in the register")
    twice = Enrollment.objects.values("person").annotate(n=Count("pk")).filter(n__gt=1)
    if twice.exists():
        problems.append(f"{twice.count()} people enrolled twice")
    if Household.objects.values("number").distinct().count() != Household.objects.count():
        problems.append("a household number twice")
    paid = Receipt.objects.valid().aggregate(s=Sum("amount"))["s"]
    owed = Enrollment.objects.active().aggregate(s=Sum("personal_amount"))["s"]
    if paid != owed:
        problems.append(f"receipts {paid} yuan, paid cover {owed} yuan")
    with connection.cursor() as cursor:
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        deadlocks = cursor.fetchone()[0]
    if deadlocks:
        problems.append(f"{deadlocks} deadlocks in the database")
    return problems


def start_server(
    port: int, workers: int, said: IO[bytes] | int = subprocess.DEVNULL
) -> "subprocess.Popen[bytes]":
    """`said`: where its log goes, and what its stand-ins tell."""
    command = [
        *(sys.executable, "-m", "launch.web", "--port", str(port)),
        *("--processes", str(workers), "--threads", "4"),
    ]
    told = None if said == subprocess.DEVNULL else said
    server = subprocess.Popen(command, cwd=ROOT, stdout=told, stderr=said)
    for _ in range(300):
        try:
            line = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
            line.request("GET", "/healthz")
            if line.getresponse().status == 200:
                return server
        except OSError:
            time.sleep(0.2)
    server.terminate()
    raise SystemExit("the server does not answer")


def report(windows: list[Window], seconds: float) -> None:
    times: dict[str, list[float]] = {}
    for window in windows:
        for what, seen in window.times.items():
            times.setdefault(what, []).extend(seen)
    everything = [one for seen in times.values() for one in seen]
    made = sum(window.receipts for window in windows)
    print(f"{len(windows)} windows, {seconds:.0f} s: {len(everything)} requests,")
    print(f"  {len(everything) / seconds:.1f} requests/s, {made} receipts, {made / seconds:.1f}/s,")
    print(f"  {sum(w.people for w in windows) / seconds:.1f} people enrolled/s")
    print(f"{'':14}{'requests':>9}{'median ms':>11}{'p95 ms':>9}{'max ms':>9}")
    for what, seen in [*sorted(times.items()), ("all", everything)]:
        p95 = statistics.quantiles(seen, n=20)[-1] if len(seen) > 1 else seen[0]
        middle, most = statistics.median(seen), max(seen)
        figures = f"{middle * 1000:>11.0f}{p95 * 1000:>9.0f}{most * 1000:>9.0f}"
        print(f"{what:14}{len(seen):>9}{figures}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--windows", type=int, default=50)
    parser.add_argument("--port", type=int, default=8765)
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    village = set_up((arguments.windows + 1) // 2)
    connection.close()
    server = start_server(arguments.port, arguments.workers)
    windows = [Window(n, n // 2, arguments.port, village.pk) for n in range(arguments.windows)]
    start = threading.Barrier(len(windows) + 1, timeout=300)
    threads = [
        threading.Thread(target=window.run, args=(arguments.seconds, start)) for window in windows
    ]
    try:
        for thread in threads:
            thread.start()
        start.wait()
        began = time.monotonic()
        for thread in threads:
            thread.join()
        seconds = time.monotonic() - began
    finally:
        server.terminate()
        server.wait()
    report(windows, seconds)
    seen = Counter(wrong for window in windows for wrong in window.wrong)
    problems = [f"{count} × {what}" for what, count in seen.items()]
    problems += problems_in_database(windows)
    for problem in problems:
        print("WRONG", problem)
    if not problems:
        print("no double, no gap, no deadlock, no error page; receipts = paid cover to the fen")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
