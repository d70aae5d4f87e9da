"""The ways of an application for assistance and of a case that was pointed out."""

from claims.assistance.models import AidApplication, AidCase
from desk.workflow import PORTAL, REASON, START, STAY, Hand, Step, Workflow

Status, Case = AidApplication.Status, AidCase.Status
PERMISSION = "claims.review_aid"
UNANSWERED = (Case.FOUND, Case.HANDED, Case.NOTIFIED)

APPLICATIONS = Workflow(
    AidApplication,
    "claims",
    (
        Step("apply_aid", START, Status.APPLIED, "claims.apply_aid", "受理救助申请"),
        Step(
            "publish_aid", Status.APPLIED, Status.PUBLISHED, PERMISSION, "审核同意，公示",
            Hand.OTHER, stamps=("reviewed_by", "reviewed_at"),
        ),
        Step(
            "object_aid", Status.PUBLISHED, Status.OBJECTED, "claims.object_aid", "登记异议",
            reason=REASON, asks="异议人和异议内容",
        ),
        Step(
            "settle_objection", Status.OBJECTED, Status.APPLIED, PERMISSION, "异议已核实，重新审核",
            reason=REASON, asks="核实情况",
        ),
        Step(
            "refuse_aid", (Status.APPLIED, Status.PUBLISHED, Status.OBJECTED), Status.REFUSED,
            PERMISSION, "不予救助", reason=REASON,
        ),
        Step(
            "approve_aid", Status.PUBLISHED, Status.APPROVED, "claims.approve_aid", "审批同意",
            Hand.OTHER, stamps=("approved_by", "approved_at"),
        ),
        # What it rests on has changed: computed, made public and approved anew.
        Step(
            "recall_aid", (Status.PUBLISHED, Status.APPROVED), Status.APPLIED,
            "claims.recall_aid", "退回重新审核", reason=REASON,
        ),
        Step(
            "payee_of_aid", Status.APPLIED, STAY, "claims.apply_aid", "改收款人",
            reason=REASON, asks="改收款人的原因", stamps=("named_by", "named_at"),
        ),
        Step("pay_aid", Status.APPROVED, Status.PAID, PORTAL, "支付救助"),
        # The bank gave it back and nobody claims it: it counts toward no cap any more.
        Step("give_up_aid", Status.PAID, Status.WITHDRAWN, PORTAL, "退汇转回基金，撤销救助"),
        Step(
            "withdraw_aid", Status.APPLIED, Status.WITHDRAWN, "claims.apply_aid", "撤回申请",
            reason=REASON,
        ),
    ),
    called=lambda row: f"救助单 {row.number} ",
    hands=("applied_by", "named_by", "reviewed_by", "approved_by"),
    reason_column="reason",
    related=("person", "division__parent", "cover__pack"),
)  # fmt: skip

CASES = Workflow(
    AidCase,
    "claims",
    (
        Step("find_aid_case", START, Case.FOUND, PERMISSION, "发现高额自付"),
        Step(
            "hand_down_case", Case.FOUND, Case.HANDED, PERMISSION, "下放镇街",
            stamps=("handed_by", "handed_at"),
        ),
        # Civil affairs looked into the family (核查); the case waits for the same hands as before.
        Step(
            "case_is_poor", UNANSWERED, STAY, "claims.check_aid_case", "核查：符合救助条件",
            reason=REASON, asks="核查情况，已认定的写明身份和文号",
            stamps=("checked_by", "checked_at"),
        ),
        Step(
            "case_is_not_poor", UNANSWERED, STAY, "claims.check_aid_case", "核查：不符合",
            reason=REASON, asks="核查情况和不符合的条款", stamps=("checked_by", "checked_at"),
        ),
        Step(
            "notify_case", Case.HANDED, Case.NOTIFIED, "claims.apply_aid", "已通知本人",
            stamps=("notified_by", "notified_at"),
        ),
        Step("aid_case_applied", UNANSWERED, Case.CLOSED, PORTAL, "已提出申请"),
        Step(
            "close_case", Case.FOUND, Case.CLOSED, PERMISSION, "核实后办结",
            reason=REASON, asks="核实情况", stamps=("closed_by", "closed_at"),
        ),
        Step(
            "answer_case", (Case.HANDED, Case.NOTIFIED), Case.CLOSED, "claims.apply_aid",
            "不申请，办结", reason=REASON, asks="本人不申请的原因",
            stamps=("closed_by", "closed_at"),
        ),
    ),
    called=lambda row: f"预警 {row.pk} 号",
    hands=("handed_by", "checked_by", "notified_by", "closed_by"),
    reason_column="answer",
    related=("person", "division__parent"),
)  # fmt: skip
