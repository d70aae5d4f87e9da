"""What one person asks for and a second one decides: asked, then agreed to, refused or taken back.

A room derives its model from `Decision`, says what is asked for, and moves it by `decision_flow`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from django.db import models
from django.db.models import Q

from accounts.models import User
from accounts.rights import Rights, Seal
from accounts.roles import INSTITUTION_ROLES
from accounts.scoping import ScopedQuerySet
from desk.changes import all_or_nothing
from desk.fields import hand, once, status_column
from desk.reasons import given_reason
from desk.tones import TonedChoices
from desk.workflow import REASON, START, Hand, Step, Workflow, apart


class Decision(models.Model):
    """Nothing changes until somebody else has agreed; `decided_by_second` is its constraints."""

    class Status(TonedChoices):
        PROPOSED = "proposed", "wait", "待审批"
        APPROVED = "approved", "good", "已同意"
        REFUSED = "refused", "bad", "未同意"
        WITHDRAWN = "withdrawn", "idle", "已撤回"

    status = status_column(Status.PROPOSED)
    evidence = models.CharField("证明材料", max_length=100)
    reason = models.CharField("事由", max_length=200)
    proposed_by = hand("申请人")
    proposed_on = models.DateField("申请日期")
    decided_by = hand("审批人", null=True)
    decided_on = models.DateField("审批日期", null=True)
    decision = models.CharField("审批意见", max_length=200, blank=True)

    class Meta:
        abstract = True
        ordering = ["-pk"]


D = TypeVar("D", bound=Decision)


class Accusing(ScopedQuerySet[D]):
    """Decisions against an institution or its people: it sees what two people decided, and not what
    one of them has put forward."""

    @classmethod
    def scope(cls, user: User) -> Q:
        own = super().scope(user)
        is_accused = user.role in INSTITUTION_ROLES
        return own & Q(status=Decision.Status.APPROVED) if is_accused else own


# Of a decision's row: what was asked never changes, and what was answered once it is.
ASKED = ("evidence", "reason", "proposed_by_id", "proposed_on")
DECIDED = ("status", "decided_by_id", "decided_on", "decision")
DECISION = Seal("decided", DECIDED, "status IN ('approved', 'refused', 'withdrawn')")
# In a room's `rights.py`: what is asked for beside these columns may have steps of its own.
DECISION_KEPT = Rights(sealed=ASKED, later=(DECISION,))


def decided_by_second(
    name: str, *alone_in: str, told: str = "", at: str | None = None
) -> "list[models.CheckConstraint | models.UniqueConstraint]":
    """For a decision's constraints: who decided is named, and is not who asked. Where `alone_in`
    names columns, no two that are alike in them wait at a time; `told` is what the second hears."""
    named, waits = f"one_open_{name}", Q(status="proposed")
    return [
        *([once(*alone_in, name=named, where=waits, told=told, at=at)] if alone_in else []),
        apart("decided_by", "proposed_by", name=f"{name}_is_decided_by_a_second_person"),
        models.CheckConstraint(
            condition=Q(status__in=["proposed", "withdrawn"]) | Q(decided_by__isnull=False),
            name=f"decided_{name}_says_who",
        ),
    ]


@dataclass(frozen=True)
class Asked:
    """Who puts something forward when, on what paper, why. `paper`, `asks`: what the paper and the
    why are called."""

    actor: User
    on: date
    evidence: str
    reason: str
    paper: str = "依据文件"
    asks: str = "事由"


class DecisionFlow(Workflow[D]):
    """The table of one kind of decision, and how one is asked for and decided."""

    def propose(self, asked: Asked, **columns: Any) -> D:
        """What is put forward, written and recorded. Raises Refusal at the input."""
        return self.create(
            self.steps[0].event,
            actor=asked.actor,
            evidence=given_reason(asked.evidence, asks=asked.paper, most=100, at=("evidence",)),
            reason=given_reason(asked.reason, asks=asked.asks),
            proposed_by=asked.actor,
            proposed_on=asked.on,
            **columns,
        )

    @all_or_nothing()
    def decide(self, row: D, event: str, *, actor: User, on: date, reason: str = "") -> D:
        """Agree, refuse or take back, where nothing else follows from it."""
        return self.decided(self.lock(row.pk), event, actor=actor, on=on, reason=reason)

    def decided(
        self, row: D, event: str, *, actor: User, on: date, reason: str = "", **columns: Any
    ) -> D:
        """The same of a locked row. What is taken back was decided on no day."""
        day = None if event.startswith("withdraw_") else on
        return self.take(row, event, actor=actor, reason=reason, decided_on=day, **columns)


def decision_flow(
    model: type[D],
    room: str,
    what: str,
    *,
    asks: str = "",
    decides: str = "",
    related: Sequence[str],
    more: Sequence[Step] = (),
    hands: Sequence[str] = (),
) -> DecisionFlow[D]:
    """The table that moves one kind of decision; its events are propose_, approve_, refuse_ and
    withdraw_ with `what` behind. `asks` and `decides` are the permissions: propose_ and decide_ of
    `what` where nothing else is said. `more`: what may become of one that was agreed to, by these
    further `hands`."""
    status = Decision.Status
    asks = asks or f"{room}.propose_{what}"
    decides = decides or f"{room}.decide_{what}"
    proposed, decided = status.PROPOSED, ("decided_by",)
    agree = Step(
        f"approve_{what}", proposed, status.APPROVED, decides, "同意", Hand.OTHER, stamps=decided
    )
    refuse = Step(
        f"refuse_{what}",
        proposed,
        status.REFUSED,
        decides,
        "不同意",
        Hand.OTHER,
        reason=REASON,
        asks="不同意的原因",
        stamps=decided,
    )
    return DecisionFlow(
        model,
        room,
        [
            Step(f"propose_{what}", START, proposed, asks, "申请"),
            agree,
            refuse,
            Step(f"withdraw_{what}", proposed, status.WITHDRAWN, asks, "撤回", Hand.OWN),
            *more,
        ],
        hands=("proposed_by", "decided_by", *hands),
        reason_column="decision",
        related=related,
    )
