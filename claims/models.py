"""Visits and their bills, settlements with every amount and step, and usage to date.

Amounts are yuan. Codes of care, place, referral, facts and bill classes are those of the pack.
"""

from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Sum, Value

from accounts.fields import MoneyField
from accounts.models import Division, User
from accounts.scoping import ScopedQuerySet
from accounts.templatetags.hezuo import mask_name
from claims.paying.columns import Paid
from claims.stays import Days
from desk.fields import (
    adds_up,
    first_hand,
    in_order,
    later_hand,
    once,
    positive,
    status_column,
    status_says,
)
from desk.tones import TonedChoices
from desk.workflow import apart
from enrollment.models import Enrollment, Household, Person
from institutions.models import CatalogueItem, Institution, Level
from policies.models import Pack
from policies.terms import ORIGINS

if TYPE_CHECKING:
    from claims.visits.models import BillBatch


class VisitQuerySet(ScopedQuerySet["Visit"]):
    division_path = "division__code"
    institution_path = "institution__code"

    def the_same(self, visit: "Visit") -> Self:
        """This visit as often as it was entered: withdrawn or returned, and typed once more."""
        first = visit.entered_first_id or visit.pk
        return self.filter(Q(pk=first) | Q(entered_first=first))


class Visit(models.Model):
    """One stay or outpatient visit (就诊). Judged by the measures in force on its own date.

    Either registered when it begins and settled when it ends, or entered together with its
    settlement. What is known of it changes while no settlement stands on it, and not after.
    """

    class Status(TonedChoices):
        OPEN = "open", "wait", "就诊中"
        CLOSED = "closed", "wait", "待结算"
        SETTLED = "settled", "good", "已结算"
        VOID = "void", "idle", "已作废"

    class Source(models.TextChoices):
        COUNTER = "counter", "定点机构即时结算"
        PAPER = "paper", "手工报销"

    # What is entered together with its settlement is settled; a registration says that it is open.
    status = status_column(Status.SETTLED, db_default=True)
    # Begun by a registration: it outlives a withdrawn settlement, and is settled anew.
    is_registered = models.BooleanField("先登记后结算", default=False, db_default=False)
    admission_number = models.CharField(
        "住院号/门诊号", max_length=30, blank=True, default="", db_default=""
    )
    person = models.ForeignKey(Person, models.PROTECT, related_name="visits", db_index=False)
    household = models.ForeignKey(Household, models.PROTECT, related_name="+")
    enrollment = models.ForeignKey(Enrollment, models.PROTECT, related_name="visits")
    # The village or group of the patient at the time: decides who may see the claim.
    division = models.ForeignKey(Division, models.PROTECT, verbose_name="村组", db_index=False)
    # Empty for a hospital outside the county that has no agreement; then the name tells.
    institution = models.ForeignKey(
        Institution, models.PROTECT, null=True, blank=True, db_index=False
    )
    institution_name = models.CharField("就诊机构", max_length=100)
    level = models.CharField("机构级别", max_length=20, choices=Level.choices)
    # Those that were registered of the institution for its first day; "" where they are its own.
    deductible_level = models.CharField(
        "起付线级别", max_length=20, choices=Level.choices, blank=True, default="", db_default=""
    )
    price_level = models.CharField(
        "限价级别", max_length=20, choices=Level.choices, blank=True, default="", db_default=""
    )
    place = models.CharField("就医地", max_length=10)
    source = models.CharField("结算方式", max_length=8, choices=Source.choices)
    care = models.CharField("就医类别", max_length=20)
    # What the pack said of the kind of care on that day, so that rows of different measures can be
    # asked together: days in a hospital bed; a hospital stay of the statistics.
    bed = models.BooleanField("住床", default=False, db_default=False)
    counts_as_stay = models.BooleanField("计住院人次", default=False, db_default=False)
    referral = models.CharField("转诊", max_length=12, default="none")
    starts = models.DateField("入院/就诊日期")
    # Of who is still in the bed: none, or the day up to which an interim settlement went.
    ends = models.DateField("出院日期", null=True, blank=True)
    diagnosis_code = models.CharField("诊断编码", max_length=20, blank=True)
    diagnosis = models.CharField("诊断", max_length=100, blank=True)
    # Codes of the pack: listed diseases, facts that were certified, reasons for refusal.
    SETS: ClassVar = ("diseases", "procedures", "facts", "reasons")
    diseases = ArrayField(models.CharField(max_length=40), default=list)
    procedures = ArrayField(models.CharField(max_length=40), default=list)
    facts = ArrayField(models.CharField(max_length=40), default=list)
    reasons = ArrayField(models.CharField(max_length=40), default=list)
    babies = models.PositiveSmallIntegerField("婴儿数", default=1, db_default=1)
    # The stay that this one was referred from: what was borne of its deductible may count here.
    referred_from = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="referred_on", verbose_name="转出的住院"
    )
    # Its claim was withdrawn or returned and typed once more: the visit as it was entered first.
    entered_first = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        related_name="entered_anew",
        db_index=False,
        verbose_name="首次录入的就诊",
    )
    # Code → answer to what the pack asks for this kind of care beside the usual fields.
    answers = models.JSONField("另填事项", default=dict, db_default=Value({}, models.JSONField()))
    # The patient or the family signed for what is outside the catalogue.
    consent_signed = models.BooleanField("目录外已签字", default=False, db_default=False)
    # Why it is another visit than the one that it looks like (claims/visits/alike.py).
    alike_reason = models.CharField(
        "与已有就诊相似的说明", max_length=200, blank=True, default="", db_default=""
    )
    # Why it may not be billed and settled for now; "" when nothing stands against it. Written from
    # above, by who found it (claims/visits/stopping.py).
    stopped = models.CharField("暂停办理", max_length=60, blank=True, default="", db_default="")
    entered_by, entered_at = first_hand("录入")
    # Of the page it was entered on: a page that is sent twice enters one visit.
    entry_key = models.UUIDField("录入页编号", null=True, editable=False)

    objects = VisitQuerySet.as_manager()

    # Neither the diagnosis nor what else the papers say of the patient.
    AUDITED = (
        "status",
        "admission_number",
        "person_id",
        "enrollment_id",
        "institution_name",
        "care",
        "starts",
        "ends",
        "consent_signed",
        "alike_reason",
        "entered_by_id",
        "stopped",
    )

    class Meta:
        ordering = ["-starts", "-id"]
        constraints = [
            in_order("starts", "ends", name="visit_dates_in_order", open_end=True),
            status_says("closed", "settled", column="ends", name="ended_visit_has_its_end"),
            models.CheckConstraint(
                condition=~Q(status__in=["closed", "settled"]) | ~Q(diagnosis=""),
                name="ended_visit_has_diagnosis",
            ),
            models.CheckConstraint(
                condition=Q(institution__isnull=False) | Q(source="paper"),
                name="counter_visit_has_institution",
            ),
            once(
                "entry_key",
                name="visit_entered_once",
                told="这张单已经录入，没有重复结算，请到“结算查询”查看；"
                "确属另一次就诊，请点“换一位参保人”重新录入",
            ),
            models.CheckConstraint(condition=Q(babies__lte=9), name="visit_babies_are_few"),
        ]
        indexes = [
            models.Index(fields=["person", "starts"]),
            models.Index(fields=["division", "starts"]),
            models.Index(fields=["institution", "starts"]),
            # Those in hospital are few among the visits of all years.
            models.Index(
                fields=["institution", "-starts"],
                condition=Q(status__in=["open", "closed"]),
                name="claims_visit_unsettled",
            ),
            models.Index(
                fields=["entered_first"],
                condition=Q(entered_first__isnull=False),
                name="claims_visit_entered_anew",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.institution_name} {self.starts}"

    @property
    def deductible_by(self) -> str:
        """The level whose deductible is borne (起付线级别)."""
        return self.deductible_level or self.level

    @property
    def limits_by(self) -> str:
        """The level by which prices and prescriptions are limited (限价级别)."""
        return self.price_level or self.level

    @property
    def marks(self) -> dict[str, Any]:
        """What the papers say of it in codes of the pack, by the names that what is handed in and
        the engine have for it."""
        sets = {name: frozenset(getattr(self, name)) for name in self.SETS}
        return sets | {"care": self.care, "referral": self.referral, "babies": self.babies}

    @property
    def days(self) -> Days:
        """From the first day to the discharge; without an end while the patient is in the bed."""
        in_bed = self.bed and self.status == self.Status.OPEN
        return Days(self.starts, None if in_bed else self.ends)


# The number of a fully digital invoice: given once in the country (全面数字化的电子发票, 20 位).
ELECTRONIC = r"^[0-9]{20}$"


class Invoice(models.Model):
    """A paper invoice handed in. The same invoice can never be reimbursed twice."""

    visit = models.ForeignKey(Visit, models.PROTECT, related_name="invoices")
    issuer = models.CharField("开票单位", max_length=100)
    number = models.CharField("发票号", max_length=30)
    issued_on = models.DateField("开票日期")
    amount = MoneyField("金额")
    # False once the claim was withdrawn: the invoice may then be handed in again.
    is_live = models.BooleanField(default=True)

    class Meta:
        constraints = [
            once(
                "issuer",
                "number",
                name="invoice_once",
                where=Q(is_live=True),
                told="发票刚由另一窗口录入，不能重复报销，请查询后再办",
            ),
            once(
                "number",
                name="electronic_invoice_once",
                where=Q(is_live=True, number__regex=ELECTRONIC),
                told="发票刚由另一窗口录入，不能重复报销，请查询后再办",
            ),
            positive("amount", name="invoice_positive"),
        ]
        indexes = [models.Index(fields=["number"])]


class BillLine(models.Model):
    """One line of the bill. What the reviewer allows counts, never more than what was billed.

    Who bears the rest follows from the reason for it (claims/cuts.py), as it was on that day.

    `part`: which settlement of the visit takes the line (Settlement.part); None: none does so far.
    A line of a withdrawn batch is not live, has no part, and counts nowhere. Who reads the lines
    of a settlement asks `Settlement.bill_lines()`.
    """

    class Bearer(models.TextChoices):
        INSTITUTION = "institution", "医疗机构"
        PATIENT = "patient", "个人"

    visit = models.ForeignKey(Visit, models.PROTECT, related_name="lines", db_index=False)
    # None: entered together with its settlement.
    batch: "models.ForeignKey[BillBatch | None, BillBatch | None]" = models.ForeignKey(
        "BillBatch", models.PROTECT, null=True, related_name="lines", verbose_name="批次"
    )
    line_number = models.PositiveSmallIntegerField("序号")
    # The number that the sender gave the line; "" when it gave none.
    sender_number = models.CharField(
        "发送方明细号", max_length=30, blank=True, default="", db_default=""
    )
    charged_on = models.DateField("计费日期", null=True, blank=True)
    part = models.PositiveSmallIntegerField("第几次结算", null=True, default=1, db_default=1)
    is_live = models.BooleanField("有效", default=True, db_default=True)
    item = models.ForeignKey(CatalogueItem, models.PROTECT, null=True, blank=True)
    item_code = models.CharField("项目编码", max_length=30, blank=True)
    item_name = models.CharField("项目名称", max_length=120)
    category = models.CharField("费用类别", max_length=24)
    bill_class = models.CharField("报销类别", max_length=40)
    # As the catalogue or the clerk said when it was entered; some measures judge by it.
    origin = models.CharField(
        "产地", max_length=12, choices=ORIGINS, blank=True, default="", db_default=""
    )
    # As exact as the national interface has them (cnt 16,4, pric 16,6).
    quantity = models.DecimalField("数量", max_digits=12, decimal_places=4)
    unit_price = models.DecimalField("单价", max_digits=14, decimal_places=6)
    amount = MoneyField("金额")
    # How long a medicine lasts (用药天数), where the bill tells it.
    supply_days = models.PositiveSmallIntegerField("用药天数", null=True, blank=True)
    # What the institution calls it, where the bill tells it: by this is found what has no agreed
    # meaning yet (目录对照).
    own_code = models.CharField(
        "机构项目编码", max_length=150, blank=True, default="", db_default=""
    )
    # Who ordered it, by the national code, where the bill tells it: whoever was suspended (暂停医保
    # 支付资格) is found by it, whether this house registers them or not.
    doctor_code = models.CharField(
        "开单医师代码", max_length=30, blank=True, default="", db_default=""
    )
    # Payable at most for this line: the catalogue's price limit × quantity on the visit's date.
    limit_amount = MoneyField("限价金额", null=True, blank=True)
    # What the bill itself shows as paid first, where the measures go by that (of `amount`).
    self_pay_amount = MoneyField("票据所列先自付", null=True, blank=True)
    approved_amount = MoneyField("审核认可金额")
    cut_code = models.CharField("核减原因代码", max_length=24, blank=True, db_default="")
    cut_bearer = models.CharField(
        "核减由谁承担", max_length=12, choices=Bearer.choices, blank=True, db_default=""
    )
    cut_reason = models.CharField("核减原因", max_length=100, blank=True)

    class Meta:
        ordering = ["visit", "line_number"]
        constraints = [
            once("visit", "line_number", name="bill_line_once"),
            once(
                "visit",
                "sender_number",
                name="sender_line_once",
                where=Q(is_live=True) & ~Q(sender_number=""),
                told="这些费用明细刚由另一次上传写入，请查询后再办",
            ),
            models.CheckConstraint(
                condition=Q(is_live=True) | Q(part=None), name="withdrawn_line_counts_nowhere"
            ),
            models.CheckConstraint(
                condition=Q(approved_amount__gte=0) & Q(approved_amount__lte=F("amount")),
                name="approved_within_billed",
            ),
            models.CheckConstraint(
                condition=Q(approved_amount=F("amount")) | ~Q(cut_reason=""),
                name="cut_line_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(approved_amount=F("amount"), cut_bearer="", cut_code="")
                | (Q(approved_amount__lt=F("amount")) & ~Q(cut_bearer="") & ~Q(cut_code="")),
                name="cut_line_has_bearer",
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0) & Q(quantity__gt=0) & Q(unit_price__gte=0),
                name="bill_line_positive",
            ),
            models.CheckConstraint(
                condition=Q(self_pay_amount=None)
                | (Q(self_pay_amount__gte=0) & Q(self_pay_amount__lte=F("amount"))),
                name="self_pay_within_billed",
            ),
        ]

    @property
    def cut_amount(self) -> Decimal:
        """What the reviewer took off this line (yuan)."""
        return Decimal(self.amount) - Decimal(self.approved_amount)


class SettlementQuerySet(ScopedQuerySet["Settlement"]):
    division_path = "division__code"
    institution_path = "visit__institution__code"

    def with_people(self) -> Self:
        """What every table of claims shows, in one statement."""
        return self.select_related(
            "visit__person", "visit__household", "division__parent", "entered_by"
        )

    def of_visit(self, visit: Visit) -> Self:
        """Of one visit as often as it was entered, latest first."""
        return self.filter(visit__in=Visit.objects.the_same(visit).order_by())

    def awaiting_review(self) -> Self:
        return self.filter(status=Settlement.Status.SUBMITTED)

    def awaiting_approval(self) -> Self:
        return self.filter(status=Settlement.Status.REVIEWED)

    def awaiting_approval_of(self, user: User) -> Self:
        """Without those that the user has agreed to already: they wait for another approver."""
        same = Settlement.objects.filter(pk=OuterRef("pk"))
        agreed = same.filter(approvals__holds=True, approvals__by=user)
        return self.awaiting_approval().filter(~Exists(agreed.order_by()))

    def awaiting_payment(self) -> Self:
        return self.filter(status=Settlement.Status.APPROVED)

    def paid(self) -> Self:
        return self.filter(status=Settlement.Status.PAID)

    def done(self) -> Self:
        """At the end of their way: paid, or closed since nothing was to be paid."""
        return self.filter(status__in=(Settlement.Status.PAID, Settlement.Status.NOTHING_DUE))

    def effective(self) -> Self:
        """Neither withdrawn, refused nor a draft: what counts toward the year's usage."""
        return self.exclude(status__in=Settlement.NOT_COUNTED)

    def not_taken_back(self) -> Self:
        """Without those whose whole payment turned out undue and is back in the fund."""
        back = Recovery.objects.whole_and_back()
        return self.exclude(pk__in=back.values("settlement"))

    def counted(self) -> Self:
        """What counts as help that was given, in figures, screening and what-if. What came back
        only in part counts: its visit took place, and the money of it is told where money is."""
        return self.effective().not_taken_back()

    def last_parts(self) -> Self:
        """One for each visit: of a stay that was settled in parts, the latest that stands."""
        later = Settlement.objects.counted().filter(part__gt=1)
        later = later.filter(visit=OuterRef("visit"), part__gt=OuterRef("part"))
        return self.filter(~Exists(later.order_by()))


class Settlement(Paid):
    """The computed claim and its way through review, approval and payment (结算).

    Amounts never change once submitted; a correction withdraws it and settles anew. Another payee,
    named from submission on, takes the claim back to its review.
    """

    class Status(TonedChoices):
        DRAFT = "draft", "idle", "草稿"
        SUBMITTED = "submitted", "wait", "待初审"
        REVIEWED = "reviewed", "wait", "待复核"
        APPROVED = "approved", "wait", "待支付"
        PAID = "paid", "good", "已支付"
        REFUSED = "refused", "bad", "不予支付"
        NOTHING_DUE = "nothing", "good", "无需支付"
        WITHDRAWN = "withdrawn", "bad", "已撤回"

    # What `effective()` leaves out; statements written by hand take it as a parameter.
    NOT_COUNTED = (Status.DRAFT, Status.REFUSED, Status.WITHDRAWN)

    class PayTo(models.TextChoices):
        INSTITUTION = "institution", "定点机构(已垫付)"
        HOUSEHOLD = "household", "参保家庭"

    visit = models.ForeignKey(Visit, models.PROTECT, related_name="settlements")
    number = models.CharField("结算单号", max_length=24, unique=True)
    # A long stay is settled in parts (中途结算): each says up to which day, the last one none.
    part = models.PositiveSmallIntegerField("第几次结算", default=1, db_default=1)
    charged_to = models.DateField("中途结算截至", null=True)
    division = models.ForeignKey(Division, models.PROTECT, verbose_name="村组", db_index=False)
    policy_year = models.PositiveSmallIntegerField("待遇年度")
    pack = models.ForeignKey(Pack, models.PROTECT, verbose_name="适用办法")
    tier = models.CharField("档次", max_length=8)
    status = status_column(Status.DRAFT)
    pay_to = models.CharField("支付对象", max_length=12, choices=PayTo.choices)
    benefit = models.CharField("待遇", max_length=40, blank=True)

    total_amount = MoneyField("医疗费总额")
    full_self_pay_amount = MoneyField("全自费")
    # Of the bill what the institution may not charge: used without a signature, cut by the review.
    borne_amount = MoneyField("不得向个人收取", default=0, db_default=0)
    over_limit_amount = MoneyField("超限价自费")
    first_self_pay_amount = MoneyField("先行自付")
    in_scope_amount = MoneyField("符合政策范围金额")
    deductible_amount = MoneyField("起付线")
    ratio = models.PositiveIntegerField("报销比例(万分)", default=0)
    # The sum of the settlement's funds, held by a deferred trigger (migrations/0009).
    fund_amount = MoneyField("基金支付合计")
    hospital_amount = MoneyField("医院负担", default=0)
    # Of a grant that is paid whatever the cost was, what is more than the bill: the patient's.
    beyond_amount = MoneyField("定额补助超过费用", default=0, db_default=0)
    personal_amount = MoneyField("个人负担")
    account_amount = MoneyField("家庭账户支付", default=0)
    credit_amount = MoneyField("记账余额抵付", default=0)
    cash_amount = MoneyField("个人现金")
    refusal_code = models.CharField("不予支付原因", max_length=40, blank=True)
    refusal = models.TextField("不予支付说明", blank=True)

    entered_by, entered_at = first_hand("录入")
    settled_on = models.DateField("结算日期")
    submitted_at = models.DateTimeField("提交时间", null=True)
    reviewed_by, reviewed_at = later_hand("初审")
    approved_by, approved_at = later_hand("复核")
    paid_by, paid_at = later_hand("支付")
    paid_on = models.DateField("支付日期", null=True)
    # One voucher for each book that pays: those of other books than insurance with their fund.
    voucher_number = models.CharField("凭证号", max_length=80, blank=True)
    withdrawn_reason = models.CharField("撤回原因", max_length=200, blank=True)

    # Who named another payee last: a hand of the claim as the others are.
    payee_by, payee_at = later_hand("收款变更")
    # Fingerprint of all that reviewer and approver saw (claims/paying/seen.py).
    digest = models.CharField("审核指纹", max_length=64, blank=True, default="", db_default="")

    objects = SettlementQuerySet.as_manager()

    AUDITED = (
        "number",
        "status",
        "visit_id",
        "policy_year",
        "tier",
        "pay_to",
        "total_amount",
        "in_scope_amount",
        "fund_amount",
        "borne_amount",
        "hospital_amount",
        "personal_amount",
        "account_amount",
        "credit_amount",
        "cash_amount",
        "refusal_code",
        "entered_by_id",
        "reviewed_by_id",
        "approved_by_id",
        "paid_by_id",
        "paid_on",
        "voucher_number",
        "withdrawn_reason",
        "payee_name",
        "payee_relation",
        "payee_bank",
        "payee_account",
        "payee_document",
        "payee_by_id",
    )
    MASKS = {"payee_name": mask_name}

    class Meta:
        ordering = ["-id"]
        constraints = [
            adds_up(
                "total_amount = full_self_pay_amount + borne_amount + over_limit_amount + "
                "first_self_pay_amount + in_scope_amount",
                name="bill_parts_sum_to_total",
            ),
            adds_up(
                "personal_amount = total_amount - fund_amount - hospital_amount + beyond_amount",
                name="personal_is_the_rest",
            ),
            adds_up(
                "cash_amount = personal_amount - account_amount - credit_amount",
                name="cash_is_the_rest",
            ),
            models.CheckConstraint(
                condition=Q(fund_amount__gte=0)
                & Q(cash_amount__gte=0)
                & Q(in_scope_amount__gte=0)
                & Q(beyond_amount__gte=0)
                & Q(full_self_pay_amount__gte=0)
                & Q(borne_amount__gte=0)
                & Q(hospital_amount__gte=F("borne_amount")),
                name="settlement_never_negative",
            ),
            # Four eyes, three hands: nobody does two of these on one claim, in SQL neither.
            apart("reviewed_by", "entered_by", "payee_by", name="reviewer_is_not_who_entered"),
            apart(
                "approved_by",
                "entered_by",
                "payee_by",
                "reviewed_by",
                name="approver_is_a_third_person",
            ),
            apart(
                "paid_by",
                "entered_by",
                "payee_by",
                "reviewed_by",
                "approved_by",
                name="payer_is_a_fourth_person",
            ),
            status_says(
                "reviewed",
                "approved",
                "paid",
                "nothing",
                column="reviewed_by",
                name="reviewed_claim_has_reviewer",
            ),
            status_says(
                "approved",
                "paid",
                "nothing",
                column="approved_by",
                name="approved_claim_has_approver",
            ),
            models.CheckConstraint(
                condition=~Q(status="paid") | (Q(paid_by__isnull=False) & Q(paid_on__isnull=False)),
                name="paid_claim_has_payer",
            ),
            models.CheckConstraint(
                condition=~Q(status="withdrawn") | ~Q(withdrawn_reason=""),
                name="withdrawn_claim_has_reason",
            ),
            once(
                "visit",
                "part",
                name="one_live_settlement_per_part",
                where=~Q(status="withdrawn"),
                told="这次就诊刚由另一窗口结算，请查询后再办",
            ),
        ]
        indexes = [
            models.Index(fields=["status", "id"]),
            models.Index(fields=["division", "settled_on"]),
            models.Index(fields=["paid_on"]),
            # Few settlements are one of several of a visit: who asks for them reads these alone.
            models.Index(
                fields=["visit"], condition=Q(part__gt=1), name="claims_settlement_later_part"
            ),
            # The last fortnight of a hospital, read from the index alone.
            models.Index(
                fields=["settled_on"],
                include=["visit", "fund_amount", "status"],
                name="claims_settlement_by_day",
            ),
            # The first of a queue, whatever stands behind it.
            models.Index(
                fields=["submitted_at", "id"],
                condition=Q(status__in=["submitted", "reviewed"]),
                name="claims_settlement_waiting",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def bill_lines(self) -> "models.QuerySet[BillLine]":
        """The lines that it is about: not those of other parts, nor of withdrawn batches."""
        return self.visit.lines.filter(part=self.part)

    @property
    def is_paid(self) -> bool:
        """Whether its money has left the fund."""
        return self.status == self.Status.PAID

    # `payable_amount` as SQL.
    PAYABLE = F("fund_amount") + F("account_amount") + F("credit_amount")

    @property
    def payable_amount(self) -> Decimal:
        """What leaves the fund's account (yuan): the fund's part and what balances held for the
        patient pay (household account, special subsidy left over)."""
        paid: Decimal = self.fund_amount + self.account_amount + self.credit_amount
        return paid


class SettlementFund(models.Model):
    """What one layer of the measures pays of a settlement (基金支付明细, 接口 setldetail).

    `layer` is a code of the settlement's pack, in the order in which the layers paid; `book` the
    fund that bears it, `fund_pay_type` its national code and `booked_as` the kind of expense (""
    as the kind of care is), as the pack said on that day. A layer that pays nothing has no row; the
    rows sum to the settlement's `fund_amount`.
    """

    settlement = models.ForeignKey(
        Settlement, models.PROTECT, related_name="funds", db_index=False, verbose_name="结算单"
    )
    layer = models.CharField("支付层次", max_length=40)
    fund_pay_type = models.CharField("基金支付类型", max_length=8)
    book = models.CharField("账套", max_length=12)
    booked_as = models.CharField("支出类别", max_length=12, blank=True)
    amount = MoneyField("金额")

    class Meta:
        ordering = ["settlement", "id"]
        constraints = [
            once("settlement", "layer", name="layer_pays_once"),
            positive("amount", name="layer_pays_something"),
        ]


class SettlementStep(models.Model):
    """One step of the computation as the settlement sheet reads it aloud."""

    settlement = models.ForeignKey(Settlement, models.PROTECT, related_name="steps", db_index=False)
    position = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=60)
    name = models.CharField("步骤", max_length=60)
    article = models.CharField("依据", max_length=200)
    before_amount = MoneyField("之前")
    after_amount = MoneyField("之后")
    parameter = models.CharField("参数", max_length=200, blank=True)
    sentence = models.TextField("说明")

    class Meta:
        ordering = ["settlement", "position"]
        constraints = [
            once("settlement", "position", name="step_once"),
        ]


class UsageQuerySet(models.QuerySet["UsageEntry"]):
    def totals(self) -> dict[str, int]:
        """Counter → sum (fen, days or count)."""
        rows = self.values("counter").annotate(total=Sum("amount")).values_list("counter", "total")
        return dict(rows.order_by())


class UsageEntry(models.Model):
    """How a settlement changed one counter (caps used, deductible paid, account used).

    Usage to date is always the sum of these rows, so it is exact after any withdrawal, which adds
    the opposite rows. The sum is read under the lock of the person's cover and household.
    """

    settlement = models.ForeignKey(Settlement, models.PROTECT, related_name="usage")
    person = models.ForeignKey(
        Person, models.PROTECT, null=True, related_name="usage", db_index=False
    )
    household = models.ForeignKey(
        Household, models.PROTECT, null=True, related_name="usage", db_index=False
    )
    policy_year = models.PositiveSmallIntegerField()
    counter = models.CharField(max_length=60)
    amount = models.BigIntegerField()
    # With what came back of the settlement this much was given back; otherwise as it was computed.
    receipt = models.ForeignKey(
        "claims.RecoveryReceipt", models.PROTECT, null=True, related_name="usage"
    )

    objects = UsageQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(person__isnull=False, household=None)
                | Q(person=None, household__isnull=False),
                name="usage_has_one_owner",
            ),
        ]
        indexes = [
            models.Index(fields=["person", "policy_year"]),
            models.Index(fields=["household", "policy_year"]),
        ]


# One app, models by what they hold.
from claims.assistance.models import AidApplication, AidCase, AidClaim  # noqa: E402, F401
from claims.carried.models import (  # noqa: E402, F401
    BedFile,
    BedRow,
    CarriedAmount,
    CarriedFile,
    CarriedRow,
    CarriedUsage,
    OldFile,
    OldRow,
    OldSettlement,
    Recount,
    RecountDifference,
)
from claims.clearing.models import (  # noqa: E402, F401
    Clearing,
    ClearingClaim,
    ClearingRule,
    Deduction,
    DepositReturn,
    PaymentMethod,
    Prepayment,
)
from claims.deciding.models import (  # noqa: E402, F401
    Approval,
    Batch,
    BatchClaim,
    Denial,
    ReviewRule,
    Screened,
)
from claims.dependence.models import (  # noqa: E402, F401
    Dependent,
    Supplement,
    SupplementPart,
)
from claims.filings.models import (  # noqa: E402, F401
    CarriedFiling,
    CarriedFilings,
    Filing,
    VisitFiling,
)
from claims.paper_intake.models import HandedPaper, LateClaim, Scan  # noqa: E402, F401
from claims.paying.models import PaymentHold  # noqa: E402, F401
from claims.probes.models import Probe  # noqa: E402, F401
from claims.quotas.models import Allotment, TownshipQuota  # noqa: E402, F401
from claims.recovery.models import (  # noqa: E402, F401
    Recovery,
    RecoveryPart,
    RecoveryReceipt,
)
from claims.refunds.models import PatientRefund  # noqa: E402, F401
from claims.second.models import (  # noqa: E402, F401
    SecondGrant,
    SecondOrders,
    SecondPayment,
    SecondRun,
)
from claims.unpaid.models import OldClaim, OldClaimFile, OldClaimLine  # noqa: E402, F401
from claims.visits.models import BillBatch, LineRefund  # noqa: E402, F401
from claims.why.models import Determination  # noqa: E402, F401
