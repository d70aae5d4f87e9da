"""The way of a settlement: one table of who may move it from where to where.

Buttons, docs and the service's checks come from it; the database guard of migration 0002 allows
the same pairs and no others.
"""

from dataclasses import dataclass
from enum import Enum

from accounts.errors import Refusal
from accounts.models import User
from claims.models import Settlement

Status = Settlement.Status
START = ""  # before the row exists


class Hand(Enum):
    """Whose hand it may be, beyond the permission."""

    OWN = "the one who entered it"
    OTHER = "nobody who has entered, reviewed or approved it"
    ANY = "anyone with the permission"


@dataclass(frozen=True)
class Transition:
    """One allowed move. `event` is its name in the audit trail (`claims.<event>`)."""

    event: str
    source: str
    target: str
    permission: str
    title: str
    hand: Hand
    needs_reason: bool = False


TRANSITIONS: tuple[Transition, ...] = (
    Transition("drafted", START, Status.DRAFT, "claims.enter", "保存草稿", Hand.ANY),
    Transition("entered", START, Status.SUBMITTED, "claims.enter", "结算提交", Hand.ANY),
    Transition("resettled", START, Status.REVIEWED, "claims.review", "核减后重算", Hand.OTHER),
    Transition("submitted", Status.DRAFT, Status.SUBMITTED, "claims.enter", "提交", Hand.OWN),
    Transition("discarded", Status.DRAFT, Status.WITHDRAWN, "claims.enter", "作废草稿", Hand.OWN),
    Transition(
        "withdrawn", Status.SUBMITTED, Status.WITHDRAWN, "claims.enter", "撤回", Hand.OWN, True
    ),
    Transition(
        "reviewed", Status.SUBMITTED, Status.REVIEWED, "claims.review", "初审通过", Hand.OTHER
    ),
    Transition("cut", Status.SUBMITTED, Status.WITHDRAWN, "claims.review", "核减", Hand.OTHER),
    Transition(
        "returned", Status.SUBMITTED, Status.WITHDRAWN, "claims.review", "退回", Hand.OTHER, True
    ),
    Transition(
        "approved", Status.REVIEWED, Status.APPROVED, "claims.approve", "复核通过", Hand.OTHER
    ),
    Transition(
        "rejected", Status.REVIEWED, Status.WITHDRAWN, "claims.approve", "退回", Hand.OTHER, True
    ),
    Transition(
        "stopped", Status.APPROVED, Status.WITHDRAWN, "claims.approve", "停止支付", Hand.ANY, True
    ),
    Transition("paid", Status.APPROVED, Status.PAID, "claims.pay", "支付", Hand.OTHER),
)
BY_EVENT = {transition.event: transition for transition in TRANSITIONS}


def problem(settlement: Settlement, event: str, actor: User) -> str:
    """Why the actor may not do this to the settlement, in Chinese; "" when they may."""
    transition = BY_EVENT[event]
    if not actor.may(transition.permission):
        return f"您的角色不能办理“{transition.title}”"
    if transition.source not in {START, settlement.status}:
        return (
            f"结算单 {settlement.number} 现为“{settlement.get_status_display()}”，"
            f"不能办理“{transition.title}”"
        )
    if transition.hand is Hand.OWN and actor.pk != settlement.entered_by_id:
        return f"只有录入人本人才能办理“{transition.title}”"
    hands = {settlement.entered_by_id, settlement.reviewed_by_id, settlement.approved_by_id}
    if transition.hand is Hand.OTHER and actor.pk in hands:
        return f"录入、初审、复核、支付必须由不同的人办理，您不能再办理“{transition.title}”"
    return ""


def check(settlement: Settlement, event: str, actor: User, reason: str = "") -> Transition:
    """The transition, or a Refusal when status, permission, person or reason do not fit."""
    wrong = problem(settlement, event, actor)
    if wrong:
        raise Refusal(wrong)
    transition = BY_EVENT[event]
    if transition.needs_reason and not reason.strip():
        raise Refusal(f"请写明{transition.title}的原因", "reason")
    return transition


def open_to(settlement: Settlement, user: User) -> list[Transition]:
    """What this user may do with the settlement now, in the table's order."""
    return [
        transition
        for transition in TRANSITIONS
        if transition.source != START and not problem(settlement, transition.event, user)
    ]
