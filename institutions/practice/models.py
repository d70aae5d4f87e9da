"""Another institution at which a practitioner may work (多点执业), by two people and for a time."""

from django.db import models

from accounts.scoping import ScopedQuerySet
from desk.decisions import Decision, decided_by_second
from desk.fields import in_order


class PracticePlaceQuerySet(ScopedQuerySet["PracticePlace"]):
    division_path = "institution__division__code"
    institution_path = "institution__code"

    def decided(self) -> "PracticePlaceQuerySet":
        """What two people decided, the latest decision first."""
        return self.filter(status=Decision.Status.APPROVED).order_by("-pk")


class PracticePlace(Decision):
    """A practitioner works at this institution too, from a day to a day (医师执业注册管理办法
    第十条: 其他机构备案). `evidence` is the number of the record.

    Of the decisions on one place that had begun by a day the latest holds: a place that is given
    up early is decided once more with its new last day.
    """

    practitioner = models.ForeignKey(
        "institutions.Practitioner", models.PROTECT, related_name="places", verbose_name="医师"
    )
    institution = models.ForeignKey(
        "institutions.Institution", models.PROTECT, related_name="+", verbose_name="执业机构"
    )
    first_day = models.DateField("自")
    last_day = models.DateField("至")

    objects = PracticePlaceQuerySet.as_manager()

    AUDITED = ("practitioner_id", "institution_id", "first_day", "last_day", "status", "evidence",
               "reason", "decision")  # fmt: skip

    class Meta(Decision.Meta):
        verbose_name = "多点执业"
        constraints = [
            *decided_by_second(
                "practice_place",
                "practitioner",
                "institution",
                told="这位医师在该机构的执业已有一份待审批，请先办结或撤回",
                at="code",
            ),
            in_order("first_day", "last_day", name="practice_place_in_order"),
        ]

    def __str__(self) -> str:
        return f"多点执业 {self.pk} 号"
