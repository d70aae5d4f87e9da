"""Screening rules (疑点筛查规则), one module each: pure functions from claims to hits.

To add a rule: a module with `RULE` and `find`, its entry in `RULES`, its line in
`supervision.services.screen`, and a test with people and dates.
"""

from supervision.rules import (
    after_death,
    off_catalogue,
    overlapping_stays,
    same_day_admissions,
    split_stays,
)
from supervision.rules.facts import Certainty, ClaimFacts, Hit, Rule

RULES: dict[str, Rule] = {
    module.RULE.code: module.RULE
    for module in (
        after_death,
        overlapping_stays,
        split_stays,
        off_catalogue,
        same_day_admissions,
    )
}

__all__ = ["RULES", "Certainty", "ClaimFacts", "Hit", "Rule"]
