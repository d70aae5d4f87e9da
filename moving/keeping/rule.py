"""Which backups are kept, and how a backup is named; pure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

NAME = "%Y%m%d-%H%M%S"


@dataclass(frozen=True)
class Rule:
    """Of how many days, weeks and months with backups the newest one is kept. No norm says."""

    days: int = 7
    weeks: int = 5
    months: int = 12

    @classmethod
    def read(cls, text: str) -> "Rule":
        """Of "7,5,12". Raises ValueError; one day at least is kept."""
        days, weeks, months = (int(part) for part in text.split(","))
        if days < 1 or weeks < 0 or months < 0:
            raise ValueError(text)
        return cls(days, weeks, months)


def kept(moments: Iterable[datetime], rule: Rule) -> set[datetime]:
    """The moments whose backups stay: the newest of each day, week (from Monday) and month."""
    rising = sorted(set(moments))
    found: set[datetime] = set()
    kinds: tuple[tuple[int, Callable[[datetime], object]], ...] = (
        (rule.days, lambda at: at.date()),
        (rule.weeks, lambda at: at.isocalendar()[:2]),
        (rule.months, lambda at: (at.year, at.month)),
    )
    for many, span in kinds:
        newest = {span(at): at for at in rising}
        found.update(list(newest.values())[-many:] if many else [])
    return found


def moment_of(name: str) -> datetime | None:
    """When a backup of this name was begun, by the county's clock, of which the rule asks days
    and not where they are; None of anything else."""
    try:
        return datetime.strptime(name, NAME).replace(tzinfo=UTC)
    except ValueError:
        return None
