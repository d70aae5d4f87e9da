"""Determinations: what each settlement was computed from, kept as the engine was given it."""

from django.db import models

from claims.models import Settlement
from policies.models import Pack


class Determination(models.Model):
    """What a settlement was decided from (核对码); rows are only ever added.

    A draft that is handed in is computed anew: the latest counts. `cases` are lines of
    docs/adjudicate.md without a name or number of anybody: one, or for a part of a stay the stay so
    far and the stay before.
    """

    settlement = models.ForeignKey(
        Settlement, models.PROTECT, related_name="determinations", verbose_name="结算单"
    )
    number = models.CharField("核对码", max_length=20)
    engine = models.CharField("计算程序版本", max_length=8)
    pack = models.ForeignKey(Pack, models.PROTECT, related_name="+", verbose_name="适用办法")
    cases = models.JSONField("计算依据")
    made_at = models.DateTimeField("计算时间", auto_now_add=True)

    class Meta:
        ordering = ["-id"]
