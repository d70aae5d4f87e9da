"""Whether the portal reproduces what was paid: computed once for the same facts and measures.

Every what-if first settles the year anew under the measures in force. For the next draft on the
same year that would come to the same, so what it came to is kept beside the facts, under a
fingerprint of all that it was computed from: the facts, what was read beside them, the measures,
and the programs.
"""

import hashlib
from typing import Any

import numpy as np

from policies.models import Pack
from reports.whatif.columns import Year
from reports.whatif.facts import Facts
from reports.whatif.programs import programs

PROGRAMS = ("claims/adjudication", "policies/terms", "policies/loading", "reports/whatif")


def known_check(facts: Facts, year: Year, pack: Pack) -> tuple[str, dict[str, Any] | None]:
    """The fingerprint, and what the same check came to before, or None."""
    row = facts.kept.order_by("-id").values("sha256", "check_key", "checked").first()
    if row is None:
        return "", None
    key = _fingerprint(row["sha256"], year, pack)
    return key, row["checked"] if row["check_key"] == key else None


def keep_check(facts: Facts, key: str, checked: dict[str, Any]) -> None:
    """Beside the facts that were checked, where they are still kept."""
    if key:
        facts.kept.update(check_key=key, checked=checked)


def _fingerprint(facts: str, year: Year, pack: Pack) -> str:
    told = hashlib.sha256(f"{facts} {pack.pk} {pack.sha256} {programs(*PROGRAMS)}".encode())
    read = [year.household, year.age, year.years, year.claim_free, year.prior_deductible,
            year.deductible_level, year.in_cover, year.covered_at_end,
            *year.categories.values(), *year.flags.values(), *year.balances.values(),
            *year.earlier.values()]  # fmt: skip
    for column in read:
        told.update(np.ascontiguousarray(column).data)
    return told.hexdigest()
