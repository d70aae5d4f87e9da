"""What waits with departments' lists: to be confirmed, and to be let pass."""

from django.db.models import QuerySet

from accounts.models import User
from desk.worklist import files_waiting
from enrollment.status_lists.models import StatusList


def _checked(user: User) -> QuerySet[StatusList]:
    return StatusList.objects.visible_to(user).filter(status=StatusList.Status.CHECKED)


def _short(user: User) -> QuerySet[StatusList]:
    return _checked(user).exclude(shrunk="").filter(released_by=None)


WORK = (
    files_waiting("部门名单待确认", "enrollment.load_lists", "enrollment:list_list", _checked),
    files_waiting("名单骤减待放行", "enrollment.release_list", "enrollment:list_list", _short),
)
