"""The way of a file of the old system: brought in by one, confirmed by another."""

from desk.carrying import carried_flow
from desk.decisions import decision_flow
from desk.importing import Acts
from enrollment.carried.mending_models import CarriedMending
from enrollment.carried.models import CarriedTable

ACTS = Acts.of("carried")
FLOW = carried_flow(CarriedTable, "enrollment", ACTS, "enrollment.carry_in")

RELATED = ("division", "cover__person", "household")
MENDINGS = decision_flow(CarriedMending, "enrollment", "mending", related=RELATED)
