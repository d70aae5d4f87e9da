"""One person, one duty: what nobody may have together with what he has (decision 0002).

Of people who work in it the portal knows only the names, so it asks; every door through which a
duty is given (page, table of users, commands) asks here.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

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


# Of an account: name, username, role and county code.
Held = tuple[str, str, str, str]


def barred_beside(name: str, role: str, county: str, others: Iterable[Held]) -> Held | None:
    """Somebody of the same name, however it is spelled, in a duty that this role excludes.
    Administrators are of no county: with them it is asked in every one."""
    letters = typed_text.letters(name)
    for held in others:
        near = held[3] == county or bool({role, held[2]} & ADMINISTRATORS)
        if near and excludes(role, held[2]) and typed_text.letters(held[0]) == letters:
            return held
    return None


class Namesake(NamedTuple):
    """Other accounts in use under the same name, which may be the same person's."""

    told: str  # their user names and duties
    is_barred: bool  # whether one person may not have one of these duties beside the own


def namesakes() -> dict[int, Namesake]:
    """Of the accounts in use those beside which others of the same name work in the same county,
    by key: first of all one whose duty excludes theirs, also from before this was asked, or by note
    as another person's. Two accounts of one person could pass each other's work, whose hands are
    told apart by account."""
    found = {}
    for same in _by_letters().values():
        for user in same:
            others = [_held(one) for one in same if one.pk != user.pk]
            barred = barred_beside(user.name, user.role, user.county_code, others)
            near = [one for one in others if one[3] == user.county_code]
            shown = dict.fromkeys([*([barred] if barred else []), *near])
            if shown:
                told = "、".join(f"{one[1]}（{ROLE_NAMES[Role(one[2])]}）" for one in shown)
                found[user.pk] = Namesake(told, barred is not None)
    return found


def named_as(users: Iterable[User]) -> set[int]:
    """The accounts in use that bear the name of one of the users, their own among them."""
    names = {typed_text.letters(one.name) for one in users}
    return {one.pk for name, same in _by_letters().items() if name in names for one in same}


def _by_letters() -> dict[str, list[User]]:
    rows = User.objects.filter(is_active=True, is_program=False).exclude(role="")
    people: dict[str, list[User]] = defaultdict(list)
    for user in rows.select_related("division").order_by("username"):
        people[typed_text.letters(user.name)].append(user)
    return people


def _held(user: User) -> Held:
    return user.name, user.username, user.role, user.county_code


def second_duty(name: str, role: str, county: str, others: Iterable[Held]) -> str:
    """What stands against one person's having this role beside the others; "" if nothing."""
    held = barred_beside(name, role, county, others)
    if held is None:
        return ""
    return (
        f"{held[0]}已有账号 {held[1]}（{ROLE_NAMES[Role(held[2])]}），"
        f"与“{ROLE_NAMES[Role(role)]}”是不相容岗位，一人不能兼任；"
        "确是同名的另一个人，请在“同名说明”中写明"
    )


def refuse_second_duty(user: User, role: str, county: str) -> None:
    """不相容岗位: one person with two could pass the own work. Raises Refusal."""
    # By duty and not by name: names of earlier years stand as they were typed then.
    barred = [other for other in Role if excludes(role, other)]
    rows = User.objects.filter(role__in=barred, is_active=True, is_program=False)
    rows = rows.exclude(pk=user.pk).select_related("division").order_by("username")
    told = ((one.name, one.username, one.role, one.county_code) for one in rows)
    if problem := second_duty(user.name, role, county, told):
        raise Refusal(problem, "other_person")
