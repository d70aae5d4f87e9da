"""What was decided and paid is sealed step by step: who owns the tables and alters it is found,
and what lawfully goes on is no alarm.

March at 大足县人民医院: 王强 4,200.00 → 2,000.00, 李芳 2,201.00 → 1,000.50, 张军 1,000.90 → 400.45,
who falls out. 100.45 and 50.50 off: 2,849.55 agreed, 284.96 kept (10 %: 284.955), 2,564.59 paid;
50.50 given back. 166.67 in advance in July. In January 94 points, of 95 that give back all.
"""

import io
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from itertools import zip_longest
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import Model

from accounts.rights import declared
from claims.clearing.models import Clearing, ClearingClaim, Deduction, DepositReturn, Prepayment
from claims.clearing.money import (
    decide_prepayment,
    decide_return,
    propose_prepayment,
    propose_return,
)
from claims.clearing.services import answer, decide, deduct, recall, withdraw
from claims.clearing.standing import back_key_of, key_of
from claims.models import Settlement
from claims.services import stop
from desk import row_seals
from desk.workflow import STAY, WORKFLOWS, Step, Workflow
from funds.models import PaymentBatch, PaymentOrder, PaymentPart, Transfer
from funds.payments.services import (
    Payee,
    confirm_payee,
    correct_payee,
    discard_batch,
    make_batch,
    note_arrival,
    note_return,
    release_batch,
    take_out,
)
from institutions.models import Institution
from tests.claims.clearing.conftest import PAID, Month3, reloaded
from tests.claims.clearing.test_year import PAPERS, subsidise
from tests.paying import number_of, provide

pytestmark = [pytest.mark.django_db, pytest.mark.seconds(120)]
Make = Callable[..., Settlement]
JULY, JANUARY = date(2026, 7, 6), date(2027, 1, 25)


def sealed() -> None:
    """What is final by now is sealed; whatever changes lawfully afterwards must be no alarm."""
    row_seals.seal_everything()


@contextmanager
def altered(changes: Iterable[tuple[Model, str]]) -> Iterator[None]:
    """What only the owner of the tables can do; undone afterwards."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            for row, change in changes:
                table = row._meta.db_table
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
                cursor.execute(f"UPDATE {table} SET {change} WHERE id = %s", [row.pk])
                assert cursor.rowcount == 1
        yield
        transaction.set_rollback(True)


def named(*changes: tuple[Model, str]) -> None:
    """One row of each table is altered: each is named, and no other."""
    with altered(changes):
        found = list(row_seals.row_problems())
    for row, change in changes:
        mine = [line for line in found if f"{row._meta.db_table} 第 {row.pk} 行" in line]
        assert len(mine) == 1 and "封存后被改动过" in mine[0], (change, found)
    assert len(found) == len(changes), found


def march(month: Month3, approved: Make, cast: SimpleNamespace) -> Clearing:
    """Declared, checked, issued, called back, stated anew without 张军, disputed and paid."""
    for name, yuan in (("王强", "4200"), ("李芳", "2201"), ("张军", "1000.90")):
        approved(name, yuan)
    clearing = month.declare()
    sealed()
    wang, li, zhang = clearing.claims.order_by("settlement_id")
    one = deduct(actor=cast.reviewer, claim=wang, code="over_price", amount=Decimal("100.45"))
    two = deduct(actor=cast.reviewer, claim=li, code="over_price", amount=Decimal("50.50"))
    clearing = month.issue(clearing)
    sealed()
    clearing = recall(actor=cast.approver, clearing=clearing, reason="扣减有误，重核")
    clearing = month.issue(clearing)
    stop(actor=cast.approver, settlement=reloaded(zhang.settlement), reason="发票存疑")
    clearing = month.issue(reloaded(clearing))
    clearing = month.confirm(clearing, {one.pk: "物价已批准", two.pk: "有医嘱"})
    assert (clearing.deposit_amount, clearing.paid_amount) == (
        Decimal("284.96"),
        Decimal("2564.59"),
    )
    sealed()
    month.pay(key_of(clearing))
    sealed()
    return reloaded(clearing)


def disputes(month: Month3, cast: SimpleNamespace) -> None:
    """One answer is sent back and given anew; one line is upheld, the other given back and paid."""
    one, two = Deduction.objects.order_by("pk")
    answer(actor=cast.reviewer, deduction=one, gives_back=True, words="看错了")
    sealed()
    decide(actor=cast.approver, deduction=one, agrees=False, on=PAID)
    answer(actor=cast.reviewer, deduction=one, gives_back=False, words="批文自 4 月起执行")
    answer(actor=cast.reviewer, deduction=two, gives_back=True, words="医嘱属实")
    sealed()
    for row in (one, two):
        decide(actor=cast.approver, deduction=row, agrees=True, on=PAID)
    sealed()
    month.pay(back_key_of(two))
    sealed()


def bounced(month: Month3, cast: SimpleNamespace, order: PaymentOrder) -> None:
    """Arrived, given back by the bank after all, sent to another account; a batch from which it is
    taken out in between."""
    note_arrival(actor=cast.accountant, transfers=[order.transfers.get()], on=PAID)
    gone = order.transfers.get()
    note_return(actor=cast.accountant, transfers=[(gone, "账户已销户")], on=PAID)
    sealed()
    correct_payee(
        actor=cast.accountant,
        order=reloaded(order),
        payee=Payee(name=order.payee, account="6217000010009876543", bank="农商行"),
        reason="医院更换开户行",
    )
    confirm_payee(actor=cast.approver, order=reloaded(order), account=number_of(reloaded(order)))
    provide(month.area)
    batch = make_batch(actor=cast.accountant, orders=[reloaded(order)], on=PAID)
    sealed()
    take_out(actor=cast.accountant, transfer=batch.transfers.get(), reason="当日不付")
    sealed()
    again = make_batch(actor=cast.accountant, orders=[reloaded(order)], on=PAID)
    seen = again.number_of, again.total
    release_batch(actor=cast.cashier, batch=again, seen=seen, on=PAID, today=PAID)
    sealed()


def advance_and_deposit(month: Month3, cast: SimpleNamespace, hospital: Institution) -> None:
    subsidise(month.area, "50000")
    row = propose_prepayment(
        actor=cast.accountant, institution=hospital, amount=Decimal("166.67"), on=JULY, **PAPERS
    )
    sealed()
    decide_prepayment(actor=cast.approver, row=row, event="approve_prepayment", on=JULY)
    sealed()
    month.pay(f"prepayment:{row.pk}", on=JULY)
    sealed()
    back = propose_return(
        actor=cast.supervisor, institution=hospital, year=2026, score=94, on=JANUARY, **PAPERS
    )
    sealed()
    decide_return(actor=cast.approver, row=back, event="approve_deposit_return", on=JANUARY)
    sealed()
    month.pay(f"deposit:{back.pk}", on=JANUARY)
    sealed()


def test_a_hospitals_money_from_the_claim_to_the_deposit(
    month: Month3, approved: Make, cast: SimpleNamespace, hospital: Institution
) -> None:
    clearing = march(month, approved, cast)
    disputes(month, cast)
    order = PaymentOrder.objects.get(key=key_of(clearing))
    bounced(month, cast, order)
    advance_and_deposit(month, cast, hospital)
    call_command("verify_books", stdout=io.StringIO())

    claim = ClearingClaim.objects.get(is_live=False)
    live = ClearingClaim.objects.filter(is_live=True).earliest("pk")
    upheld, given_back = Deduction.objects.order_by("pk")
    prepayment, deposit = Prepayment.objects.get(), DepositReturn.objects.get()
    batch = PaymentBatch.objects.filter(status="released").earliest("pk")
    part = PaymentPart.objects.filter(order=order).earliest("pk")
    returned = Transfer.objects.get(outcome="returned")
    changes: tuple[tuple[Model, str], ...] = (
        (batch, "total = total + 1"),
        (batch, "paid_on = paid_on + 1"),
        (batch, "made_by_id = released_by_id, released_by_id = made_by_id"),
        (batch, "status = 'made'"),
        (order, "amount = amount + 1"),
        (order, "key = 'settlement:0'"),
        (order, "source = '别的'"),
        (part, "amount = amount - 1"),
        (part, "institution_code = 'H50022599999'"),
        (returned, "amount = amount + 1"),
        (returned, "known_on = known_on - 1"),
        (clearing, "paid_amount = paid_amount + 5, deposit_amount = deposit_amount - 5"),
        (clearing, "month = '2026-02-01'"),
        (clearing, "checked_by_id = issued_by_id, issued_by_id = checked_by_id"),
        (clearing, "pay_by = pay_by + 30"),
        (clearing, "status = 'confirmed'"),
        (claim, "is_live = true, fell_reason = ''"),
        (claim, "fell_reason = '自愿'"),
        (live, "amount = amount + 1"),
        (live, "fell_at = now()"),
        (upheld, "amount = 1"),
        (upheld, "gives_back = true"),
        (upheld, "decided_by_id = (SELECT max(id) FROM accounts_user)"),
        (given_back, "paid_on = paid_on - 30"),
        (prepayment, "amount = amount + 1000"),
        (prepayment, "year = 2025"),
        (prepayment, "status = 'refused'"),
        (prepayment, "decided_by_id = (SELECT max(id) FROM accounts_user)"),
        (prepayment, "voucher_number = ''"),
        (deposit, "score = 60"),
        (deposit, "amount = kept_amount"),
        (deposit, "decided_on = decided_on - 1"),
        (deposit, "paid_on = NULL"),
    )
    by_table: dict[str, list[tuple[Model, str]]] = {}
    for row, change in changes:
        by_table.setdefault(row._meta.db_table, []).append((row, change))
    for together in zip_longest(*by_table.values()):
        named(*(one for one in together if one))


def test_a_dropped_clearing_and_a_batch_given_up_stay_dropped(
    month: Month3, approved: Make, cast: SimpleNamespace
) -> None:
    approved("王强", "4200")
    withdrawn = withdraw(actor=cast.hospital_clerk, clearing=month.declare(), reason="有一笔漏报")
    clearing = month.confirm(month.issue(month.declare()))
    sealed()
    provide(month.area)
    orders = list(PaymentOrder.objects.filter(key=key_of(clearing)))
    batch = make_batch(actor=cast.accountant, orders=orders, on=PAID)
    discard_batch(actor=cast.accountant, batch=batch, reason="当日不付")
    # Called off and asked for again, with another sum: no money has gone by it.
    recall(actor=cast.approver, clearing=clearing, reason="重核")
    claim = clearing.claims.get()
    deduct(actor=cast.reviewer, claim=claim, code="over_price", amount=Decimal("0.45"))
    month.confirm(month.issue(reloaded(clearing)))
    sealed()
    month.pay(key_of(clearing))
    sealed()
    named((withdrawn, "reason = '别的'"), (batch, "total = total - 1"))


def test_no_step_writes_what_is_sealed_by_then() -> None:
    """Or the next lawful one would be an alarm."""
    given = dict(declared())
    looked_at = set()
    for workflow in WORKFLOWS:
        for seal in given[workflow.model].seals(workflow.model):
            if "status" not in seal.columns:
                continue
            ended = set(re.findall(r"'(\w+)'", seal.since))
            assert ended, workflow.model
            for step in (one for one in workflow.steps if ended & set(one.sources)):
                again = written(workflow, step) & set(seal.columns)
                assert not again, (workflow.model.__name__, step.event, again)
            looked_at.add(workflow.model.__name__)
    assert {"Clearing", "PaymentBatch", "Prepayment", "DepositReturn", "Filing"} <= looked_at


def written(workflow: Workflow[Any], step: Step) -> set[str]:
    """The columns that a step writes by itself; where its reason goes its service may say."""
    names = [*step.stamps, *([] if step.target == STAY else ["status"])]
    return {str(workflow.model._meta.get_field(name).column) for name in names}
