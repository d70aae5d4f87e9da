"""An institution's month as one declaration, statement and payment; what is kept back of it."""

from datetime import date
from decimal import Decimal
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q

from accounts.fields import MoneyField
from accounts.models import Division
from accounts.scoping import ScopedManager, ScopedQuerySet
from desk.decisions import Decision, decided_by_second
from desk.fields import adds_up, first_hand, later_hand, once, positive, status_column, status_says
from desk.tones import TonedChoices
from desk.workflow import apart
from institutions.models import Institution
from lib.money import told

ZERO = Decimal(0)


class ClearingRuleQuerySet(ScopedQuerySet["ClearingRule"]):
    division_path = "area__code"

    def in_force(self, area_code: str) -> "ClearingRule | None":
        """The latest that two people decided; None where the county pays claims singly."""
        rows = self.filter(area__code=area_code, status=ClearingRule.Status.APPROVED)
        return rows.order_by("-pk").first()


class ClearingRule(Decision):
    """How a county clears with its institutions (月结规程): from which month on, how much is kept
    back and how long a hospital may object. No law gives the numbers; agreements that are
    published keep 5 % or 10 % and return all of it from 95 points on."""

    area = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name="统筹区")
    first_month = models.DateField("自哪个月起月结")
    deposit_percent = models.PositiveSmallIntegerField("质量保证金（%）")
    full_score = models.PositiveSmallIntegerField("全额返还的考核分", default=95)
    days_to_answer = models.PositiveSmallIntegerField("机构确认期限（天）")

    objects = ClearingRuleQuerySet.as_manager()

    AUDITED = ("status", "first_month", "deposit_percent", "full_score", "days_to_answer",
               "evidence", "reason")  # fmt: skip

    class Meta(Decision.Meta):
        constraints = [
            *decided_by_second(
                "clearing_rule", "area", told="已有一份月结规程待审批，请先办结或撤回"
            ),
            models.CheckConstraint(
                condition=Q(deposit_percent__lt=100, full_score__lte=100, full_score__gt=0),
                name="clearing_rule_in_hundredths",
            ),
        ]

    def __str__(self) -> str:
        return f"月结规程 {self.pk} 号"


class PaymentMethodQuerySet(ScopedQuerySet["PaymentMethod"]):
    division_path = "institution__division__code"
    institution_path = "institution__code"

    def in_force(self, institution: Institution, month: date) -> dict[str, "PaymentMethod"]:
        """Kind of care → what two people decided for the month; of a kind without it nothing is
        there, and it is paid by item. The later first month holds, then the later decision."""
        rows = self.filter(
            institution=institution,
            status=PaymentMethod.Status.APPROVED,
            first_month__lte=month,
            first_month__year=month.year,
        )
        return {row.care: row for row in rows.order_by("first_month", "pk")}


class PaymentMethod(Decision):
    """By what an institution's months of a year are paid for a kind of care, from a month on, as
    its agreement (`evidence`) says. No norm gives a number of it; it ends with the year."""

    class Way(models.TextChoices):
        ITEM = "item", "按项目付费"
        HEAD = "head", "按人头付费"
        BED_DAY = "bed_day", "按床日付费"
        DISEASE = "disease", "按病种付费"
        BUDGET = "budget", "总额预算"
        POINTS = "points", "按病种分值付费（DIP）"

    # The numbers that each one asks for; the others have none.
    ASKS: ClassVar[dict[str, tuple[str, ...]]] = {
        Way.ITEM: (),
        Way.HEAD: ("rate", "heads"),
        Way.BED_DAY: ("rate",),
        Way.DISEASE: ("prices",),
        Way.BUDGET: ("budget",),
        Way.POINTS: ("rate", "prices"),
    }

    area = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name="统筹区")
    institution = models.ForeignKey(
        Institution, models.PROTECT, related_name="payment_methods", verbose_name="定点机构"
    )
    care = models.CharField("就医类别", max_length=20)
    care_name = models.CharField("就医类别名称", max_length=40)
    way = models.CharField("付费方式", max_length=10, choices=Way.choices)
    first_month = models.DateField("自哪个月起")
    # A head's month, a day in bed, a point (yuan).
    rate = MoneyField("标准", null=True)
    heads = models.PositiveIntegerField("人数", null=True)
    budget = MoneyField("年度总额", null=True)
    # Code of the disease → yuan, or of the DIP group → points: two decimals, as text.
    prices = models.JSONField("编码和金额（分值）", default=dict)

    objects = PaymentMethodQuerySet.as_manager()

    AUDITED = ("status", "institution_id", "care", "way", "first_month", "rate", "heads", "budget",
               "prices", "evidence", "reason")  # fmt: skip

    class Meta(Decision.Meta):
        constraints = [
            *decided_by_second(
                "payment_method",
                "institution",
                "care",
                told="该机构这一就医类别已有一份付费方式待审批，请先办结或撤回",
            ),
            models.CheckConstraint(
                condition=Q(way="item")
                | Q(way="head", rate__gt=0, heads__gt=0)
                | Q(way="bed_day", rate__gt=0)
                | Q(way="disease") & ~Q(prices={})
                | Q(way="budget", budget__gte=0)
                | Q(way="points", rate__gt=0) & ~Q(prices={}),
                name="payment_method_has_its_numbers",
            ),
        ]

    def __str__(self) -> str:
        return f"付费方式 {self.pk} 号"

    @property
    def numbers(self) -> str:
        """Its numbers in words; the list of codes by its length."""
        codes = len(self.prices)
        return {
            self.Way.ITEM: "逐笔按结算单支付",
            self.Way.HEAD: f"每人每月 {told(self.rate or 0)} 元，{self.heads} 人",
            self.Way.BED_DAY: f"每床日 {told(self.rate or 0)} 元",
            self.Way.DISEASE: f"{codes} 个病种定额",
            self.Way.BUDGET: f"年度总额 {told(self.budget or 0)} 元",
            self.Way.POINTS: f"每分值 {told(self.rate or 0)} 元，{codes} 个分组",
        }[self.Way(self.way)]


class ClearingQuerySet(ScopedQuerySet["Clearing"]):
    division_path = "institution__division__code"
    institution_path = "institution__code"

    def standing(self) -> Self:
        return self.exclude(status=Clearing.Status.WITHDRAWN)

    def owed(self) -> Self:
        """Declared and not paid."""
        return self.filter(status__in=Clearing.OPEN)


class Clearing(models.Model):
    """What an institution declares for a month and the fund pays it: one order for all.

    The sums are those of its statement, written when that is issued; until then only what is
    claimed is known. They add up to the fen: a CHECK.
    """

    class Status(TonedChoices):
        DECLARED = "declared", "wait", "待核对"
        CHECKED = "checked", "wait", "待签发"
        ISSUED = "issued", "wait", "待机构确认"
        CONFIRMED = "confirmed", "wait", "待支付"
        PAID = "paid", "good", "已支付"
        WITHDRAWN = "withdrawn", "idle", "已撤回"

    OPEN = (Status.DECLARED, Status.CHECKED, Status.ISSUED, Status.CONFIRMED)
    # Its statement is out: the sums stand.
    STATED = (Status.ISSUED, Status.CONFIRMED, Status.PAID)

    number = models.CharField("清算单号", max_length=24, unique=True)
    area = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name="统筹区")
    institution = models.ForeignKey(
        Institution, models.PROTECT, related_name="clearings", verbose_name="定点机构"
    )
    month = models.DateField("月份")
    status = status_column(Status.DECLARED)
    claims_count = models.PositiveIntegerField("笔数")
    claimed_amount = MoneyField("申报金额")
    # What the month is worth by its payment methods, more or less than by items: the institution
    # keeps it or bears it.
    gain_amount = MoneyField("结余（超支）", default=ZERO, db_default=ZERO)
    deducted_amount = MoneyField("扣减", default=ZERO)
    deposit_percent = models.PositiveSmallIntegerField("质量保证金（%）", default=0)
    deposit_amount = MoneyField("预留质量保证金", default=ZERO)
    set_off_amount = MoneyField("抵扣应追回款", default=ZERO)
    prepaid_amount = MoneyField("冲抵预付金", default=ZERO)
    paid_amount = MoneyField("应付金额")
    declared_by, declared_at = first_hand("申报")
    declared_on = models.DateField("申报日期")
    # By when it has to be paid (claims/clearing/clock.py).
    pay_by = models.DateField("付款期限")
    checked_by, checked_at = later_hand("核对")
    issued_by, issued_at = later_hand("签发")
    answer_by = models.DateField("确认期限", null=True)
    # The institution, or the centre when it has not answered in time.
    confirmed_by, confirmed_at = later_hand("确认")
    paid_by, paid_at = later_hand("支付")
    paid_on = models.DateField("支付日期", null=True)
    voucher_number = models.CharField("凭证号", max_length=120, blank=True)
    reason = models.CharField("事由", max_length=200, blank=True)

    objects = ClearingQuerySet.as_manager()

    AUDITED = ("number", "status", "claims_count", "claimed_amount", "gain_amount",
               "deducted_amount", "deposit_amount", "set_off_amount", "prepaid_amount",
               "paid_amount", "declared_by_id", "checked_by_id", "issued_by_id",
               "confirmed_by_id", "paid_by_id", "paid_on", "reason")  # fmt: skip

    class Meta:
        ordering = ["-month", "institution", "-id"]
        constraints = [
            once(
                "institution",
                "month",
                name="one_clearing_of_an_institution_and_month",
                where=~Q(status="withdrawn"),
                told="这个月刚由别人申报，请刷新后再看",
            ),
            adds_up(
                "claimed_amount = deducted_amount + deposit_amount + set_off_amount + "
                "prepaid_amount + paid_amount - gain_amount",
                name="clearing_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(
                    deducted_amount__gte=0,
                    deposit_amount__gte=0,
                    set_off_amount__gte=0,
                    prepaid_amount__gte=0,
                    paid_amount__gte=0,
                ),
                name="clearing_never_negative",
            ),
            apart("checked_by", "declared_by", name="clearing_is_checked_by_another"),
            apart("issued_by", "declared_by", "checked_by", name="clearing_is_issued_by_a_third"),
            apart(
                "paid_by",
                "declared_by",
                "checked_by",
                "issued_by",
                name="clearing_is_paid_by_other",
            ),
            status_says("paid", column="paid_on", name="paid_clearing_says_when"),
            status_says(
                "issued", "confirmed", "paid", column="issued_by", name="issued_clearing_says_who"
            ),
        ]
        indexes = [models.Index(fields=["status", "id"])]

    def __str__(self) -> str:
        return self.number

    @property
    def month_name(self) -> str:
        return f"{self.month:%Y年%m月}"

    @property
    def worth(self) -> Decimal:
        """What the month is worth by its payment methods, before deductions."""
        worth: Decimal = self.claimed_amount + self.gain_amount
        return worth


class ClearingClaimQuerySet(ScopedQuerySet["ClearingClaim"]):
    division_path = "clearing__institution__division__code"
    institution_path = "clearing__institution__code"

    def live(self) -> Self:
        return self.filter(is_live=True)


class ClearingClaim(models.Model):
    """One claim in a clearing; in one at a time. What is withdrawn, cut or held back later falls
    out and stays here with the reason."""

    clearing = models.ForeignKey(Clearing, models.PROTECT, related_name="claims")
    settlement = models.ForeignKey(
        "claims.Settlement", models.PROTECT, related_name="clearings", verbose_name="结算单"
    )
    amount = MoneyField("申报金额")
    # By what it is paid, as it held when the month was declared; None: by item.
    method = models.ForeignKey(
        PaymentMethod, models.PROTECT, null=True, related_name="+", verbose_name="付费方式"
    )
    gain = MoneyField("结余（超支）", default=ZERO, db_default=ZERO)
    is_live = models.BooleanField("在清算单中", default=True)
    fell_at = models.DateTimeField("移出时间", null=True)
    fell_reason = models.CharField("移出原因", max_length=200, blank=True)

    objects = ClearingClaimQuerySet.as_manager()

    class Meta:
        ordering = ["clearing", "settlement"]
        constraints = [
            once(
                "settlement",
                name="claim_in_one_clearing",
                where=Q(is_live=True),
                told="其中一笔刚列入另一份申报，请刷新后再办",
            ),
            models.CheckConstraint(
                condition=Q(is_live=True) | ~Q(fell_reason=""), name="fallen_claim_says_why"
            ),
            positive("amount", name="cleared_claim_is_something"),
            models.CheckConstraint(
                condition=Q(gain__gte=-F("amount")), name="cleared_claim_never_negative"
            ),
            models.CheckConstraint(
                condition=Q(method__isnull=False) | Q(gain=0), name="claim_by_item_has_no_gain"
            ),
        ]

    @property
    def worth(self) -> Decimal:
        """What the month gives for it, before deductions."""
        worth: Decimal = self.amount + self.gain
        return worth


class DeductionQuerySet(ScopedQuerySet["Deduction"]):
    division_path = "claim__clearing__institution__division__code"
    institution_path = "claim__clearing__institution__code"

    def counted(self) -> Self:
        """Taken off the statement: also what was given back later, by a payment of its own."""
        return self.exclude(status=Deduction.Status.VOID)

    def live_of(self, clearing: "Clearing") -> Self:
        """Of the claims that are still on the statement."""
        return self.filter(claim__clearing=clearing, claim__is_live=True)

    def disputable(self) -> Self:
        return self.filter(status=Deduction.Status.STANDING).order_by("pk")

    def disputed(self) -> Self:
        return self.filter(status=Deduction.Status.DISPUTED)

    def answered(self) -> Self:
        return self.filter(status=Deduction.Status.ANSWERED)


class Deduction(models.Model):
    """What is taken off a claim when its month is checked, why, and what became of a dispute.

    A dispute holds nothing up but its own line: the rest is paid, and what is given back is paid
    by an order of its own.
    """

    class Status(TonedChoices):
        STANDING = "standing", "idle", "已扣减"
        DISPUTED = "disputed", "bad", "有异议"
        ANSWERED = "answered", "wait", "答复待批"
        UPHELD = "upheld", "idle", "维持扣减"
        GIVEN_BACK = "given_back", "good", "退还机构"
        VOID = "void", "idle", "已取消"

    claim = models.ForeignKey(
        ClearingClaim, models.PROTECT, related_name="deductions", verbose_name="申报结算单"
    )
    code = models.CharField("扣减原因代码", max_length=24)
    words = models.CharField("扣减原因", max_length=100)
    amount = MoneyField("扣减金额")
    status = status_column(Status.STANDING)
    found_by, found_at = first_hand("核对")
    dispute = models.CharField("异议", max_length=200, blank=True)
    disputed_by, disputed_at = later_hand("提出")
    gives_back = models.BooleanField("拟退还", null=True)
    answer = models.CharField("答复", max_length=200, blank=True)
    answered_by, answered_at = later_hand("答复")
    decided_by, decided_at = later_hand("批准")
    paid_on = models.DateField("退还日期", null=True)

    objects = DeductionQuerySet.as_manager()

    AUDITED = ("status", "code", "words", "amount", "dispute", "gives_back", "answer",
               "answered_by_id", "decided_by_id", "paid_on")  # fmt: skip

    class Meta:
        ordering = ["claim", "id"]
        constraints = [
            positive("amount", name="deduction_takes_something"),
            models.CheckConstraint(
                condition=Q(status__in=["standing", "void"]) | ~Q(dispute=""),
                name="disputed_deduction_says_why",
            ),
            apart("decided_by", "found_by", "answered_by", name="answer_is_decided_by_another"),
            status_says(
                "upheld", "given_back", column="decided_by", name="decided_dispute_says_who"
            ),
        ]

    def __str__(self) -> str:
        return f"扣减 {self.pk} 号"


class MoneyDecision(Decision):
    """Money of an institution that one proposes, a second decides and the fund pays then."""

    area = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name="统筹区")
    institution = models.ForeignKey(
        Institution, models.PROTECT, related_name="+", verbose_name="定点机构"
    )
    amount = MoneyField("金额")
    paid_on = models.DateField("支付日期", null=True)
    voucher_number = models.CharField("凭证号", max_length=120, blank=True)

    class Meta(Decision.Meta):
        abstract = True


class Prepayment(MoneyDecision):
    """Money in advance (医保预付金), worked off by the institution's clearing of December."""

    year = models.PositiveSmallIntegerField("年度")
    # What the gates saw on the day: months payable, income and expense, average (gates.py).
    seen = models.JSONField("当日基金状况")

    objects = ScopedManager("institution__division__code", "institution__code")

    AUDITED = ("status", "institution_id", "year", "amount", "paid_on", "evidence", "reason")

    class Meta(MoneyDecision.Meta):
        constraints = [
            once(
                "institution",
                "year",
                name="one_prepayment_of_a_year",
                where=Q(status__in=["proposed", "approved"]),
                told="该机构本年度已有一笔预付，请先办结",
            ),
            *decided_by_second("prepayment"),
            positive("amount", name="prepayment_is_something"),
        ]

    def __str__(self) -> str:
        return f"预付金 {self.pk} 号"


class DepositReturn(MoneyDecision):
    """The deposits of a year after the yearly assessment: what goes back, and what does not."""

    year = models.PositiveSmallIntegerField("年度")
    score = models.PositiveSmallIntegerField("考核得分")
    kept_amount = MoneyField("本年预留")
    # After an appeal that was upheld once the money had gone: the first return of the year, of
    # which this gives back some of what was taken (`kept_amount`).
    corrects = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="corrections", verbose_name="补返"
    )

    objects = ScopedManager("institution__division__code", "institution__code")

    AUDITED = ("status", "institution_id", "year", "score", "kept_amount", "amount", "corrects_id",
               "paid_on", "evidence", "reason")  # fmt: skip

    class Meta(MoneyDecision.Meta):
        constraints = [
            once(
                "institution",
                "year",
                name="one_return_of_a_year",
                where=Q(status__in=["proposed", "approved"], corrects=None),
                told="该机构本年度的保证金已有返还，请核对",
            ),
            once(
                "corrects",
                name="one_open_correction_of_a_return",
                where=Q(status="proposed"),
                told="已有一份补返待审批，请先办结或撤回",
            ),
            *decided_by_second("deposit_return"),
            models.CheckConstraint(
                condition=Q(amount__gte=0, amount__lte=F("kept_amount"), score__lte=100),
                name="deposit_returns_no_more_than_kept",
            ),
        ]

    def __str__(self) -> str:
        return f"保证金返还 {self.pk} 号"
