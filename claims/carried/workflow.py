"""The way of a file of usage: who agrees to it is another than who sent it."""

from claims.carried.models import CarriedFile
from desk.importing import Acts, upload_flow
from desk.workflow import Hand

ACTS = Acts.of("carried", confirm="approve_carried", applied="carried_in")
FLOW = upload_flow(
    CarriedFile,
    "claims",
    ACTS,
    noun="已用情况",
    permission="claims.load_carried",
    hand=Hand.OTHER,
)
