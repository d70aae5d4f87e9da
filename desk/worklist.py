"""What waits for each role: the tiles of its first page and the counts of its menu.

Each room says in a module `work.py` what waits in it (`WORK`, `NOTES`, `TRENDS`, `FINDERS`,
`WHERE`); the
modules stand in `settings.WORK`, in the order in which the first page shows them.

    WORK = (Work("待初审", "claims.review", "claims:review_queue", _to_review,
                 money="fund_amount", since="submitted_at", late=5),)
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache, lru_cache
from importlib import import_module
from typing import Any, Literal

from django.conf import settings
from django.db import connection
from django.db.models import Count, Exists, F, IntegerField, Min, Q, QuerySet, Subquery, Sum
from django.db.models.functions import TruncDate
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from accounts.clock import start_of, today
from accounts.models import User
from accounts.permissions import Request
from accounts.roles import Role
from desk.listing import Column, Listing, Table
from lib.charts import Series, column_chart
from lib.money import to_fen

# A menu counts to here and then says "99+": the statement stops looking.
MAX_COUNTED = 99
# A chart of the first page goes back so many days.
DAYS = 14
# So many rows of the first work stand on the first page.
SHOWN = 8
Tone = Literal["", "due", "bad"]
PRESSING: tuple[Tone, ...] = ("", "due", "bad")


@dataclass(frozen=True)
class Work:
    """One kind of thing that waits for whoever has the permission.

    `rows`: what waits, within the user's scope. `route` and `query`: the page where it is done.
    `money`: path of its amount in yuan. `since`: path of the day or moment from which it waits.
    `late`: after so many days amber. `due`: path of the day by which it must be done, amber from
    three days before. `is_bad`: may not pass, red however few; `says` why. `roles`: only
    theirs, where the permission is wider. `listed`: the same rows with what `columns` read, for the
    first page of whom it is the first work. `is_rare`: comes once a year or in few counties, so
    the first page does not say that none waits. `is_momentary`: `rows` asks the database or the
    time, so that they are other rows later on the same day (what asks for `today()` alone is not).
    """

    title: str
    permission: str
    route: str
    rows: Callable[[User], QuerySet[Any]]
    unit: str = "笔"
    query: str = ""
    money: str = ""
    since: str = ""
    late: int | None = None
    due: str = ""
    is_bad: bool = False
    says: str = ""
    roles: frozenset[Role] = frozenset()
    listed: tuple[Callable[[User], QuerySet[Any]], tuple[Column, ...]] | None = None
    is_rare: bool = False
    is_momentary: bool = False


def files_waiting(
    title: str,
    permission: str,
    route: str,
    rows: Callable[[User], QuerySet[Any]],
    *,
    is_rare: bool = False,
) -> Work:
    """Files that somebody has to look at before they count; no norm: within a working week."""
    return Work(
        title, permission, route, rows, unit="份", since="uploaded_on", late=5, is_rare=is_rare
    )


@dataclass(frozen=True)
class Note:
    """An obstacle or a date that the role must know: `find` gives the words, "" if all is well."""

    permission: str
    route: str
    find: Callable[[User, date], str]
    tone: Tone = "due"


@dataclass(frozen=True)
class Where:
    """An entry of the menu that only those find whose county does such work at all."""

    route: str
    holds: Callable[[User], bool]


@dataclass(frozen=True)
class Trend:
    """The one chart of a first page: how many, or how much money, on each of the last days."""

    title: str
    permission: str
    rows: Callable[[User], QuerySet[Any]]
    day: str
    money: str = ""
    is_moment: bool = False


@dataclass(frozen=True)
class Hit:
    """What a search found: `what` names the kind, `title` the thing, `facts` tells it apart."""

    what: str
    title: str
    facts: str
    address: str


@dataclass(frozen=True)
class Finder:
    """How a number or a name finds things of one kind, at most so many."""

    permission: str
    find: Callable[[User, str, int], Iterable[Hit]]


def numbered(
    permission: str,
    what: str,
    route: str,
    rows: Callable[[User], QuerySet[Any]],
    facts: Callable[[Any], str],
) -> Finder:
    """Finds papers of one kind by a part of their number: rows in scope, newest first. `facts` are
    masked as on a list."""

    def by_number(user: User, text: str, at_most: int) -> Iterable[Hit]:
        if not any(letter.isdigit() for letter in text):
            return
        for row in rows(user).filter(number__icontains=text).order_by("-pk")[:at_most]:
            yield Hit(what, row.number, facts(row), reverse(route, args=[row.pk]))

    return Finder(permission, by_number)


@dataclass(frozen=True)
class Tile:
    """A piece of work as it stands now. `days`: of what waits longest."""

    work: Work
    number: int
    amount: Decimal | None
    days: int | None
    late: int
    due_on: date | None

    @property
    def address(self) -> str:
        return reverse(self.work.route) + (f"?{self.work.query}" if self.work.query else "")

    @property
    def tone(self) -> Tone:
        return _tone(self.work, bool(self.late)) if self.number else ""

    @property
    def late_share(self) -> int:
        """Of what waits, in percent."""
        return self.late * 100 // self.number if self.number else 0


@cache
def declared(kind: str) -> tuple[Any, ...]:
    """Everything that the rooms declare under this name, in the order of the rooms."""
    modules = (import_module(name) for name in settings.WORK)
    return tuple(one for module in modules for one in getattr(module, kind, ()))


def work_of(user: User) -> list[Work]:
    may, role = user.may, user.role  # each way through a request's lazy user costs as much again
    return [
        one
        for one in declared("WORK")
        if may(one.permission) and (not one.roles or role in one.roles)
    ]


class _Bounded(Subquery):
    """How many rows, as a column."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) counted)"
    output_field = IntegerField()


@dataclass(frozen=True)
class Waiting:
    """What the menu says of an entry: how much waits there, and how pressing it is."""

    number: int
    tone: Tone

    def __str__(self) -> str:
        return str(self.number) if self.number <= MAX_COUNTED else f"{MAX_COUNTED}+"

    def with_more(self, number: int, tone: Tone) -> "Waiting":
        return Waiting(self.number + number, max(self.tone, tone, key=PRESSING.index))


@dataclass(frozen=True)
class Asking:
    """Everything that the text of a count depends on: whose scope, which day, which work."""

    key: int
    scope: tuple[str, str, str]
    days: tuple[date, date]  # what is asked for, and the rows' own today
    work: tuple[Work, ...]
    user: User = field(compare=False)


def counts(user: User, day: date) -> dict[str, Waiting]:
    """Route → what waits there, in one statement; what is empty is left out."""
    mine = tuple(work_of(user))
    if not mine:
        return {}
    scope = (user.role, user.division_code, user.institution_code)
    asking = Asking(user.pk, scope, (day, today()), mine, user)
    is_kept = not any(one.is_momentary for one in mine)
    with connection.cursor() as cursor:
        cursor.execute(*(_kept_question(asking) if is_kept else question(asking)))
        found = cursor.fetchone() or ()
    waiting: dict[str, Waiting] = {}
    for one, number, late in zip(mine, found[::2], found[1::2], strict=False):
        if number:  # None: out of scope
            known = waiting.get(one.route, Waiting(0, ""))
            waiting[one.route] = known.with_more(number, _tone(one, late))
    return waiting


def question(asking: Asking) -> tuple[str, tuple[Any, ...]]:
    """The statement: of each work how much waits, and whether any of it is late."""
    columns: list[Any] = []
    for one in asking.work:
        rows = one.rows(asking.user).order_by()
        columns.append(_Bounded(rows.values("pk")[: MAX_COUNTED + 1]))
        columns.append(Exists(rows.filter(_is_late(one, asking.days[0]))))
    asked = User.objects.filter(pk=asking.key).order_by().values_list(*columns)
    text, values = asked.query.sql_with_params()
    return text, tuple(values)


# Every page asks it: half of a page's CPU was Django putting these subqueries together. Only the
# text is kept; what waits is read each time.
_kept_question = lru_cache(maxsize=500)(question)


def _tone(work: Work, is_late: bool) -> Tone:
    return "bad" if work.is_bad else "due" if is_late else ""


def _has_term(work: Work) -> bool:
    return bool(work.due or (work.since and work.late is not None))


def _is_late(work: Work, day: date) -> Q:
    late = Q(pk__in=[])
    if work.since and work.late is not None:
        late |= Q(**{f"{work.since}__lt": _start(work, day - timedelta(days=work.late))})
    if work.due:
        late |= Q(**{f"{work.due}__lte": day + timedelta(days=3)})
    return late


def tile(work: Work, user: User, day: date) -> Tile:
    """What waits, in one statement."""
    asked: dict[str, Any] = {"number": Count("pk")}
    if work.money:
        asked["amount"] = Sum(work.money)
    if work.since:
        asked["oldest"] = Min(work.since)
    if work.due:
        asked["first_due"] = Min(work.due)
    if _has_term(work):  # an empty condition would leave Django nothing to ask at all
        asked["late"] = Count("pk", filter=_is_late(work, day))
    found = work.rows(user).order_by().aggregate(**asked)
    oldest = found.get("oldest")
    if isinstance(oldest, datetime):
        oldest = timezone.localtime(oldest).date()
    return Tile(
        work=work,
        number=found["number"],
        amount=(found["amount"] or Decimal(0)) if work.money else None,
        days=max((day - oldest).days, 0) if oldest else None,
        late=found.get("late", 0),
        due_on=found.get("first_due"),
    )


def _start(work: Work, day: date) -> date | datetime:
    """The day, or its first moment where the work waits since a moment."""
    if not work.since.endswith("_at"):
        return day
    return start_of(day)


def tiles(user: User) -> list[Tile]:
    """Everything that may wait for this user, one statement each; of what is rare, and of which the
    page says nothing when none waits, only where the menu's one statement found something."""
    day = today()
    waits = counts(user, day)
    asked = [one for one in work_of(user) if not one.is_rare or one.route in waits]
    return [tile(one, user, day) for one in asked]


def first_rows(request: Request, found: Sequence[Tile]) -> Table | None:
    """What waits longest of the first kind of work that is shown row by row."""
    one = next((tile.work for tile in found if tile.work.listed), None)
    if one is None or one.listed is None:
        return None
    rows, columns = one.listed
    # A few rows in an order of their own: no sum of them says anything.
    columns = tuple(replace(column, total="", sort="") for column in columns)
    listing = Listing(one.title, one.permission, rows, columns, key="first")
    return Table(listing, request, rows(request.user).order_by(one.since or "pk", "pk")[:SHOWN])


@dataclass(frozen=True)
class Told:
    note: Note
    words: str

    @property
    def address(self) -> str:
        return reverse(self.note.route)


def notes(user: User) -> list[Told]:
    """Obstacles and dates; those that stop the work first."""
    day = today()
    mine = [one for one in declared("NOTES") if user.may(one.permission)]
    found = {words: Told(one, words) for one in mine if (words := one.find(user, day))}
    return sorted(found.values(), key=lambda one: one.note.tone != "bad")


def trend(user: User) -> tuple[str, SafeString] | None:
    """Title and chart of the first kind that the user may see."""
    for one in declared("TRENDS"):
        if user.may(one.permission):
            return one.title, _drawn(one, user, today())
    return None


def _drawn(one: Trend, user: User, day: date) -> SafeString:
    days = [day - timedelta(days=back) for back in reversed(range(DAYS))]
    at: Any = TruncDate(one.day) if one.is_moment else F(one.day)
    first: Any = start_of(days[0]) if one.is_moment else days[0]
    rows = one.rows(user).order_by().filter(**{f"{one.day}__gte": first})
    value: Any = Sum(one.money) if one.money else Count("pk")
    found = dict(rows.annotate(on_day=at).values_list("on_day").annotate(value=value))
    values = [to_fen(found.get(when) or 0) if one.money else found.get(when, 0) for when in days]
    if not any(values):  # an empty chart would say no more
        return mark_safe('<p class="hz-hint mb-0">这些天没有。</p>')
    labels = [f"{when.day}日" for when in days]
    label = (lambda fen: f"{fen / 100:,.0f}") if one.money else str
    return mark_safe(  # noqa: S308 - drawn by lib.charts, which escapes
        column_chart(one.title, labels, [Series(one.title, values)], label=label, height=190)
    )


def find(user: User, text: str, at_most: int) -> list[Hit]:
    """Everything with this number or name that the user may see, at most so many of each kind."""
    mine: Sequence[Finder] = [one for one in declared("FINDERS") if user.may(one.permission)]
    return [hit for one in mine for hit in one.find(user, text, at_most)]
