"""What waits with rosters: those that were checked and not yet confirmed."""

from django.db.models import QuerySet

from accounts.models import User
from desk.worklist import Work
from enrollment.rosters.models import RegisterImport


def _checked(user: User) -> QuerySet[RegisterImport]:
    rows = RegisterImport.objects.visible_to(user)
    return rows.filter(status=RegisterImport.Status.CHECKED)


WORK = (
    Work(
        "名册待确认导入",
        "enrollment.enroll",
        "enrollment:register_list",
        _checked,
        unit="份",
        money="open_amount",
        since="uploaded_on",
        late=3,  # no norm
    ),
)
