"""Vouchers made by hand before they are in the books, and the county's limits for them."""

from datetime import date, timedelta
from typing import TYPE_CHECKING, ClassVar, Self

from django.db import models
from django.db.models import F, OuterRef, Q, Subquery

from accounts.clock import start_of
from accounts.fields import MoneyField
from accounts.scoping import ScopedQuerySet
from desk.decisions import Decision, decided_by_second
from desk.fields import first_hand, hand, later_hand, once, status_column, status_says
from desk.tones import TonedChoices
from desk.workflow import apart
from funds.events import ALWAYS_APPROVED, CORRECTIONS, EVENTS, LEVEL_MOVED

if TYPE_CHECKING:
    from funds.models import Book


class VoucherDraftQuerySet(ScopedQuerySet["VoucherDraft"]):
    division_path = "book__area__code"

    def alive(self) -> Self:
        """On their way or in the books: neither returned nor withdrawn."""
        return self.exclude(status__in=VoucherDraft.DEAD)

    def awaiting_approval(self) -> Self:
        """Reviewed, and above the limit of their book that is in force, or of a kind that always
        asks for it."""
        huge = Q(amount__gt=F("limit")) | Q(event__in=ALWAYS_APPROVED)
        return self._with_limit().filter(huge, status="reviewed")

    def awaiting_entry(self) -> Self:
        """Reviewed, and approved where they are above the limit."""
        small = (Q(limit=None) | Q(amount__lte=F("limit"))) & ~Q(event__in=ALWAYS_APPROVED)
        return self._with_limit().filter(Q(status="approved") | Q(status="reviewed") & small)

    def _with_limit(self) -> Self:
        latest = BookLimit.objects.filter(book=OuterRef("book")).order_by("-pk")
        return self.annotate(limit=Subquery(latest.values("second_approval")[:1]))


class VoucherDraft(models.Model):
    """A voucher made by hand (制单) on its way into the books.

    What it says never changes; who finds it wrong returns it, and a new one is made. `lines`: the
    lines of the event as JSON, amounts as text; none where it takes back another voucher.
    """

    class Status(TonedChoices):
        MADE = "made", "wait", "待复核"
        REVIEWED = "reviewed", "wait", "待记账"
        APPROVED = "approved", "wait", "大额已批待记账"
        POSTED = "posted", "good", "已记账"
        REFUSED = "refused", "bad", "已退回"
        WITHDRAWN = "withdrawn", "idle", "已撤回"

    DEAD: ClassVar = (Status.REFUSED, Status.WITHDRAWN)

    book = models.ForeignKey("funds.Book", models.PROTECT, related_name="drafts")
    status = status_column(Status.MADE)
    event = models.CharField("事项", max_length=30)
    occurred_on = models.DateField("日期")
    document = models.CharField("单据号", max_length=60)
    summary = models.CharField("摘要", max_length=200, blank=True)
    amount = MoneyField("金额")
    lines: "models.JSONField[list[dict[str, str]], list[dict[str, str]]]" = models.JSONField(
        "明细", default=list
    )
    # What it was worked out from by the measures: `Step.as_json` of each step (funds/law/).
    working: "models.JSONField[list[dict[str, str]], list[dict[str, str]]]" = models.JSONField(
        "计算过程", default=list
    )
    key = models.CharField("防重键", max_length=60)
    reverses = models.ForeignKey(
        "funds.Voucher", models.PROTECT, null=True, related_name="+", verbose_name="红冲的凭证"
    )
    # Of a closed year: what is booked of it makes it right in this one (funds/drafts/earlier.py).
    corrects = models.ForeignKey(
        "funds.Voucher",
        models.PROTECT,
        null=True,
        related_name="corrections",
        verbose_name="更正的凭证",
    )
    # Why the same number of a document stands on another one as well.
    same_document = models.CharField("单据号重复的说明", max_length=100, blank=True)
    made_by, made_at = first_hand("制单")
    reviewed_by, reviewed_at = later_hand("复核")
    approved_by, approved_at = later_hand("审批")
    posted_by, posted_at = later_hand("记账")
    reason = models.CharField("退回原因", max_length=200, blank=True)
    voucher = models.OneToOneField(
        "funds.Voucher", models.PROTECT, null=True, related_name="draft", verbose_name="凭证"
    )

    objects = VoucherDraftQuerySet.as_manager()

    AUDITED: ClassVar = (
        "status", "event", "occurred_on", "document", "same_document", "amount", "made_by_id",
        "reviewed_by_id", "approved_by_id", "posted_by_id", "reason", "voucher_id",
        "corrects_id",
    )  # fmt: skip

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(event__in=[*CORRECTIONS, LEVEL_MOVED], corrects__isnull=False)
                | Q(reverses__isnull=False, corrects=None)
                | ~Q(event__in=[*CORRECTIONS, LEVEL_MOVED]) & Q(corrects=None),
                name="correction_says_of_what",
            ),
            once(
                "book",
                "key",
                name="voucher_draft_once",
                where=~Q(status__in=["refused", "withdrawn"]),
                told="这张凭证刚刚已经制单，请刷新",
            ),
            apart("reviewed_by", "made_by", name="voucher_is_reviewed_by_another"),
            apart("approved_by", "made_by", "reviewed_by", name="voucher_is_approved_by_another"),
            apart(
                "posted_by",
                "made_by",
                "reviewed_by",
                "approved_by",
                name="voucher_is_entered_by_another",
            ),
            status_says("reviewed", "approved", "posted", column="reviewed_by",
                        name="voucher_goes_on_when_reviewed"),
            status_says("approved", column="approved_by", name="approved_voucher_says_by_whom"),
            status_says("posted", column="posted_by", name="entered_voucher_says_by_whom"),
            status_says("posted", column="voucher", name="entered_draft_has_its_voucher"),
        ]  # fmt: skip
        indexes = [models.Index(fields=["book", "document"], name="draft_by_document")]

    def __str__(self) -> str:
        return f"手工凭证 {self.pk} 号"

    @property
    def title(self) -> str:
        title = EVENTS[self.event].title if self.event in EVENTS else self.event
        return f"红冲 {title}" if self.reverses_id else title


class BookLimitQuerySet(ScopedQuerySet["BookLimit"]):
    division_path = "book__area__code"

    def of_book(self, book: "Book") -> "BookLimit | None":
        """The limits in force: those that were set last."""
        return self.filter(book=book).order_by("-pk").first()

    def on(self, book: "Book", day: date) -> "BookLimit | None":
        """Those that were in force at the end of that day."""
        return self.filter(set_at__lt=start_of(day + timedelta(days=1))).of_book(book)


class BookLimit(models.Model):
    """What the county allows in one of its books, in yuan; None: it has set no limit.

    `second_approval`: what is more needs an approval before it is entered. `turnover_cash`: as much
    as the expenditure account may hold (核定周转金, 财社〔2017〕144号). Proposed by one, agreed to
    by another (`LimitProposal`). Only ever added; the last one counts.
    """

    book = models.ForeignKey("funds.Book", models.PROTECT, related_name="limits")
    second_approval = MoneyField("大额审批限额", null=True)
    turnover_cash = MoneyField("支出户周转金限额", null=True)
    basis = models.CharField("依据", max_length=60)
    set_by = hand("提出人")
    # None only of limits from before two decided them: the guard of migration 0016 lets in no more.
    agreed_by = hand("同意人", null=True)
    set_at = models.DateTimeField("设定时间", auto_now_add=True)

    objects = BookLimitQuerySet.as_manager()

    AUDITED: ClassVar = ("second_approval", "turnover_cash", "basis")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=(Q(second_approval=None) | Q(second_approval__gt=0))
                & (Q(turnover_cash=None) | Q(turnover_cash__gt=0)),
                name="limits_are_more_than_zero",
            ),
            apart("agreed_by", "set_by", name="limits_are_agreed_to_by_another"),
        ]

    def __str__(self) -> str:
        return f"记账限额 {self.pk} 号"


class LimitProposalQuerySet(ScopedQuerySet["LimitProposal"]):
    division_path = "book__area__code"

    def open(self) -> Self:
        return self.filter(status=LimitProposal.Status.PROPOSED)


class LimitProposal(Decision):
    """Limits that one person has put forward; they become a `BookLimit` when another agrees."""

    book = models.ForeignKey("funds.Book", models.PROTECT, related_name="+", verbose_name="账套")
    second_approval = MoneyField("大额审批限额", null=True)
    turnover_cash = MoneyField("支出户周转金限额", null=True)
    limit = models.OneToOneField(
        BookLimit, models.PROTECT, null=True, related_name="proposal", verbose_name="限额"
    )

    objects = LimitProposalQuerySet.as_manager()

    AUDITED: ClassVar = ("status", "second_approval", "turnover_cash", "evidence", "limit_id")

    class Meta(Decision.Meta):
        constraints = [
            *decided_by_second(
                "limit_proposal", "book", told="已有一份记账限额待审批，请先办结或撤回"
            ),
            models.CheckConstraint(
                condition=(Q(second_approval=None) | Q(second_approval__gt=0))
                & (Q(turnover_cash=None) | Q(turnover_cash__gt=0)),
                name="proposed_limits_are_more_than_zero",
            ),
            status_says("approved", column="limit", name="agreed_limits_are_in_force"),
        ]

    def __str__(self) -> str:
        return f"记账限额申请 {self.pk} 号"
