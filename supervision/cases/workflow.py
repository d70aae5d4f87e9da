"""The way of a case, from the clue to the closing.

Filing, extension, decision and closing are the approver's; the investigation the supervisor's; the
legal check (法制审核) is done by a supervisor or auditor who had no hand in the investigation
(docs/decisions: who checks a case). The officers of a case stand in a table of their own: what
they may not do, the services ask (`supervision.cases.services`).
"""

from typing import Any

from accounts.errors import Refusal
from accounts.models import User
from desk.workflow import START, STAY, Hand, Step, Workflow, by_another, with_reason
from supervision.cases.models import Case, CasePause

S = Case.Status
WORK, CHECK, DECIDE = (
    "supervision.work_case",
    "supervision.check_case",
    "supervision.decide_case",
)

CLUES = (
    Step("open_clue", START, S.CLUE, WORK, "登记线索"),
    with_reason("extend_clue", S.CLUE, STAY, DECIDE, "批准延长核查", asks="延长核查的原因"),
    with_reason("decline_clue", (S.CLUE, S.ASKED), S.DECLINED, DECIDE, "不予立案"),
    Step("ask_filing", S.CLUE, S.ASKED, WORK, "呈报立案", stamps=("asked_by", "asked_at")),
    with_reason("return_filing", S.ASKED, S.CLUE, DECIDE, "退回补充核查"),
    by_another("file_case", S.ASKED, S.OPEN, DECIDE, "批准立案", stamp="filed"),
)
INVESTIGATION = (
    with_reason("extend_case", S.OPEN, STAY, DECIDE, "批准延长办案期限", asks="延长的原因"),
    # By agreeing to the pause that an officer asked for (`PAUSES`).
    with_reason("pause_case", S.OPEN, S.PAUSED, DECIDE, "中止调查"),
    # And by agreeing to its end.
    Step("resume_case", S.PAUSED, S.OPEN, DECIDE, "恢复调查"),
    with_reason("end_case", (S.OPEN, S.PAUSED), S.ENDED, DECIDE, "终止调查"),
    Step(
        *("report_case", S.OPEN, S.REPORTED, WORK, "调查终结，送法制审核"),
        stamps=("reported_by", "reported_at"),
    ),
)
DECISION = (
    by_another("check_case", S.REPORTED, S.CHECKED, CHECK, "法制审核同意", stamp="checked"),
    with_reason(
        *("object_case", S.REPORTED, S.OPEN, CHECK, "法制审核退回"),
        asks="法制审核的意见",
        hand=Hand.OTHER,
    ),
    Step(
        *("notify_case", S.CHECKED, S.NOTIFIED, WORK, "登记告知"),
        stamps=("notified_by", "notified_at"),
    ),
    with_reason("return_case", (S.CHECKED, S.NOTIFIED), S.OPEN, DECIDE, "退回补充调查"),
    # Whoever filed a case also decides it: the head. Not who investigated or checked it.
    Step(
        *("decide_case", S.NOTIFIED, S.DECIDED, DECIDE, "作出处理决定"),
        stamps=("decided_by", "decided_at"),
    ),
    with_reason(
        *("revoke_case", (S.DECIDED, S.DELIVERED, S.CLOSED), S.REVOKED, DECIDE, "撤销处理决定"),
        asks="撤销的原因和依据（复议、判决文号）",
    ),
)
EXECUTION = (
    Step(
        *("deliver_case", S.DECIDED, S.DELIVERED, WORK, "登记送达"),
        stamps=("delivered_by", "delivered_at"),
    ),
    Step(
        *("close_case", S.DELIVERED, S.CLOSED, DECIDE, "批准结案"),
        stamps=("closed_by", "closed_at"),
    ),
)


class CaseWorkflow(Workflow[Case]):
    """The steps of who investigates are not those of who was excused."""

    def check(self, row: Case, event: str, actor: User | None, reason: str = "") -> str:
        given = super().check(row, event, actor, reason)
        is_work = self.by_event[event].permission == WORK
        if row.pk is not None and actor is not None and is_work:
            check_not_excused(row, actor)
        return given


CASES = CaseWorkflow(
    Case,
    "supervision",
    (*CLUES, *INVESTIGATION, *DECISION, *EXECUTION),
    called=lambda case: f"{case.number} ",
    hands=(
        *("found_by", "asked_by", "filed_by", "reported_by", "checked_by", "notified_by"),
        *("decided_by", "delivered_by", "closed_by"),
    ),
    reason_column="opinion",
    related=("area", "institution", "person"),
)


P = CasePause.Status
PAUSES = Workflow(
    CasePause,
    "supervision",
    (
        Step("add_pause", START, P.ASKED, WORK, "登记扣除期间"),
        by_another("agree_pause", P.ASKED, P.AGREED, DECIDE, "批准", stamp="agreed"),
        with_reason(
            *("decline_pause", P.ASKED, P.DECLINED, DECIDE, "不批准"),
            stamp="agreed",
            hand=Hand.OTHER,
        ),
        Step(
            *("ask_pause_end", P.AGREED, P.ENDING, WORK, "登记结束"),
            stamps=("ended_by", "ended_at"),
        ),
        # Whoever agreed to the beginning may agree to the end; who entered either may not
        # (`keeping.decide_pause`).
        Step(
            *("agree_pause_end", P.ENDING, P.AGREED, DECIDE, "批准结束"),
            stamps=("end_agreed_by", "end_agreed_at"),
        ),
        with_reason(
            *("return_pause_end", P.ENDING, P.AGREED, DECIDE, "退回结束"),
            asks="退回结束的原因",
            stamp="end_returned",
        ),
        Step("withdraw_pause_end", P.ENDING, P.AGREED, WORK, "撤回结束"),
    ),
    hands=("added_by", "agreed_by", "ended_by", "end_agreed_by", "end_returned_by"),
    reason_column="opinion",
    related=("case__area",),
)


def check_not_excused(case: Case, actor: User) -> None:
    """Who left the case for an interest in it (回避) does nothing in it. Raises Refusal."""
    if case.officers.filter(user=actor, left_on__isnull=False).exists():
        raise Refusal("您已回避本案，请由其他办案人员办理")


def lock_unarchived(pk: Any) -> Case:
    """The case, locked, as long as it was not put away. Raises Refusal."""
    row = CASES.lock(pk)
    if row.archives.filter(opened_at=None).exists():
        raise Refusal("案件已归档，卷内不再增加材料")
    return row
