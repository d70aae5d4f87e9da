"""What was computed anew because something before it fell, and what the fund owes for it."""

from typing import Any

from accounts.models import User
from claims.dependence.models import Dependent, Supplement, SupplementQuerySet
from claims.listings import OF_SETTLEMENT
from desk.filters import FilterForm, chosen, day, typed
from desk.listing import Column, Listing, attr, state, visible
from lib.money import to_yuan, told

PERSON = (
    Column("参保人", attr("settlement.visit.person.name"), "name"),
    Column("村组", attr("division.place"), sort="division__code"),
)


def counters_told(row: Dependent) -> str:
    """年累计报销额 590.00 → 0.00, for each counter that differs."""
    return "；".join(
        f"{one['title']} {_told(one['old'], one['unit'])} → {_told(one['new'], one['unit'])}"
        for one in row.counters
    )


def _told(value: int, unit: str) -> str:
    return told(to_yuan(value)) if unit == "fen" else str(value)


def outcome(row: Dependent) -> str:
    """What became of it."""
    if row.anew is not None:
        return f"重新结算 {row.anew.number}"
    change = row.new_amount - row.old_amount
    if not change:
        return "金额不变"
    return f"{'应补付' if change > 0 else '应追回'} {told(abs(change))} 元"


class DependentFilter(FilterForm):
    number = typed("结算单号", "settlement__number__startswith", longest=24)
    cause = typed("变动的结算单", "because_of__number__startswith", longest=24)
    since = day("发现日期自", "found_at__date__gte")
    until = day("至", "found_at__date__lte")


DEPENDENTS = Listing(
    "连带重算",
    "claims.view",
    visible(
        Dependent, "settlement__visit__person", "because_of", "division__parent", "anew", "found_by"
    ),
    (
        OF_SETTLEMENT,
        *PERSON,
        Column("因为", lambda row: f"{row.because_of.number} {row.reason}"),
        Column("累计的变化", counters_told),
        Column("原支付", attr("old_amount"), "yuan", sort=True, total="old_amount"),
        Column("应支付", attr("new_amount"), "yuan", sort=True, total="new_amount"),
        Column("处理", outcome),
        Column("发现时间", attr("found_at"), "minute", sort=True),
    ),
    DependentFilter,
    person="settlement__visit__person",
    empty="没有因前一笔变动而重算的结算单",
    hint="撤回、核减、追回一笔以后，同一人、同一户此后的结算会自动重算，变化的列在这里",
)


class SupplementFilter(FilterForm):
    number = typed("结算单号", "settlement__number__startswith", longest=24)
    status = chosen("状态", "status", Supplement.Status.choices)


def _cause(row: Any) -> str:
    return f"{row.dependent.because_of.number} {row.dependent.reason}"


SUPPLEMENTS = Listing(
    "待补付",
    "claims.view",
    visible(
        Supplement,
        "settlement__visit__person",
        "settlement__division__parent",
        "dependent__because_of",
    ),
    (
        Column("结算单号", attr("settlement.number"), "code", link="claims:supplement"),
        Column("参保人", attr("settlement.visit.person.name"), "name"),
        Column("村组", attr("settlement.division.place"), sort="settlement__division__code"),
        Column("因为", _cause),
        Column("收款人", attr("payee_name"), hint=lambda row: row.masked_account or "没有收款账号"),
        Column("补付金额", attr("amount"), "yuan", sort=True, total="amount"),
        Column("状态", state(), "status"),
        Column("支付日期", attr("paid_on"), "day"),
        Column("凭证号", attr("voucher_number"), "code"),
    ),
    SupplementFilter,
    person="settlement__visit__person",
    empty="没有需要补付的结算单",
    hint="已支付的结算单重算后应多付的，列在这里；另一人复核后进入“待支付”",
)


def unapproved(user: User) -> SupplementQuerySet:
    """Owed, and asked of no order yet."""
    return Supplement.objects.visible_to(user).filter(status=Supplement.Status.TO_PAY)


def to_approve(user: User) -> SupplementQuerySet:
    """With a payee, waiting for the second person."""
    return unapproved(user).exclude(payee_account_index="")


def to_name(user: User) -> SupplementQuerySet:
    """Without anybody whom it could be paid to."""
    return unapproved(user).filter(payee_account_index="")
