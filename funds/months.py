"""What is made for one month of a book or an account."""

from datetime import date

from django.db import models

from lib.periods import Month


class OfMonth(models.Model):
    """`month` is its first day."""

    month = models.DateField("月份")

    class Meta:
        abstract = True

    @property
    def as_month(self) -> Month:
        return Month.of(self.month)

    @property
    def until(self) -> date:
        return self.as_month.last
