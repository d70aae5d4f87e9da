"""What waits in policies: measures that somebody proposed."""

from accounts.models import User
from desk.worklist import Work
from policies.models import Pack, PackQuerySet


def _proposed(user: User) -> PackQuerySet:
    return Pack.objects.visible_to(user).filter(status=Pack.Status.PROPOSED)


WORK = (
    Work(
        "待采用的办法",
        "policies.adopt",
        "policies:list",
        _proposed,
        unit="份",
        since="proposed_at",
        late=5,  # no norm: a working week
    ),
)
