"""Where the present request comes from, for the audit trail. Empty in workers and commands."""

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True)
class Origin:
    address: str | None = None
    request_id: str = ""


current: ContextVar[Origin] = ContextVar("origin", default=Origin())  # noqa: B039 - immutable
