"""The monthly public notice (公示) of who was reimbursed, village by village."""

import json
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Sum, Value
from django.db.models.functions import Substr

from accounts.models import Division, User
from accounts.templatetags.hezuo import mask_name
from claims.models import Settlement, SettlementQuerySet
from desk.models import Paper
from enrollment.models import Enrollment
from lib.money import to_fen
from lib.periods import Month
from supervision.publishing import Line, Payment, public_lines

# 第三十三条 asks for publication without saying how long; counties post for seven days.
NOTICE_DAYS = 7
VILLAGE_DIGITS = 12
# What the papers of a village's payments are kept under.
NOTICE_CODE = "supervision.notice"


@dataclass(frozen=True, slots=True, kw_only=True)
class VillageTotal:
    """One village's payments of a month, in yuan."""

    month: Month
    village: Division
    claims: int
    persons: int
    total: Decimal
    fund: Decimal


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


def notice_lines(*, village: Division, month: Month) -> list[Line]:
    """The lines of one village's notice, under names that are nobody's alone among those who are
    enrolled for the year. Two statements."""
    paid = paid_within(village, month).values_list("visit__person__name", "fund_amount", "pk")
    covers = Enrollment.objects.active().of_year(month.year)
    enrolled = covers.filter(division__code__startswith=village.code).order_by()
    payments = [Payment(name, to_fen(fund), key) for name, fund, key in paid]
    return public_lines(payments, list(enrolled.values_list("person__name", flat=True)), mask_name)


def put_up(village: Division, month: Month) -> list[Paper]:
    """The notices of the month that were issued, the first one first. One statement."""
    return list(
        Paper.objects.filter(
            kind=NOTICE_CODE,
            subject_type=Division._meta.label_lower,
            subject_id=str(village.pk),
            edition__startswith=f"{month} ",
            copy=0,
        ).order_by("pk")
    )


def claims_on(paper: Paper, user: User) -> SettlementQuerySet:
    """The settlements that a village's notice tells of, as far as the user may see them: none of a
    notice that tells sums only."""
    if paper.kind != NOTICE_CODE:
        return Settlement.objects.none()
    keys = [key for _, key in told_on(paper) if key]
    rows = Settlement.objects.visible_to(user).filter(pk__in=keys)
    return rows.select_related("visit__person", "visit__institution").order_by("-fund_amount", "pk")


def told_on(paper: Paper) -> list[tuple[int, int]]:
    """Of each payment that a notice tells, the sum in fen and which settlement it is: 0 on those
    that were issued before the settlements were kept beside the lines."""
    facts = json.loads(paper.facts)
    texts = [line[1] for line in facts.get("payments", [])]
    texts += [line[3] for line in facts.get("lines", [])]
    sums = [to_fen(Decimal(text.replace(",", ""))) for text in texts]
    return list(zip(sums, facts.get("settlements") or [0] * len(sums), strict=True))
