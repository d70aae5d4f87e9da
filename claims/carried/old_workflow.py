"""The way of a file of old settlements: it moves no money, so whoever sent it may confirm it."""

from claims.carried.models import OldFile
from desk.importing import Acts, upload_flow

ACTS = Acts.of("old", applied="old_read")
FLOW = upload_flow(OldFile, "claims", ACTS, noun="原系统结算", permission="claims.load_carried")
