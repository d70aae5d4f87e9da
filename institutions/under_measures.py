"""What institutions know of the days of measures, asked from below (policies/release.py), and the
levels that measures know, without which no visit is judged."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import date

from accounts.clock import today
from institutions.models import LEVELS, Institution, Level
from institutions.registry.columns import CLOSED, Levels
from institutions.registry.models import RegistryChange
from policies.models import Pack
from policies.services import terms_of

CALLED = {
    "level": "级别",
    "deductible_level": "起付线级别",
    "price_level": "限价级别",
}
MAX_NAMED = 3


def unknown_levels(
    area_code: str, first_day: date, last_day: date, known: Collection[str]
) -> list[str]:
    """A sentence for each level that institutions of the area have, or will have by what is
    decided, in these days and that the measures do not know."""
    names: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
    # What is over is settled: of an earlier day no visit waits for a level.
    since = max(first_day, today())
    for column, level, name in _held(area_code, since, last_day) if since <= last_day else ():
        if level not in known:
            names[column, level][name] = None
    return [
        f"{CALLED[column]}“{Level(level).label}”（{_listed(list(named))}）在办法的机构级别中没有，"
        "这些机构的就诊不能按本办法结算"
        for (column, level), named in sorted(names.items())
    ]


def _held(area_code: str, first_day: date, last_day: date) -> Iterator[tuple[str, str, str]]:
    """Column, level and institution: on the first of the days, and from later ones on."""
    rows = Institution.objects.filter(division__code__startswith=area_code).as_of(first_day)
    for row in rows.order_by("code"):
        if row.active_then != CLOSED:
            for column, level in zip(LEVELS, Levels.of(row).each, strict=True):
                if level:
                    yield column, level, row.name
    changes = RegistryChange.objects.decided().filter(
        institution__division__code__startswith=area_code, column__in=LEVELS,
        becomes__in=Level.values, first_day__gt=first_day, first_day__lte=last_day,
    )  # fmt: skip
    for change in changes.select_related("institution").order_by("institution__code", "pk"):
        yield change.column, change.becomes, change.institution.name


def _listed(names: list[str]) -> str:
    more = f" 等 {len(names)} 家" if len(names) > MAX_NAMED else ""
    return "、".join(names[:MAX_NAMED]) + more


def level_problem(area_code: str, column: str, level: str, first_day: date) -> str:
    """Why an institution may not have this level from the day on: adopted measures of then or
    later do not know it; "" where all do, or none are adopted yet, whose own check will tell."""
    packs = Pack.objects.adopted().filter(area__code=area_code, last_day__gte=first_day)
    for pack in packs.select_related("area").order_by("first_day"):
        known = terms_of(pack).vocabulary.get("level", {})
        if known and level not in known:
            return (
                f"“{pack}”（{pack.first_day} 至 {pack.last_day}）没有"
                f"{CALLED[column]}“{Level(level).label}”，办法的机构级别有：{'、'.join(known.values())}"
            )
    return ""
