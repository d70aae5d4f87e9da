"""What waits with files of the old system: to be confirmed by another than who sent them."""

from django.db.models import QuerySet

from accounts.models import User
from desk.worklist import files_waiting
from enrollment.carried.models import CarriedTable


def _checked(user: User) -> QuerySet[CarriedTable]:
    rows = CarriedTable.objects.visible_to(user).filter(status=CarriedTable.Status.CHECKED)
    return rows.exclude(requested_by=user.pk).filter(right_count__gt=0)


WORK = (
    files_waiting("原系统转入待确认", "enrollment.carry_in", "enrollment:carried_list", _checked),
)
