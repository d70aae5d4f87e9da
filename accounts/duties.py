"""One person, one duty: what nobody may have together with what he has (decision 0002).

Of people who work in it the portal knows only the names, so it asks; every door through which a
duty is given (page, table of users, commands) asks here.
"""

from collections.abc import Iterable

from accounts.errors import Refusal
from accounts.models import User
from accounts.roles import ADMINISTRATORS, ROLE_NAMES, Role, excludes
from lib import typed_text


def spelled(name: str) -> str:
    """The name of somebody who works here in its one spelling. Raises Refusal at `name`."""
    name = typed_text.name(name)
    if problem := typed_text.name_problem(name):
        raise Refusal(f"姓名{problem}", "name")
    return name


def second_duty(
    name: str, role: str, county: str, others: Iterable[tuple[str, str, str, str]]
) -> str:
    """What stands against one person's having this role: somebody of the same name, however it is
    spelled, in a duty that it excludes; "" if nothing. `others`: name, username, role and county
    code. Administrators are of no county: with them it is asked in every one."""
    letters = typed_text.letters(name)
    for other_name, username, other_role, other_county in others:
        near = other_county == county or bool({role, other_role} & ADMINISTRATORS)
        if near and excludes(role, other_role) and typed_text.letters(other_name) == letters:
            return (
                f"{other_name}已有账号 {username}（{ROLE_NAMES[Role(other_role)]}），"
                f"与“{ROLE_NAMES[Role(role)]}”是不相容岗位，一人不能兼任；"
                "确是同名的另一个人，请在“同名说明”中写明"
            )
    return ""


def refuse_second_duty(user: User, role: str, county: str) -> None:
    """不相容岗位: one person with two could pass the own work. Raises Refusal."""
    # By duty and not by name: names of earlier years stand as they were typed then.
    barred = [other for other in Role if excludes(role, other)]
    rows = User.objects.filter(role__in=barred, is_active=True, is_program=False)
    rows = rows.exclude(pk=user.pk).select_related("division").order_by("username")
    told = ((one.name, one.username, one.role, one.county_code) for one in rows)
    if problem := second_duty(user.name, role, county, told):
        raise Refusal(problem, "other_person")
