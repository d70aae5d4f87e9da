"""Worklists and searches over a million claims: server time, and statements against a small county.

    DATABASE_URL=postgres://…/own_database python bench/worklists.py --claims 1000000

Needs the environment of the portal (docs/operations.md) and a database of its own, as its owner. An
empty one is filled first: a demo county whose people, claims, orders and batches are copied until
there are as many as asked; most are paid, some thousands stand in each queue. Then every list of
claims and payments, the first page of each role, the search box and the start of a workbook are
asked for over the test client: wall time, CPU of Python and CPU of the database's backend in ms,
p50 and p95 (a busy machine blurs the wall and little of the CPU), and the number of statements,
which is that of a small county (`--claims 1`). Figures go to standard output.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django  # noqa: E402

django.setup()

from copies import copies_for, copy_rows, step  # noqa: E402
from django.conf import settings  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.urls import reverse  # noqa: E402
from django.utils import timezone  # noqa: E402

from accounts.models import Division, User  # noqa: E402
from accounts.roles import Role  # noqa: E402
from claims.assistance.models import AidApplication  # noqa: E402
from claims.clearing.models import Clearing  # noqa: E402
from claims.dependence.models import Dependent, Supplement  # noqa: E402
from claims.filings.models import Filing  # noqa: E402
from claims.models import Settlement, SettlementFund, Visit  # noqa: E402
from claims.recovery.models import Recovery  # noqa: E402
from claims.refunds.models import PatientRefund  # noqa: E402
from enrollment.models import Enrollment, Household, IdentityStatus, Person  # noqa: E402
from funds.models import PaymentBatch, PaymentOrder  # noqa: E402
from funds.payments.models import PaymentPart, Transfer  # noqa: E402
from institutions.models import Institution  # noqa: E402
from supervision.models import Alert  # noqa: E402

YEAR = 2026
DAY = date(YEAR, 12, 31)
COPIED = (
    Household, Person, IdentityStatus, Enrollment, Visit, Settlement, SettlementFund,
    PaymentBatch, PaymentOrder, PaymentPart, Transfer,
)  # fmt: skip
# Copies whose claims stand in queues as those of the demo county do; in all others they are paid.
QUEUED = 10
Claims = list[Settlement]
Hands = dict[Role, User | None]
EACH = 3_000  # rows of each kind that the demo county has none of
# What everybody works through: list → who opens it.
LISTS = (
    ("claims:list", Role.REVIEWER), ("claims:list", Role.TOWNSHIP_CLERK),
    ("claims:list", Role.INSTITUTION_CLERK), ("claims:review_queue", Role.REVIEWER),
    ("claims:approval_queue", Role.APPROVER), ("claims:visits", Role.INSTITUTION_CLERK),
    ("claims:recoveries", Role.CASHIER), ("claims:supplements", Role.REVIEWER),
    ("claims:dependents", Role.REVIEWER), ("funds:payment_queue", Role.ACCOUNTANT),
    ("funds:payment_orders", Role.ACCOUNTANT), ("funds:payments_owed", Role.ACCOUNTANT),
    ("funds:payment_batches", Role.CASHIER), ("claims:aids", Role.REVIEWER),
    ("claims:clearings", Role.REVIEWER), ("claims:filings", Role.REVIEWER),
    ("claims:refunds", Role.INSTITUTION_CLERK), ("supervision:alerts", Role.SUPERVISOR),
)  # fmt: skip


# -- the rows ----------------------------------------------------------------------------------


def fill(claims: int) -> None:
    copies = copies_for(claims, YEAR)
    if copies > 0:
        started = time.perf_counter()
        of_year = {Settlement: f"policy_year = {YEAR}", Enrollment: f"year = {YEAR}"}
        copy_rows(COPIED, copies, of_year)
        pay_most()
        print(f"copied {copies} times in {time.perf_counter() - started:.0f} s", flush=True)
    if Recovery.objects.exists():
        return
    add_the_rest()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        # All of a statement's CPU is its backend's own.
        name = connection.settings_dict["NAME"]
        cursor.execute(f'ALTER DATABASE "{name}" SET max_parallel_workers_per_gather = 0')
    connection.close()
    connection.ensure_connection()


def pay_most() -> None:
    """Claims in queues beyond the first copies are paid, and their orders."""
    reviewer, approver, cashier = (
        User.objects.filter(role=role).first().pk
        for role in (Role.REVIEWER, Role.APPROVER, Role.CASHIER)
    )
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            f"""
            UPDATE claims_settlement SET status = 'paid', paid_on = settled_on,
                paid_at = submitted_at, paid_by_id = {cashier},
                reviewed_by_id = coalesce(reviewed_by_id, {reviewer}),
                approved_by_id = coalesce(approved_by_id, {approver})
            WHERE status IN ('submitted', 'reviewed', 'approved')
                AND id > {QUEUED * step(Settlement)}
            """
        )
        cursor.execute(
            f"""
            UPDATE funds_paymentorder SET status = 'paid',
                batch_id = (SELECT min(id) FROM funds_paymentbatch)
            WHERE status = 'waiting' AND id > {QUEUED * step(PaymentOrder)}
            """
        )


def add_the_rest() -> None:
    """Some thousands of each kind of row that the demo county has none of, past the guards."""
    paid = list(
        Settlement.objects.filter(status="paid").select_related("visit").order_by("-pk")[:EACH]
    )
    hands = {role: User.objects.filter(role=role).first() for role in Role}
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
        _add_recoveries(paid, hands)
        _add_supplements(paid)
        PatientRefund.objects.bulk_create(PatientRefund(settlement=one, amount=1) for one in paid)
        _add_filings(paid, hands)
        _add_alerts(paid)
        _add_assistance(paid, hands)
        _add_clearings(hands)
        _add_open_stays()


def _add_recoveries(paid: Claims, hands: Hands) -> None:
    states = ("received", "proposed", "reviewed", "approved")
    Recovery.objects.bulk_create(
        Recovery(
            number=f"500225{YEAR}Z{at:06d}",
            settlement=one,
            division_id=one.division_id,
            reason="invoice",
            facts="发票虚假",
            source="review",
            debtor="household",
            household_id=one.visit.household_id,
            debtor_name="户主",
            amount=one.fund_amount or 1,
            status=states[at % 4],
            proposed_by=hands[Role.SUPERVISOR],
            reviewed_by=hands[Role.REVIEWER],
            approved_by=hands[Role.APPROVER],
            approved_at=timezone.now(),
            received_by=hands[Role.CASHIER],
            due_on=DAY,
        )
        for at, one in enumerate(paid)
    )


def _add_supplements(paid: Claims) -> None:
    """What each claim is owed more because of the next."""
    causes = Dependent.objects.bulk_create(
        Dependent(
            settlement=one,
            because_of=before,
            division_id=one.division_id,
            reason="被核减",
            old_amount=one.fund_amount,
            new_amount=one.fund_amount + 1,
            deductible_amount=0,
        )
        for one, before in zip(paid, paid[1:] + paid[:1], strict=True)
    )
    Supplement.objects.bulk_create(
        Supplement(dependent=one, settlement_id=one.settlement_id, amount=1) for one in causes
    )


def _add_filings(paid: Claims, hands: Hands) -> None:
    Filing.objects.bulk_create(
        Filing(
            number=f"500225B{at:08d}",
            person_id=one.visit.person_id,
            division_id=one.division_id,
            kind="referral",
            about="转诊",
            starts=one.visit.starts,
            proposed_by=hands[Role.TOWNSHIP_CLERK],
            proposed_on=DAY,
        )
        for at, one in enumerate(paid)
    )


def _add_alerts(paid: Claims) -> None:
    Alert.objects.bulk_create(
        Alert(
            rule="R01",
            certainty="suspect",
            settlement=one,
            division_id=one.division_id,
            finding="同日两次就诊",
        )
        for one in paid
    )


def _add_assistance(paid: Claims, hands: Hands) -> None:
    AidApplication.objects.bulk_create(
        AidApplication(
            number=f"500225A{at:08d}",
            person_id=one.visit.person_id,
            cover_id=one.visit.enrollment_id,
            division_id=one.division_id,
            policy_year=YEAR,
            kind=f"k{at}",
            kind_name="住院救助",
            held="dibao",
            held_name="低保对象",
            booked_as="inpatient",
            own_amount=100,
            amount=50,
            facts="重病",
            payee="户主",
            applied_by=hands[Role.TOWNSHIP_CLERK],
            applied_on=DAY,
        )
        for at, one in enumerate(paid)
    )


def _add_clearings(hands: Hands) -> None:
    """A year of each institution's."""
    county = Division.objects.get(code="500225")
    Clearing.objects.bulk_create(
        Clearing(
            number=f"500225Q{place.pk:04d}{month:02d}",
            area=county,
            institution=place,
            month=date(YEAR, month, 1),
            claims_count=100,
            claimed_amount=1000,
            paid_amount=1000,
            declared_by=hands[Role.INSTITUTION_CLERK],
            declared_on=DAY,
            pay_by=DAY,
        )
        for place in Institution.objects.filter(division__code__startswith="500225")
        for month in range(1, 13)
    )


def _add_open_stays() -> None:
    """The newest visits anew, as stays of people who are still in bed."""
    stays = Visit.objects.filter(institution__isnull=False).order_by("-pk")[:EACH]
    Visit.objects.bulk_create(
        Visit(
            **{
                field.attname: getattr(one, field.attname)
                for field in Visit._meta.concrete_fields
                if field.attname not in ("id", "ends", "entry_key")
            }
            | {"is_registered": True, "status": "open", "starts": DAY - timedelta(days=5)}
        )
        for one in stays
    )


# -- the pages ---------------------------------------------------------------------------------


def users() -> dict[str, User]:
    """Of each role one; of a clerk of a hospital the one with most claims."""
    rows = User.objects.filter(is_active=True)
    return {role: found for role in Role if (found := rows.filter(role=role).first())}


def pages(people: dict[str, User]) -> dict[str, tuple[User, Callable[[Client], Any]]]:
    """What is measured: its name → who, and the request."""
    found: dict[str, tuple[User, Callable[[Client], Any]]] = {}
    for route, role in LISTS:
        address = reverse(route)
        found[f"{route} ({role})"] = (people[role], lambda c, to=address: c.get(to))
    queue = reverse("claims:list")
    reviewer = people[Role.REVIEWER]
    one = Settlement.objects.select_related("visit__person").order_by("-pk").first()
    assert one is not None
    person = one.visit.person
    asked = {
        "second page": "?page=2", "last page": "?page=999999",
        "status=submitted": "?status=submitted",
        "status=paid": "?status=paid", "one month": f"?since={YEAR}-06-01&until={YEAR}-06-30",
        "institution": "?institution=人民医院", "number": f"?number={one.number[:14]}",
        "sorted by amount": "?sort=-total_amount",
    }  # fmt: skip
    for name, query in asked.items():
        found[f"claims:list {name}"] = (reviewer, lambda c, q=query: c.get(queue + q))
    for name, text in (("name", person.name), ("id", person.resident_id)):
        found[f"claims:list person by {name}"] = (
            reviewer, lambda c, t=text: c.post(queue, {"person": t}, follow=True),
        )  # fmt: skip
    for role, user in people.items():
        found[f"first page ({role})"] = (user, lambda c: c.get("/"))
    search = reverse("accounts:find")
    for name, text in (
        ("number", one.number), ("half a number", one.number[:12]), ("name", person.name),
        ("id", person.resident_id),
    ):  # fmt: skip
        found[f"search box by {name}"] = (
            reviewer, lambda c, t=text: c.post(search, {"text": t}, follow=True),
        )  # fmt: skip
    orders = reverse("funds:export_payment_orders")
    found["workbook of orders of a month"] = (
        people[Role.ACCOUNTANT],
        lambda c: c.post(f"{orders}?since={YEAR}-12-20", {"reason": "核对十二月支付单"}),
    )
    return found


def measure(only: str, tries: int) -> None:
    head = ("page", "p50 ms", "p95 ms", "Python", "p95", "database", "p95", "SQL")
    print("{:<44} {:>7} {:>7} {:>7} {:>7} {:>8} {:>7} {:>5}".format(*head))
    for name, (user, ask) in pages(users()).items():
        if only not in name:
            continue
        client = Client(HTTP_HOST="localhost")
        client.force_login(user)
        answer = ask(client)  # templates and connections are warm after it
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        if answer.status_code != 200 or not body:
            raise SystemExit(f"{name}: status {answer.status_code}")
        with CaptureQueriesContext(connection) as queries:
            ask(client)
            statements = len(connection.queries_log)
        del queries
        seen = [_timed(client, ask) for _ in range(tries)]
        wall, python, database = ([one[at] for one in seen] for at in range(3))
        print(
            f"{name:<44} {_at(wall, 0.5):7.0f} {_at(wall, 0.95):7.0f} {_at(python, 0.5):7.0f}"
            f" {_at(python, 0.95):7.0f} {_at(database, 0.5):8.0f} {_at(database, 0.95):7.0f}"
            f" {statements:5}",
            flush=True,
        )


def _timed(client: Client, ask: Callable[[Client], Any]) -> tuple[float, float, float]:
    """Wall time, CPU of Python and CPU of its backend, in ms."""
    started, cpu, backend = time.perf_counter(), time.process_time(), _backend_ms()
    ask(client)
    return (
        (time.perf_counter() - started) * 1000,
        (time.process_time() - cpu) * 1000,
        _backend_ms() - backend,
    )


def _backend_ms() -> float:
    """CPU of the connection's backend so far, from the scheduler, as ticks of 10 ms are coarse."""
    pid = connection.connection.info.backend_pid
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e6


def _at(values: list[float], share: float) -> float:
    return sorted(values)[min(int(len(values) * share), len(values) - 1)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--claims", type=int, default=1_000_000)
    parser.add_argument("--tries", type=int, default=20, help="of each page")
    parser.add_argument("--only", default="", help="pages whose name has this")
    options = parser.parse_args()
    settings.TODAY = DAY
    fill(options.claims)
    print(f"{Settlement.objects.count()} claims, {PaymentOrder.objects.count()} orders")
    measure(options.only, options.tries)


if __name__ == "__main__":
    main()
