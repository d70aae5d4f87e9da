"""The year-end second compensation (年终二次补偿): whom, above what, how much."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondRule:
    """Of what somebody bore in the year within the scope of insurance, for these kinds of ``care``,
    ``ratio`` (1/10000) of what is above ``floor`` (fen), at most ``cap`` (fen)."""

    care: tuple[str, ...]
    floor: int
    ratio: int
    cap: int
    booked_as: str
    article: str
