"""Writes of the room: sign-in with a lock-out, accounts and roles, divisions from a table."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from django.contrib.auth import authenticate
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest

from accounts.audit import record, snapshot
from accounts.errors import Refusal
from accounts.models import AuditLine, Division, SignInFailure, User
from accounts.origin import current
from accounts.roles import DIVISION_ROLES, INSTITUTION_ROLES, Role
from lib.divisions import level_of, parent_code

# Five wrong passwords, then a quarter of an hour: GB/T 22239-2019 8.1.4.1 b) asks for a limit and a
# lock and leaves the figures to the operator.
FAILURES_ALLOWED = 5
# Six desks' worth: a guesser who changes his address is stopped, six colleagues who err are not.
FAILURES_EVERYWHERE = 30
LOCKED_FOR = timedelta(minutes=15)
# A desk where the user signed in within a month is the user's own, whatever goes on elsewhere.
KNOWN_FOR = timedelta(days=30)
ADMINISTRATORS = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN})


def check_sign_in(*, request: HttpRequest, username: str, password: str, now: datetime) -> User:
    """The user behind the name and password. Raises Refusal, also while the name is locked."""
    username = username.strip()
    origin = current.get().address
    # Counted before the password is looked at: guesses sent side by side do not slip through.
    attempt = SignInFailure.objects.create(username=username, origin=origin)
    left = _guesses_left(username, origin, now)
    if left < 0:
        attempt.delete()  # a locked door that is tried again does not stay locked for longer
        raise Refusal("密码输错次数过多，该用户名已锁定 15 分钟，请稍后再试或联系系统管理员")
    user = authenticate(request, username=username, password=password)
    if not isinstance(user, User):
        if left:
            raise Refusal(f"用户名或密码不对，还可以试 {left} 次")
        _note_lock(username)
        raise Refusal("用户名或密码不对，该用户名已锁定 15 分钟")
    with transaction.atomic():
        # Guesses from elsewhere still count; what is older than the lock serves nobody.
        mine = Q(username=username, origin=origin)
        SignInFailure.objects.filter(mine | Q(at__lte=now - LOCKED_FOR)).delete()
        record(actor=user, action="accounts.sign_in", subject=user)
    return user


def _guesses_left(username: str, origin: str | None, now: datetime) -> int:
    """How many wrong passwords are still allowed after the one being tried; below 0 is locked.

    Counted by name and address, so that nobody can lock a colleague out from another desk. All
    desks together have a limit too, except at a desk where the user signed in lately.
    """
    recent = SignInFailure.objects.filter(username=username, at__gt=now - LOCKED_FOR)
    here = FAILURES_ALLOWED - recent.filter(origin=origin).count()
    everywhere = FAILURES_EVERYWHERE - recent.count()
    if here <= everywhere:
        return here
    known = AuditLine.objects.filter(
        action="accounts.sign_in",
        user__username=username,
        origin=origin,
        at__gt=now - KNOWN_FOR,
    )
    return here if known.exists() else everywhere


def _note_lock(username: str) -> None:
    """The trail keeps that somebody's account was locked; unknown names are nobody's account."""
    user = User.objects.filter(username=username).first()
    if user is not None:
        record(actor=None, action="accounts.lock_sign_in", subject=user)


@transaction.atomic
def set_own_password(*, actor: User, password: str) -> None:
    """The user's own new password, never the one that is known to who handed the account out."""
    if actor.check_password(password):
        raise Refusal("新密码与原密码相同，请换一个", "new_password")
    actor.set_password(password)
    actor.must_change_password = False
    actor.save(update_fields=["password", "must_change_password"])
    record(actor=actor, action="accounts.change_password", subject=actor)


@transaction.atomic
def create_user(*, actor: User, username: str, name: str, password: str) -> User:
    """A new, still inactive account (system administrator); a role is given by another person."""
    if User.objects.filter(username=username).exists():
        raise Refusal("这个用户名已有人使用，请换一个", "username")
    user = User(
        username=username,
        name=name,
        role=Role.AUDIT_ADMIN,
        is_active=False,
        must_change_password=True,
    )
    user.set_password(password)
    user.save()
    record(actor=actor, action="accounts.create_user", subject=user, after=snapshot(user))
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
) -> User:
    """Role and scope of an account (security administrator), never of the own one."""
    if user.pk == actor.pk:
        raise Refusal("不能修改自己的角色和权限，请由另一位安全管理员办理")
    if role in DIVISION_ROLES and division is None:
        raise Refusal("这个角色必须填写所属区划代码", "division_code")
    if role in INSTITUTION_ROLES and not institution_code:
        raise Refusal("定点机构角色必须填写机构代码", "institution_code")
    # Two administrators at once: the second sees what the first gave, so one role stays one role.
    user = User.objects.select_for_update().get(pk=user.pk)
    before = snapshot(user)
    user.role = role
    user.division = None if role in ADMINISTRATORS else division
    user.institution_code = institution_code if role in INSTITUTION_ROLES else ""
    user.is_active = is_active
    user.save()
    record(
        actor=actor,
        action="accounts.assign_role",
        subject=user,
        before=before,
        after=snapshot(user),
    )
    return user


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
