"""kill -9 of web process, worker and database inside settle, pay, return file, recovery and the
payment of a clearing: nothing is lost, nothing paid twice, and whoever was at it can go on.

A few moments of each act; `bench/kill_money.py` strikes at all.
"""

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import Division, User
from accounts.roles import Role
from claims.clearing.models import Clearing, ClearingRule
from claims.clearing.standing import key_of as clearing_key
from claims.models import Settlement, UsageEntry
from claims.paying.checking import problems
from claims.recovery.models import RecoveryReceipt
from claims.recovery.services import Proposal, decide, propose
from claims.services import approve, review
from desk.jobs import run
from funds.models import Book, PaymentBatch, PaymentOrder, PaymentReturn, Voucher
from funds.payments.checking import payment_problems
from funds.payments.returns import RETURNS
from funds.payments.services import make_batch, release_batch
from institutions.models import Agreement, Institution, Level
from tests.claims.clearing.conftest import MARCH, PAID, Month3, adopt
from tests.claims.conftest import TODAY, Register, line
from tests.claims.test_pages import COUNTER, STAY, bill, found, token
from tests.kills import Story, answered, form_of, play
from tests.paying import batch_of, provide

# In this order: once hospitals are paid by the month no claim of theirs is paid singly.
ACTS = ("settle", "release", "upload", "read", "recover", "clear")
PAYS = Decimal("400.00")
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("as_application"),
    pytest.mark.slow,
    pytest.mark.seconds(90),
]


@dataclass
class Stage:
    """Makes the rows for one act after the other, and the pages that people have open."""

    cast: SimpleNamespace
    register: Register
    village: Division
    book: Book
    counter: Callable[..., Settlement]
    hospital: Institution
    settings: Any
    serial: Iterator[int]

    def browser(self, user: User) -> Client:
        client = Client(raise_request_exception=False)
        client.force_login(user)
        return client

    def person(self) -> Any:
        home = self.register.household(self.village)
        return self.register.person(f"孙{next(self.serial)}", home)

    def approved(self, **given: Any) -> Settlement:
        claim = self.counter(self.person(), line("X01", "100", "10"), **given)
        review(actor=self.cast.reviewer, settlement=claim)
        return approve(actor=self.cast.approver, settlement=claim)

    def released(self) -> tuple[Settlement, PaymentBatch]:
        claim = self.approved()
        batch = batch_of(claim, on=TODAY)
        seen = batch.number_of, batch.total
        release_batch(actor=self.cast.cashier, batch=batch, seen=seen, on=TODAY, today=TODAY)
        return claim, batch

    def whole(self) -> None:
        assert [*payment_problems(self.book.area), *problems(self.book.area)] == []

    # -- the acts ------------------------------------------------------------------------------

    def settle(self) -> Story:
        """A clerk of the hospital settles a stay of 1 000.00 at the counter."""
        self.settings.TODAY = TODAY
        client, person = self.browser(self.cast.hospital_clerk), self.person()

        def filled() -> dict[str, Any]:
            page = found(client, COUNTER, person)
            key = re.findall(r'name="key" value="([0-9a-f-]{36})"', page)[0]
            sent = re.findall(r'name="submission" value="(\w+)"', page)[-1]
            form = {"patient": token(page), "key": key, "submission": sent, "action": "submit"}
            return form | STAY | bill(("X01", "100", "10"))

        form = filled()

        def times_done() -> int:
            rows = Settlement.objects.filter(visit__person=person)
            used = UsageEntry.objects.filter(person=person).totals().get("annual_paid", 0)
            assert used == 40_000 * rows.count()
            return rows.count()

        return Story(
            send=lambda: client.post(COUNTER, form),
            again=lambda: answered(client.post(COUNTER, form)),
            anew=lambda: answered(client.post(COUNTER, filled())),
            times_done=times_done,
        )

    def release(self) -> Story:
        """The cashier releases a batch of one claim, 400.00."""
        self.settings.TODAY = TODAY
        claim = self.approved()
        return self._released_by_page(batch_of(claim, on=TODAY), TODAY, [claim])

    def clear(self) -> Story:
        """The cashier pays a month of a hospital: one order, two claims."""
        if not ClearingRule.objects.exists():  # from now on hospitals are paid by the month
            adopt(self.cast)
        hospital, clerk = self._hospital()
        given = {"institution": hospital, "actor": clerk}
        claims = [self.approved(**given) for _ in range(2)]
        month = Month3(SimpleNamespace(**{**vars(self.cast), "hospital_clerk": clerk}), hospital,
                       self.book.area)  # fmt: skip
        clearing = month.confirm(month.issue(month.declare(MARCH)))
        orders = list(PaymentOrder.objects.filter(key=clearing_key(clearing)))
        self.settings.TODAY = PAID
        batch = make_batch(actor=self.cast.accountant, orders=orders, on=PAID)
        story = self._released_by_page(batch, PAID, claims)

        def times_done() -> int:
            done = story.times_done()
            paid = Clearing.objects.get(pk=clearing.pk).status == Clearing.Status.PAID
            assert paid == bool(done)
            return done

        return Story(story.send, story.again, story.anew, times_done)

    def _hospital(self) -> tuple[Institution, User]:
        serial = next(self.serial)
        hospital = Institution.objects.create(
            code=f"H5002259{serial:04d}", name=f"县第{serial}医院", level=Level.COUNTY,
            division=self.book.area,
        )  # fmt: skip
        Agreement.objects.create(
            institution=hospital, number=f"DZ-{serial}", first_day=date(2025, 1, 1),
            last_day=date(2026, 12, 31),
        )  # fmt: skip
        clerk = User.objects.create(
            username=f"clerk{serial}", name="韩一", role=Role.INSTITUTION_CLERK,
            institution_code=hospital.code,
        )  # fmt: skip
        return hospital, clerk

    def _released_by_page(self, batch: PaymentBatch, on: date, claims: list[Settlement]) -> Story:
        client = self.browser(self.cast.cashier)
        page = reverse("funds:payment_batch", args=[batch.pk])
        to = reverse("funds:release_batch", args=[batch.pk])
        typed = {"paid_on": f"{on}", "number_of": f"{batch.number_of}", "total": f"{batch.total}"}
        form = form_of(client, page, typed)

        def times_done() -> int:
            vouchers = Voucher.objects.filter(payment__batch=batch)
            paid = Settlement.objects.paid().filter(pk__in=[one.pk for one in claims]).count()
            sent = batch.orders.filter(status="sent").count()
            assert paid in (0, len(claims)) and sent in (0, 1)
            assert bool(vouchers) == bool(paid) == bool(sent)
            return vouchers.count()

        return Story(
            send=lambda: client.post(to, form),
            again=lambda: answered(client.post(to, form)),
            anew=lambda: answered(client.post(to, form_of(client, page, typed))),
            times_done=times_done,
        )

    def upload(self) -> Story:
        """The accountant sends in what the bank says; a worker reads it at the next sweep."""
        self.settings.TODAY = TODAY
        client = self.browser(self.cast.accountant)
        content, _ = self._answer_of_bank()
        page = reverse("funds:return_new")
        listed = reverse("funds:return_files")

        def form() -> dict[str, Any]:
            file = SimpleUploadedFile("huipan.csv", content, "text/csv")
            return form_of(client, listed, {}) | {"file": file}

        first = form()

        def sent(data: dict[str, Any]) -> Any:
            data["file"].seek(0)
            return client.post(page, data)

        def then_read(data: dict[str, Any]) -> None:
            answered(sent(data))
            for upload in PaymentReturn.objects.unfinished():
                run("funds.paymentreturn", upload.pk, TODAY)

        return Story(
            send=lambda: sent(first),
            again=lambda: answered(sent(first)),
            anew=lambda: then_read(form()),
            times_done=lambda: PaymentReturn.objects.filter(file_name="huipan.csv")
            .exclude(status="failed").filter(sha256=_sha(content)).count(),
        )  # fmt: skip

    def read(self) -> Story:
        """A worker reads it: one transfer came back, with its voucher."""
        self.settings.TODAY = TODAY
        content, batch = self._answer_of_bank()
        upload, _ = RETURNS.upload(
            actor=self.cast.accountant, file_name="huipan.csv", content=content, on=TODAY,
            area=self.book.area,
        )  # fmt: skip
        work = lambda: run("funds.paymentreturn", upload.pk, TODAY)  # noqa: E731

        def times_done() -> int:
            upload.refresh_from_db()
            vouchers = Voucher.objects.filter(payment__transfer__batch=batch).count()
            back = batch.transfers.filter(outcome="returned").count()
            assert vouchers == back
            if upload.status == "done":
                assert upload.returned_count == back
            assert upload.status != "failed", upload.failure
            return back

        def to_the_end() -> None:
            work()
            upload.refresh_from_db()
            assert (upload.status, upload.content) == ("done", "")

        return Story(send=work, again=work, anew=to_the_end, times_done=times_done)

    def _answer_of_bank(self) -> tuple[bytes, PaymentBatch]:
        _, batch = self.released()
        sent = batch.transfers.select_related("batch").get()
        head = "付款编号,金额,处理结果,失败原因\n"
        return f"{head}{sent.reference},{sent.amount},退汇,户名不符\n".encode(), batch

    def recover(self) -> Story:
        """The cashier takes 400.00 that were paid on a false invoice."""
        self.settings.TODAY = TODAY
        claim, _ = self.released()
        what = Proposal(reason="invoice", facts="发票虚假", debtor="household")
        debt = propose(actor=self.cast.supervisor, settlement=claim, proposal=what)
        decide(actor=self.cast.reviewer, recovery=debt, event="review_recovery", on=TODAY)
        decide(actor=self.cast.approver, recovery=debt, event="approve_recovery", on=TODAY)
        client = self.browser(self.cast.cashier)
        page = reverse("claims:recovery", args=[debt.pk])
        to = reverse("claims:recovery_take", args=[debt.pk])

        def filled() -> dict[str, str]:
            body = client.get(page).content.decode()
            keys = re.findall(r'name="entry_key" value="([0-9a-f-]{36})"', body)
            sent = re.findall(r'name="submission" value="(\w+)"', body)[-1]
            return {"amount": "400.00", "received_on": f"{TODAY}", "way": "bank",
                    "reference": "B1", "entry_key": (keys or [""])[0],
                    "submission": sent}  # fmt: skip

        form = filled()

        def times_done() -> int:
            receipts = RecoveryReceipt.objects.filter(recovery=debt).count()
            vouchers = Voucher.objects.filter(key__startswith=f"recovery:{debt.pk}:").count()
            used = UsageEntry.objects.filter(person=claim.visit.person).totals()
            assert receipts == vouchers
            assert used.get("annual_paid", 0) == (0 if receipts else 40_000)
            return receipts

        return Story(
            send=lambda: client.post(to, form),
            again=lambda: answered(client.post(to, form)),
            anew=lambda: answered(client.post(to, filled())),
            times_done=times_done,
        )


def _sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def stage(
    cast: SimpleNamespace, register: Register, village_a: Division, book: Book, counter: Any,
    hospital: Institution, settings: Any, monkeypatch: pytest.MonkeyPatch,
) -> Stage:  # fmt: skip
    monkeypatch.setattr("desk.importing.start", lambda job: None)
    provide(book.area)
    return Stage(cast, register, village_a, book, counter, hospital, settings, count(1))


def test_killed_and_done_again(stage: Stage) -> None:
    play(stage, ACTS, stage.whole)
