"""The number of a determination (核对码): what was decided, from which facts, by which measures.

A hash of everything that the engine was given and of the text of the measures, so that whoever has
both gets the same number and the same fen, without the portal: ``manage.py adjudicate`` writes it
beside each decision, ``manage.py recompute`` compares it with what a settlement was told.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date
from typing import Any

from claims.adjudication.cases import Case

# Raised with any change of the engine that may decide a case differently: the fen of one version
# are not promised by another.
ENGINE = "2"
# Whose usage counts together and what the caller calls the visit: who, not what.
NAMES = {"person", "household", "key"}
# Hexadecimal digits that are told: 80 bits, so that no two of a country's claims share a number.
LENGTH = 20


def determination(cases: Sequence[tuple[Case, Mapping[str, int]]], measures: str) -> str:
    """The number of a decision: 20 hexadecimal digits.

    ``cases``: each case with the usage to date before it (fen, days or counts); a part of a stay
    has two, the stay so far and the stay before.  ``measures``: SHA-256 of the pack's text.
    """
    told = {
        "engine": ENGINE,
        "measures": measures,
        "cases": [
            _plain(case) | {"used": {key: used[key] for key in used if used[key]}}
            for case, used in cases
        ],
    }
    text = json.dumps(told, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:LENGTH]


def _plain(value: Any) -> Any:
    """Dataclasses, days and sets as JSON; an amount of zero says as much as none."""
    if is_dataclass(value):
        names = [each.name for each in fields(value) if each.name not in NAMES]
        return {name: _plain(getattr(value, name)) for name in names}
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, Mapping):
        return {key: amount for key, amount in value.items() if amount}
    return value
