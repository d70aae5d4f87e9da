"""The way of an alert: open, then confirmed or dismissed for good; and of a denial of a visit that
is not settled yet."""

from desk.workflow import START, STAY, Hand, Step, Workflow, with_reason
from supervision.models import Alert, VisitDenial

Status = Alert.Status
CONCLUSION = "核查结论：查了什么、结果如何、如何处理"
APART = "分出的原因：与其他发现有什么不同"

ALERTS = Workflow(
    Alert,
    "supervision",
    (
        with_reason(
            "confirm_alert",
            Status.OPEN,
            Status.CONFIRMED,
            "supervision.conclude_alert",
            "属实",
            asks=CONCLUSION,
            stamp="handled",
        ),
        with_reason(
            "dismiss_alert",
            Status.OPEN,
            Status.DISMISSED,
            "supervision.conclude_alert",
            "排除",
            asks=CONCLUSION,
            stamp="handled",
        ),
        # One finding of an event, before the first opinion: the step writes columns of its own
        # (supervision/splitting.py).
        with_reason(
            "split_alert", Status.OPEN, STAY, "supervision.handle", "分出，单独审核", asks=APART
        ),
        # The alert stays as it was concluded: the step is a line of the trail and lifts the hold.
        with_reason(
            "release_payment",
            Status.CONFIRMED,
            STAY,
            "supervision.release",
            "处理完毕，解除暂停",
            asks="怎样处理的（追回单号或不予追回的依据）",
            hand=Hand.OTHER,
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
        with_reason(
            "confirm_denial",
            Denied.OPEN,
            Denied.CONFIRMED,
            "supervision.handle",
            "属实",
            asks=CONCLUSION,
            stamp="handled",
            hand=Hand.OTHER,
        ),
        with_reason(
            "dismiss_denial",
            Denied.OPEN,
            Denied.DISMISSED,
            "supervision.handle",
            "排除，恢复办理",
            asks=CONCLUSION,
            stamp="handled",
            hand=Hand.OTHER,
        ),
        # What was confirmed turns out to be wrong.
        with_reason(
            "release_denial",
            Denied.CONFIRMED,
            Denied.DISMISSED,
            "supervision.release",
            "结论有误，恢复办理",
            asks="复查的情况和依据",
            stamp="released",
            hand=Hand.OTHER,
        ),
    ),
    hands=("told_by", "handled_by", "released_by"),
    reason_column="conclusion",
    related=("division", "visit"),
)
