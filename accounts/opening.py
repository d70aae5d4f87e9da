"""The beginning of a deployment: the county and its three administrators, before anybody is there.

From then on everything goes through the pages: nobody stands above the three (三员分立), so that
there is no superuser, and a deployment that has users is never opened again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.audit import record, snapshot
from accounts.errors import Refusal
from accounts.models import Division, User, username_rule
from accounts.passwords import open_administrator
from accounts.roles import ADMINISTRATORS, ROLE_NAMES, Role
from lib import typed_text
from lib.divisions import DivisionCodeError, level_of

# The order in which they are asked for and told.
THREE = (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN)
assert set(THREE) == ADMINISTRATORS
NAME_LENGTH, COUNTY_LENGTH = 40, 60  # of the columns


@dataclass(frozen=True)
class Administrator:
    """One of the three as the county names him."""

    username: str
    name: str


@dataclass(frozen=True)
class Asked:
    """What a new deployment is told: the county's code (GB/T 2260) and name, from which day on it
    is a division, and who the three administrators are."""

    code: str
    name: str
    first_day: date
    administrators: Mapping[Role, Administrator]


@transaction.atomic
def open_county(asked: Asked) -> dict[Role, str]:
    """Open the deployment. Returns each administrator's one-time password, kept nowhere.

    Raises Refusal when it has users already, or when what is asked for cannot be.
    """
    refuse_open()
    _check(asked)
    county = Division.objects.create(
        code=asked.code,
        name=asked.name,
        level=Division.Level.COUNTY,
        first_day=asked.first_day,
    )
    record(actor=None, action="accounts.open_county", subject=county, after=snapshot(county))
    return {
        role: open_administrator(
            role=role,
            username=asked.administrators[role].username,
            name=asked.administrators[role].name,
        )
        for role in THREE
    }


def refuse_open() -> None:
    """Raises Refusal where the deployment is open, before anything is asked."""
    if User.objects.exists():
        raise Refusal(
            "库中已有用户，这个门户已经启用，不能再启用一次；"
            "新的账号由系统管理员在“用户”中建立、安全管理员授权"
        )


def _check(asked: Asked) -> None:
    """Raises Refusal naming every fault."""
    faults = []
    try:
        if level_of(asked.code) != Division.Level.COUNTY:
            faults.append(f"县的区划代码应为 6 位数字（GB/T 2260），现为“{asked.code}”")
    except DivisionCodeError as error:
        faults.append(str(error))
    if not 2 <= len(asked.name) <= COUNTY_LENGTH:
        faults.append(f"请写明县的名称（2 至 {COUNTY_LENGTH} 个字）")
    for role in THREE:
        one = asked.administrators.get(role)
        if one is None or not one.name or not one.username:
            faults.append(f"缺少{ROLE_NAMES[role]}的用户名或姓名")
            continue
        try:
            username_rule(one.username)
        except ValidationError as error:
            faults.append(f"{ROLE_NAMES[role]}的用户名“{one.username}”：{error.messages[0]}")
        if problem := typed_text.name_problem(typed_text.name(one.name)):
            faults.append(f"{ROLE_NAMES[role]}的姓名“{one.name}”{problem}")
        if len(one.name) > NAME_LENGTH:
            faults.append(f"{ROLE_NAMES[role]}的姓名最多 {NAME_LENGTH} 个字")
    three = asked.administrators.values()
    for what, given in (
        ("姓名", [typed_text.letters(one.name) for one in three if one.name]),
        ("用户名", [one.username for one in three if one.username]),
    ):
        if len(set(given)) < len(given):
            faults.append(f"三员的{what}有相同的：三员应为三个人，一人不能兼任")
    if faults:
        raise Refusal("；".join(faults))
