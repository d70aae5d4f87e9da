"""What departments' lists say of numbers that nobody in the register bears yet."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import Q

from accounts.models import Division
from desk.fields import once
from enrollment.people.models import FromList, IdentityStatus


class ListedStatusQuerySet(models.QuerySet["ListedStatus"]):
    def on(self, day: date) -> Self:
        return self.filter(first_day__lte=day).filter(Q(last_day=None) | Q(last_day__gte=day))


class ListedStatus(FromList):
    """A status that waits for somebody to be registered with this number and name.

    It moves to IdentityStatus then (people.listed.take_up), with its days and its list.
    """

    area = models.ForeignKey(Division, models.PROTECT, verbose_name="统筹区")
    number_index = models.CharField(max_length=32, db_index=True)
    name = models.CharField("姓名", max_length=40)
    code = models.CharField("身份", max_length=24, choices=IdentityStatus.Code.choices)
    last_day = models.DateField("截止日期", null=True)

    objects = ListedStatusQuerySet.as_manager()

    class Meta:
        constraints = [
            once(
                "area",
                "number_index",
                "code",
                name="one_open_listed_status",
                where=Q(last_day=None),
            ),
        ]
