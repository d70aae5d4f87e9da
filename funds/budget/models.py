"""The budget of a book's year, put forward by one and adopted by another."""

from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar, Self

from django.db import models
from django.db.models import Q

from accounts.fields import MoneyField
from accounts.scoping import ScopedQuerySet
from desk.decisions import Decision, decided_by_second

if TYPE_CHECKING:
    from funds.models import Book


class BudgetQuerySet(ScopedQuerySet["Budget"]):
    division_path = "book__area__code"

    def of_year(self, book: "Book", year: int) -> Self:
        return self.filter(book=book, year=year)

    def in_force(self, book: "Book", year: int) -> "Budget | None":
        """The latest that was adopted; an adjustment takes the place of those before."""
        rows = self.of_year(book, year).filter(status=Budget.Status.APPROVED)
        return rows.order_by("-pk").first()


class Budget(Decision):
    """Yuan for each line of the income statement (`amounts`: its account → text). An adjustment is
    another one of the same year, with its reason; those before stay on record."""

    book = models.ForeignKey("funds.Book", models.PROTECT, related_name="+", verbose_name="账套")
    year = models.PositiveSmallIntegerField("年度")
    amounts: "models.JSONField[dict[str, str], dict[str, str]]" = models.JSONField("各项预算")
    income = MoneyField("收入预算")
    expense = MoneyField("支出预算")

    objects = BudgetQuerySet.as_manager()

    AUDITED: ClassVar = ("status", "year", "income", "expense", "evidence", "reason")

    class Meta(Decision.Meta):
        app_label = "funds"
        constraints = [
            *decided_by_second(
                "budget", "book", "year", told="本年度已有一份预算待审批，请先办结或撤回"
            ),
            models.CheckConstraint(
                condition=Q(income__gte=0, expense__gte=0), name="budget_is_not_below_zero"
            ),
        ]

    def __str__(self) -> str:
        return f"预算 {self.pk} 号"

    def amount_of(self, account: str) -> Decimal | None:
        """Of a line of the statement; None where the budget says nothing of it."""
        text = self.amounts.get(account)
        return None if text is None else Decimal(text)
