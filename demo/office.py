"""What each desk of the county does, by the services that its pages call: vouchers through three
hands, the month's plan and money, payment, the month's report and closing.

A refusal is not swallowed: what could not be done stands in `left`, in the words of the portal.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db import transaction

from accounts.errors import Refusal
from accounts.models import Division, User
from accounts.roles import Role
from claims.models import Settlement
from claims.paying.payees import PayeeEntry, death_problem, payee_problem
from claims.paying.services import KEY, change_payee
from claims.quotas.models import Allotment
from claims.quotas.services import propose_allotment
from claims.quotas.workflow import ALLOTMENTS
from claims.services import approve, review
from desk.jobs import run
from funds.balances import account_balances, balance_of
from funds.drafts.models import VoucherDraft
from funds.drafts.services import asks_approval, enter_draft, make_draft, take_step
from funds.law.services import make_by_law
from funds.law.workings import work_out
from funds.models import Book, Period, Voucher
from funds.named import account_of
from funds.payments.models import PaymentBatch, PaymentOrder, Transfer
from funds.payments.rooms import obstacles
from funds.payments.services import (
    MAX_ORDERS,
    Payee,
    confirm_payee,
    confirm_return,
    correct_payee,
    make_batch,
    note_arrival,
    release_batch,
    tell_return,
)
from funds.plans.services import PlanItem, grant_plan, make_plan, send_plan, take_plan_step
from funds.plans.working import needs
from funds.reconciling.services import make_adjustment, review_adjustment
from funds.reconciling.table import bank_accounts
from funds.services import EventLine, close_period, close_year
from lib.periods import Month
from reports.models import MonthlyReport
from reports.services import request_report

FISCAL = account_of("expenditure_funded", "credit")
EXPENDITURE = account_of("expenditure_funded", "debit")
WAITING = PaymentOrder.Status.WAITING


@dataclass
class Office:
    """The county's people at their desks. `left`: what was refused to them, and why."""

    area: Division
    book: Book
    people: dict[Role, list[User]]
    left: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, area: Division) -> "Office":
        people: dict[Role, list[User]] = {}
        for user in User.objects.filter(division__code__startswith=area.code).order_by("pk"):
            people.setdefault(Role(user.role), []).append(user)
        return cls(area, Book.objects.select_related("area").get(area=area), people)

    def one(self, role: Role) -> User:
        return self.people[role][0]

    @property
    def accountant(self) -> User:
        return self.one(Role.ACCOUNTANT)

    def clerk_of(self, division_code: str) -> User:
        """Of the township in which a division lies."""
        return next(
            one
            for one in self.people[Role.TOWNSHIP_CLERK]
            if one.division is not None and division_code.startswith(one.division.code)
        )

    # -- vouchers by hand ------------------------------------------------------------------------

    def enter(self, draft: VoucherDraft, on: date) -> Voucher:
        """Reviewed by the supervisor, approved where the county asks it, entered by the second
        accountant."""
        draft = take_step(actor=self.one(Role.SUPERVISOR), draft=draft, event="review_voucher")
        if asks_approval(draft):
            draft = take_step(actor=self.one(Role.APPROVER), draft=draft, event="approve_voucher")
        second = self.people[Role.ACCOUNTANT][1]
        voucher = enter_draft(actor=second, draft=draft, today=on).voucher
        assert voucher is not None
        return voucher

    def by_hand(self, event: str, on: date, document: str, lines: Sequence[EventLine]) -> Voucher:
        draft = make_draft(
            actor=self.accountant, book=self.book, event=event, on=on, today=on,
            document=document, key=f"demo:{document}", lines=lines,
        )  # fmt: skip
        return self.enter(draft, on)

    def by_law(self, event: str, year: int, on: date) -> Voucher | None:
        """What the measures ask, where they ask anything; what stops it is told."""
        working = work_out(event, self.book, year, on)
        if working.stops:
            self.left.append(f"{on} {event} {year}：{working.problem}")
        if working.problem:
            return None
        draft = make_by_law(
            actor=self.accountant, event=event, book=self.book, year=year, on=on, today=on
        )
        return self.enter(draft, on)

    def share_out(self, year: int, on: date) -> Allotment:
        """The year's pool over the townships: the accountant proposes, the approver agrees."""
        row = propose_allotment(
            actor=self.accountant, area=self.area, year=year, on=on,
            evidence=f"医保组会纪〔{on.year}〕{on.month}号", reason="按参保人数分配统筹额度",
        )  # fmt: skip
        return ALLOTMENTS.decide(row, "approve_allotment", actor=self.one(Role.APPROVER), on=on)

    # -- claims and payment ----------------------------------------------------------------------

    def agree(self, claims: Iterable[Settlement]) -> int:
        """Reviewed by one, approved by another; returns how many."""
        done = 0
        for claim in claims:
            try:
                if payee_problem(claim):
                    self.name_payee(claim)
                if claim.status == Settlement.Status.SUBMITTED:
                    review(actor=self.one(Role.REVIEWER), settlement=claim)
                approve(actor=self.one(Role.APPROVER), settlement=claim)
                done += 1
            except Refusal as refusal:
                self.left.append(f"结算单 {claim.number}：{refusal.message}")
        return done

    def name_payee(self, claim: Settlement) -> None:
        """The clerk who entered it asks the family for an account: the patient's own, or an heir's
        with the paper that says so."""
        assert claim.entered_by is not None
        patient = claim.visit.person
        account = f"6229{claim.pk:015d}"
        entry = PayeeEntry(relation=Settlement.Relation.SELF, account=account, bank="农业银行")
        if patient.death_date:
            others = patient.household.members.exclude(pk=patient.pk).filter(death_date=None)
            heir = others.order_by("pk").first()
            entry = PayeeEntry(
                relation=Settlement.Relation.HEIR, account=account, bank="农业银行",
                name=heir.name if heir else "村民委员会", document=f"公证书第 {claim.pk} 号",
            )  # fmt: skip
        change_payee(
            actor=claim.entered_by, settlement=claim, entry=entry, reason="家庭补报收款账户"
        )

    def fund(self, on: date) -> None:
        """用款计划: made, checked, sent, granted as far as the fiscal account has it, and E06."""
        month = Month.of(on)
        items = [
            PlanItem(one.title, one.basis, one.amount, one.amount) for one in needs(self.book, on)
        ]
        if sum(one.amount for one in items) <= 0:
            return
        plan = make_plan(actor=self.accountant, book=self.book, month=month, items=items, on=on)
        take_plan_step(actor=self.one(Role.SUPERVISOR), plan=plan, event="check_plan")
        plan = send_plan(actor=self.accountant, plan=plan, document=f"医保请款〔{month}〕")
        granted = min(plan.amount, balance_of(self.book, FISCAL, on))
        number = f"财社拨〔{month}〕"
        grant_plan(actor=self.accountant, plan=plan, granted=granted, document=number)
        self.by_hand("expenditure_funded", on, number, [EventLine(granted)])

    def pay(self, on: date, *, returned: int = 0) -> int:
        """All that waits and may be paid, in batches that the cashier releases. `returned`: so many
        the bank gives back. Returns how many orders were paid."""
        orders = list(PaymentOrder.objects.filter(area=self.area, status=WAITING).order_by("pk"))
        with transaction.atomic():
            found = {one.key: one.words for one in obstacles([one.key for one in orders], on)}
        self.left += [f"{on} 支付 {key}：{words}" for key, words in sorted(found.items())]
        self._ask_for_payees(found, on)
        orders = self._within_means([one for one in orders if one.key not in found], on)
        for first in range(0, len(orders), MAX_ORDERS):
            some = orders[first : first + MAX_ORDERS]
            batch = make_batch(actor=self.accountant, orders=some, on=on)
            batch = release_batch(
                actor=self.one(Role.CASHIER), batch=batch, seen=(batch.number_of, batch.total),
                on=on, today=on,
            )  # fmt: skip
            self._bank_answers(batch, on, returned)
            returned = 0
        return len(orders)

    def _within_means(self, orders: list[PaymentOrder], on: date) -> list[PaymentOrder]:
        """The oldest as far as the expenditure account reaches; the rest waits for more."""
        left = balance_of(self.book, EXPENDITURE, on)
        found: list[PaymentOrder] = []
        for one in orders:
            if one.rest_amount > left:
                self.left.append(f"{on} 支出户余额不足，{len(orders) - len(found)} 笔待下次支付")
                break
            left -= one.rest_amount
            found.append(one)
        return found

    def _ask_for_payees(self, keys: Iterable[str], on: date) -> None:
        """Where the payee has died meanwhile; the claim is reviewed and approved anew."""
        ids = [int(key.removeprefix(KEY)) for key in keys if key.startswith(KEY)]
        for claim in Settlement.objects.filter(pk__in=ids).order_by("pk"):
            if death_problem(claim, str(claim), on):
                self.name_payee(claim)

    def _bank_answers(self, batch: PaymentBatch, on: date, returned: int) -> None:
        rows = list(Transfer.objects.filter(batch=batch).select_related("order").order_by("pk"))
        back = [row for row in rows if row.order.account][:returned]
        came = [row for row in rows if row not in back]
        note_arrival(actor=self.accountant, transfers=came, on=on)
        for row in back:
            note = tell_return(
                actor=self.accountant, transfer=row, on=on, reason="账号户名不符",
                evidence=f"退汇回单 {row.pk}", today=on,
            )  # fmt: skip
            confirm_return(actor=self.one(Role.CASHIER), note=note)
            order = PaymentOrder.objects.get(pk=row.order_id)
            payee = Payee(name=order.payee, account=f"6228{row.pk:015d}", bank="农业银行")
            correct_payee(actor=self.accountant, order=order, payee=payee, reason="存折账号抄错")
            confirm_payee(actor=self.one(Role.APPROVER), order=order, account=payee.account)

    # -- the month's end -------------------------------------------------------------------------

    def report(self, month: Month, on: date) -> MonthlyReport:
        row = request_report(actor=self.accountant, area=self.area, month=month, on=on)
        run(MonthlyReport._meta.label, row.pk, on)
        row.refresh_from_db()
        if row.status != MonthlyReport.Status.DONE:
            self.left.append(f"{month} 月报：{row.failure}")
        return row

    def reconcile(self, month: Month, on: date) -> None:
        """余额调节表 of every account in use: the bank's paper says what the books say."""
        at = {one.code: one for one in account_balances(area=self.area, through=month.last)}
        for account in bank_accounts(self.book):
            if at[account.code].is_idle:
                continue
            balance: Decimal = at[account.code].closing
            try:
                row = make_adjustment(
                    actor=self.accountant, account=account, month=month, balance=balance, on=on
                )
                review_adjustment(actor=self.one(Role.SUPERVISOR), adjustment=row)
            except Refusal as refusal:
                self.left.append(f"{month} {account.name}调节表：{refusal.message}")

    def close(self, month: Month, on: date) -> Period:
        """Report, adjustment tables, and the closing itself; December with its year."""
        self.report(month, on)
        self.reconcile(month, on)
        period = Period.objects.get(book=self.book, year=month.year, month=month.month)
        if month.month == 12:
            return close_year(actor=self.accountant, book=self.book, year=month.year, on=on)
        return close_period(actor=self.accountant, period=period, on=on)
