"""That a county has moved in, as two people declared it."""

from typing import Any, ClassVar, Self

from django.db import models

from accounts.models import Division
from accounts.scoping import ScopedQuerySet
from desk.decisions import Decision, decided_by_second
from desk.fields import once


class MovedInQuerySet(ScopedQuerySet["MovedIn"]):
    division_path = "area__code"

    def of_area(self, area: Division) -> Self:
        return self.filter(area=area).select_related("area", "proposed_by", "decided_by")


class MovedIn(Decision):
    """The opening list is done with: no first page shows it any more. `left`: titles of steps that
    are not done, and of which the reason says why they need not be."""

    area = models.ForeignKey(Division, models.PROTECT, verbose_name="统筹区")
    left: "models.JSONField[list[str], list[str]]" = models.JSONField("没有办的步骤", default=list)

    objects = MovedInQuerySet.as_manager()

    AUDITED: ClassVar = ("status", "evidence", "reason", "left")

    class Meta(Decision.Meta):
        app_label = "moving"
        constraints: ClassVar[list[Any]] = [
            *decided_by_second("moved_in", "area", told="已提出启用办结，请等另一人同意"),
            once(
                "area",
                name="moved_in_once",
                where=models.Q(status="approved"),
                told="启用已经办结",
            ),
        ]

    def __str__(self) -> str:
        return f"启用办结 {self.pk} 号"


class Established(models.Model):
    """A county that was at work before there was an opening list, or is a demonstration: it has
    none. Written by the migration and by the demo county."""

    area = models.OneToOneField(Division, models.PROTECT, related_name="+")

    class Meta:
        app_label = "moving"

    def __str__(self) -> str:
        return self.area.name
