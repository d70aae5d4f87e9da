"""The way of a visit: registered, discharged, settled, and each of them undone.

What undoes comes before what was done earlier: a settlement before the discharge, the discharge
and the bill before the registration (接口 2405 在 2305 之后，2404 在 2302、2405 之后).
"""

from claims.models import Visit
from desk.workflow import PORTAL, START, STAY, Step, Workflow, with_reason

Status = Visit.Status
MAY = "claims.enter_counter"
UNSETTLED = (Status.OPEN, Status.CLOSED)

VISITS = Workflow(
    Visit,
    "claims",
    (
        Step("visit_registered", START, Status.OPEN, MAY, "入院登记"),
        # Entered together with its settlement, whose own line in the trail tells it.
        Step("visit_drafted", START, Status.CLOSED, PORTAL, "录入草稿"),
        Step("visit_entered", START, Status.SETTLED, PORTAL, "录入并结算"),
        Step("visit_changed", Status.OPEN, STAY, MAY, "登记变更"),
        with_reason("visit_cancelled", Status.OPEN, Status.VOID, MAY, "撤销登记"),
        Step("lines_added", UNSETTLED, STAY, MAY, "录入费用"),
        with_reason("batch_withdrawn", UNSETTLED, STAY, MAY, "撤销费用"),
        Step("visit_discharged", Status.OPEN, Status.CLOSED, MAY, "出院登记"),
        with_reason("discharge_undone", Status.CLOSED, Status.OPEN, MAY, "撤销出院"),
        Step("visit_part_settled", Status.OPEN, STAY, MAY, "中途结算"),
        # Where the discharge is told with the settlement, it is settled out of the bed.
        Step("visit_settled", UNSETTLED, Status.SETTLED, MAY, "结算"),
        # Its money is back in the fund as a whole: the hospital may settle what was right.
        with_reason(
            "visit_recalled",
            Status.SETTLED,
            Status.CLOSED,
            MAY,
            "追回后重新结算",
            asks="重新结算的原因",
        ),
        # Somebody found that it may not be billed and settled (claims/visits/stopping.py).
        Step("visit_stopped", UNSETTLED, STAY, PORTAL, "暂停办理"),
        Step("visit_released", UNSETTLED, STAY, PORTAL, "解除暂停办理"),
        # What its settlement does to it: a draft that is submitted, a settlement that is taken back
        # (a registered visit waits for another; an entry is corrected as an entry of its own).
        Step("draft_settled", Status.CLOSED, Status.SETTLED, PORTAL, "草稿已提交"),
        Step("visit_reopened", Status.SETTLED, Status.CLOSED, PORTAL, "结算已撤回"),
        Step("visit_voided", (Status.CLOSED, Status.SETTLED), Status.VOID, PORTAL, "录入已作废"),
    ),
    called=lambda visit: f"{visit} 的就诊",
    hands=("entered_by",),
    related=("person", "institution__division", "household", "division"),
)
