"""Accounts, divisions and the audit trail in tables."""

from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any

from django.apps import apps
from django.db.models import CharField, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from accounts.clock import today
from accounts.duties import namesakes
from accounts.models import (
    PROGRAM,
    AuditLine,
    AuditQuerySet,
    Division,
    DivisionQuerySet,
    SignInFailure,
    User,
    UserQuerySet,
)
from accounts.origin import network, unmapped
from accounts.permissions import Request
from accounts.roles import ROLE_NAMES
from accounts.services import asked_fingerprint
from accounts.trail_names import (
    ACTION_NAMES,
    EXPORT_NAMES,
    SUBJECT_NAMES,
    action_name,
    actions_named,
    subject_name,
)
from accounts.trail_words import changes
from desk.administration.access import checked_by, doubts, with_checks
from desk.administration.models import AccessCheck
from desk.filters import ANY, FilterForm, chosen, day, typed, whole
from desk.listing import Column, Listing, attr
from desk.models import SpecialDay, SpecialDayQuerySet
from desk.tones import TonedChoices


class Access(TonedChoices):
    """Whether an account may sign in."""

    ON = "on", "good", "启用"
    LOCKED = "locked", "bad", "锁定"
    OFF = "off", "idle", "未启用"


class Unchecked(TonedChoices):
    """Of an account at which nobody looked this year."""

    OPEN = "open", "wait", "待复核"


def _in_state(rows: UserQuerySet, value: str) -> UserQuerySet:
    """`rows` are with_tries."""
    locked = {} if value == Access.OFF else {"is_locked": value == Access.LOCKED}
    return rows.filter(is_active=value != Access.OFF, **locked)


def _of_role(rows: UserQuerySet, value: str) -> UserQuerySet:
    """Programs bear an institution's role and are listed by themselves."""
    if value == "program":
        return rows.filter(is_program=True)
    return rows.filter(role=value, is_program=False)


class UserFilter(FilterForm):
    role = chosen(
        "角色",
        _of_role,
        [*((role.value, name) for role, name in ROLE_NAMES.items()), ("program", PROGRAM)],
    )
    state = chosen("状态", _in_state, Access.choices)


def _users(user: User) -> UserQuerySet:
    """The administrators keep the accounts of every area."""
    return User.objects.with_tries(timezone.now())


def _access(row: Any) -> Access:
    """`row` is a user with_tries."""
    if not row.is_active:
        return Access.OFF
    return Access.LOCKED if row.is_locked else Access.ON


def _tries(row: Any) -> str:
    """Beside the state: how many tries count, and when the last one was."""
    if not row.tries:
        return ""
    return f"输错 {row.tries} 次，{timezone.localtime(row.last_try):%m-%d %H:%M}"


USERS = Listing(
    "用户",
    "accounts.view_users",
    _users,
    (
        Column("用户名", attr("username"), "code", sort=True),
        Column("姓名", attr("name"), sort=True),
        Column("角色", lambda row: row.role_name if row.is_active else "", sort="role"),
        Column("所属区划", attr("division.name"), sort="division__code"),
        Column("所属机构", attr("institution_code"), "code", sort=True),
        Column("状态", _access, "status", hint=_tries),
        Column("最近登录", attr("last_login"), "minute", sort=True),
        Column(
            "",
            lambda row: "" if row.is_program else "授权",
            link="accounts:user_role",
            where="page",
        ),
    ),
    UserFilter,
    template="desk/administration/users.html",
)


def _failures_of(rows: QuerySet[SignInFailure], value: str) -> QuerySet[SignInFailure]:
    return rows.filter(username=value)


def _failures_from(rows: QuerySet[SignInFailure], value: str) -> QuerySet[SignInFailure]:
    try:
        address = str(unmapped(ip_address(value.strip())))
    except ValueError:
        return rows.none()
    # At the door of the insured tries are counted by network (insured/door.py).
    return rows.filter(origin__in={address, network(address)})


def _asking(user: User) -> UserQuerySet:
    """The administrators keep the accounts of every area."""
    place = Division.objects.filter(code=OuterRef("asked_place")).values("name")
    return User.objects.asking().annotate(place=Subquery(place[:1]))


def _seen(request: Request) -> dict[str, Any]:
    return {"seen": asked_fingerprint(User.objects.asking())}


ASKED = Listing(
    "待授权账号",
    "accounts.assign_roles",
    _asking,
    (
        Column("用户名", attr("username"), "code", sort=True),
        Column("姓名", attr("name"), sort=True),
        Column("拟任角色", attr("get_asked_role_display"), sort="asked_role"),
        Column("所属代码", attr("asked_place"), "code", sort=True),
        Column("所属", attr("place")),
        Column("同名说明", attr("asked_note")),
        Column("登记时间", attr("created_at"), "minute", sort=True),
    ),
    empty="没有待授权的账号",
    hint="系统管理员读入用户表后，在这里授权",
    tick="accounts",
    is_ticked=True,
    size=200,
    template="desk/administration/asked.html",
    beside=_seen,
)


class LetterFilter(FilterForm):
    township = chosen("乡镇", "division__code__startswith")
    role = chosen("角色", "role", [(role.value, name) for role, name in ROLE_NAMES.items()])

    def offer(self) -> None:
        townships = Division.objects.townships().values_list("code", "name")
        self.choose("township", [ANY, *townships])


def _strangers(user: User) -> UserQuerySet:
    """The administrators keep the accounts of every area; nobody hands out his own password."""
    rows = User.objects.never_signed_in().exclude(pk=user.pk)
    return rows.select_related("division__parent").order_by("division__code", "username")


LETTERS = Listing(
    "密码信函",
    "accounts.reset_passwords",
    _strangers,
    (
        Column("用户名", attr("username"), "code", sort=True),
        Column("姓名", attr("name"), sort=True),
        Column("角色", attr("role_name"), sort="role"),
        Column("所属区划", attr("division.place"), sort="division__code"),
        Column("所属机构", attr("institution_code"), "code", sort=True),
    ),
    LetterFilter,
    empty="没有还未登录过的账号",
    hint="授权以后、本人还没有登录过的账号列在这里",
    tick="accounts",
    size=60,
    template="desk/administration/unopened.html",
)


def _reviewed(rows: Any, value: str) -> Any:
    """`rows` are with_checks."""
    if value == "same":
        return rows.filter(pk__in=namesakes())
    return rows.filter(verdict__isnull=True) if value == "open" else rows.filter(verdict=value)


def _in_doubt(user: User, rows: list[Any]) -> list[Any]:
    same, on = namesakes(), today()
    for row in rows:
        row.doubts = "；".join(doubts(row, on, same))
    return rows


class AccessFilter(FilterForm):
    state = chosen(
        "本年度",
        _reviewed,
        [("open", "待复核"), ("same", "同名账号"), *AccessCheck.Verdict.choices],
    )
    role = chosen("角色", "role", [(role.value, name) for role, name in ROLE_NAMES.items()])


def _to_check(user: User) -> Any:
    rows = with_checks(checked_by(user), today().year).select_related("division__parent")
    return rows.order_by("role", "division__code", "username")


def _verdict(row: Any) -> AccessCheck.Verdict | Unchecked:
    return AccessCheck.Verdict(row.verdict) if row.verdict else Unchecked.OPEN


def _may_close(request: Request) -> dict[str, Any]:
    return {"may_close": request.user.may("accounts.assign_roles")}


ACCESS = Listing(
    "权限年度复核",
    "accounts.check_access",
    _to_check,
    (
        Column("用户名", attr("username"), "code", sort=True),
        Column("姓名", attr("name"), sort=True),
        Column("角色", attr("role_name"), sort="role"),
        Column("所属区划", attr("division.place"), sort="division__code"),
        Column("所属机构", attr("institution_code"), "code", sort=True),
        Column("最近登录", attr("last_login"), "minute", sort=True),
        Column("请核对", attr("doubts")),
        Column("本年度", _verdict, "status"),
        Column("复核日期", attr("checked_on"), "day"),
    ),
    AccessFilter,
    empty="没有需要您复核的账号",
    hint="每个在用账号每年由他人复核一次：还需不需要、角色和范围对不对",
    gather=_in_doubt,
    tick="accounts",
    size=100,
    template="desk/administration/access.html",
    beside=_may_close,
)


class FailureFilter(FilterForm):
    user = typed("用户名", _failures_of)
    origin = typed("来源地址", _failures_from)
    since = day("日期自", "at__date__gte")


def _failures(user: User) -> QuerySet[SignInFailure]:
    """With the name of the person; the administrators keep the accounts of every area."""
    names = User.objects.filter(username=OuterRef("username")).values("name")
    return SignInFailure.objects.failed().annotate(name=Subquery(names[:1]))


def _typed_name(row: Any) -> str:
    """What was typed; what is no account's name is not shown, it may be a password."""
    if row.kind in SignInFailure.INSURED:
        return "（参保人）"
    return "（没有这个用户）" if row.username.startswith("?") else row.username


FAILURES = Listing(
    "失败登录",
    "accounts.view_users",
    _failures,
    (
        Column("时间", attr("at"), "minute"),
        Column("用户名", _typed_name, "code", sort="username"),
        Column("姓名", attr("name")),
        Column("来源地址", attr("origin"), "code", sort=True),
        Column("结果", attr("get_kind_display")),
        Column("计入锁定", lambda row: "是" if row.counts else ""),
    ),
    FailureFilter,
    empty="没有失败登录",
)


class DivisionFilter(FilterForm):
    level = chosen("层级", "level", Division.Level.choices)


def _divisions(user: User) -> DivisionQuerySet:
    """Who loads divisions sees all of them, everybody else the own ones."""
    rows = Division.objects.select_related("parent")
    return rows if user.may("accounts.load_divisions") else rows.visible_to(user)


DIVISIONS = Listing(
    "区划",
    "accounts.view_divisions",
    _divisions,
    (
        Column("代码", attr("code"), "code", sort=True),
        Column("名称", attr("name"), sort=True),
        Column("层级", attr("get_level_display")),
        Column("上级", attr("parent.name"), sort="parent__code"),
        Column("启用日期", attr("first_day"), "day", sort=True),
        Column("停用日期", attr("last_day"), "day", sort=True),
    ),
    DivisionFilter,
    empty="还没有区划",
    hint="由系统管理员用区划表导入",
    template="desk/administration/divisions.html",
)


def _of_year(rows: SpecialDayQuerySet, year: int) -> SpecialDayQuerySet:
    return rows.filter(day__year=year)


class CalendarFilter(FilterForm):
    year = whole("年度", _of_year)


def _special_days(user: User) -> SpecialDayQuerySet:
    """One calendar for every area."""
    return SpecialDay.objects.all()


CALENDAR = Listing(
    "节假日",
    "accounts.view_divisions",
    _special_days,
    (
        Column("日期", attr("day"), "day", sort=True),
        Column("名称", attr("name")),
        Column("安排", attr("get_kind_display"), sort="kind"),
    ),
    CalendarFilter,
    empty="还没有节假日安排，工作日按周一至周五计算",
    hint="由系统管理员照国务院办公厅的年度通知导入",
    template="desk/administration/calendar.html",
)


def _by_user(rows: AuditQuerySet, value: str) -> AuditQuerySet:
    return rows.filter(Q(user__username=value) | Q(user_name=value))


def _by_action(rows: AuditQuerySet, value: str) -> AuditQuerySet:
    """By the code's beginning, or by a part of what it is called."""
    return rows.filter(Q(action__startswith=value) | Q(action__in=actions_named(value)))


class AuditFilter(FilterForm):
    user = typed("用户名或姓名", _by_user)
    action = typed("操作", _by_action, offers=sorted(set(ACTION_NAMES.values())))
    kind = chosen("对象", "subject_type", sorted(SUBJECT_NAMES.items(), key=lambda one: one[1]))
    since = day("日期自", "at__date__gte")
    until = day("至", "at__date__lte")


def _trail(user: User) -> AuditQuerySet:
    """The audit administrator sees the whole trail, an auditor that of the own area."""
    rows = AuditLine.objects.all()
    return rows if user.may("accounts.view_users") else rows.visible_to(user)


def _changes(row: AuditLine) -> str:
    """What changed, in words, for the workbook."""
    return "；".join(
        f"{name}：{'—' if before is None else before} → {'—' if after is None else after}"
        for name, before, after in changes(row)
    )


def _subject(row: AuditLine) -> str:
    """What a line is about; of an export what was taken, not who took it."""
    if row.action == "export":
        what = str((row.after or {}).get("what", ""))
        return EXPORT_NAMES.get(what, what)
    return subject_name(row.subject_type)


def _numbered(user: User, rows: list[Any]) -> list[Any]:
    """The lines with the number that people know their rows by; one statement for each kind."""
    kinds: dict[str, set[int]] = {}
    for row in rows:
        if row.action != "export" and row.subject_id.isdecimal():
            kinds.setdefault(row.subject_type, set()).add(int(row.subject_id))
    found = {(kind, pk): told for kind, ids in kinds.items() for pk, told in _numbers(kind, ids)}
    for row in rows:
        known = row.subject_id.isdecimal() and found.get((row.subject_type, int(row.subject_id)))
        row.number = "" if row.action == "export" else known or row.subject_id
    return rows


# Columns that bear the number of a row, where its model says nothing else by `BORNE`.
BEARING = ("number", "slip_number", "code")


def _numbers(kind: str, ids: set[int]) -> Iterator[tuple[int, str]]:
    try:
        model = apps.get_model(kind)
    except (LookupError, ValueError):
        return  # a kind that the portal had once
    columns = [one.name for one in model._meta.concrete_fields if isinstance(one, CharField)]
    plain = next((name for name in BEARING if name in columns), "")
    spelled, paths = getattr(model, "BORNE", ("{}", (plain,)))
    if paths != ("",):
        for pk, *parts in model._default_manager.filter(pk__in=ids).values_list("pk", *paths):
            yield pk, spelled.format(*parts)


AUDIT = Listing(
    "操作日志",
    "accounts.view_audit",
    _trail,
    (
        Column("时间", attr("at"), "minute"),
        Column("操作人", attr("user_name"), sort=True),
        Column("角色", attr("get_role_display"), where="workbook"),
        Column("来源地址", attr("origin"), "code"),
        Column("操作", lambda row: action_name(row.action), sort="action"),
        Column("对象", _subject),
        Column("编号", attr("number"), "code"),
        Column("事由", changes, template="desk/administration/_changes.html", where="page"),
        Column("事由", attr("reason"), where="workbook", width=30),
        Column("前后对照", _changes, where="workbook", width=60),
    ),
    AuditFilter,
    gather=_numbered,
    export="accounts.export_audit",
)
