"""The way of an alert: open, then confirmed or dismissed for good; and of a denial of a visit that
is not settled yet."""

from desk.workflow import REASON, START, STAY, Hand, Step, Workflow
from supervision.models import Alert, VisitDenial

Status = Alert.Status
CONCLUSION = "核查结论：查了什么、结果如何、如何处理"

ALERTS = Workflow(
    Alert,
    "supervision",
    (
        Step(
            "confirm_alert",
            Status.OPEN,
            Status.CONFIRMED,
            "supervision.handle",
            "属实",
            reason=REASON,
            asks=CONCLUSION,
            stamps=("handled_by", "handled_at"),
        ),
        Step(
            "dismiss_alert",
            Status.OPEN,
            Status.DISMISSED,
            "supervision.handle",
            "排除",
            reason=REASON,
            asks=CONCLUSION,
            stamps=("handled_by", "handled_at"),
        ),
        # The alert stays as it was concluded: the step is a line of the trail and lifts the hold.
        Step(
            "release_payment",
            Status.CONFIRMED,
            STAY,
            "supervision.release",
            "处理完毕，解除暂停",
            Hand.OTHER,
            reason=REASON,
            asks="怎样处理的（追回单号或不予追回的依据）",
        ),
    ),
    called=lambda alert: f"疑点 {alert.rule} ",
    hands=("handled_by",),
    reason_column="conclusion",
    related=("division",),
)

Denied = VisitDenial.Status
DENIALS = Workflow(
    VisitDenial,
    "supervision",
    (
        Step("deny_visit", START, Denied.OPEN, "supervision.note_denial", "登记本人否认就诊"),
        Step(
            "confirm_denial",
            Denied.OPEN,
            Denied.CONFIRMED,
            "supervision.handle",
            "属实",
            Hand.OTHER,
            reason=REASON,
            asks=CONCLUSION,
            stamps=("handled_by", "handled_at"),
        ),
        Step(
            "dismiss_denial",
            Denied.OPEN,
            Denied.DISMISSED,
            "supervision.handle",
            "排除，恢复办理",
            Hand.OTHER,
            reason=REASON,
            asks=CONCLUSION,
            stamps=("handled_by", "handled_at"),
        ),
        # What was confirmed turns out to be wrong.
        Step(
            "release_denial",
            Denied.CONFIRMED,
            Denied.DISMISSED,
            "supervision.release",
            "结论有误，恢复办理",
            Hand.OTHER,
            reason=REASON,
            asks="复查的情况和依据",
            stamps=("released_by", "released_at"),
        ),
    ),
    called=lambda denial: f"本人否认就诊 {denial.pk} 号",
    hands=("told_by", "handled_by", "released_by"),
    reason_column="conclusion",
    related=("division", "visit"),
)
