"""What is owed to the fund and how far each debt has come (应收追回)."""

from accounts.models import User
from claims.recovery.models import Recovery, RecoveryQuerySet
from desk.filters import FilterForm, chosen, typed
from desk.listing import Column, Listing, attr, state


class RecoveryFilter(FilterForm):
    number = typed("追回单号", "number__startswith", longest=24)
    status = chosen("状态", "status", Recovery.Status.choices)
    debtor = chosen("向谁追回", "debtor", Recovery.Debtor.choices)
    reason = chosen("原因", "reason", Recovery.Reason.choices)
    name = typed("责任人", "debtor_name__contains")


def recoveries(user: User) -> RecoveryQuerySet:
    """With what the columns read, in one statement."""
    rows = Recovery.objects.visible_to(user).with_received()
    return rows.select_related("settlement__visit__person", "division__parent")


RECOVERIES = Listing(
    "应收追回",
    "claims.view_recoveries",
    recoveries,
    (
        Column("追回单号", attr("number"), "code", link="claims:recovery", sort=True),
        Column("责任人", attr("debtor_name"), hint=lambda row: row.get_debtor_display(), sort=True),
        Column("参保人", attr("settlement.visit.person.name"), "name"),
        Column("村组", attr("division.place"), sort="division__code"),
        Column("原因", lambda row: row.get_reason_display(), sort="reason"),
        Column("应追回", attr("amount"), "yuan", sort=True, total="amount"),
        Column("已收回", attr("back"), "yuan", total="back"),
        Column("未收回", attr("rest"), "yuan", total="rest"),
        Column("状态", state(), "status"),
        Column("已欠", lambda row: row.approved_at if row.is_owed else None, "waited"),
        Column("交回期限", attr("due_on"), "day", sort=True),
    ),
    RecoveryFilter,
    person="settlement__visit__person",
    empty="没有追回",
    hint="打开已支付的结算单，点“提出追回”",
)


def to_review(user: User) -> RecoveryQuerySet:
    return Recovery.objects.visible_to(user).filter(status=Recovery.Status.PROPOSED)


def to_approve(user: User) -> RecoveryQuerySet:
    waits = (Recovery.Status.REVIEWED, Recovery.Status.WAIVING)
    return Recovery.objects.visible_to(user).filter(status__in=waits)


def to_receive(user: User) -> RecoveryQuerySet:
    return Recovery.objects.visible_to(user).filter(status=Recovery.Status.APPROVED)
