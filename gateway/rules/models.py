"""The county's own rules for the interface: decided by two people, and in force from their days."""

from datetime import date

from django.db import models

from accounts.models import Division
from accounts.scoping import ScopedQuerySet
from desk.decisions import Decision, decided_by_second
from desk.kept import Kept, given


class InterfaceRuleQuerySet(ScopedQuerySet["InterfaceRule"]):
    division_path = "area__code"


class InterfaceRule(Decision):
    """What a county asks of the institutions that settle by the interface. No law sets the days;
    without rules nothing is refused for these reasons, only told."""

    area = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name="统筹区")
    mapped_from = models.DateField("明细没有对照的，自哪天起不收", null=True, blank=True)
    traced_from = models.DateField("药品没有追溯码的，自哪天起不能结算", null=True, blank=True)

    objects = InterfaceRuleQuerySet.as_manager()

    AUDITED = ("status", "mapped_from", "traced_from", "evidence", "reason")

    class Meta(Decision.Meta):
        constraints = [
            *decided_by_second("interface_rule", "area", told="已有一份规定待审批，请先办结或撤回"),
        ]

    def __str__(self) -> str:
        return f"接口规定 {self.pk} 号"

    def asks_for_mappings(self, on: date) -> bool:
        """Whether lines whose own code means nothing are refused on the day."""
        return self.mapped_from is not None and self.mapped_from <= on

    def asks_for_codes(self, on: date) -> bool:
        """Whether nothing is settled without trace codes on the day."""
        return self.traced_from is not None and self.traced_from <= on


IN_FORCE = Kept(
    lambda: InterfaceRule.objects.filter(
        area__code=given("area"), status=InterfaceRule.Status.APPROVED
    ).order_by("-pk")[:1]
)


def rule_in_force(area_code: str) -> InterfaceRule | None:
    """The latest that two people decided; None where the county never set any. One statement."""
    return IN_FORCE.first(area=area_code)
