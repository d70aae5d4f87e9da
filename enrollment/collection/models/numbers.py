"""Which receipts of a book are meant."""

from django.db import models


class Numbers(models.Model):
    """Pre-printed numbers of receipts, from the first to the last, both among them."""

    first_number = models.PositiveIntegerField("起号")
    last_number = models.PositiveIntegerField("止号")

    class Meta:
        abstract = True
