"""A trial of the second compensation, the people on its list, and the decision that it is paid."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models import F, Q

from accounts.fields import MoneyField, SealedField
from accounts.models import Division
from accounts.scoping import ScopedManager, ScopedQuerySet
from desk.decisions import Decision, decided_by_second
from desk.fields import later_hand, status_column, status_says
from desk.jobs import Job, JobManager, Tell
from desk.tones import TonedChoices
from enrollment.models import Enrollment, Person
from policies.models import Pack

# Begins the key of a payment's order.
KEY = "second:"


class SecondRun(Job):
    """One trial (试算): what everybody would get as the year stands. It has no effect until a
    `SecondGrant` of it is agreed to by a second person."""

    area = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name="统筹区")
    year = models.PositiveSmallIntegerField("年度")
    pack = models.ForeignKey(Pack, models.PROTECT, related_name="+", verbose_name="办法")
    # What the year's surplus has to give; None: whatever the measures come to.
    budget = MoneyField("可用结余", null=True)
    number_of = models.PositiveIntegerField("人数", default=0)
    due_amount = MoneyField("应补偿", default=0)
    amount = MoneyField("补偿金额", default=0)

    objects = JobManager("area__code")

    class Meta(Job.Meta):
        ordering = ["-id"]
        constraints = [
            *Job.Meta.constraints,
            models.CheckConstraint(
                condition=Q(budget=None) | Q(budget__gt=0), name="second_budget_is_something"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year} 年度二次补偿 {self.pk} 号"

    def work(self, tell: Tell, *, on: date) -> Mapping[str, Any]:
        from claims.second.computing import write_list

        return write_list(self, tell)


class SecondPaymentQuerySet(ScopedQuerySet["SecondPayment"]):
    division_path = "division__code"

    def standing(self) -> Self:
        """Asked for or paid: what counts as given."""
        return self.filter(status__in=SecondPayment.STANDING)

    def given(self) -> Self:
        """With what two have agreed to and the portal has still to ask for."""
        agreed = Q(status=SecondPayment.Status.LISTED, run__grant__status=Decision.Status.APPROVED)
        return self.filter(agreed | Q(status__in=SecondPayment.STANDING))


class SecondPayment(models.Model):
    """One person of a list, with the household's account as the two who decided saw it."""

    class Status(TonedChoices):
        LISTED = "listed", "idle", "试算"
        ASKED = "asked", "wait", "待支付"
        PAID = "paid", "good", "已支付"
        NO_ACCOUNT = "noaccount", "bad", "没有账户，未支付"
        WITHDRAWN = "withdrawn", "idle", "已撤回"

    STANDING = (Status.ASKED, Status.PAID)

    run = models.ForeignKey(SecondRun, models.PROTECT, related_name="payments")
    person = models.ForeignKey(
        Person, models.PROTECT, related_name="second_payments", verbose_name="参保人"
    )
    cover = models.ForeignKey(Enrollment, models.PROTECT, related_name="+")
    division = models.ForeignKey(Division, models.PROTECT, verbose_name="村组")
    own_amount = MoneyField("个人自付")
    due_amount = MoneyField("应补偿")
    amount = MoneyField("补偿金额")
    status = status_column(Status.LISTED)
    payee = models.CharField("收款人", max_length=100, blank=True)
    account = SealedField("收款账号", blank=True, context="claims.secondpayment.account")
    account_index = models.CharField(max_length=32, blank=True)
    paid_on = models.DateField("支付日期", null=True)
    voucher_number = models.CharField("凭证号", max_length=120, blank=True)
    withdrawn_by, withdrawn_at = later_hand("撤回")
    reason = models.CharField("原因", max_length=200, blank=True)

    objects = SecondPaymentQuerySet.as_manager()

    AUDITED = ("status", "amount", "paid_on", "voucher_number", "withdrawn_by_id", "reason")

    class Meta:
        ordering = ["run", "division", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0) & Q(amount__lte=F("due_amount"))
                & Q(due_amount__lte=F("own_amount")),
                name="second_is_no_more_than_own_pay",
            ),
            status_says("paid", column="paid_on", name="paid_second_says_when"),
        ]  # fmt: skip
        indexes = [models.Index(fields=["run", "status"], name="second_by_run")]

    def __str__(self) -> str:
        return f"二次补偿 {self.pk} 号"


class SecondGrant(Decision):
    """That the list of a trial is paid: one proposes it, another agrees."""

    run = models.OneToOneField(SecondRun, models.PROTECT, related_name="grant")

    objects = ScopedManager("run__area__code")

    AUDITED = ("status", "run_id", "evidence", "reason", "decision")

    class Meta(Decision.Meta):
        constraints = [*decided_by_second("second_grant")]

    def __str__(self) -> str:
        return f"二次补偿支付审批 {self.pk} 号"


class SecondOrders(Job):
    """Asking for the payments of a list that was agreed to; begun again it goes on."""

    grant = models.OneToOneField(SecondGrant, models.PROTECT, related_name="orders")

    objects = JobManager("grant__run__area__code")

    class Meta(Job.Meta):
        constraints = [*Job.Meta.constraints]

    def __str__(self) -> str:
        return f"二次补偿支付单 {self.pk} 号"

    @property
    def area_code(self) -> str:
        return self.grant.run.area.code

    def work(self, tell: Tell, *, on: date) -> Mapping[str, Any]:
        from claims.second.services import ask_payments

        return ask_payments(self, tell, on=on)
