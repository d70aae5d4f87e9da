"""What was carried in and is found wrong, as two people agree."""

from typing import Self

from django.db import models
from django.db.models import Q

from accounts.fields import MoneyField
from accounts.models import Division
from accounts.scoping import ScopedQuerySet
from desk.decisions import Decision, decided_by_second
from desk.fields import once
from enrollment.cover.models import Enrollment
from enrollment.people.models import Household

WAITS = Q(status="proposed")
TOLD = "已有一份更正待审批，请先办结或撤回"


class CarriedMendingQuerySet(ScopedQuerySet["CarriedMending"]):
    division_path = "division__code"

    def to_decide(self) -> Self:
        return self.filter(status=Decision.Status.PROPOSED)


class CarriedMending(Decision):
    """A carried cover that is taken back, or a household's opening balance that `was` one amount
    and is to be another."""

    division = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name="村组")
    cover = models.ForeignKey(
        Enrollment, models.PROTECT, null=True, related_name="+", verbose_name="转入的参保"
    )
    household = models.ForeignKey(
        Household, models.PROTECT, null=True, related_name="+", verbose_name="户"
    )
    was = MoneyField("原期初转入", null=True)
    amount = MoneyField("更正为", null=True)

    objects = CarriedMendingQuerySet.as_manager()

    AUDITED = ("status", "evidence", "reason", "was", "amount", "decision")

    class Meta(Decision.Meta):
        verbose_name = "原系统转入更正"
        constraints = [
            *decided_by_second("carried_mending"),
            once("cover", name="one_open_mending_of_a_cover", where=WAITS, told=TOLD),
            once("household", name="one_open_mending_of_an_account", where=WAITS, told=TOLD),
            models.CheckConstraint(
                condition=Q(cover__isnull=False, household=None, was=None, amount=None)
                | Q(cover=None, household__isnull=False, was__gte=0, amount__gte=0),
                name="mending_is_of_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return f"转入更正 {self.pk} 号"

    @property
    def subject(self) -> str:
        """张三 2026 年度参保, 500225101001 0001 户家庭账户."""
        if self.cover is not None:
            return f"{self.cover.person.name} {self.cover.year} 年度参保"
        return f"{self.household} 家庭账户"
