"""The way of a register. Who uploaded it confirms it: receipts and cash are on that name."""

from desk.importing import Acts, upload_flow
from desk.workflow import Hand
from enrollment.rosters.models import RegisterImport

ACTS = Acts(
    upload="upload_register",
    confirm="confirm_register",
    again="check_register_again",
    discard="discard_register",
    applied="register_applied",
)
FLOW = upload_flow(
    RegisterImport,
    "enrollment",
    ACTS,
    noun="名册",
    permission="enrollment.enroll",
    hand=Hand.OWN,
)
