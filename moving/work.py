"""What waits in the room."""

from datetime import date, timedelta

from django.utils import timezone

from accounts.models import User
from desk.worklist import Note
from moving.keeping.health import BACKUP_LATE
from moving.keeping.models import KeepingNote


def _unkept(user: User, day: date) -> str:
    """Backups that are missing; how the rest of the deployment is, its page says."""
    good = KeepingNote.objects.filter(kind=KeepingNote.Kind.BACKUP, is_good=True)
    last = good.order_by("-began_at").values_list("began_at", flat=True).first()
    if last is None:
        return "还没有备份过"
    age: timedelta = timezone.now() - last
    return f"最近一次备份在 {age.days} 天前" if age > BACKUP_LATE else ""


NOTES = (Note("accounts.view_health", "moving:health", _unkept, "bad"),)
