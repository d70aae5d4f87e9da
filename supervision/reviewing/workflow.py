"""The way of a review: what the first proposes the second agrees to; what is to be confirmed the
institution may answer, before it is verified and decided by a hand that had none in it."""

from desk.workflow import START, STAY, Hand, Step, Workflow, by_another, with_reason
from supervision.reviewing.models import AlertReview

S = AlertReview.Status
FIRST, SECOND, APPEAL = "supervision.handle", "supervision.second_alert", "supervision.appeal_alert"

REVIEWS = Workflow(
    AlertReview,
    "supervision",
    (
        Step("review_alert", START, S.FIRST, FIRST, "初审"),
        with_reason(
            *("return_review", S.FIRST, S.RETURNED, SECOND, "复审退回"),
            stamp="second",
            hand=Hand.OTHER,
        ),
        by_another("agree_review", S.FIRST, S.DONE, SECOND, "复审同意", stamp="second"),
        with_reason(
            *("tell_institution", S.FIRST, S.TOLD, SECOND, "复审同意，告知机构申诉"),
            asks="告知机构的内容：哪些费用、不符合哪条规定",
            stamp="second",
            hand=Hand.OTHER,
        ),
        # The term to answer runs from service (送达): told by the office, or opened by the
        # institution itself (`supervision.reviewing.serving`).
        Step("serve_review", S.TOLD, STAY, FIRST, "登记送达"),
        Step("open_notice", S.TOLD, STAY, APPEAL, "签收告知书"),
        Step(
            *("appeal_alert", S.TOLD, S.APPEALED, APPEAL, "提出申诉"),
            stamps=("appealed_by", "appealed_at"),
        ),
        # On paper, by who has no login.
        Step(
            *("enter_appeal", S.TOLD, S.APPEALED, "supervision.hear_party", "代录机构答复"),
            stamps=("appealed_by", "appealed_at"),
        ),
        with_reason(
            *("verify_alert", (S.TOLD, S.APPEALED), S.VERIFIED, FIRST, "核实"),
            asks="核实情况：对申诉材料查了什么、是否成立",
            stamp="verified",
        ),
        with_reason(
            *("uphold_alert", S.VERIFIED, S.DONE, SECOND, "处理：属实"),
            asks="处理结论",
            stamp="decided",
            hand=Hand.OTHER,
        ),
        with_reason(
            *("drop_alert", S.VERIFIED, S.DONE, SECOND, "处理：申诉成立，排除"),
            asks="处理结论",
            stamp="decided",
            hand=Hand.OTHER,
        ),
    ),
    hands=("first_by", "second_by", "appealed_by", "verified_by", "decided_by"),
    related=("alert__settlement__visit__institution", "alert__division"),
)
