"""What the old system settled in a year, for sums that the measures take of the whole year."""

from decimal import Decimal
from typing import Any

from django.db.models import BigIntegerField, Exists, ExpressionWrapper, F, OuterRef, Q, Sum, Value
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Cast, Coalesce, Greatest, Least

from claims.carried.models import OldSettlement
from claims.unpaid.models import OldClaim


def paid_before(person: int, year: int) -> Decimal:
    """Yuan that the old system's fund paid the person in the year, or had decided and left to be
    paid here; what stands in both files counts once. Two statements."""
    old = OldSettlement.objects.live()
    paid: Decimal = old.filter(person=person, policy_year=year).aggregate(
        total=Sum("fund_amount", default=Decimal(0))
    )["total"]
    twin = old.filter(area=OuterRef("area"), number=OuterRef("number")).order_by()
    owed = OldClaim.objects.decided_before().filter(~Exists(twin), person=person, policy_year=year)
    more: Decimal = owed.aggregate(total=Sum("approved_amount", default=Decimal(0)))["total"]
    return paid + more


def _figure(name: str) -> Any:
    return Cast(KeyTextTransform(name, KeyTransform("figures", "facts")), BigIntegerField())


def _fen(yuan: Any) -> Any:
    return Cast(yuan * 100, BigIntegerField())


def own_before(year: int, *which: Q, **asked: Any) -> dict[int, int]:
    """Person → fen borne within the scope of insurance of what the old system settled in the year,
    as of our claims (claims/assistance/rules.py): never more than cash. A row that does not say
    what was within the scope adds nothing. One statement."""
    fund, fen = _fen(F("fund_amount")), BigIntegerField()
    cash = Coalesce(_figure("cash"), _fen(F("total_amount") - F("fund_amount")))
    within = ExpressionWrapper(Coalesce(_figure("in_scope"), fund) - fund, fen)
    own = Greatest(Value(0, fen), Least(within, cash))
    rows = OldSettlement.objects.live().filter(*which, policy_year=year, **asked).order_by()
    found = rows.values_list("person").annotate(own=Sum(own))
    return {person: fen for person, fen in found if fen}
