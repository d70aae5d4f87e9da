"""What is compared with the old system: one row for each kind, ours counted by a query.

A new importer adds its `Kind`; pages, table, paper and the opening list follow.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Sum

from accounts.models import Division
from claims.computation import carried
from claims.filings.models import Filing
from claims.fund_law import accounts_by_village
from enrollment.models import Enrollment, Household, IdentityStatus, Person, ReceiptBook
from funds.models import ZERO
from institutions.models import Institution

VILLAGE, TOWNSHIP = 12, 9  # digits of a code
# Code of a place → how many, and yuan where the kind has an amount.
Ours = Mapping[str, tuple[int, Decimal]]


@dataclass(frozen=True, slots=True)
class Kind:
    """`unit`: of the count. `amount`: what the sum of money is called, "" where there is none.
    `digits`: by villages or by townships. `at_county`: some lie in no township."""

    key: str
    title: str
    unit: str
    find: Callable[[Division, date], Iterable[tuple[Any, ...]]]
    amount: str = ""
    digits: int = VILLAGE
    at_county: bool = False

    def ours(self, area: Division, on: date) -> Ours:
        """By place; what lies in a group counts for its village."""
        found: dict[str, tuple[int, Decimal]] = {}
        for code, count, *amount in self.find(area, on):
            place = code[: self.digits]
            before = found.get(place, (0, ZERO))
            found[place] = before[0] + count, before[1] + ((amount[0] or ZERO) if amount else ZERO)
        return found

    def places(self, area: Division) -> list[Division]:
        levels = [Division.Level.VILLAGE if self.digits == VILLAGE else Division.Level.TOWNSHIP]
        if self.at_county:
            levels.append(Division.Level.COUNTY)
        rows = Division.objects.filter(level__in=levels, code__startswith=area.code)
        return list(rows.select_related("parent").order_by("code"))


def _households(area: Division, on: date) -> Iterable[tuple[Any, ...]]:
    rows = Household.objects.within(area.code).standing().order_by()
    return rows.values_list("division__code").annotate(Count("pk"))


def _people(area: Division, on: date) -> Iterable[tuple[Any, ...]]:
    rows = Person.objects.present().filter(household__division__code__startswith=area.code)
    return rows.order_by().values_list("household__division__code").annotate(Count("pk"))


def _covers(area: Division, on: date) -> Iterable[tuple[Any, ...]]:
    rows = Enrollment.objects.covering(on).filter(division__code__startswith=area.code).order_by()
    return rows.values_list("division__code").annotate(Count("pk"), Sum("personal_amount"))


def _statuses(area: Division, on: date) -> Iterable[tuple[Any, ...]]:
    here = IdentityStatus.objects.filter(
        person__household__division__code__startswith=area.code, first_day__lte=on
    ).exclude(last_day__lt=on)
    rows = here.order_by().values_list("person__household__division__code")
    return rows.annotate(Count("person", distinct=True))


def _approvals(area: Division, on: date) -> Iterable[tuple[Any, ...]]:
    rows = Filing.objects.filter(division__code__startswith=area.code, starts__lte=on)
    rows = rows.filter(status=Filing.Status.APPROVED).exclude(ends__lt=on).order_by()
    return rows.values_list("division__code").annotate(Count("pk"))


def _accounts(area: Division, on: date) -> Iterable[tuple[Any, ...]]:
    return accounts_by_village(area, on.year)


def _usage(area: Division, on: date) -> Iterable[tuple[Any, ...]]:
    """People of whom usage to date was brought in for the year."""
    rows = carried().filter(
        person__household__division__code__startswith=area.code, policy_year=on.year
    )
    here = rows.order_by().values_list("person__household__division__code")
    return here.annotate(Count("person", distinct=True))


def _receipt_books(area: Division, on: date) -> Iterable[tuple[Any, ...]]:
    rows = ReceiptBook.objects.filter(township__code__startswith=area.code)
    rows = rows.filter(status=ReceiptBook.Status.IN_USE).order_by()
    return rows.values_list("township__code").annotate(Count("pk"))


def _institutions(area: Division, on: date) -> Iterable[tuple[Any, ...]]:
    rows = Institution.objects.filter(division__code__startswith=area.code, is_active=True)
    return rows.order_by().values_list("division__code").annotate(Count("pk"))


KINDS: tuple[Kind, ...] = (
    Kind("households", "在册户数", "户", _households),
    Kind("people", "在册人数", "人", _people),
    Kind("covers", "有效参保人数和个人缴费", "人", _covers, "个人缴费"),
    Kind("statuses", "有特殊身份的人数", "人", _statuses),
    Kind("accounts", "有余额的家庭账户和余额", "户", _accounts, "账户余额"),
    Kind("approvals", "有效的备案、认定", "份", _approvals),
    Kind("usage", "转入本年已用情况的人数", "人", _usage),
    Kind("institutions", "执业中的定点机构", "家", _institutions, digits=TOWNSHIP, at_county=True),
    Kind("receipt_books", "在用的票据本", "本", _receipt_books, digits=TOWNSHIP),
)
BY_KEY: Mapping[str, Kind] = {kind.key: kind for kind in KINDS}
