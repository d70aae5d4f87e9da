"""Messages that changed nothing are forgotten after a while."""

from celery import shared_task

from accounts.clock import start_of, today
from gateway.messages.models import Message


@shared_task  # type: ignore[untyped-decorator]
def forget_old_messages() -> int:
    """Nightly: what only read, and nobody sends again. Returns how many went."""
    old = Message.objects.filter(writes=False, received_at__lt=start_of(today()) - Message.KEPT)
    return old.delete()[0]
