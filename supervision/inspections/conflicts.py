"""Who may not go: interests that were declared, and what is known of who serves an institution."""

from collections.abc import Collection, Iterable

from accounts.errors import Refusal
from accounts.models import User
from accounts.roles import INSTITUTION_ROLES
from institutions.models import Institution, Practitioner
from supervision.inspections.models import (
    Interest,
)

# 行政处罚法 第四十二条: 执法人员不得少于两人; 医疗机构监督年度计划 goes in teams as well.
LEAST_TEAM = 2
PERMISSION = "supervision.inspect"


def check_team(members: Collection[User], institution: Institution) -> None:
    """Raises Refusal for a team that is too small, or of whom somebody may not go there."""
    if len({one.pk for one in members}) < LEAST_TEAM:
        raise Refusal("现场检查至少两人，请再选一人", "members")
    for one in members:
        if not one.may(PERMISSION):
            raise Refusal(f"{one.name}的账号不是检查人员，请另选一人", "members")
        if not Institution.objects.visible_to(one).filter(pk=institution.pk).exists():
            raise Refusal(f"{institution.name}不在{one.name}的管辖范围，请另选一人", "members")
    if told := conflicts(members, institution):
        raise Refusal("；".join(told) + "。请另选一人", "members")


def conflicts(members: Collection[User], institution: Institution) -> list[str]:
    """Why some of them may not inspect this institution, in Chinese. Three statements."""
    declared = list(
        Interest.objects.filter(person__in=members, institution=institution, ended_at=None)
    )
    named = {one.person_id for one in declared if one.relation == Interest.Relation.NAMESAKE}
    told = [
        f"{one.person.name}已声明“{one.get_relation_display()}”，应当回避{institution.name}"
        for one in declared
        if one.relation != Interest.Relation.NAMESAKE
    ]
    serving = _serving({one.name for one in members}, institution)
    return told + [
        f"{one.name}与{institution.name}的人员同名；确系另一人的，请先在“利害关系声明”中登记同名"
        for one in members
        if one.name in serving and one.pk not in named
    ]


def _serving(names: Iterable[str], institution: Institution) -> set[str]:
    """Which of these names somebody bears who serves the institution: one of its practitioners, or
    of its accounts (who has two duties has two accounts)."""
    wanted = set(names)
    practitioners = Practitioner.objects.filter(institution=institution, name__in=wanted)
    clerks = User.objects.filter(
        institution_code=institution.code,
        name__in=wanted,
        role__in=INSTITUTION_ROLES,
        is_active=True,
    )
    return {*practitioners.values_list("name", flat=True), *clerks.values_list("name", flat=True)}
