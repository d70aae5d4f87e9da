"""What is registered of an institution changes by two people, from a day on (登记变更)."""

from typing import Any

from django.db import models

from accounts.scoping import ScopedQuerySet
from desk.decisions import Decision, decided_by_second


class RegistryChangeQuerySet(ScopedQuerySet["RegistryChange"]):
    division_path = "institution__division__code"
    institution_path = "institution__code"

    def decided(self) -> "RegistryChangeQuerySet":
        return self.filter(status=Decision.Status.APPROVED)

    def until(self, column: str, day: Any) -> "RegistryChangeQuerySet":
        """What was decided of the column up to the day, the one that holds on it first."""
        rows = self.decided().filter(column=column, first_day__lte=day)
        return rows.order_by("-first_day", "-pk")

    def after(self, column: str, day: Any) -> "RegistryChangeQuerySet":
        """What was decided for a later day, the next one first."""
        rows = self.decided().filter(column=column, first_day__gt=day)
        return rows.order_by("first_day", "pk")


class RegistryChange(Decision):
    """One thing that is registered of an institution becomes another from a day on.

    The column of the institution says what holds today; what held on another day say these rows
    (`Institution.objects.as_of`). `was` and `becomes` are texts as `registry/columns.py` reads
    them. `evidence` is the document: a licence, an approval of the health authority.
    """

    class Column(models.TextChoices):
        LEVEL = "level", "级别"
        DEDUCTIBLE_LEVEL = "deductible_level", "起付线级别"
        PRICE_LEVEL = "price_level", "限价级别"
        KIND = "kind", "类别"
        OWNERSHIP = "ownership", "所有制"
        ACTIVE = "is_active", "执业"
        BEDS = "beds", "核定床位"
        LICENCE = "licence", "执业许可证号"
        LICENCE_UNTIL = "licence_until", "许可证有效期至"
        VERIFIED = "verified_until", "校验有效期至"

    institution = models.ForeignKey(
        "institutions.Institution", models.PROTECT, related_name="changes", verbose_name="机构"
    )
    column = models.CharField("变更事项", max_length=20, choices=Column.choices)
    was = models.CharField("原登记", max_length=60, blank=True)
    becomes = models.CharField("变更为", max_length=60, blank=True)
    first_day = models.DateField("自")
    # When the institution's own column was told; None: not yet, or never agreed to.
    applied_on = models.DateField("登记日期", null=True)

    objects = RegistryChangeQuerySet.as_manager()

    AUDITED = ("institution_id", "column", "was", "becomes", "first_day", "status", "evidence",
               "reason", "decision")  # fmt: skip

    class Meta(Decision.Meta):
        verbose_name = "机构登记变更"
        constraints = [
            *decided_by_second(
                "registry_change",
                "institution",
                "column",
                told="该机构这一事项已有一份变更待审批，请先办结或撤回",
                at="column",
            ),
        ]

    def __str__(self) -> str:
        return f"登记变更 {self.pk} 号"
