"""One line of the closing checklist, as rooms find it.

What is told of a month is what stood open on its last day, by the days that things bear in the
books: money that left on the third of the next month had not left. Work about the month itself
(its report, its reconciling, its review) is done after it and counts as it is now.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Self
from urllib.parse import urlencode

from django.urls import reverse

from desk.tones import TonedChoices


class Verdict(TonedChoices):
    """What a line means for the closing."""

    STOPS = "stops", "bad", "不能结账"
    TOLD = "told", "wait", "提示"
    FINE = "fine", "good", "无未了事项"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What was looked for, and what stands open of it.

    `stops`: the month is not closed while it is there; otherwise it is told and may go on.
    `amount`: yuan, None where it is about no sum. `words`: what is open and how it is mended, ""
    when nothing is. `address`: the page where it is mended.
    """

    what: str
    stops: bool = False
    count: int = 0
    unit: str = "笔"
    amount: Decimal | None = None
    words: str = ""
    address: str = ""

    @property
    def verdict(self) -> Verdict:
        if not self.count:
            return Verdict.FINE
        return Verdict.STOPS if self.stops else Verdict.TOLD

    @property
    def is_stopping(self) -> bool:
        return self.stops and self.count > 0

    def as_json(self) -> dict[str, object]:
        """As a month keeps it when it is closed."""
        return {
            "what": self.what,
            "stops": self.stops,
            "count": self.count,
            "unit": self.unit,
            "amount": None if self.amount is None else str(self.amount),
            "words": self.words,
        }

    @classmethod
    def of(cls, kept: dict[str, object]) -> Self:
        """From what `as_json` gave."""
        amount = kept["amount"]
        return cls(
            what=str(kept["what"]),
            stops=bool(kept["stops"]),
            count=int(str(kept["count"])),
            unit=str(kept["unit"]),
            amount=None if amount is None else Decimal(str(amount)),
            words=str(kept["words"]),
        )


def done_since(count: int, now: int, unit: str) -> str:
    """For the words of what stood open on the month's last day: what of it is open today."""
    if now == count:
        return ""
    return f"，其中 {now} {unit}至今没有办结" if now else "，其后都已办结"


def page_of(route: str, **query: object) -> str:
    """The address of a page where something is mended."""
    return reverse(route) + (f"?{urlencode(query)}" if query else "")
