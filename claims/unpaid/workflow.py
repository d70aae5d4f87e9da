"""The way of a claim that the old system left unpaid, and of its files."""

from claims.unpaid.models import OldClaim, OldClaimFile
from desk.carrying import carried_flow
from desk.importing import Acts
from desk.workflow import PORTAL, START, Step, Workflow, with_reason

Status = OldClaim.Status

OLD_CLAIM_FLOW = Workflow(
    OldClaim,
    "claims",
    (
        Step("carry_open_claim", START, Status.OPEN, PORTAL, "转入待审单"),
        Step("carry_owed_claim", START, Status.OWED, PORTAL, "转入已审未付单"),
        Step("pay_old_claim", Status.OWED, Status.PAID, PORTAL, "支付原系统未付单"),
        with_reason(
            "withdraw_old_claim", (Status.OPEN, Status.OWED), Status.WITHDRAWN,
            "claims.withdraw_old_claim", "撤回", asks="撤回的原因", stamp="withdrawn",
        ),
    ),
    hands=("withdrawn_by",),
    reason_column="reason",
    related=("person", "division__parent"),
)  # fmt: skip

OLD_CLAIM_ACTS = Acts.of("old_claims", again="check_old_claims")
OLD_CLAIM_FILES = carried_flow(OldClaimFile, "claims", OLD_CLAIM_ACTS, "claims.load_carried")
