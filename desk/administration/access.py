"""The yearly review of accounts (权限年度复核): each may go on, or is closed."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from django.db.models import OuterRef, Subquery

from accounts.audit import record
from accounts.duties import Namesake, named_as, namesakes
from accounts.errors import Refusal
from accounts.models import User, UserQuerySet
from accounts.roles import Role
from accounts.services import assign_role
from desk.administration.models import AccessCheck
from desk.changes import all_or_nothing
from desk.reasons import given_reason

ACTION = "accounts.check_access"
# Who has not come in for so long is asked about. No norm gives the days.
UNUSED = timedelta(days=90)


def checked_by(user: User) -> UserQuerySet:
    """The accounts whose duties the user looks at: those that are in use and no program's, whose
    client is reviewed where it was let in. Those who give duties, and whoever has the name of one
    of them, are looked at by the audit administrator, all others by the security administrator; and
    nobody looks at his own, nor at one that bears his name."""
    if user.role not in {Role.SECURITY_ADMIN, Role.AUDIT_ADMIN}:
        return User.objects.none()
    in_use = User.objects.filter(is_active=True, is_program=False)
    theirs = named_as(in_use.filter(role=Role.SECURITY_ADMIN))
    if user.role == Role.SECURITY_ADMIN:  # whose own name is among them
        return in_use.exclude(pk__in=theirs)
    return in_use.filter(pk__in=theirs - named_as([user]))


def with_checks(rows: UserQuerySet, year: int) -> UserQuerySet:
    """With what the year's review said: `verdict`, None where nobody has looked yet."""
    checks = AccessCheck.objects.filter(account=OuterRef("pk"), year=year)
    found: UserQuerySet = rows.annotate(
        verdict=Subquery(checks.values("verdict")[:1]),
        checked_on=Subquery(checks.values("checked_at__date")[:1]),
    )
    return found


def unchecked(user: User, year: int) -> UserQuerySet:
    rows: Any = with_checks(checked_by(user), year)
    found: UserQuerySet = rows.filter(verdict=None)
    return found


def doubts(account: User, on: date, same: Mapping[int, Namesake]) -> list[str]:
    """Why an account may not be needed any more, or not be right. `same`: `namesakes`."""
    found = []
    if other := same.get(account.pk):
        found.append(
            f"与同名账号 {other.told}是不相容岗位"
            if other.is_barred
            else f"有同名账号 {other.told}，若是同一人，不得复核自己经办的事项"
        )
    if account.last_login is None:
        found.append("从未登录")
    elif account.last_login.date() < on - UNUSED:
        found.append(f"{(on - account.last_login.date()).days} 天没有登录")
    if account.must_change_password:
        found.append("还在用初始密码")
    return found


@all_or_nothing()
def keep_access(*, actor: User, accounts: Iterable[int], on: date, reason: str = "") -> int:
    """These accounts may go on with what they have. Of one that is in doubt the reason is asked.

    How many were kept. Raises Refusal, and then none was.
    """
    users = _locked(actor, accounts, on)
    same = namesakes()
    in_doubt = [user for user in users if doubts(user, on, same)]
    if in_doubt:
        names = "、".join(user.name for user in in_doubt[:5])
        reason = given_reason(
            reason, asks=f"{names} 等账号继续使用的理由（久未登录、还在用初始密码或有同名账号）"
        )
    for user in users:
        said = reason if user in in_doubt else ""
        _note(actor, user, AccessCheck.Verdict.KEPT, on, said)
    return len(users)


@all_or_nothing()
def close_access(*, actor: User, accounts: Iterable[int], on: date, reason: str) -> int:
    """These accounts are closed, and whoever is signed in with them is signed out: by who gives
    duties, so that of those who do, another one must.

    How many were closed. Raises Refusal, and then none was.
    """
    if not actor.may("accounts.assign_roles"):
        raise Refusal("停用由安全管理员办理，请转告另一位安全管理员")
    users = _locked(actor, accounts, on)
    reason = given_reason(reason, asks="停用的理由")
    for user in users:
        _note(actor, user, AccessCheck.Verdict.CLOSED, on, reason)
        assign_role(
            actor=actor,
            user=user,
            role=user.role,
            division=user.division,
            institution_code=user.institution_code,
            is_active=False,
        )
    return len(users)


def _locked(actor: User, accounts: Iterable[int], on: date) -> list[User]:
    wanted = set(accounts)
    if not wanted:
        raise Refusal("请先勾选账号", "accounts")
    rows = checked_by(actor).select_for_update(no_key=True, of=("self",))
    users = list(rows.select_related("division").filter(pk__in=wanted).order_by("pk"))
    if len(users) != len(wanted):
        raise Refusal("所选账号中有的已停用，或不由您复核，请刷新页面", "accounts")
    if AccessCheck.objects.filter(account__in=users, year=on.year).exists():
        raise Refusal("所选账号中有的本年度已经复核，请刷新页面", "accounts")
    return users


def _note(actor: User, user: User, verdict: AccessCheck.Verdict, on: date, reason: str) -> None:
    row = AccessCheck.objects.create(
        account=user,
        year=on.year,
        role=user.role,
        place=user.division_code or user.institution_code,
        verdict=verdict,
        reason=reason,
        checked_by=actor,
    )
    told = {"verdict": row.verdict, "year": row.year, "role": row.role, "place": row.place}
    record(actor=actor, action=ACTION, subject=user, after=told, reason=reason)
