"""The way of the county's rules for the interface: proposed by one, decided by another."""

from desk.decisions import decision_flow
from gateway.rules.models import InterfaceRule

RULES = decision_flow(InterfaceRule, "gateway", "rules", related=("area",))
