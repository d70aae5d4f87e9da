"""The monthly public notice (公示) of who was reimbursed, village by village."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, Sum, Value
from django.db.models.functions import Substr

from accounts.models import Division, User
from accounts.templatetags.hezuo import mask_name
from claims.models import Settlement, SettlementQuerySet
from lib.periods import Month

# 第三十三条 asks for publication without saying how long; counties post for seven days.
NOTICE_DAYS = 7
VILLAGE_DIGITS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class VillageTotal:
    """One village's payments of a month, in yuan."""

    month: Month
    village: Division
    claims: int
    persons: int
    total: Decimal
    fund: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeLine:
    """What is made public of one payment: never the whole name, never a number or an illness."""

    name: str
    institution: str
    total: Decimal
    fund: Decimal
    paid_on: date | None


def paid_in(user: User, month: Month) -> SettlementQuerySet:
    """Claims of the month for which the fund paid something, as far as the user may see them."""
    return (
        Settlement.objects.visible_to(user)
        .paid()
        .filter(paid_on__range=(month.first, month.last), fund_amount__gt=0)
        .order_by()
    )


def paid_within(village: Division, month: Month) -> SettlementQuerySet:
    """The same of one village, whoever asks: a notice is of the village, not of its reader."""
    return (
        Settlement.objects.paid()
        .filter(paid_on__range=(month.first, month.last), fund_amount__gt=0)
        .filter(division__code__startswith=village.code)
        .order_by()
    )


def villages_with_payments(*, user: User, month: Month) -> list[VillageTotal]:
    """Every village in the user's scope with payments in the month. Two statements."""
    code = Substr("division__code", Value(1), Value(VILLAGE_DIGITS))
    rows = {
        row["village"]: row
        for row in paid_in(user, month)
        .values(village=code)
        .annotate(
            claims=Count("pk"),
            persons=Count("visit__person", distinct=True),
            total=Sum("total_amount"),
            fund=Sum("fund_amount"),
        )
    }
    villages = Division.objects.villages().select_related("parent").filter(code__in=rows)
    return [
        VillageTotal(
            month=month,
            village=village,
            **{name: rows[village.code][name] for name in ("claims", "persons", "total", "fund")},
        )
        for village in villages.order_by("code")
    ]


def notice_lines(*, village: Division, month: Month) -> list[NoticeLine]:
    """The lines of one village's notice, oldest payment first."""
    rows = paid_within(village, month).select_related("visit__person").order_by("paid_on", "pk")
    return [
        NoticeLine(
            name=mask_name(row.visit.person.name),
            institution=row.visit.institution_name,
            total=row.total_amount,
            fund=row.fund_amount,
            paid_on=row.paid_on,
        )
        for row in rows
    ]
