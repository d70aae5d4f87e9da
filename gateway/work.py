"""What waits with the county's rules for the interface."""

from accounts.models import User
from desk.worklist import Work
from gateway.rules.models import InterfaceRule, InterfaceRuleQuerySet


def _waiting(user: User) -> InterfaceRuleQuerySet:
    rows = InterfaceRule.objects.visible_to(user)
    return rows.filter(status=InterfaceRule.Status.PROPOSED)


WORK = (
    Work(
        "接口规定待审批",
        "gateway.decide_rules",
        "gateway:rules",
        _waiting,
        since="proposed_on",
        is_rare=True,
    ),
)
