"""What happened in care, told apart by one dimension: the sums of `reports.activity`."""

from dataclasses import dataclass, field

from claims.models import Settlement, SettlementQuerySet
from reports.activity import OUTSIDE, SUMMED, SUMS, activity_of, ask, seen_once
from reports.analysis.asked import Asked
from reports.analysis.months import Months
from reports.indicators import Activity, Counted
from reports.listings import of_institution
from reports.scorecard import GRASSROOTS


@dataclass(slots=True, kw_only=True)
class Care(Counted):
    """`persons`: different people, of whom the fund paid `beneficiaries` something. `levels`:
    visits by level of the institution; `name`: of a disease, the first that it goes by."""

    persons: int = 0
    levels: dict[str, int] = field(default_factory=dict)
    name: str = ""

    def add(self, done: Activity, *, is_stay: bool, place: str, level: str) -> None:
        """One group of settlements that are alike in these."""
        is_outside = place == OUTSIDE
        for holds, sums in (
            (True, self.everything),
            (is_stay, self.stays),
            (is_outside, self.outside),
            (is_outside and is_stay, self.outside_stays),
        ):
            if holds:
                sums.add(done)
        self.levels[level] = self.levels.get(level, 0) + done.visits
        if is_stay and level in GRASSROOTS:
            self.grassroots += done.visits

    @property
    def level(self) -> str:
        """Where most of the visits were."""
        return max(sorted(self.levels), key=lambda one: self.levels[one], default="")


_NOTHING = ", ".join("NULL::numeric" for _ in SUMS)
_HEADS = """count(DISTINCT person), count(DISTINCT person) FILTER (WHERE paid > 0),
    min(diagnosis COLLATE "C") FILTER (WHERE is_stay)"""
_SUMS = f"""
SELECT 'sums', code, is_stay, place, level, NULL::bigint, NULL::bigint, NULL, {SUMMED}
FROM seen JOIN tagged USING (id) GROUP BY code, is_stay, place, level
UNION ALL
SELECT 'whole', NULL, is_stay, place, level, NULL, NULL, NULL, {SUMMED}
FROM seen WHERE id IN (SELECT id FROM tagged) GROUP BY is_stay, place, level
UNION ALL
SELECT 'heads', code, NULL, NULL, NULL, {_HEADS}, {_NOTHING}
FROM seen JOIN tagged USING (id) GROUP BY code
UNION ALL
SELECT 'all heads', NULL, NULL, NULL, NULL, {_HEADS}, {_NOTHING}
FROM seen WHERE id IN (SELECT id FROM tagged)
"""  # noqa: S608 - names of columns that stand in reports.activity


def settled(asked: Asked, months: Months) -> SettlementQuerySet:
    """What counts in these months, as far as the user sees it."""
    rows = (
        Settlement.objects.visible_to(asked.user)
        .counted()
        .filter(
            settled_on__range=(months.first.first, months.last.last),
            division__code__startswith=asked.place,
        )
        .order_by()
    )
    if asked.institution:
        rows = of_institution(rows, asked.institution)
    return rows


def care_of(asked: Asked, months: Months) -> tuple[dict[str, Care], Care]:
    """Code → what happened there, and all of it with every person once. One statement."""
    text = f"{seen_once('1')},\n{asked.dimension.tagged}{_SUMS}"
    found: dict[str, Care] = {}
    whole = Care()
    for part, code, is_stay, place, level, persons, helped, name, *sums in ask(
        text, settled(asked, months), {}
    ):
        one = whole if part in ("whole", "all heads") else found.setdefault(code or "", Care())
        if "heads" in part:
            one.persons, one.beneficiaries, one.name = persons, helped, name or ""
        else:
            one.add(activity_of(sums), is_stay=is_stay, place=place, level=level)
    return found, whole
