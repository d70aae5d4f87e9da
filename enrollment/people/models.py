"""What happened to people and households, and the numbers that they gave up. Only ever added."""

from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from accounts.fields import SealedField
from accounts.models import Division, User
from accounts.scoping import ScopedQuerySet
from enrollment.people.numbers import NumberKind


class RegisterEventQuerySet(ScopedQuerySet["RegisterEvent"]):
    division_path = "division__code"

    def of_household(self, household: Any) -> "RegisterEventQuerySet":
        return self.filter(Q(household=household) | Q(other_household=household))


class RegisterEvent(models.Model):
    """A dated change (变动). `before` and `after`: {"person:5": {column: value}}, what changed.

    A row that did not exist before has `before` None. Undone by another event that `undoes` it.
    """

    class Kind(models.TextChoices):
        BIRTH = "birth", "出生"
        ARRIVAL = "arrival", "迁入、婚入（外县）"
        TRANSFER = "transfer", "婚嫁、转户"
        DEATH = "death", "死亡"
        DEPARTURE = "departure", "迁出本县"
        RETURN = "return", "迁回"
        SPLIT = "split", "分户"
        MERGE = "merge", "并户"
        MOVE = "move", "全户迁移"
        NUMBER = "number", "换证"
        CORRECTION = "correction", "更正"

    kind = models.CharField("变动", max_length=12, choices=Kind.choices)
    division = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name="村组")
    household = models.ForeignKey("enrollment.Household", models.PROTECT, related_name="events")
    other_household = models.ForeignKey(
        "enrollment.Household", models.PROTECT, null=True, related_name="other_events"
    )
    person = models.ForeignKey(
        "enrollment.Person", models.PROTECT, null=True, related_name="events"
    )
    effective_on = models.DateField("变动日期")
    before = models.JSONField(encoder=DjangoJSONEncoder)
    after = models.JSONField(encoder=DjangoJSONEncoder)
    reason = models.CharField("事由", max_length=200, blank=True)
    undoes = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="undone_by", verbose_name="更正的变动"
    )
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="经办人")
    recorded_on = models.DateField("登记日期")
    recorded_at = models.DateTimeField("登记时间", auto_now_add=True)

    objects = RegisterEventQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(undoes=None) | (Q(kind="correction") & ~Q(reason="")),
                name="correction_event_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.effective_on}"


class FormerNumber(models.Model):
    """A number that somebody bore before. Still found, and never given to anybody else.

    `mistaken`: it was typed wrongly and never was theirs, so its true owner may bear it.
    """

    person = models.ForeignKey("enrollment.Person", models.PROTECT, related_name="former_numbers")
    kind = models.CharField("证件类型", max_length=20, choices=NumberKind.choices)
    number = SealedField("证件号码")
    number_index = models.CharField(max_length=32, db_index=True)
    mistaken = models.BooleanField("录入有误")
    last_day = models.DateField("停用日期")
    event = models.ForeignKey(
        RegisterEvent, models.PROTECT, null=True, related_name="former_numbers"
    )

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["number_index"], condition=Q(mistaken=False), name="former_number_once"
            ),
        ]


class FormerCertificate(models.Model):
    """A certificate number (户 16 + 成员 2) that a person bore before a move."""

    person = models.ForeignKey(
        "enrollment.Person", models.PROTECT, related_name="former_certificates"
    )
    number = models.CharField("原医疗证号", max_length=18, db_index=True)
    last_day = models.DateField("停用日期")
    event = models.ForeignKey(RegisterEvent, models.PROTECT, related_name="former_certificates")

    class Meta:
        ordering = ["-id"]
