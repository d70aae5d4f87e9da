"""The way of a file of the old system: brought in by one, confirmed by another."""

from desk.decisions import decision_flow
from desk.importing import Acts, upload_flow
from desk.workflow import Hand
from enrollment.carried.mending_models import CarriedMending
from enrollment.carried.models import CarriedTable

ACTS = Acts.of("carried")
FLOW = upload_flow(
    CarriedTable,
    "enrollment",
    ACTS,
    noun="文件",
    permission="enrollment.carry_in",
    hand=Hand.OTHER,
)

MENDINGS = decision_flow(
    CarriedMending,
    "enrollment",
    "mending",
    related=("division", "cover__person", "household"),
)
