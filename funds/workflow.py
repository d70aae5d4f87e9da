"""The way of a month of a book: open, then closed for ever."""

from desk.workflow import Step, Workflow
from funds.models import Period

PERIODS = Workflow(
    Period,
    "funds",
    (
        Step(
            "close_period",
            Period.Status.OPEN,
            Period.Status.CLOSED,
            "funds.close_period",
            "结账",
            stamps=("closed_by", "closed_at"),
        ),
    ),
    hands=("closed_by",),
    related=("book__area",),
)
