"""What each level of government owes for the enrolled, what arrived, what is outstanding."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, Sum
from django.db.models.functions import Left

from accounts.models import Division
from enrollment.collection.models import ZERO
from enrollment.cover.campaigns import measures_of_year
from enrollment.cover.models import Campaign, Enrollment
from funds.events import LEVEL_MOVED
from funds.named import received_by
from lib.tables.writing import Heading, Sheet, headings

# Column of the enrolment → name, and who of funds.named.FUNDERS pays it.
LEVELS: dict[str, tuple[str, tuple[str, ...]]] = {
    "central": ("中央", ("central",)),
    "provincial": ("省级", ("province",)),
    "city": ("市级", ("city",)),
    "county": ("县级", ("county", "township")),
    "other": ("其他（资助等）", ("aid",)),
}
# Aid that departments pay; what sponsors pay is the personal part and no subsidy.
ARRIVALS = ("subsidy_received", "aid_premium_received", LEVEL_MOVED)


@dataclass(frozen=True)
class SubsidyRow:
    """One payer, in yuan. `people`: for how many it owes something."""

    name: str
    people: int
    due: Decimal
    arrived: Decimal

    @property
    def outstanding(self) -> Decimal:
        return self.due - self.arrived

    @property
    def rate(self) -> int | None:
        """Arrived of due in 1/10000."""
        return int(self.arrived * 10_000 / self.due) if self.due else None


def _due(campaign: Campaign) -> dict[str, Any]:
    figures: dict[str, Any] = {}
    for level in LEVELS:
        figures[level] = Sum(f"{level}_amount", default=ZERO)
        figures[f"{level}_people"] = Count("pk", filter=Q(**{f"{level}_amount__gt": 0}))
    return Enrollment.objects.active().filter(campaign=campaign).order_by().aggregate(**figures)


def subsidy_rows(campaign: Campaign) -> list[SubsidyRow]:
    """One row a level, in the order of the levels."""
    due = _due(campaign)
    arrived = received_by(ARRIVALS, area=campaign.area, policy_year=campaign.year)
    return [
        SubsidyRow(
            name,
            due[f"{level}_people"],
            due[level],
            sum((arrived[funder] for funder in funders), ZERO),
        )
        for level, (name, funders) in LEVELS.items()
    ]


def total_row(rows: list[SubsidyRow]) -> SubsidyRow:
    """The foot; `people` cannot be added up, since one person has several payers."""
    return SubsidyRow(
        "合计",
        0,
        sum((row.due for row in rows), ZERO),
        sum((row.arrived for row in rows), ZERO),
    )


def claim_sheets(campaign: Campaign) -> list[Sheet]:
    """The claim as a workbook: by level, and by township, tier and level."""
    rows = subsidy_rows(campaign)
    levels: list[tuple[Any, ...]] = [
        (row.name, row.people, row.due, row.arrived, row.outstanding) for row in rows
    ]
    foot = total_row(rows)
    levels.append((foot.name, "", foot.due, foot.arrived, foot.outstanding))
    names = [name for name, _ in LEVELS.values()]
    detail: list[tuple[Any, ...]] = []
    towns = dict(Division.objects.townships().values_list("code", "name"))
    tiers = measures_of_year(area_code=campaign.area.code, year=campaign.year).terms.vocabulary.get(
        "tier", {}
    )
    for row in _by_town(campaign):
        amounts = [row[level] for level in LEVELS]
        place, tier = towns.get(row["town"], row["town"]), tiers.get(row["tier"], row["tier"])
        detail.append((place, tier, row["people"], *amounts, sum(amounts, ZERO)))
    return [
        Sheet(
            f"{campaign.year}年度补助",
            (
                Heading("资金来源", "text"),
                Heading("补助人数", "whole"),
                *headings("应到位", "已到位", "未到位", kind="yuan"),
            ),
            levels,
        ),
        Sheet(
            "分乡镇、档次",
            (
                *headings("乡镇", "档次", kind="text"),
                Heading("人数", "whole"),
                *headings(*names, "合计", kind="yuan"),
            ),
            detail,
        ),
    ]


def _by_town(campaign: Campaign) -> list[dict[str, Any]]:
    figures: dict[str, Any] = {level: Sum(f"{level}_amount", default=ZERO) for level in LEVELS}
    rows = (
        Enrollment.objects.active()
        .filter(campaign=campaign)
        .order_by()
        .values("tier", town=Left("division__code", 9))
        .annotate(people=Count("pk"), **figures)
        .order_by("town", "tier")
    )
    return [dict(row) for row in rows]
