"""A visit under the lock of its cover: settlement, enrolment, household stay the order of locks.

Whatever changes a visit, its bill or its settlements holds the cover of the visit; the visit's own
row is locked after it.
"""

from accounts.errors import Refusal
from accounts.models import User
from claims.models import Visit
from claims.services.drawn import hold_cover_of
from claims.visits.stopping import refuse_stopped
from claims.visits.workflow import VISITS
from desk.kept import Kept, given

VISIT = Kept(
    lambda: Visit.objects.select_related(*VISITS.related).filter(pk=given("visit")),
)


def hold_visit(
    visit: Visit, *, actor: User, event: str, reason: str = "", locks: bool = True
) -> tuple[Visit, str]:
    """The visit as it is now, its cover and itself locked, and the reason as it is kept. `locks`:
    not for who only looks what the step would come to.

    Raises Refusal when it is no registered visit of the actor's institution, or not open to the
    step.
    """
    if locks:
        hold_cover_of(visit.pk)
        held = VISITS.lock(visit.pk)
    else:
        (held,) = VISIT(visit=visit.pk)
    own = held.institution is not None and held.institution.code == actor.institution_code
    if not own:
        raise Refusal("只能办理本机构登记的就诊，请用本机构的账号办理")
    if not held.is_registered:
        raise Refusal("这次就诊是连同结算一起录入的，请在结算单上办理")
    reason = VISITS.check(held, event, actor, reason)
    refuse_stopped(held, event)
    return held, reason
