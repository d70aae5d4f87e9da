"""What the audit trail keeps of people: enough to follow a change, not enough to know them by.

The row itself is named by its id; who may look it up does so in the register, with a reason.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.db import models

from accounts.audit import snapshot
from accounts.templatetags.hezuo import mask_name


def _year(day: str) -> str:
    return f"{day[:4]}-**-**"


def _there(text: str) -> str:
    return "（已登记）"


MASKS: dict[str, Callable[[str], str]] = {
    "name": mask_name,
    "payer_name": mask_name,
    "payee": mask_name,
    "receiver": mask_name,
    "bank_account_name": mask_name,
    "birth_date": _year,
    "address": _there,
    "actual_residence": _there,
}
LEFT_OUT = frozenset({"pinyin", "initials"})  # they spell the name


def masked(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Columns as the trail may keep them; empty ones stay empty."""
    return {
        name: MASKS[name](value) if name in MASKS and value else value
        for name, value in facts.items()
        if name not in LEFT_OUT
    }


def told(row: models.Model) -> dict[str, Any]:
    """A row about people for the audit trail; sealed columns only say whether they are filled."""
    return masked(snapshot(row))


def change(before: Mapping[str, Any], row: models.Model) -> dict[str, dict[str, Any]]:
    """`before` and `after` of an audit line. `before`: an unmasked snapshot of the same row.

    A name that looks the same behind its mask may have changed, so `after` lists what did.
    """
    after = snapshot(row)
    names = [name for name, value in after.items() if before.get(name) != value]
    return {"before": masked(before), "after": masked(after) | {"changed": names}}
