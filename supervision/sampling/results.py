"""What a sample says of the whole month: read from its rows, worked out by `estimate`."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

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
class Result:
    """The whole sample. `estimate`: None while some of it waits, or nothing was settled."""

    strata: list[StratumResult]
    estimate: Estimate | None
    size: int
    drawn: int
    examined: int
    wrong: int
    fund: int

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
    is_whole = all(row.estimate for row in rows) and bool(rows)
    return Result(
        strata=rows,
        estimate=estimate([_examined(one, items[one.pk]) for one in strata]) if is_whole else None,
        size=sum(one.size for one in strata),
        drawn=sum(one.drawn for one in strata),
        examined=sum(row.examined for row in rows),
        wrong=sum(row.wrong for row in rows),
        fund=sum(to_fen(one.fund_amount) for one in strata),
    )


def _examined(stratum: SampleStratum, items: list[SampleItem]) -> Examined:
    return Examined(stratum.size, tuple(item.error for item in items))


def _of(stratum: SampleStratum, items: list[SampleItem]) -> StratumResult:
    done = [item for item in items if item.status != SampleItem.Status.PENDING]
    is_whole = len(done) == stratum.drawn
    return StratumResult(
        stratum=stratum,
        examined=len(done),
        wrong=sum(1 for item in done if item.status == SampleItem.Status.WRONG),
        found=sum(item.error for item in done),
        estimate=estimate([_examined(stratum, items)]) if is_whole else None,
    )
