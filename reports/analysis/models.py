"""Analyses that were given a name (命名视图)."""

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.urls import reverse

from accounts.models import Division
from accounts.scoping import ScopedQuerySet
from desk.fields import hand, once

if TYPE_CHECKING:
    from accounts.models import User


class NamedViewQuerySet(ScopedQuerySet["NamedView"]):
    """One's own, and what an officer shares in the county."""

    division_path = "area__code"

    @classmethod
    def scope(cls, user: "User") -> Q:
        if not user.is_active or not user.county_code:
            return Q(pk__in=[])
        return Q(area__code=user.county_code) & (Q(owner=user) | Q(is_shared=True))


class NamedView(models.Model):
    """What the form of an analysis asks for, without anything personal. Whoever opens it sees the
    figures of his own scope."""

    area = models.ForeignKey(Division, models.PROTECT, verbose_name="统筹区")
    owner = hand("保存人")
    name = models.CharField("名称", max_length=40)
    query = models.CharField("条件", max_length=300)
    is_shared = models.BooleanField("全县共用", default=False)
    saved_at = models.DateTimeField("保存时间", auto_now_add=True)

    objects = NamedViewQuerySet.as_manager()

    AUDITED = ("name", "query", "is_shared")

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            once("owner", "name", name="view_name_once", told="您已有同名的视图", at="name"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def address(self) -> str:
        return f"{reverse('reports:analysis')}?{self.query}"
