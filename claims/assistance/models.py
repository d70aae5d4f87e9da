"""Applications for medical assistance, what they rest on, and cases that were pointed out."""

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from accounts.fields import MoneyField, SealedField
from accounts.models import Division
from accounts.scoping import ScopedManager, ScopedQuerySet
from desk.fields import hand, later_hand, once, status_column, status_says
from desk.tones import TonedChoices
from desk.workflow import apart
from enrollment.models import Enrollment, Person

# Begins the key of an application's payment order.
KEY = "aid:"


class AidApplicationQuerySet(ScopedQuerySet["AidApplication"]):
    division_path = "division__code"

    def standing(self) -> Self:
        """Those whose amount counts toward the year's caps: from the publicity on."""
        return self.filter(status__in=AidApplication.STANDING)


class AidApplication(models.Model):
    """One person's application (医疗救助申请): what the measures give for a year's own pay.

    Computed when it is applied for, and anew under the lock of the person's cover when it is made
    public and when it is approved: what was made public is what is paid, or it goes back.
    """

    class Status(TonedChoices):
        APPLIED = "applied", "wait", "待审核"
        PUBLISHED = "published", "wait", "公示中"
        OBJECTED = "objected", "bad", "有异议"
        APPROVED = "approved", "wait", "待支付"
        PAID = "paid", "good", "已支付"
        REFUSED = "refused", "bad", "不予救助"
        WITHDRAWN = "withdrawn", "idle", "已撤回"

    STANDING = (Status.PUBLISHED, Status.OBJECTED, Status.APPROVED, Status.PAID)
    OPEN = (Status.APPLIED, Status.PUBLISHED, Status.OBJECTED, Status.APPROVED)

    number = models.CharField("救助单号", max_length=24, unique=True)
    person = models.ForeignKey(
        Person, models.PROTECT, related_name="aid_applications", verbose_name="申请人"
    )
    cover = models.ForeignKey(Enrollment, models.PROTECT, related_name="+")
    division = models.ForeignKey(Division, models.PROTECT, verbose_name="村组")
    policy_year = models.PositiveSmallIntegerField("待遇年度")
    # The kind and the status as the measures called them on that day.
    kind = models.CharField("救助种类代码", max_length=40)
    kind_name = models.CharField("救助种类", max_length=40)
    held = models.CharField("身份代码", max_length=40)
    held_name = models.CharField("救助对象", max_length=60)
    held_source = models.CharField("认定部门", max_length=60)
    article = models.CharField("依据", max_length=200)
    # Kinds of care it looks at, and the counter of claims whose cap it shares.
    care = ArrayField(models.CharField(max_length=20), default=list)
    counter = models.CharField(max_length=60, blank=True)
    booked_as = models.CharField("支出类别", max_length=12)
    own_amount = MoneyField("个人自付")
    amount = MoneyField("救助金额")
    steps = models.JSONField("计算过程", default=list)
    status = status_column(Status.APPLIED)
    facts = models.CharField("家庭困难情况", max_length=300)
    payee = models.CharField("收款人", max_length=40)
    account = SealedField("收款账号", context="claims.aidapplication.account")
    bank = models.CharField("开户行", max_length=60, blank=True)
    # Of somebody else than the applicant: the guardian's, the heir's paper.
    payee_document = models.CharField("代收依据", max_length=100, blank=True)
    applied_by = hand("受理人")
    applied_on = models.DateField("申请日期")
    named_by = hand("改收款人的经办人", null=True)
    named_at = models.DateTimeField("改收款人时间", null=True)
    reviewed_by, reviewed_at = later_hand("审核")
    public_from = models.DateField("公示开始", null=True)
    public_to = models.DateField("公示截止", null=True)
    approved_by, approved_at = later_hand("审批")
    paid_on = models.DateField("支付日期", null=True)
    voucher_number = models.CharField("凭证号", max_length=120, blank=True)
    reason = models.CharField("意见", max_length=200, blank=True)

    objects = AidApplicationQuerySet.as_manager()

    AUDITED = (
        "number", "status", "person_id", "policy_year", "kind", "held", "own_amount", "amount",
        "payee_document", "public_from", "public_to", "applied_by_id", "named_by_id",
        "reviewed_by_id", "approved_by_id", "paid_on", "voucher_number", "reason",
    )  # fmt: skip

    class Meta:
        ordering = ["-id"]
        constraints = [
            once(
                "person", "policy_year", "kind",
                name="one_open_application_of_a_kind",
                where=Q(status__in=["applied", "published", "objected", "approved"]),
                told="这个人本年度的同类救助申请还没有办结，请先办结再申请",
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0) & Q(amount__lte=F("own_amount")),
                name="aid_is_no_more_than_own_pay",
            ),
            apart("reviewed_by", "applied_by", name="aid_reviewer_is_another"),
            apart("approved_by", "applied_by", "reviewed_by", name="aid_approver_is_a_third"),
            apart("reviewed_by", "named_by", name="aid_reviewer_did_not_name_the_payee"),
            apart("approved_by", "named_by", name="aid_approver_did_not_name_the_payee"),
            status_says(
                "published", "objected", "approved", "paid",
                column="public_to", name="standing_aid_was_public",
            ),
            status_says("approved", "paid", column="approved_by", name="decided_aid_has_approver"),
            status_says("paid", column="paid_on", name="paid_aid_says_when"),
        ]  # fmt: skip
        indexes = [models.Index(fields=["status", "id"], name="aid_by_status")]

    def __str__(self) -> str:
        return self.number

    @property
    def is_open(self) -> bool:
        """Neither paid nor given up."""
        return self.status in self.OPEN


class AidClaim(models.Model):
    """A settled claim that an application rests on, with what of it the person bore then."""

    application = models.ForeignKey(AidApplication, models.CASCADE, related_name="claims")
    settlement = models.ForeignKey("claims.Settlement", models.PROTECT, related_name="aided")
    own_amount = MoneyField("个人自付")

    class Meta:
        ordering = ["application", "settlement"]
        constraints = [
            once("application", "settlement", name="application_names_a_claim_once"),
        ]


class AidCase(models.Model):
    """Somebody whose own pay of a year is large (因病致贫预警).

    `is_listed`: holds a status that assistance is for and got none of it (应救未救): handed down to
    the township, which answers within its days. Others are watched, for civil affairs to look at.
    """

    class Status(TonedChoices):
        FOUND = "found", "bad", "待核实"
        HANDED = "handed", "wait", "待镇街办理"
        NOTIFIED = "notified", "wait", "已通知本人"
        CLOSED = "closed", "good", "已办结"

    person = models.ForeignKey(
        Person, models.PROTECT, related_name="aid_cases", verbose_name="参保人"
    )
    division = models.ForeignKey(Division, models.PROTECT, verbose_name="村组")
    policy_year = models.PositiveSmallIntegerField("待遇年度")
    own_amount = MoneyField("个人自付")
    level = models.CharField("预警等级", max_length=20)
    is_listed = models.BooleanField("应救未救", default=False)
    status = status_column(Status.FOUND)
    found_on = models.DateField("发现日期")
    handed_by, handed_at = later_hand("下放")
    due_on = models.DateField("办理期限", null=True)
    # What civil affairs found out about the family: it may be asked anew, and says so again.
    is_poor = models.BooleanField("民政核查符合救助条件", null=True)
    finding = models.CharField(
        "民政核查情况", max_length=200, blank=True, default="", db_default=""
    )
    checked_by, checked_at = later_hand("民政核查")
    notified_by, notified_at = later_hand("通知")
    closed_by, closed_at = later_hand("办结")
    application = models.ForeignKey(
        AidApplication, models.PROTECT, null=True, related_name="cases", verbose_name="救助申请"
    )
    answer = models.CharField("办理情况", max_length=200, blank=True)

    objects = ScopedManager("division__code")

    AUDITED = (
        "person_id", "policy_year", "own_amount", "level", "is_listed", "status", "due_on",
        "answer", "application_id", "is_poor", "finding",
    )  # fmt: skip

    class Meta:
        ordering = ["-own_amount", "-id"]
        constraints = [
            once("person", "policy_year", name="aid_case_once_a_year"),
            status_says("handed", "notified", column="due_on", name="handed_case_has_a_day"),
            models.CheckConstraint(
                condition=Q(is_poor=None, finding="")
                | Q(checked_by__isnull=False) & ~Q(finding=""),
                name="checked_case_says_what_was_found",
            ),
        ]

    def __str__(self) -> str:
        return f"预警 {self.pk} 号"

    @property
    def checked_told(self) -> str:
        """What civil affairs says; "" while it has not been asked or has not answered."""
        return {None: "", True: "符合", False: "不符合"}[self.is_poor]
