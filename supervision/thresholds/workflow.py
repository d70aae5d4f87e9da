"""The way of a version: proposed by the supervisor, tried out, decided by the approver."""

from desk.decisions import decision_flow
from supervision.thresholds.models import RuleVersion

VERSIONS = decision_flow(RuleVersion, "supervision", "rule_version", related=("area",))
