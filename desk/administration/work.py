"""What waits for the three administrators."""

from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from accounts.clock import start_of, today
from accounts.granting import role_problems
from accounts.models import AuditLine, SignInFailure, User
from desk.administration.access import unchecked
from desk.worklist import Note, Trend, Work

# A month; no norm.
REVIEW_FROM = 10


def _ungranted(user: User) -> QuerySet[User]:
    """New accounts that were never given a role, nor asked for one in a table."""
    rows = User.objects.filter(is_active=False, division=None, institution_code="", last_login=None)
    return rows.filter(asked_role="")


def _asking(user: User) -> QuerySet[User]:
    return User.objects.asking()


def _strangers(user: User) -> QuerySet[User]:
    """Whoever was given a role and has not come in: without a letter he cannot."""
    return User.objects.never_signed_in().exclude(pk=user.pk)


def _unchecked(user: User) -> QuerySet[User]:
    """From the last quarter on, so that the year ends with every account looked at."""
    on = today()
    return unchecked(user, on.year) if on.month >= REVIEW_FROM else User.objects.none()


def _locked(user: User) -> QuerySet[User]:
    rows: Any = User.objects.filter(is_active=True).with_tries(timezone.now())
    found: QuerySet[User] = rows.filter(is_locked=True)
    return found


def _failures(user: User) -> QuerySet[SignInFailure]:
    return SignInFailure.objects.failed()


def _failed_today(user: User) -> QuerySet[SignInFailure]:
    since = start_of(today())
    return SignInFailure.objects.failed().filter(at__gte=since, at__lt=since + timedelta(days=1))


def _lines(user: User) -> QuerySet[AuditLine]:
    return AuditLine.objects.all()


def _owner(user: User, day: date) -> str:
    return "；".join(role_problems())


WORK = (
    Work(
        "新账号待授权",
        "accounts.assign_roles",
        "accounts:users",
        _ungranted,
        unit="个",
        query="state=off",
        since="created_at",
        late=3,  # no norm
    ),
    Work(
        "用户表待授权",
        "accounts.assign_roles",
        "accounts:asked",
        _asking,
        unit="个",
        since="created_at",
        late=3,  # no norm
    ),
    Work(
        "权限年度复核",
        "accounts.check_access",
        "accounts:access",
        _unchecked,
        unit="个",
        query="state=open",
    ),
    Work("还没有登录过", "accounts.reset_passwords", "accounts:letters", _strangers, unit="个"),
    Work(
        "账号被锁定",
        "accounts.reset_passwords",
        "accounts:users",
        _locked,
        unit="个",
        query="state=locked",
        is_momentary=True,  # a lock ends by itself after some minutes
    ),
    Work("今天登录失败", "accounts.view_users", "accounts:failures", _failed_today, unit="次"),
)
NOTES = (Note("accounts.view_users", "accounts:users", _owner, "bad"),)
TRENDS = (
    Trend("近 14 天操作日志（条）", "accounts.view_audit", _lines, "at", is_moment=True),
    Trend("近 14 天登录失败（次）", "accounts.view_users", _failures, "at", is_moment=True),
)
