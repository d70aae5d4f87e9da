"""Settlements for an institution's own system, as JSON. The same querysets as the pages.

Amounts are strings of yuan with two decimals, names those of the national interface's fields in
docs/glossary.md. Reading only: entering goes through the counter page and its checks.
"""

from typing import Any, cast

from rest_framework import serializers
from rest_framework.generics import GenericAPIView, ListAPIView, RetrieveAPIView

from accounts.models import User
from claims.models import Settlement

AMOUNTS = (
    "total_amount",
    "full_self_pay_amount",
    "over_limit_amount",
    "first_self_pay_amount",
    "in_scope_amount",
    "deductible_amount",
    "basic_amount",
    "serious_amount",
    "assistance_amount",
    "further_amount",
    "fund_amount",
    "hospital_amount",
    "personal_amount",
    "account_amount",
    "credit_amount",
    "cash_amount",
)


class SettlementSerializer(serializers.ModelSerializer[Settlement]):
    """Amounts and the way of one settlement; nothing personal beyond its number."""

    starts = serializers.DateField(source="visit.starts")
    ends = serializers.DateField(source="visit.ends")
    care = serializers.CharField(source="visit.care")

    class Meta:
        model = Settlement
        fields = (
            "number",
            "status",
            "policy_year",
            "care",
            "starts",
            "ends",
            "ratio",
            *AMOUNTS,
            "refusal_code",
            "settled_on",
            "paid_on",
            "voucher_number",
        )


class _Visible(GenericAPIView[Settlement]):
    serializer_class = SettlementSerializer
    lookup_field = "number"

    def get_queryset(self) -> Any:
        user = cast(User, self.request.user)
        return Settlement.objects.visible_to(user).select_related("visit")


class SettlementList(_Visible, ListAPIView[Settlement]):
    """Newest first, fifty a page (`?page=2`)."""


class SettlementDetail(_Visible, RetrieveAPIView[Settlement]):
    """One settlement by its number; out of scope is 404."""
