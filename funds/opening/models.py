"""What a book begins with, as two people agreed to it."""

from typing import TYPE_CHECKING, ClassVar, Self

from django.db import models
from django.db.models import Q

from accounts.fields import MoneyField
from accounts.models import Division
from accounts.scoping import ScopedQuerySet
from desk.decisions import Decision, decided_by_second
from desk.fields import once, status_says
from funds.dimensions import InDimensions
from funds.events import FUNDING_LEVELS

if TYPE_CHECKING:
    from funds.models import Book


class OpeningQuerySet(ScopedQuerySet["Opening"]):
    division_path = "book__area__code"

    def of_book(self, book: "Book") -> Self:
        related = ("book__area", "proposed_by", "decided_by", "voucher", "red", "replaces")
        return self.filter(book=book).select_related(*related)

    def in_force(self) -> Self:
        """Agreed to, and no later one stands in its place: one of a book at most."""
        return self.filter(status=Opening.Status.APPROVED, red=None)

    def proposed(self) -> Self:
        return self.filter(status=Opening.Status.PROPOSED)


class Opening(Decision):
    """The balances of a book on the day before its first month (`on`), with its lines. Agreed to,
    they are one voucher. What is found wrong is replaced by another one (`replaces`), whose
    agreement reverses the voucher of the one before (`red`) and posts its own."""

    book = models.ForeignKey("funds.Book", models.PROTECT, related_name="+", verbose_name="账套")
    on = models.DateField("启用日")
    total = MoneyField("借方合计")
    # What bank and books had apart on the day (`Outstanding.as_json` of funds/opening/outstanding).
    outstanding: "models.JSONField[list[dict[str, str]], list[dict[str, str]]]" = models.JSONField(
        "未达账项", default=list, db_default=[]
    )
    replaces = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="+", verbose_name="更正的期初余额"
    )
    voucher = models.OneToOneField(
        "funds.Voucher", models.PROTECT, null=True, related_name="opening", verbose_name="凭证"
    )
    red = models.OneToOneField(
        "funds.Voucher", models.PROTECT, null=True, related_name="+", verbose_name="红字凭证"
    )

    objects = OpeningQuerySet.as_manager()

    AUDITED: ClassVar = ("status", "on", "total", "evidence", "reason", "voucher_id", "red_id")

    class Meta(Decision.Meta):
        app_label = "funds"
        constraints = [
            *decided_by_second(
                "opening", "book", told="已有一份期初余额待审批，请先办结或撤回", at="lines"
            ),
            once(
                "book",
                name="one_opening_in_force",
                where=Q(status="approved", red=None),
                told="期初余额刚由别人登记，请刷新",
            ),
            status_says("approved", column="voucher", name="agreed_opening_has_its_voucher"),
            models.CheckConstraint(condition=Q(total__gt=0), name="opening_is_more_than_zero"),
        ]

    def __str__(self) -> str:
        return f"期初余额 {self.pk} 号"


class OpeningLine(InDimensions):
    """The balance of one account, in its dimensions, on one side. `account`: its role."""

    opening = models.ForeignKey(Opening, models.PROTECT, related_name="lines")
    line = models.PositiveIntegerField("行号")
    account = models.CharField("科目", max_length=30)
    debit = MoneyField("借方余额", default=0)
    credit = MoneyField("贷方余额", default=0)
    tier = models.CharField("档次", max_length=20, blank=True)
    township = models.ForeignKey(
        Division, models.PROTECT, null=True, related_name="+", verbose_name="乡镇"
    )
    institution_code = models.CharField("机构代码", max_length=12, blank=True)
    funding_level = models.CharField(
        "资金来源", max_length=20, blank=True, choices=list(FUNDING_LEVELS.items())
    )
    policy_year = models.PositiveSmallIntegerField("保险年度", null=True, blank=True)

    account_name = ""  # as the chart prints it, for a table that people read

    class Meta:
        app_label = "funds"
        ordering = ["opening", "line"]
        constraints = [
            once("opening", "line", name="opening_line_once"),
            models.CheckConstraint(
                condition=Q(debit=0, credit__gt=0) | Q(debit__gt=0, credit=0),
                name="opening_line_debit_or_credit",
            ),
        ]

    def __str__(self) -> str:
        return f"第 {self.line} 行"
