"""The ways of an application for assistance and of a case that was pointed out."""

from claims.assistance.models import AidApplication, AidCase
from desk.workflow import PORTAL, START, STAY, Step, Workflow, by_another, with_reason

Status, Case = AidApplication.Status, AidCase.Status
PERMISSION = "claims.review_aid"
UNANSWERED = (Case.FOUND, Case.HANDED, Case.NOTIFIED)

APPLICATIONS = Workflow(
    AidApplication,
    "claims",
    (
        Step("apply_aid", START, Status.APPLIED, "claims.apply_aid", "受理救助申请"),
        by_another(
            "publish_aid", Status.APPLIED, Status.PUBLISHED, PERMISSION, "审核同意，公示",
            stamp="reviewed",
        ),
        with_reason(
            "object_aid", Status.PUBLISHED, Status.OBJECTED, "claims.object_aid", "登记异议",
            asks="异议人和异议内容",
        ),
        with_reason(
            "settle_objection", Status.OBJECTED, Status.APPLIED, PERMISSION, "异议已核实，重新审核",
            asks="核实情况",
        ),
        with_reason(
            "refuse_aid", (Status.APPLIED, Status.PUBLISHED, Status.OBJECTED), Status.REFUSED,
            PERMISSION, "不予救助",
        ),
        by_another(
            "approve_aid", Status.PUBLISHED, Status.APPROVED, "claims.approve_aid", "审批同意",
            stamp="approved",
        ),
        # What it rests on has changed: computed, made public and approved anew.
        with_reason(
            "recall_aid", (Status.PUBLISHED, Status.APPROVED), Status.APPLIED,
            "claims.recall_aid", "退回重新审核",
        ),
        with_reason(
            "payee_of_aid", Status.APPLIED, STAY, "claims.apply_aid", "改收款人",
            asks="改收款人的原因", stamp="named",
        ),
        Step("pay_aid", Status.APPROVED, Status.PAID, PORTAL, "支付救助"),
        # The bank gave it back and nobody claims it: it counts toward no cap any more.
        Step("give_up_aid", Status.PAID, Status.WITHDRAWN, PORTAL, "退汇转回基金，撤销救助"),
        with_reason(
            "withdraw_aid", Status.APPLIED, Status.WITHDRAWN, "claims.apply_aid", "撤回申请",
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
        with_reason(
            "case_is_poor", UNANSWERED, STAY, "claims.check_aid_case", "核查：符合救助条件",
            asks="核查情况，已认定的写明身份和文号",
            stamp="checked",
        ),
        with_reason(
            "case_is_not_poor", UNANSWERED, STAY, "claims.check_aid_case", "核查：不符合",
            asks="核查情况和不符合的条款", stamp="checked",
        ),
        Step(
            "notify_case", Case.HANDED, Case.NOTIFIED, "claims.apply_aid", "已通知本人",
            stamps=("notified_by", "notified_at"),
        ),
        Step("aid_case_applied", UNANSWERED, Case.CLOSED, PORTAL, "已提出申请"),
        with_reason(
            "close_case", Case.FOUND, Case.CLOSED, PERMISSION, "核实后办结",
            asks="核实情况", stamp="closed",
        ),
        with_reason(
            "answer_case", (Case.HANDED, Case.NOTIFIED), Case.CLOSED, "claims.apply_aid",
            "不申请，办结", asks="本人不申请的原因",
            stamp="closed",
        ),
    ),
    hands=("handed_by", "checked_by", "notified_by", "closed_by"),
    reason_column="answer",
    related=("person", "division__parent"),
)  # fmt: skip
