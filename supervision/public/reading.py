"""What the portal's rows give for notices of enrolment, subsidies and payments. Amounts in fen.

Every reading is of a place and not of who asks: a notice says the same whoever prints it. Callers
look the place up within the user's scope.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum, Value
from django.db.models.functions import Substr

from accounts.clock import start_of
from accounts.models import Division
from accounts.templatetags.hezuo import mask_name
from claims.assistance.models import AidApplication
from claims.models import Settlement, SettlementFund
from enrollment.models import Enrollment, Person
from funds.models import Book
from lib.money import to_fen
from supervision.public.cells import VILLAGE, Cell
from supervision.public.spans import Span
from supervision.publishing import names_of

# What a notice of enrolment tells of who paid, and one of subsidies of what was given.
# Whether somebody else paid for a person is told of a quarter alone: told of the year as well, the
# difference of the two would be of who joined between.
PREMIUM, AIDED, PUBLIC = "个人缴费（含资助）", "资助参保", "财政补助"
RELIEF = "医疗救助"
ENROLLED_KINDS, SUBSIDY_KINDS = (PREMIUM, PUBLIC), (AIDED, RELIEF)
BUDGETS = ("central_amount", "provincial_amount", "city_amount", "county_amount")

Code = Substr("division__code", Value(1), Value(VILLAGE))


@dataclass(frozen=True)
class Covered:
    """How many are enrolled in one place."""

    households: int
    people: int


def _after(span: Span) -> datetime:
    """The first moment that is not of the span any more."""
    return start_of(date.fromordinal(span.last.toordinal() + 1))


def covers_of(place: Division, span: Span) -> QuerySet[Enrollment]:
    """The covers of a campaign's year that hold, taken at the place or below it before the campaign
    ended: who joins later is on no notice of it, or two of them would differ by one person. Covers
    that were taken over from another system were entered whenever that was."""
    rows = Enrollment.objects.active().of_year(int(span.text))
    in_time = Q(entered_at__lt=_after(span)) | Q(carried__isnull=False)
    return rows.filter(in_time, division__code__startswith=place.code).order_by()


def covered(place: Division, span: Span, digits: int) -> dict[str, Covered]:
    """Who is enrolled, by codes of so many digits. One statement."""
    code = Substr("division__code", Value(1), Value(digits))
    rows = covers_of(place, span).values(code=code)
    counted = rows.annotate(
        households=Count("household", distinct=True), people=Count("person", distinct=True)
    )
    return {row["code"]: Covered(row["households"], row["people"]) for row in counted}


def payers(place: Division, span: Span) -> list[Cell]:
    """Who paid: premiums, with those that others paid for a household, and the budgets; what is
    kept as credit counts with its payer. One statement."""
    budgets = sum((F(name) for name in BUDGETS[1:]), F(BUDGETS[0]))
    premium = F("personal_amount") + F("other_amount")
    rows = covers_of(place, span).annotate(premiums=premium, budgets=budgets).values(village=Code)
    found: Any = rows.annotate(
        premium=Sum("premiums"),
        premium_people=Count("person", filter=Q(premiums__gt=0)),
        public=Sum("budgets"),
        public_people=Count("person", filter=Q(budgets__gt=0)),
    )
    names = (("premium", PREMIUM), ("public", PUBLIC))
    return [
        Cell(row["village"], kind, row[f"{name}_people"], to_fen(row[name]))
        for row in found
        for name, kind in names
    ]


def heads(village: Division, span: Span) -> list[tuple[str, int]]:
    """Under which name a household stands, and how many of it are enrolled. Three of the enrolled
    households at least bear a name (supervision/publishing.py). Two statements."""
    rows = covers_of(village, span).values("household").annotate(people=Count("person"))
    sizes = {row["household"]: row["people"] for row in rows}
    names = _head_names(sizes)
    said = names_of([names[household] for household in sizes], mask_name)
    return sorted((said[names[household]], people) for household, people in sizes.items())


def _head_names(households: Iterable[int]) -> dict[int, str]:
    """Of the head, else of the first member."""
    found: dict[int, str] = {}
    members = Person.objects.filter(household__in=list(households), same_as=None)
    first = members.order_by("household", "relationship", "member_number")
    for household, name in first.values_list("household", "name"):
        found.setdefault(household, name)
    return defaultdict(str, found)


def subsidies(place: Division, span: Span) -> list[Cell]:
    """Premiums that others paid for somebody (资助参保), by the day of enrolment, and medical
    assistance by the day of payment, with a claim or applied for. Three statements."""
    return [*_aided(place, span), *_relieved(place, span)]


def _aided(place: Division, span: Span) -> list[Cell]:
    rows = Enrollment.objects.active().filter(
        division__code__startswith=place.code,
        other_amount__gt=0,
        entered_at__gte=start_of(span.first),
        entered_at__lt=_after(span),
    )
    found = (
        rows.order_by()
        .values(village=Code)
        .annotate(people=Count("person", distinct=True), sum=Sum("other_amount"))
    )
    return [Cell(row["village"], AIDED, row["people"], to_fen(row["sum"])) for row in found]


def _relieved(place: Division, span: Span) -> list[Cell]:
    """Distinct people over both ways: who got it twice counts once."""
    people: dict[str, set[int]] = defaultdict(set)
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for code, person, amount in [*_with_claims(place, span), *_applied_for(place, span)]:
        people[code[:VILLAGE]].add(person)
        sums[code[:VILLAGE]] += amount
    return [Cell(code, RELIEF, len(people[code]), to_fen(sums[code])) for code in people]


def _with_claims(place: Division, span: Span) -> Iterable[tuple[str, int, Decimal]]:
    rows = SettlementFund.objects.filter(
        book=Book.FundType.ASSISTANCE,
        settlement__status=Settlement.Status.PAID,
        settlement__paid_on__range=(span.first, span.last),
        settlement__division__code__startswith=place.code,
    )
    return rows.values_list("settlement__division__code", "settlement__visit__person", "amount")


def _applied_for(place: Division, span: Span) -> Iterable[tuple[str, int, Decimal]]:
    rows = AidApplication.objects.filter(
        status=AidApplication.Status.PAID,
        paid_on__range=(span.first, span.last),
        division__code__startswith=place.code,
    )
    return rows.values_list("division__code", "person", "amount")


def reimbursed(place: Division, span: Span) -> list[Cell]:
    """Payments of the fund by village; `people` counts payments, as the villages' notices do, so
    that together with these nothing more is told. One statement."""
    rows = Settlement.objects.paid().filter(
        paid_on__range=(span.first, span.last),
        fund_amount__gt=0,
        division__code__startswith=place.code,
    )
    found: QuerySet[Any] = rows.order_by().values(village=Code)
    counted = found.annotate(number=Count("pk"), sum=Sum("fund_amount"))
    return [Cell(row["village"], "", row["number"], to_fen(row["sum"])) for row in counted]
