"""People who work in the portal, the divisions they work for, and the trail of what they did."""

from datetime import datetime, timedelta
from typing import Any, ClassVar, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.utils.crypto import salted_hmac

from accounts.roles import DIVISION_ROLES, INSTITUTION_ROLES, ROLE_NAMES, Role, may
from accounts.scoping import ScopedQuerySet


class DivisionQuerySet(ScopedQuerySet["Division"]):
    division_path = "code"

    def valid_on(self, day: Any) -> Self:
        return self.filter(first_day__lte=day).filter(Q(last_day=None) | Q(last_day__gte=day))

    def townships(self) -> Self:
        return self.filter(level=Division.Level.TOWNSHIP)

    def villages(self) -> Self:
        return self.filter(level=Division.Level.VILLAGE)


class Division(models.Model):
    """County, township, village or group. `code` starts with the code of the one above."""

    class Level(models.TextChoices):
        COUNTY = "county", "县"
        TOWNSHIP = "township", "乡镇"
        VILLAGE = "village", "村"
        GROUP = "group", "组"

    code = models.CharField(
        "区划代码",
        max_length=14,
        unique=True,
        validators=[RegexValidator(r"^\d{6}(\d{3}(\d{3}(\d{2})?)?)?$", "区划代码位数不对")],
    )
    name = models.CharField("名称", max_length=60)
    level = models.CharField("层级", max_length=8, choices=Level.choices)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children"
    )
    first_day = models.DateField("启用日期")
    last_day = models.DateField("停用日期", null=True, blank=True)

    objects = DivisionQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_day=None) | Q(last_day__gte=models.F("first_day")),
                name="division_dates_in_order",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def place(self) -> str:
        """The name after the one above it: 石梁村二组, 铁坪镇石梁村. Every village has a 一组.

        Reads `parent`: a list selects it together with the division.
        """
        above = self.parent
        if above is None or self.name.startswith(above.name):
            return self.name
        return f"{above.name}{self.name}"

    @property
    def county_code(self) -> str:
        return self.code[:6]

    @property
    def township_code(self) -> str:
        return self.code[:9]


class UserQuerySet(models.QuerySet["User"]):
    def in_role(self, role: Role) -> Self:
        return self.filter(role=role, is_active=True)

    def asking(self) -> Self:
        """Accounts from a table that wait for the role that was asked for them."""
        return self.filter(is_active=False, is_program=False).exclude(asked_role="")

    def never_signed_in(self) -> Self:
        """Accounts that are open and whose people have not come in yet."""
        return self.filter(
            is_active=True, is_program=False, last_login=None, must_change_password=True
        )

    def with_tries(self, now: datetime) -> Self:
        """The division, `is_locked` at some desk, `tries` that count, and `last_try`, if any."""
        mine = SignInFailure.objects.filter(username=OuterRef("username"))
        counting = mine.counting(now).order_by()
        by_name = counting.values("username").annotate(tries=Count("pk"))
        at_a_desk = counting.values("username", "origin", "device").annotate(tries=Count("pk"))
        return self.select_related("division").annotate(
            is_locked=Exists(at_a_desk.filter(tries__gte=SignInFailure.ALLOWED))
            | Exists(by_name.filter(tries__gte=SignInFailure.ALLOWED_EVERYWHERE)),
            tries=Subquery(by_name.values("tries")),
            last_try=Subquery(mine.values("at")[:1]),
        )


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(username=username)


username_rule = RegexValidator(
    r"^[a-z][a-z0-9_.]{2,39}\Z", "小写字母开头，3 至 40 位字母、数字、点或下划线"
)


# What pages call the account of a program of an institution.
PROGRAM = "系统接入账号"


class User(AbstractBaseUser):
    """One person in one role; somebody with two duties has two accounts. Or one program of an
    institution (`is_program`), which works here through the interface alone: nobody signs in as
    it, and no page gives it a password or a role."""

    ROLE_CHOICES: ClassVar[list[tuple[str, str]]] = [(r.value, n) for r, n in ROLE_NAMES.items()]

    username = models.CharField("用户名", max_length=40, unique=True, validators=[username_rule])
    name = models.CharField("姓名", max_length=40)
    role = models.CharField("角色", max_length=20, choices=ROLE_CHOICES)
    division = models.ForeignKey(
        Division, models.PROTECT, null=True, blank=True, verbose_name="所属区划"
    )
    # The workplace of an institution clerk. Only a code: this room does not know institutions.
    institution_code = models.CharField("所属机构代码", max_length=12, blank=True)
    # What the system administrator's table asks for (role, code of the place, why somebody of the
    # same name is another person); the security administrator gives it, then they are empty again.
    asked_role = models.CharField("拟任角色", max_length=20, choices=ROLE_CHOICES, blank=True)
    asked_place = models.CharField("拟任所属代码", max_length=14, blank=True)
    asked_note = models.CharField("同名说明", max_length=100, blank=True)
    is_active = models.BooleanField("启用", default=True)
    is_program = models.BooleanField(PROGRAM, default=False, db_default=False)
    must_change_password = models.BooleanField("须修改密码", default=False)
    # Part of what every session is bound to: raised, it ends them all.
    session_stamp = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    AUDITED = (
        "username", "name", "role", "division", "institution_code", "is_active",
        "must_change_password", "asked_role", "asked_place", "asked_note", "is_program",
    )  # fmt: skip
    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = UserManager.from_queryset(UserQuerySet)()

    class Meta:
        ordering = ["username"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(role__in=sorted(DIVISION_ROLES)) | Q(division__isnull=False),
                name="division_role_has_division",
            ),
            models.CheckConstraint(
                condition=~Q(role__in=sorted(INSTITUTION_ROLES)) | ~Q(institution_code=""),
                name="institution_role_has_institution",
            ),
            # No password that anybody could type begins with "!" (UNUSABLE_PASSWORD_PREFIX).
            models.CheckConstraint(
                condition=Q(is_program=False)
                | Q(
                    role=Role.INSTITUTION_CLERK.value,
                    password__startswith="!",  # noqa: S106
                    asked_role="",
                    must_change_password=False,
                ),
                name="program_has_no_password",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What a session must carry to go on: the password's hash and the stamp."""
        told = f"{self.password}:{self.session_stamp}"
        return salted_hmac("accounts.session", told, secret=secret, algorithm="sha256").hexdigest()

    def may(self, permission: str) -> bool:
        """Whether this user's role has the permission (accounts/roles.py)."""
        return self.is_active and may(self.role, permission)

    @classmethod
    def reader_of(cls, area: Division) -> "User":
        """Nobody: the scope of whoever reads all of an area, for sums that are worked out for its
        books and must not depend on who asks. Never saved."""
        return cls(role=Role.AUDITOR, division=area)

    @property
    def division_code(self) -> str:
        return self.division.code if self.division else ""

    @property
    def county_code(self) -> str:
        """The pooling area (统筹区) this user works in; empty for administrators.

        An institution's code carries it: H, six digits of the county, five of its own.
        """
        return self.division_code[:6] or self.institution_code[1:7]

    @property
    def role_name(self) -> str:
        """In Chinese; the code itself for a role that the table does not know (it sees nothing)."""
        if self.is_program:
            return PROGRAM
        return {str(role): name for role, name in ROLE_NAMES.items()}.get(self.role, self.role)


class SignInFailureQuerySet(models.QuerySet["SignInFailure"]):
    def counting(self, now: datetime) -> Self:
        """Those that still count towards a lock."""
        return self.filter(counts=True, at__gt=now - SignInFailure.LOCKED_FOR)

    def failed(self) -> Self:
        """Without the tries of insured people who got in: those are noted before their end."""
        return self.exclude(kind__in=SignInFailure.INSURED, counts=False)


class SignInFailure(models.Model):
    """A failed try to get in; too many of them lock the name for a while.

    `username` of a name that is no account's is a keyed hash behind "?". `device` is the mark of
    the browser where the user had signed in before (accounts/sign_in.py).
    """

    # Five wrong passwords at one desk or thirty at all of them, then a quarter of an hour.
    ALLOWED: ClassVar[int] = 5
    ALLOWED_EVERYWHERE: ClassVar[int] = 30
    LOCKED_FOR: ClassVar[timedelta] = timedelta(minutes=15)

    class Kind(models.TextChoices):
        SIGN_IN = "sign_in", "密码不对"
        CHANGE = "change", "改密码时原密码不对"
        LOCKED = "locked", "锁定中再试"
        # At the door of the insured (insured/door.py), until somebody got in.
        ASKED = "me_asked", "医保e站：要验证码"
        CODE = "me_code", "医保e站：验证码不对"
        VOUCHER = "me_shown", "医保e站：凭证没有通过"

    INSURED = (Kind.ASKED, Kind.CODE, Kind.VOUCHER)

    username = models.CharField("用户名", max_length=40)
    origin = models.GenericIPAddressField("来源地址", null=True)
    device = models.CharField("浏览器标记", max_length=16, blank=True)
    kind = models.CharField("结果", max_length=8, choices=Kind.choices, default=Kind.SIGN_IN)
    # False once the user got in from there, or the security administrator opened the lock.
    counts = models.BooleanField("计入锁定", default=True)
    at = models.DateTimeField("时间", auto_now_add=True)

    objects = SignInFailureQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["username", "at"]),
            models.Index(fields=["origin", "at"]),
            models.Index(fields=["device", "at"]),
        ]


class AuditQuerySet(ScopedQuerySet["AuditLine"]):
    division_path = "division_code"


class AuditLine(models.Model):
    """Who did what, when, from where, and what it was before and after. Only ever added."""

    at = models.DateTimeField("时间", auto_now_add=True, db_index=True)
    user = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    user_name = models.CharField("操作人", max_length=40)
    role = models.CharField("角色", max_length=20, blank=True)
    origin = models.GenericIPAddressField("来源地址", null=True)
    request_id = models.CharField(max_length=32, blank=True)
    action = models.CharField("操作", max_length=60)
    subject_type = models.CharField("对象", max_length=60)
    subject_id = models.CharField("对象编号", max_length=60)
    division_code = models.CharField("区划代码", max_length=14, blank=True)
    before = models.JSONField("之前", null=True)
    after = models.JSONField("之后", null=True)
    reason = models.CharField("事由", max_length=200, blank=True)

    objects = AuditQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["subject_type", "subject_id"]),
            models.Index(fields=["division_code", "at"]),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.user_name} {self.action}"
