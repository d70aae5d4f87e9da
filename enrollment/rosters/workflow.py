"""The way of a register. Who uploaded it confirms it: receipts and cash are on that name."""

from desk.importing import Acts, upload_flow
from desk.workflow import Hand
from enrollment.rosters.models import RegisterImport

ACTS = Acts.of("register")
FLOW = upload_flow(
    RegisterImport,
    "enrollment",
    ACTS,
    noun="名册",
    permission="enrollment.enroll",
    hand=Hand.OWN,
)
