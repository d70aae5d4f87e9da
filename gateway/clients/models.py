"""The programs of an institution that speak the interface: its system, a till, a terminal."""

from django.db import models

from accounts.models import User
from accounts.scoping import ScopedManager
from institutions.models import Institution


class Client(models.Model):
    """One program of one institution (接入客户端). It acts through an account of its own, which
    nobody can sign in with."""

    class Kind(models.TextChoices):
        SYSTEM = "system", "医院信息系统"
        TILL = "till", "药店收银系统"
        TERMINAL = "terminal", "自助终端"

    institution = models.ForeignKey(Institution, models.PROTECT, related_name="clients")
    user = models.OneToOneField(User, models.PROTECT, related_name="client")
    kind = models.CharField("类型", max_length=10, choices=Kind.choices)
    name = models.CharField("名称", max_length=40)
    access_key = models.CharField("接入标识", max_length=40, unique=True)
    is_active = models.BooleanField("启用", default=True)

    objects = ScopedManager("institution__division__code", "institution__code")

    def __str__(self) -> str:
        return f"{self.institution} {self.name}"
