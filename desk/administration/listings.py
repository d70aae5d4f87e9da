"""Accounts, divisions and the audit trail in tables."""

from django.db import models
from django.db.models import Q

from accounts.models import AuditLine, AuditQuerySet, Division, DivisionQuerySet, User, UserQuerySet
from accounts.roles import ROLE_NAMES
from accounts.trail_names import (
    ACTION_NAMES,
    action_name,
    actions_named,
    changes,
    subject_name,
)
from desk.filters import FilterForm, chosen, typed
from desk.listing import Column, Listing, attr
from desk.tones import toned


@toned(ON="good", OFF="idle")
class Access(models.TextChoices):
    """Whether an account may sign in."""

    ON = "on", "启用"
    OFF = "off", "未启用"


class UserFilter(FilterForm):
    role = chosen("角色", "role", [(role.value, name) for role, name in ROLE_NAMES.items()])


def _users(user: User) -> UserQuerySet:
    """The administrators keep the accounts of every area."""
    rows: UserQuerySet = User.objects.select_related("division")
    return rows


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
        Column("状态", lambda row: Access.ON if row.is_active else Access.OFF, "status"),
        Column("", lambda row: "授权", link="accounts:user_role", where="page"),
    ),
    UserFilter,
    template="desk/administration/users.html",
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


def _by_user(rows: AuditQuerySet, value: str) -> AuditQuerySet:
    return rows.filter(Q(user__username=value) | Q(user_name=value))


def _by_action(rows: AuditQuerySet, value: str) -> AuditQuerySet:
    """By the code's beginning, or by a part of what it is called."""
    return rows.filter(Q(action__startswith=value) | Q(action__in=actions_named(value)))


class AuditFilter(FilterForm):
    user = typed("用户名或姓名", _by_user)
    action = typed("操作", _by_action, offers=sorted(set(ACTION_NAMES.values())))


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
        Column("对象", lambda row: subject_name(row.subject_type)),
        Column("编号", attr("subject_id"), "code"),
        Column("事由", changes, template="desk/administration/_changes.html", where="page"),
        Column("事由", attr("reason"), where="workbook", width=30),
        Column("前后对照", _changes, where="workbook", width=60),
    ),
    AuditFilter,
    export="accounts.export_audit",
)
