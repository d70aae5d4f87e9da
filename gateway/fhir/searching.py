"""Search parameters: what each kind is narrowed by. What is not known is refused by name."""

import re
from calendar import monthrange
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from django.db.models import Q

from gateway.fhir.names import base
from gateway.fhir.outcomes import not_supported, shown, wrong

MOST_VALUES, LONGEST = 20, 120
NOTHING = Q(pk__in=[])
_DAY = re.compile(r"(?P<prefix>[a-z]{2})?(?P<year>\d{4})(-(?P<month>\d\d)(-(?P<day>\d\d))?)?", re.A)


@dataclass(frozen=True)
class Parameter:
    """One search parameter: how its values become a condition.

    `find`: one value → condition; values apart by commas are alternatives.
    """

    name: str
    kind: Literal["token", "reference", "date", "string"]
    told: str
    find: Callable[[str], Q]

    def condition(self, text: str) -> Q:
        """All alternatives of one mention. Raises FhirError naming the parameter."""
        values = text.split(",")
        if len(values) > MOST_VALUES or len(text) > LONGEST * 4:
            raise wrong(f"{self.name}：一次最多 {MOST_VALUES} 个值，请分次查询", self.name)
        if any(not value or len(value) > LONGEST for value in values):
            raise wrong(f"{self.name}：值为空或过长，请核对", self.name)
        found = NOTHING
        for value in values:
            found |= self.find(value)
        return found


def token(name: str, told: str, systems: Iterable[str], find: Callable[[str], Q]) -> Parameter:
    """`value`, `system|value`; a system that the portal does not give finds nothing, and one that
    must not stand in an address is refused by whoever makes the parameter."""
    known = frozenset(systems)

    def of(text: str) -> Q:
        system, bar, value = text.rpartition("|")
        if bar and not value:
            raise wrong(f"{name}：竖线后面缺少值，请按 system|value 填写", name)
        if bar and system not in known:
            return NOTHING
        return find(value)

    return Parameter(name, "token", told, of)


def words(name: str, told: str, column: str, statuses: Mapping[str, str]) -> Parameter:
    """A status in FHIR's word; `statuses`: ours → FHIR's."""
    known = sorted(set(statuses.values()))

    def of(text: str) -> Q:
        value = text.rpartition("|")[2]
        if value not in known:
            raise wrong(f"{name}：没有 {shown(value)} 这个值，可用 {'、'.join(known)}", name)
        return Q(
            **{f"{column}__in": [ours for ours, theirs in statuses.items() if theirs == value]}
        )

    return Parameter(name, "token", told, of)


def reference(name: str, told: str, kind: str, find: Callable[[str], Q]) -> Parameter:
    """`id`, `Kind/id` or the whole address; of another kind or place finds nothing."""

    def of(text: str) -> Q:
        rest = text.removeprefix(f"{base()}/")
        named, slash, key = rest.rpartition("/")
        return find(key) if not slash or named == kind else NOTHING

    return Parameter(name, "reference", told, of)


def days(name: str, told: str, column: str) -> Parameter:
    """A day, month or year with eq, ne, gt, ge, lt, le, sa or eb before it; mentioned twice, both
    hold."""

    def of(text: str) -> Q:
        found = _DAY.fullmatch(text)
        if found is None:
            raise wrong(f"{name}：日期应写作 2026-03-01、2026-03 或 2026，前面可加 ge、le 等", name)
        first, last = _span(name, found)
        conditions: dict[str, Callable[[], Q]] = {
            "eq": lambda: Q(**{f"{column}__gte": first, f"{column}__lte": last}),
            "ne": lambda: Q(**{f"{column}__lt": first}) | Q(**{f"{column}__gt": last}),
            "gt": lambda: Q(**{f"{column}__gt": last}),
            "sa": lambda: Q(**{f"{column}__gt": last}),
            "ge": lambda: Q(**{f"{column}__gte": first}),
            "lt": lambda: Q(**{f"{column}__lt": first}),
            "eb": lambda: Q(**{f"{column}__lt": first}),
            "le": lambda: Q(**{f"{column}__lte": last}),
        }
        prefix = found["prefix"] or "eq"
        if prefix not in conditions:
            raise not_supported(
                f"{name}：不支持 {shown(prefix)}，可用 {'、'.join(conditions)}", name
            )
        return conditions[prefix]()

    return Parameter(name, "date", told, of)


def _span(name: str, found: re.Match[str]) -> tuple[date, date]:
    """First and last day of what was written."""
    year, month, day = int(found["year"]), found["month"], found["day"]
    try:
        if day:
            one = date(year, int(month), int(day))
            return one, one
        if month:
            last = monthrange(year, int(month))[1]
            return date(year, int(month), 1), date(year, int(month), last)
        return date(year, 1, 1), date(year, 12, 31)
    except ValueError:
        raise wrong(f"{name}：没有 {shown(found[0])} 这一天，请核对", name) from None


def all_of(parameters: Mapping[str, Parameter], given: Iterable[tuple[str, str]]) -> Q:
    """Everything that was asked for holds. Raises FhirError for a name that is not known."""
    found = Q()
    for name, value in given:
        if name in parameters:
            found &= parameters[name].condition(value)
            continue
        if name.partition(":")[0] in parameters:
            raise not_supported(f"{shown(name)}：不支持修饰符，请只写参数名", name)
        known = "、".join(parameters)
        raise not_supported(f"{shown(name)}：没有这个查询参数，可用 {known}", name)
    return found
