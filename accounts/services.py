"""Writes of the room: accounts and roles, divisions from a table."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from django.db import transaction

from accounts.audit import audited, record, snapshot
from accounts.duties import refuse_second_duty, spelled
from accounts.errors import Refusal
from accounts.models import PROGRAM, Division, User
from accounts.passwords import checked, unusable
from accounts.roles import (
    ADMINISTRATORS,
    DIVISION_ROLES,
    INSTITUTION_ROLES,
    Role,
)
from lib.divisions import level_of, parent_code


@transaction.atomic
def create_user(*, actor: User, username: str, name: str, password: str) -> User:
    """A new, still inactive account (system administrator); a role is given by another person."""
    if User.objects.filter(username=username).exists():
        raise Refusal("这个用户名已有人使用，请换一个", "username")
    user = User(
        username=username,
        name=spelled(name),
        role=Role.AUDIT_ADMIN,
        is_active=False,
        must_change_password=True,
    )
    user.set_password(checked(password, user, "password"))
    user.save()
    record(actor=actor, action="accounts.create_user", subject=user, after=audited(user))
    return user


@transaction.atomic
def assign_role(
    *,
    actor: User,
    user: User,
    role: str,
    division: Division | None,
    institution_code: str,
    is_active: bool,
    other_person: str = "",
) -> User:
    """Role and scope of an account (security administrator), never of the own one.

    `other_person`: why somebody of the same name in a duty that this one excludes is not the same.
    """
    if user.pk == actor.pk:
        raise Refusal("不能修改自己的角色和权限，请由另一位安全管理员办理")
    if role in DIVISION_ROLES and division is None:
        raise Refusal("这个角色必须填写所属区划代码", "division_code")
    if role in INSTITUTION_ROLES and not institution_code:
        raise Refusal("定点机构角色必须填写机构代码", "institution_code")
    # Two administrators at once: the second sees what the first gave, so one role stays one role.
    user = User.objects.select_for_update().get(pk=user.pk)
    if user.is_program:
        raise Refusal(f"{PROGRAM}不能授权，停用或换机构请在“接入客户端”中办理")
    county = division.county_code if division else institution_code[1:7]
    if is_active and not other_person.strip():
        refuse_second_duty(user, role, county)
    before = audited(user)
    user.role = role
    user.division = None if role in ADMINISTRATORS else division
    user.institution_code = institution_code if role in INSTITUTION_ROLES else ""
    user.is_active = is_active
    user.session_stamp += 1  # whoever is signed in with the duties of before signs in again
    user.save()
    record(
        actor=actor,
        action="accounts.assign_role",
        subject=user,
        before=before,
        after=audited(user),
        reason=other_person.strip(),
    )
    return user


@transaction.atomic
def grant_asked(*, actor: User, accounts: Sequence[int], seen: str | None = None) -> list[User]:
    """Give accounts the roles and places that the system administrator's table asked for.

    All of them or none. `seen`: the `asked_fingerprint` of what the page showed; the table may be
    read in anew while it lies open. Raises Refusal naming the account.
    """
    asking = User.objects.select_for_update(no_key=True).asking().order_by("pk")
    if seen is not None and seen != asked_fingerprint(asking):
        raise Refusal("您打开这一页之后，待授权的账号有了变动：请看过现在的内容再授权")
    users = [user for user in asking if user.pk in set(accounts)]
    if not users or len(users) != len(set(accounts)):
        raise Refusal("请勾选待授权的账号；其中有的已由别人授权，请刷新页面")
    return [_grant(actor, user) for user in users]


def _grant(actor: User, user: User) -> User:
    division = Division.objects.filter(code=user.asked_place).first()
    institution_code = user.asked_place if user.asked_role in INSTITUTION_ROLES else ""
    try:
        granted = assign_role(
            actor=actor,
            user=user,
            role=user.asked_role,
            division=division,
            institution_code=institution_code,
            is_active=True,
            other_person=user.asked_note,
        )
    except Refusal as refusal:
        raise Refusal(f"{user.name}（{user.username}）：{refusal.message}") from None
    User.objects.filter(pk=user.pk).update(asked_role="", asked_place="", asked_note="")
    return granted


def open_program(*, actor: User, username: str, name: str, institution_code: str) -> User:
    """The account through which a program of an institution works: no password, no sign-in.

    Inside the transaction of whoever makes the program known to the portal.
    """
    user = User(
        username=username,
        name=name,
        role=Role.INSTITUTION_CLERK,
        institution_code=institution_code,
        is_program=True,
        password=unusable(),
    )
    user.save()
    record(actor=actor, action="accounts.open_program", subject=user, after=audited(user))
    return user


def asked_fingerprint(users: Iterable[User]) -> str:
    """Of what is asked for these accounts, as the page shows it."""
    told = sorted((one.pk, one.name, one.asked_role, one.asked_place) for one in users)
    return hashlib.sha256(repr(told).encode()).hexdigest()[:32]


@transaction.atomic
def load_divisions(
    *, actor: User | None, names: Mapping[str, str], first_day: date
) -> tuple[int, int]:
    """Add or rename divisions, code → name. Whole or not at all.

    Returns how many were added and how many renamed. Raises DivisionCodeError for a code that is
    none, Refusal for one whose division above is not there.
    """
    # The whole table, seldom written: two loads at once would both add the same places.
    existing = {d.code: d for d in Division.objects.select_for_update()}
    added = renamed = 0
    for code in sorted(names, key=lambda c: (len(c), c)):
        division = existing.get(code)
        if division is None:
            above = parent_code(code)
            if above and above not in existing:
                raise Refusal(f"代码 {code} 的上级 {above} 既不在表中也未建立")
            division = Division.objects.create(
                code=code,
                name=names[code],
                level=level_of(code),
                first_day=first_day,
                parent=existing[above] if above else None,
            )
            existing[code] = division
            added += 1
            record(
                actor=actor,
                action="accounts.add_division",
                subject=division,
                after=snapshot(division),
            )
        elif division.name != names[code]:
            before = snapshot(division)
            division.name = names[code]
            division.save(update_fields=["name"])
            renamed += 1
            record(
                actor=actor,
                action="accounts.rename_division",
                subject=division,
                before=before,
                after=snapshot(division),
            )
    return added, renamed
