"""The way of an alert: open, then confirmed or dismissed for good."""

from desk.workflow import REASON, STAY, Hand, Step, Workflow
from supervision.models import Alert

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
