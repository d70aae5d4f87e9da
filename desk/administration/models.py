"""That somebody looked at an account and its duty this year."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from accounts.models import User
from accounts.roles import ROLE_NAMES
from desk.fields import first_hand, once
from desk.tones import TonedChoices


class AccessCheck(models.Model):
    """An account's yearly review (权限年度复核): what it might do, and that it may go on or not.

    GB/T 22239-2019 8.1.4.2 asks that accounts nobody needs any more are closed in time, and sets no
    interval. Rows are only ever added; role and place are those of the moment.
    """

    class Verdict(TonedChoices):
        KEPT = "kept", "good", "继续使用"
        CLOSED = "closed", "idle", "停用"

    account = models.ForeignKey(User, models.PROTECT, related_name="checks", verbose_name="账号")
    year = models.PositiveSmallIntegerField("年度")
    role = models.CharField(
        "角色", max_length=20, choices=[(one.value, name) for one, name in ROLE_NAMES.items()]
    )
    # Code of the division or of the institution; "" of an administrator.
    place = models.CharField("所属代码", max_length=14, blank=True)
    verdict = models.CharField("结论", max_length=10, choices=Verdict.choices)
    reason = models.CharField("理由", max_length=200, blank=True)
    checked_by, checked_at = first_hand("复核")

    AUDITED: ClassVar = ("account_id", "year", "role", "place", "verdict", "reason")

    class Meta:
        verbose_name = "权限年度复核"
        constraints = [
            once("account", "year", name="account_is_checked_once_a_year",
                 told="这个账号刚由另一人复核，请刷新页面", at="accounts"),
            models.CheckConstraint(
                condition=~Q(account=models.F("checked_by")), name="nobody_checks_himself"
            ),
            models.CheckConstraint(
                condition=Q(verdict="kept") | ~Q(reason=""), name="closed_access_says_why"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.year} 年度 {self.account}"
