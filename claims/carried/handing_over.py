"""A county's own usage to date as the file that another system reads: what moving out, or a look
at what moving in should bring, asks for. The inverse of `judging`."""

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from django.db.models import Sum

from claims.assistance.models import AidApplication
from claims.carried.columns import COLUMNS
from claims.computation import aid_fen, carried
from claims.models import UsageEntry
from enrollment.models import Enrollment
from lib.money import to_yuan
from policies.terms import Counter, Terms
from policies.terms.pack import HOSPITAL

HEADER = tuple(column.title for column in COLUMNS)
Sums = dict[int, dict[str, int]]


def usage_rows(area_code: str, year: int, terms: Terms) -> Iterator[tuple[str, ...]]:
    """The rows of the file below its header: every accumulator that somebody covered in the year
    has moved. What a household used stands with its member of the lowest key."""
    covers = Enrollment.objects.active().filter(year=year, division__code__startswith=area_code)
    covers = covers.select_related("person", "household").order_by("person")
    people, homes = _sums(terms, year)
    for cover in covers:
        own = people[cover.person_id] | homes.pop(cover.household.account_root, {})
        for key, used in sorted(own.items()):
            yield _row(cover, key, used, terms)


def _sums(terms: Terms, year: int) -> tuple[Sums, Sums]:
    """What people and households used: of counters of a lifetime in all years."""
    people: Sums = defaultdict(lambda: defaultdict(int))
    homes: Sums = defaultdict(lambda: defaultdict(int))
    aids = AidApplication.objects.standing().exclude(counter="")
    for rows, amount in (
        (UsageEntry.objects.all(), Sum("amount")),
        (carried(), Sum("amount")),
        (aids, aid_fen()),
    ):
        names = ["person", "counter", "policy_year"]
        for person, key, of, used in rows.order_by().values_list(*names).annotate(total=amount):
            if person and _counts(terms, key, of, year):
                people[person][key] += int(used)
    for model in (UsageEntry.objects.all(), carried()):
        homes_of = model.filter(household__isnull=False).order_by()
        names = ["household", "household__account_into", "counter", "policy_year"]
        for pk, into, key, of, used in homes_of.values_list(*names).annotate(total=Sum("amount")):
            if _counts(terms, key, of, year):
                homes[into or pk][key] += int(used)
    return people, homes


def _counts(terms: Terms, key: str, of: int, year: int) -> bool:
    counter = terms.counters.get(key.partition("@")[0])
    return counter is not None and (of == year or (counter.period == "life" and of < year))


def _row(cover: Enrollment, key: str, used: int, terms: Terms) -> tuple[str, ...]:
    counter = terms.counters[key.partition("@")[0]]
    part, period = _typed(counter, key, terms)
    used = -used if counter.kind == "balance" else used
    shown = f"{to_yuan(used):.2f}" if counter.unit == "fen" else str(used)
    return (cover.person.name, cover.person.resident_id, counter.title, part, period, shown)


def _typed(counter: Counter, key: str, terms: Terms) -> tuple[str, str]:
    """分项 and 期间 as people write them."""
    marks = key.split("@")[1:]
    part = marks.pop(0) if counter.by else ""
    if part and counter.by != HOSPITAL:
        part = terms.vocabulary[counter.by][part]
    return part, _period(marks[0]) if marks else ""


def _period(mark: str) -> str:
    if found := re.fullmatch(r"(\d{4})W(\d{2})", mark):
        return str(date.fromisocalendar(int(found[1]), int(found[2]), 1))
    if found := re.fullmatch(r"(\d{4})(\d{2})(\d{2})?", mark):
        return "-".join(filter(None, found.groups()))
    return mark
