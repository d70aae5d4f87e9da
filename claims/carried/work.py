"""What waits with files of the old system: to be agreed to by another than who sent them."""

from collections.abc import Callable

from django.db.models import QuerySet

from accounts.models import User
from claims.carried.models import CarriedFile
from claims.filings.models import CarriedFilings
from desk.worklist import files_waiting


def _checked(
    model: type[CarriedFile] | type[CarriedFilings], count: str
) -> Callable[[User], QuerySet[CarriedFile] | QuerySet[CarriedFilings]]:
    def rows(user: User) -> QuerySet[CarriedFile] | QuerySet[CarriedFilings]:
        found = model.objects.visible_to(user).filter(status=model.Status.CHECKED)
        return found.exclude(requested_by=user.pk).filter(**{f"{count}__gt": 0})

    return rows


WORK = (
    files_waiting(
        "备案转入待确认",
        "claims.carry_filings",
        "claims:carried_filing_list",
        _checked(CarriedFilings, "right_count"),
        is_rare=True,
    ),
    files_waiting(
        "已用情况待审批",
        "claims.load_carried",
        "claims:carried_list",
        _checked(CarriedFile, "ready_count"),
        is_rare=True,
    ),
)
