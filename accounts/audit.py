"""Writing the audit trail. Call `record` inside the transaction of the write it tells of."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypedDict, Unpack

from django.db import models

from accounts.fields import SealedField
from accounts.models import AuditLine, User
from accounts.new_rows import insert
from accounts.origin import current
from lib.resident_id import people_masked


def snapshot(row: models.Model, fields: Iterable[str] | None = None) -> dict[str, Any]:
    """The row's plain columns as JSON values. Sealed columns only say whether they are filled."""
    wanted = set(fields) if fields is not None else None
    result: dict[str, Any] = {}
    for field in row._meta.concrete_fields:
        if wanted is not None and field.name not in wanted and field.attname not in wanted:
            continue
        if field.name == "password" or field.name.endswith("_index"):
            continue
        value = getattr(row, field.attname)
        if isinstance(field, SealedField):
            value = "（已加密）" if value else ""
        elif isinstance(value, (Decimal, date, datetime)):
            value = str(value)
        result[field.attname] = value
    return result


def audited(row: models.Model) -> dict[str, Any]:
    """What the trail keeps of the row: its model's `AUDITED` columns, all where it names none.

    `MASKS` of the model (column → how it may be shown, None: not at all) hides what would name a
    person; empty values stay empty.
    """
    return masked(snapshot(row, getattr(row, "AUDITED", None)), getattr(row, "MASKS", {}))


Masks = Mapping[str, Callable[[str], str] | None]


def masked(facts: Mapping[str, Any], masks: Masks) -> dict[str, Any]:
    """Columns as the trail may keep them."""
    kept = {}
    for name, value in facts.items():
        mask = masks.get(name, str)
        if mask is not None:
            kept[name] = mask(value) if name in masks and value else value
    return kept


def division_of(row: models.Model) -> str:
    """The code that decides who may see the row, along its queryset's `division_path`."""
    path = getattr(row._meta.model._default_manager.all(), "division_path", "")
    found: Any = row
    for name in path.split("__") if path else ():
        found = getattr(found, name)
    return found if isinstance(found, str) else ""


class Told(TypedDict, total=False):
    """What a line may say beside who, what and on which row."""

    division_code: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    reason: str


def record(
    *, actor: User | None, action: str, subject: models.Model, **told: Unpack[Told]
) -> AuditLine:
    """Add one line. `action` is `room.verb`, e.g. "enrollment.take_payment"; no personal data.

    Without `division_code` those see it who see the subject, or else the actor's place.
    """
    written = line_of(actor=actor, action=action, subject=subject, **told)
    insert([written])
    return written


def line_of(
    *,
    actor: User | None,
    action: str,
    subject: models.Model,
    division_code: str = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
) -> AuditLine:
    """The same line unsaved, for who writes many at once."""
    origin = current.get()
    return AuditLine(
        user=actor,
        user_name=actor.name if actor else "系统",
        role=actor.role if actor else "",
        origin=origin.address,
        request_id=origin.request_id,
        action=action,
        subject_type=subject._meta.label_lower,
        subject_id=str(subject.pk or ""),
        division_code=division_code
        or division_of(subject)
        or (actor.division_code if actor else ""),
        before=dict(before) if before is not None else None,
        after=dict(after) if after is not None else None,
        # Whoever reads the trail need not know whom a reason names by number.
        reason=people_masked(reason),
    )


def record_export(
    *, actor: User, what: str, rows: int, criteria: Mapping[str, Any], reason: str = ""
) -> AuditLine:
    """Note that data left the portal as a file: what, how many rows, chosen by which criteria."""
    return record(
        actor=actor,
        action="export",
        subject=actor,
        after={"what": what, "rows": rows, "criteria": dict(criteria)},
        reason=reason,
    )
