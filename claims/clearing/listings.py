"""Clearings and their claims, disputes, advances and deposits as lists."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from accounts.models import User
from claims.clearing.models import (
    Clearing,
    ClearingClaim,
    ClearingQuerySet,
    ClearingRule,
    Deduction,
    DeductionQuerySet,
    DepositReturn,
    PaymentMethod,
    Prepayment,
)
from claims.listings import OF_SETTLEMENT
from desk.filters import FilterForm, chosen, day, typed
from desk.listing import Column, Listing, attr, state

VIEW = "claims.view_clearings"


class ClearingFilter(FilterForm):
    status = chosen("状态", "status", Clearing.Status.choices)
    institution = typed("机构", "institution__name__contains")
    since = day("月份自", "month__gte")


class DisputeFilter(FilterForm):
    status = chosen("状态", "status", Deduction.Status.choices)
    institution = typed("机构", "claim__clearing__institution__name__contains")


class MethodFilter(FilterForm):
    status = chosen("状态", "status", PaymentMethod.Status.choices)
    way = chosen("付费方式", "way", PaymentMethod.Way.choices)
    institution = typed("机构", "institution__name__contains")


class MoneyFilter(FilterForm):
    status = chosen("状态", "status", Prepayment.Status.choices)
    institution = typed("机构", "institution__name__contains")


def clearings_of(user: User) -> ClearingQuerySet:
    return Clearing.objects.visible_to(user).select_related("institution")


def disputes_of(user: User) -> DeductionQuerySet:
    """Whatever an institution objected to."""
    rows = Deduction.objects.visible_to(user).exclude(dispute="")
    return rows.select_related("claim__clearing__institution", "claim__settlement").order_by("-pk")


def _open_since(row: Clearing) -> Any:
    return row.declared_on if row.status in Clearing.OPEN else None


CLEARINGS = Listing(
    "机构月结",
    VIEW,
    clearings_of,
    (
        Column("清算单号", attr("number"), "code", link="claims:clearing", sort=True),
        Column("定点机构", attr("institution.name"), sort="institution__name"),
        Column("月份", lambda row: row.month_name, sort="month"),
        Column("笔数", attr("claims_count"), "whole", total="claims_count"),
        Column("申报金额", attr("claimed_amount"), "yuan", sort=True, total="claimed_amount"),
        Column("结余（超支）", attr("gain_amount"), "yuan", total="gain_amount"),
        Column("扣减", attr("deducted_amount"), "yuan", total="deducted_amount"),
        Column("应付", attr("paid_amount"), "yuan", sort=True, total="paid_amount"),
        Column("状态", state(), "status"),
        Column("已等", _open_since, "waited"),
        Column("付款期限", attr("pay_by"), "day", sort=True),
    ),
    ClearingFilter,
    template="claims/clearing/clearings.html",
    empty="还没有申报",
    hint="定点机构在次月 10 日前申报上月的结算单",
)

# Said where some claim is paid by a method other than by item, or left the month.
BY_METHOD, FELL = ("按付费方式", "结余（超支）"), ("移出原因",)

CLAIMS = Listing(
    "逐笔结算单",
    VIEW,
    lambda user, pk: (
        ClearingClaim.objects.visible_to(user)
        .filter(clearing=pk)
        .select_related("settlement__visit__person", "settlement__visit__institution")
        .order_by("-is_live", "settlement_id")
    ),
    (
        OF_SETTLEMENT,
        Column("参保人", attr("settlement.visit.person.name"), "name"),
        Column("就诊日期", attr("settlement.visit.starts"), "day"),
        Column("结算日期", attr("settlement.settled_on"), "day"),
        Column("医疗费", attr("settlement.total_amount"), "yuan"),
        Column("申报金额", attr("amount"), "yuan", total="amount"),
        Column("按付费方式", attr("worth"), "yuan"),
        Column("结余（超支）", attr("gain"), "yuan", total="gain"),
        Column("移出原因", attr("fell_reason")),
    ),
    template="claims/clearing/clearing.html",
)

DISPUTES = Listing(
    "月结异议",
    VIEW,
    disputes_of,
    (
        Column(
            "清算单号",
            attr("claim.clearing.number"),
            "code",
            link="claims:clearing",
            link_to=attr("claim.clearing_id"),
        ),
        Column("定点机构", attr("claim.clearing.institution.name")),
        Column("结算单号", attr("claim.settlement.number"), "code"),
        Column("扣减原因", attr("words")),
        Column("扣减", attr("amount"), "yuan", total="amount"),
        Column("机构异议", attr("dispute")),
        Column("答复", attr("answer")),
        Column("状态", state(), "status"),
        Column("提出时间", attr("disputed_at"), "minute"),
    ),
    DisputeFilter,
    empty="没有异议",
    hint="机构确认清算单时逐条提出",
)


def _money(model: Any) -> Any:
    def rows(user: User) -> Any:
        return model.objects.visible_to(user).select_related("institution", "proposed_by")

    return rows


MONEY_COLUMNS: Sequence[Column] = (
    Column("申请日期", attr("proposed_on"), "day"),
    Column("申请人", attr("proposed_by.name")),
    Column("状态", state(), "status"),
    Column("支付日期", attr("paid_on"), "day"),
    Column("凭证号", attr("voucher_number"), "code"),
)
PREPAYMENTS = Listing(
    "医保预付金",
    VIEW,
    _money(Prepayment),
    (
        Column("定点机构", attr("institution.name"), link="claims:prepayment"),
        Column("年度", attr("year")),
        Column("预付金额", attr("amount"), "yuan", total="amount"),
        *MONEY_COLUMNS,
    ),
    MoneyFilter,
    template="claims/clearing/proposed.html",
    empty="没有预付",
)
RETURNS = Listing(
    "质量保证金返还",
    VIEW,
    _money(DepositReturn),
    (
        Column("定点机构", attr("institution.name"), link="claims:deposit_return"),
        Column("年度", attr("year")),
        Column("本年预留", attr("kept_amount"), "yuan", total="kept_amount"),
        Column("考核得分", attr("score"), "whole"),
        Column("返还", attr("amount"), "yuan", total="amount"),
        *MONEY_COLUMNS,
    ),
    MoneyFilter,
    template="claims/clearing/proposed.html",
    empty="没有返还",
)
METHODS = Listing(
    "付费方式",
    VIEW,
    lambda user: PaymentMethod.objects.visible_to(user).select_related(
        "institution", "proposed_by", "decided_by"
    ),
    (
        Column("定点机构", attr("institution.name"), link="claims:payment_method"),
        Column("就医类别", attr("care_name")),
        Column("付费方式", attr("get_way_display")),
        Column("标准", attr("numbers")),
        Column("自月份", attr("first_month"), "day"),
        Column("协议编号", attr("evidence")),
        Column("申请人", attr("proposed_by.name")),
        Column("审批人", attr("decided_by.name")),
        Column("状态", state(), "status"),
    ),
    MethodFilter,
    template="claims/clearing/proposed.html",
    empty="没有登记付费方式，各机构按项目付费",
    hint="协议按年度，年度终了后没有新的付费方式的，按项目付费",
)
RULES = Listing(
    "月结规程",
    VIEW,
    lambda user: ClearingRule.objects.visible_to(user).select_related("proposed_by", "decided_by"),
    (
        Column("自月份", attr("first_month"), "day", link="claims:clearing_rule"),
        Column("质量保证金（%）", attr("deposit_percent"), "whole"),
        Column("全额返还的考核分", attr("full_score"), "whole"),
        Column("机构确认期限（天）", attr("days_to_answer"), "whole"),
        Column("依据", attr("evidence")),
        Column("申请人", attr("proposed_by.name")),
        Column("审批人", attr("decided_by.name")),
        Column("状态", state(), "status"),
    ),
    template="claims/clearing/proposed.html",
    empty="县里还没有月结规程，结算单逐笔支付",
)


def claims_listing(*, by_method: bool, fell: bool) -> Listing:
    """The claims of a month without the columns in which all rows would say nothing."""
    without = (() if by_method else BY_METHOD) + (() if fell else FELL)
    return replace(CLAIMS, columns=tuple(one for one in CLAIMS.columns if one.title not in without))
