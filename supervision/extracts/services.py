"""Asking for an extract, and taking its file away."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import IO, Any

from accounts.audit import record
from accounts.errors import Refusal
from accounts.models import Division, User
from desk.changes import all_or_nothing
from desk.jobs import start
from desk.reasons import given_reason
from lib.resident_id import people_masked
from supervision.extracts.models import Extract

# Whom the officers may see in full (accounts/roles.py); an extract asks for it with a reason.
REVEAL = "enrollment.reveal"


@dataclass(frozen=True)
class Asked:
    """Which settlements, in what form, and how much of the people in them. `full_reason`: why they
    stand in full, "" where they are masked."""

    area: Division
    since: date
    until: date
    institutions: Sequence[str]
    form: str
    full: bool = False
    full_reason: str = ""


@all_or_nothing()
def ask_extract(*, actor: User, asked: Asked, reason: str) -> Extract:
    """Put it in line. Raises Refusal without a purpose; for people in full without the right to
    see them and a reason; and while an earlier one of the actor is being written."""
    said = people_masked(given_reason(reason, asks="导出用途"))
    if asked.until < asked.since:
        raise Refusal("截止日期早于起始日期，请核对", "until")
    why = ""
    if asked.full:
        if not actor.may(REVEAL):
            raise Refusal("您的岗位不能查看完整身份信息，请取消勾选", "full")
        why = people_masked(
            given_reason(asked.full_reason, asks="需要完整身份信息的理由", at=("full_reason",))
        )
    columns: dict[str, Any] = vars(asked) | {"full_reason": why}
    row = Extract.objects.create(requested_by=actor, reason=said, **columns)
    record(
        actor=actor,
        action="supervision.ask_extract",
        subject=row,
        after=criteria_of(row) | {"full_reason": why},
        reason=said,
    )
    start(row)
    return row


def criteria_of(row: Extract) -> dict[str, Any]:
    """What was chosen, as the trail keeps it."""
    return {
        "area": row.area.code,
        "since": f"{row.since}",
        "until": f"{row.until}",
        "institutions": list(row.institutions),
        "form": row.form,
        "full": row.full,
    }


def take_extract(*, actor: User, extract: Extract) -> IO[bytes]:
    """The file, noted in the audit trail before a byte leaves. Raises Refusal when it is gone."""
    return extract.taken_by(
        actor,
        rows=extract.rows,
        criteria=criteria_of(extract),
        gone="文件已过保存期，请重新提取",
    )
