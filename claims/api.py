"""Settlements for an institution's own system, as JSON. The same querysets as the pages.

Amounts are strings of yuan with two decimals, names those of the national interface's fields in
docs/glossary.md. Reading only: entering goes through the counter page and its checks.
"""

from typing import Any, cast

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.generics import GenericAPIView, ListAPIView, RetrieveAPIView

from accounts.models import User
from claims.models import Settlement, SettlementFund
from policies.services import terms_of
from policies.terms import FUND_PAY_TYPES

AMOUNTS = (
    "total_amount",
    "full_self_pay_amount",
    "borne_amount",
    "over_limit_amount",
    "first_self_pay_amount",
    "in_scope_amount",
    "deductible_amount",
    "fund_amount",
    "hospital_amount",
    "beyond_amount",
    "personal_amount",
    "account_amount",
    "credit_amount",
    "cash_amount",
)


class FundSerializer(serializers.ModelSerializer[SettlementFund]):
    """What one layer pays (接口 setldetail): its code and name in the measures, and the fund."""

    name = serializers.SerializerMethodField()
    fund_pay_type_name = serializers.SerializerMethodField()

    class Meta:
        model = SettlementFund
        fields = ("layer", "name", "fund_pay_type", "fund_pay_type_name", "book", "amount")

    def get_name(self, fund: SettlementFund) -> str:
        return terms_of(fund.settlement.pack).layer_names.get(fund.layer, fund.layer)

    def get_fund_pay_type_name(self, fund: SettlementFund) -> str:
        return FUND_PAY_TYPES[fund.fund_pay_type]


class SettlementSerializer(serializers.ModelSerializer[Settlement]):
    """Amounts and the way of one settlement; nothing personal beyond its number."""

    starts = serializers.DateField(source="visit.starts")
    ends = serializers.DateField(source="visit.ends", allow_null=True)
    care = serializers.CharField(source="visit.care")
    funds = FundSerializer(many=True)

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
            "funds",
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
        rows = Settlement.objects.visible_to(user).select_related("visit")
        return rows.prefetch_related("funds", "pack")


@extend_schema_view(get=extend_schema(operation_id="settlements", summary="查询结算单"))
class SettlementList(_Visible, ListAPIView[Settlement]):
    """Newest first, fifty a page (`?page=2`)."""


@extend_schema_view(get=extend_schema(operation_id="settlement", summary="读取一张结算单"))
class SettlementDetail(_Visible, RetrieveAPIView[Settlement]):
    """One settlement by its number; out of scope is 404."""
