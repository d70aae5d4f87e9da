"""The money of the campaign in tables: receipts, books, days, bank, refunds, sponsors."""

from typing import Any

from django.db.models import Case, F, QuerySet, When

from accounts.models import User
from accounts.roles import Role
from desk.filters import FilterForm, chosen, day, typed
from desk.listing import Column, Listing, attr, state, visible
from desk.tones import TonedChoices
from enrollment.collection.guards import next_free_numbers
from enrollment.collection.models import (
    ZERO,
    DayClose,
    FoundNumbers,
    Receipt,
    ReceiptBook,
    Refund,
    Remittance,
    SponsorFund,
    SponsorUse,
)
from funds.banking.models import BankLine

VOID, UNREMITTED, OPEN = "void", "unremitted", "open"


def _of_kind(rows: Any, kind: str) -> Any:
    if kind == VOID:
        return rows.exclude(voided_at=None)
    if kind == UNREMITTED:
        return rows.unremitted()
    return rows.valid().filter(channel=kind)


def _of_number(rows: Any, text: str) -> Any:
    """LS01-00000012, the number alone, or the book's code alone."""
    code, _, number = text.strip().upper().rpartition("-")
    if number.isdecimal() and len(number) < 10:
        rows = rows.filter(number=int(number))
        return rows.filter(book__code__iexact=code) if code else rows
    return rows.filter(book__code__iexact=text.strip())


class ReceiptFilter(FilterForm):
    number = typed("收据号", _of_number, 40)
    kind = chosen(
        "种类",
        _of_kind,
        [*Receipt.Channel.choices, (VOID, "已作废"), (UNREMITTED, "现金未缴存")],
    )
    day = day("开票日期", "issued_on")


def _receipts(user: User) -> QuerySet[Receipt]:
    """The clerk's own."""
    rows = Receipt.objects.visible_to(user).filter(issued_by=user)
    return rows.select_related("book", "division__parent", "household", "remittance").order_by(
        "-pk"
    )


def _may_void(row: Receipt) -> int | None:
    return None if row.voided_at or row.remittance_id else row.pk


# Which receipt it is, and whose household's.
RECEIPT = (
    Column("收据号", attr("full_number"), "code", link="enrollment:receipt"),
    Column("开票日期", attr("issued_on"), "day", sort=True),
    Column("村组", attr("division.place"), sort="division__code"),
    Column(
        "户编号",
        attr("household.number"),
        "code",
        link="enrollment:household_detail",
        link_to=attr("household_id"),
    ),
)
RECEIPTS = Listing(
    "收据",
    "enrollment.take_payment",
    _receipts,
    (
        *RECEIPT,
        Column("交款人", attr("payer_name")),
        Column("方式", attr("get_channel_display"), sort="channel"),
        Column(
            "金额",
            attr("amount"),
            "yuan",
            sort=True,
            total=Case(When(voided_at=None, then=F("amount")), default=ZERO),
        ),
        Column("状态", attr("whereabouts"), "status"),
        Column("", lambda row: "作废", link="enrollment:receipt_void", link_to=_may_void),
    ),
    ReceiptFilter,
    person="household__members",
    empty="没有收据",
    hint="收款开票后列在这里。",
    template="enrollment/collection/receipts.html",
)


class RemittanceFilter(FilterForm):
    status = chosen("状态", "status", Remittance.Status.choices)


def _remittances(user: User) -> QuerySet[Remittance]:
    rows = Remittance.objects.visible_to(user)
    return rows.select_related("township", "campaign", "clerk", "confirmed_by")


class Delay(TonedChoices):
    LATE = "late", "bad", "逾期"


def _late(row: Remittance) -> Delay | None:
    return Delay.LATE if row.slip_date > row.campaign.remit_by else None


REMITTANCES = Listing(
    "缴存",
    "enrollment.view_remittances",
    _remittances,
    (
        Column("缴款单号", attr("slip_number"), "code", link="enrollment:remittance"),
        Column("缴款日期", attr("slip_date"), "day", sort=True, hint=_late),
        Column("乡镇", attr("township.name"), sort="township__code"),
        Column("年度", lambda row: str(row.campaign.year)),
        Column("缴存人", attr("clerk.name")),
        Column("收据", attr("receipt_count"), "whole"),
        Column("金额", attr("amount"), "yuan", sort=True, total="amount"),
        Column("状态", state(), "status", hint=attr("return_reason")),
        Column("凭证", attr("voucher_number"), "code"),
        Column(
            "核对银行到账",
            attr("confirmed_by.name"),
            template="enrollment/collection/_remittance_acts.html",
            where="page",
            permission="enrollment.confirm_remittance",
        ),
    ),
    RemittanceFilter,
    empty="没有缴存记录",
    template="enrollment/collection/remittances.html",
    route="enrollment:remittances",
)


def _remitted(user: User) -> QuerySet[Receipt]:
    """The page gives those of one slip."""
    return Receipt.objects.none()


REMITTED = Listing(
    "缴存的收据",
    "enrollment.view_remittances",
    _remitted,
    (
        *RECEIPT,
        Column("交款人", attr("payer_name")),
        Column("收款人", attr("issued_by.name")),
        Column("金额", attr("amount"), "yuan", sort=True, total="amount"),
    ),
    empty="这张缴款单没有收据",
    hint="退回的缴款单，其收据回到待缴存。",
    template="enrollment/collection/remittance.html",
)


class RefundFilter(FilterForm):
    status = chosen("状态", "status", Refund.Status.choices)

    def offer(self) -> None:
        # A cashier comes to pay, so what waits for payment stands first.
        if self.user.may("enrollment.pay_refund"):
            self.fields["status"].initial = Refund.Status.GRANTED


def _ground(row: Refund) -> str:
    second = "（退第二次缴费，参保不变）" if row.tax_row_id else ""
    return f"{row.get_ground_display()}{second} {row.ground_date:%Y-%m-%d}"


def _decided(row: Refund) -> str:
    """Who decided or paid, and when; why it was refused."""
    if row.status == Refund.Status.GRANTED and row.decided_by:
        return f"{row.decided_by.name} {row.decided_on} 同意"
    if row.status == Refund.Status.PAID and row.paid_by:
        return f"{row.paid_by.name} {row.paid_on} {row.voucher_number}"
    return row.decision


REFUNDS = Listing(
    "退费",
    "enrollment.view_refunds",
    visible(
        Refund,
        "enrollment__person",
        "enrollment__division__parent",
        "enrollment__receipt__book",
        "requested_by",
        "decided_by",
        "paid_by",
    ),
    (
        Column("参保人", attr("enrollment.person.name"), "name"),
        Column("村组", attr("enrollment.division.place"), sort="enrollment__division__code"),
        Column("年度", lambda row: str(row.enrollment.year)),
        Column("收据", attr("enrollment.receipt.full_number"), "code"),
        Column("事由", _ground),
        Column("依据", attr("evidence")),
        Column("退还", attr("amount"), "yuan", sort=True, total="amount"),
        Column("退资助", attr("sponsor_amount"), "yuan", total="sponsor_amount"),
        Column("申请", attr("requested_by.name"), hint=attr("requested_on")),
        Column("状态", state(), "status", hint=_decided),
        Column("号", lambda row: str(row.pk), "code", link="enrollment:refund_slip"),
        Column(
            "审批",
            attr("pk"),
            template="enrollment/collection/_refund_decision.html",
            where="page",
            permission="enrollment.grant_refund",
        ),
        Column(
            "支付",
            attr("pk"),
            template="enrollment/collection/_refund_payment.html",
            where="page",
            permission="enrollment.pay_refund",
        ),
    ),
    RefundFilter,
    empty="没有退费申请",
    template="enrollment/collection/refunds.html",
)


class BookFilter(FilterForm):
    status = chosen("状态", "status", ReceiptBook.Status.choices)
    found = chosen(
        "找回",
        lambda rows, value: rows.filter(finds__status=FoundNumbers.Status.ASKED).distinct(),
        [("1", "有待确认的")],
    )


def books_of(user: User) -> QuerySet[ReceiptBook]:
    """A clerk's own, or all of the area."""
    rows = ReceiptBook.objects.visible_to(user).select_related("township", "clerk")
    if user.role == Role.TOWNSHIP_CLERK:
        rows = rows.filter(clerk=user)
    return rows.order_by("-year", "code")


def with_next(_: User, rows: list[ReceiptBook]) -> list[Any]:
    """The books, each with the number that the next receipt bears: `free`, "" when it is full."""
    free = next_free_numbers(rows)
    told: list[Any] = rows
    for row in told:
        row.free = str(free[row.pk] or "")
    return told


BOOKS = Listing(
    "票据本",
    "enrollment.view_books",
    books_of,
    (
        Column("票据本号", attr("code"), "code", link="enrollment:book", sort=True),
        Column("年度", lambda row: str(row.year), sort="year"),
        Column("乡镇", attr("township.name"), sort="township__code"),
        Column("领用人", attr("clerk.name")),
        Column("起号", lambda row: str(row.first_number), "code"),
        Column("止号", lambda row: str(row.last_number), "code"),
        Column("下一号", lambda row: row.free or "已用完", "code"),
        Column("已用", attr("used"), "whole"),
        Column("领用时间", attr("issued_at"), "minute", sort=True),
        Column("状态", state(), "status"),
    ),
    BookFilter,
    empty="没有票据本",
    hint="会计在“征缴与票据”中发放后列在这里。",
    gather=with_next,
    template="enrollment/collection/books.html",
)
ISSUED = Listing(
    "票据本",
    "enrollment.prepare",
    books_of,
    BOOKS.columns,
    empty="还没有发放票据本",
    hint="经办人领到票据本后才能收款开票。",
    gather=with_next,
    route="enrollment:prepare",
)


class DayFilter(FilterForm):
    day = day("日期", "day")
    status = chosen("状态", "status", DayClose.Status.choices)
    different = chosen(
        "差额", lambda rows, value: rows.exclude(explanation=""), [("1", "只看不符的")]
    )


def _own_days(user: User) -> QuerySet[DayClose]:
    return DayClose.objects.visible_to(user).filter(clerk=user)


DAY = (
    Column("上日结存", attr("opening"), "yuan"),
    Column("现金张数", attr("cash_receipts"), "whole"),
    Column("现金收款", attr("cash"), "yuan"),
    Column("转账", attr("bank"), "yuan"),
    Column("资助", attr("sponsored"), "yuan"),
    Column("退回现金", attr("voided"), "yuan"),
    Column("缴存", attr("remitted"), "yuan"),
    Column("应有现金", attr("closing"), "yuan"),
    Column("实点现金", attr("counted"), "yuan"),
    Column("差额", attr("difference"), "yuan"),
    Column("说明", attr("explanation")),
)


def _reopening(row: DayClose) -> str:
    """What became of the close, where it does not simply stand."""
    if row.status == DayClose.Status.CLOSED:
        return ""
    return f"{row.get_status_display()}：{row.reopen_reason}"


DAY_CLOSES = Listing(
    "日结情况",
    "enrollment.view_reconciliation",
    visible(DayClose, "clerk", "township", "reopened_by"),
    (
        Column("日期", attr("day"), "day", sort=True),
        Column("乡镇", attr("township.name"), sort="township__code"),
        Column("经办人", attr("clerk.name"), sort="clerk__name"),
        *DAY,
        Column(
            "状态",
            state(),
            template="enrollment/collection/_day_reopening.html",
        ),
    ),
    DayFilter,
    empty="没有日结记录",
    template="enrollment/collection/day_closes.html",
)
MY_DAYS = Listing(
    "日结",
    "enrollment.close_day",
    _own_days,
    (Column("日期", attr("day"), "day", sort=True, hint=_reopening), *DAY),
    empty="还没有日结过",
    size=31,
    key="days",
)


def _lines_of_kind(rows: Any, kind: str) -> Any:
    return rows.open() if kind == OPEN else rows.filter(kind=kind)


class Unsettled(TonedChoices):
    OPEN = OPEN, "wait", "未核对"


class BankLineFilter(FilterForm):
    kind = chosen("用途", _lines_of_kind, [(OPEN, "未核对"), *BankLine.Kind.choices])


def _bank_lines(user: User) -> QuerySet[BankLine]:
    rows = BankLine.objects.visible_to(user).select_related("settled_by")
    return rows.order_by("-booked_on", "-serial")


BANK_LINES = Listing(
    "收入户银行流水",
    "enrollment.view_reconciliation",
    _bank_lines,
    (
        Column("入账日期", attr("booked_on"), "day", sort=True),
        Column("流水号", attr("serial"), "code", link="enrollment:bank_line"),
        Column("金额", attr("amount"), "yuan", sort=True, total="amount"),
        Column("摘要", attr("summary")),
        Column("用途", lambda row: row.get_kind_display() or Unsettled.OPEN, "status", sort="kind"),
        Column("凭证", attr("voucher_number"), "code"),
        Column("核对人", attr("settled_by.name")),
        Column("核对日期", attr("settled_on"), "day"),
    ),
    BankLineFilter,
    empty="没有流水",
    hint="在“资金对账”中导入收入户银行流水。",
    template="enrollment/collection/bank_lines.html",
)


def _funds(user: User) -> QuerySet[SponsorFund]:
    return SponsorFund.objects.visible_to(user).select_related("campaign", "division").with_sums()


SPONSORS = Listing(
    "资助资金",
    "enrollment.view_sponsors",
    _funds,
    (
        Column("资助方", attr("name"), link="enrollment:sponsor", sort=True),
        Column("类别", attr("get_kind_display")),
        Column("年度", lambda row: str(row.campaign.year)),
        Column("资助范围", attr("division.name"), sort="division__code"),
        Column("资助约定", attr("purpose")),
        Column("到账", attr("came"), "yuan", sort=True),
        Column("已用", attr("went"), "yuan", sort=True),
        Column("余额", lambda row: row.came - row.went, "yuan"),
    ),
    empty="还没有资助资金",
    hint="村集体、社会各界资助参保的资金，到账后按资助约定使用。",
    template="enrollment/collection/sponsors.html",
    route="enrollment:sponsors",
)


def _uses(user: User) -> QuerySet[SponsorUse]:
    """The page gives those of one fund."""
    return SponsorUse.objects.none()


USES = Listing(
    "使用",
    "enrollment.view_sponsors",
    _uses,
    (
        Column("参保人", attr("enrollment.person.name"), "name"),
        Column("村组", attr("enrollment.division.name")),
        Column(
            "收据",
            attr("receipt.full_number"),
            "code",
            link="enrollment:receipt",
            link_to=attr("receipt_id"),
        ),
        Column("金额", attr("amount"), "yuan", total="amount"),
        Column("凭证", lambda row: row.voucher_number or "待入账", "code"),
        Column("退回", attr("released_on"), "day"),
    ),
    empty="还没有使用",
    key="uses",
)
