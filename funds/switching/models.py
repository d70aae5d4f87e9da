"""That a book goes on with another chart."""

from typing import TYPE_CHECKING, ClassVar, Self

from django.db import models
from django.db.models import Q

from accounts.scoping import ScopedQuerySet
from desk.decisions import Decision, decided_by_second
from desk.fields import once
from funds.chart import CHART_NAMES

if TYPE_CHECKING:
    from funds.models import Book


class ChartSwitchQuerySet(ScopedQuerySet["ChartSwitch"]):
    division_path = "book__area__code"

    def of_book(self, book: "Book") -> Self:
        return self.filter(book=book).select_related("book__area", "proposed_by", "decided_by")


class ChartSwitch(Decision):
    """From the opening of `year` on the book's months keep the chart `after`, in place of `before`.
    No posting and no balance changes, only what is printed."""

    book = models.ForeignKey("funds.Book", models.PROTECT, related_name="+", verbose_name="账套")
    year = models.PositiveSmallIntegerField("自哪年年初")
    before = models.CharField("原科目表", max_length=4, choices=CHART_NAMES)
    after = models.CharField("新科目表", max_length=4, choices=CHART_NAMES)

    objects = ChartSwitchQuerySet.as_manager()

    AUDITED: ClassVar = ("status", "year", "before", "after", "evidence", "reason")

    class Meta(Decision.Meta):
        app_label = "funds"
        constraints = [
            *decided_by_second("chart", "book", told="已有一份科目表改用待审批，请先办结或撤回"),
            once("book", "year", name="one_chart_of_a_year", where=Q(status="approved"),
                 told="这一年已改用过科目表"),
            models.CheckConstraint(
                condition=Q(after__gt=models.F("before")), name="chart_is_a_later_one"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"科目表改用 {self.pk} 号"
