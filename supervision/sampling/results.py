"""What a sample says of the whole month, and how far a quarter's full check is: read from its rows,
worked out by `estimate`."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from lib.money import to_fen
from supervision.sampling.estimate import Estimate, Examined, estimate
from supervision.sampling.models import Sample, SampleItem, SampleStratum


@dataclass(frozen=True)
class StratumResult:
    """One stratum as the report shows it. `estimate`: None while some of it waits."""

    stratum: SampleStratum
    examined: int
    wrong: int
    found: int
    estimate: Estimate | None


@dataclass(frozen=True)
class Covered:
    """An institution in a full check: how many of its settlements there were, how many have to be
    checked (100 % are demanded), are checked, are wrong, and by how much (fen)."""

    name: str
    size: int
    due: int
    examined: int
    wrong: int
    found: int

    @property
    def is_whole(self) -> bool:
        return self.due == self.size

    @property
    def share(self) -> Decimal:
        """Percent of what has to be checked."""
        return (Decimal(100) * self.examined / self.due).quantize(Decimal("0.01"))


@dataclass(frozen=True)
class Result:
    """The whole sample. `estimate`: None while some of it waits, nothing was settled, or everything
    that is at risk was checked and there is nothing to infer."""

    strata: list[StratumResult]
    estimate: Estimate | None
    size: int
    drawn: int
    examined: int
    wrong: int
    found: int
    fund: int

    @property
    def covered(self) -> list[Covered]:
        """Of a full check, the institutions of which something has to be checked."""
        ordered = sorted(self.strata, key=lambda row: row.stratum.institution_code)
        grouped = groupby(ordered, key=lambda row: row.stratum.institution_code)
        every = [_covered(list(rows)) for _, rows in grouped]
        return [one for one in every if one.due]

    @property
    def left_out(self) -> int:
        """Settlements of institutions of which nothing has to be checked."""
        return self.size - sum(one.size for one in self.covered)

    @property
    def share(self) -> Decimal | None:
        """Percent of the month's settlements that were drawn."""
        return (
            (Decimal(100) * self.drawn / self.size).quantize(Decimal("0.01")) if self.size else None
        )

    @property
    def is_whole(self) -> bool:
        return self.examined == self.drawn


def result_of(sample: Sample) -> Result:
    """Two statements, however large the sample."""
    items: dict[int, list[SampleItem]] = defaultdict(list)
    for item in sample.items.only("stratum_id", "status", "error_amount"):
        items[item.stratum_id].append(item)
    strata = list(sample.strata.all())
    rows = [_of(stratum, items[stratum.pk]) for stratum in strata]
    is_whole = all(row.estimate for row in rows) and bool(rows) and not sample.is_full
    return Result(
        strata=rows,
        estimate=estimate([_examined(one, items[one.pk]) for one in strata]) if is_whole else None,
        size=sum(one.size for one in strata),
        drawn=sum(one.drawn for one in strata),
        examined=sum(row.examined for row in rows),
        wrong=sum(row.wrong for row in rows),
        found=sum(row.found for row in rows),
        fund=sum(to_fen(one.fund_amount) for one in strata),
    )


def _covered(rows: list[StratumResult]) -> Covered:
    return Covered(
        name=rows[0].stratum.institution_name,
        size=sum(row.stratum.size for row in rows),
        due=sum(row.stratum.drawn for row in rows),
        examined=sum(row.examined for row in rows),
        wrong=sum(row.wrong for row in rows),
        found=sum(row.found for row in rows),
    )


def _examined(stratum: SampleStratum, items: list[SampleItem]) -> Examined:
    return Examined(stratum.size, tuple(item.error for item in items))


def _of(stratum: SampleStratum, items: list[SampleItem]) -> StratumResult:
    done = [item for item in items if item.status != SampleItem.Status.PENDING]
    is_whole = len(done) == stratum.drawn > 0
    return StratumResult(
        stratum=stratum,
        examined=len(done),
        wrong=sum(1 for item in done if item.status == SampleItem.Status.WRONG),
        found=sum(item.error for item in done),
        estimate=estimate([_examined(stratum, items)]) if is_whole else None,
    )
