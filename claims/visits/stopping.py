"""A visit that is not settled yet may be stopped: nothing is billed to it and nothing settled until
whoever stopped it lets it go on. The hospital may still tell that the patient left, take its bill
back and cancel the registration."""

from accounts.errors import Refusal
from accounts.models import User
from claims.models import Visit
from claims.services.drawn import hold_cover_of
from claims.visits.workflow import UNSETTLED, VISITS
from desk.changes import all_or_nothing

# The steps that put money on the visit.
STOPS = frozenset({"lines_added", "visit_part_settled", "visit_settled"})


def refuse_stopped(visit: Visit, event: str) -> None:
    """Raises Refusal where the step waits for whoever stopped the visit."""
    if visit.stopped and event in STOPS:
        raise Refusal(
            f"这次就诊已暂停办理：{visit.stopped}，等待基金监管核查；确属误登的，请撤销费用和登记"
        )


@all_or_nothing()
def stop_visit(*, actor: User, visit: Visit, words: str) -> Visit:
    """`words`: why, as the hospital reads it. Raises Refusal once the visit is settled."""
    hold_cover_of(visit.pk)
    held = VISITS.lock(visit.pk)
    if held.status == Visit.Status.SETTLED:
        raise Refusal("这次就诊刚已结算，请在结算单上登记")
    if not held.is_registered:
        raise Refusal("这次就诊还是录入草稿，没有提交，不会支付；提交以后请在结算单上登记")
    return VISITS.take(held, "visit_stopped", actor=actor, stopped=words)


@all_or_nothing()
def release_visit(*, actor: User, visit: Visit) -> Visit:
    """It goes on. One whose registration was cancelled meanwhile stays as it is."""
    hold_cover_of(visit.pk)
    held = VISITS.lock(visit.pk)
    if held.status not in UNSETTLED:
        return held
    return VISITS.take(held, "visit_released", actor=actor, stopped="")
