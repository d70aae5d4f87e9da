"""Orders, batches and their lines in tables."""

from typing import Any

from django.db.models import QuerySet

from accounts.models import Division, User
from desk.filters import ANY, FilterForm, chosen, day, typed
from desk.listing import Column, Listing, attr, state, visible
from funds.payments.models import (
    PaymentBatch,
    PaymentOrder,
    PaymentOrderQuerySet,
    PaymentReturn,
    ReturnNote,
    Transfer,
)

Status = PaymentOrder.Status
# Who has to act next.
OWNERS = {
    Status.WAITING: "会计编批",
    Status.BATCHED: "出纳发出",
    Status.RETURNED: "乡镇、会计更正账户",
    Status.CORRECTED: "复核确认",
    Status.GIVING_UP: "复核批准转回",
}


def _payees(rows: Any, value: str) -> Any:
    return rows.exclude(payee_code="") if value == "institution" else rows.filter(payee_code="")


class OrderFilter(FilterForm):
    township = chosen("乡镇", "township__code")
    kind = chosen("收款方", _payees, [("person", "个人"), ("institution", "定点机构")])
    source = typed("来源", "source__contains")
    since = day("提出日期自", "asked_on__gte")
    until = day("至", "asked_on__lte")

    def offer(self) -> None:
        towns = Division.objects.visible_to(self.user).filter(level=Division.Level.TOWNSHIP)
        self.choose("township", [ANY, *towns.order_by("code").values_list("code", "name")])


def _noted(rows: Any, value: str) -> Any:
    notes = ReturnNote.objects.filter(status=ReturnNote.Status.NOTED)
    return rows.filter(pk__in=notes.values("transfer__order"))


class AllOrdersFilter(OrderFilter):
    noted = chosen("手工登记的退汇", _noted, [("open", "待核对")])
    status = chosen("状态", "status", Status.choices)


def _orders(user: User) -> PaymentOrderQuerySet:
    return PaymentOrder.objects.visible_to(user).select_related("division__parent", "batch")


def _waiting(user: User) -> PaymentOrderQuerySet:
    return _orders(user).waiting().with_rest().order_by("asked_on", "id")


def _owed(user: User) -> PaymentOrderQuerySet:
    return _orders(user).owed().with_rest().order_by("asked_on", "id")


def _bounced(row: PaymentOrder) -> str:
    return f"退汇 {row.bounces} 次，{row.return_reason}" if row.bounces else ""


SOURCE = Column("来源", attr("source"), link="funds:payment_order", sort=True)
PAYEE = Column(
    "收款人",
    lambda row: row.payee,
    hint=lambda row: row.masked_account or ("按协议账户" if row.payee_code else "没有收款账号"),
)
PLACE = Column("村组", attr("division.place"), sort="division__code")
AMOUNT = Column("金额", attr("amount"), "yuan", sort=True, total="amount")
REST = Column("金额", attr("rest"), "yuan", sort=True, total="rest")

QUEUE = Listing(
    "待支付",
    "funds.view_payments",
    _waiting,
    (
        SOURCE,
        PAYEE,
        PLACE,
        Column("提出日期", attr("asked_on"), "day", sort=True, hint=_bounced),
        Column("已等", attr("asked_on"), "waited"),
        REST,  # the last: what is ticked is summed by it
    ),
    OrderFilter,
    tick="orders",
    empty="没有等待支付的款项",
    hint="结算单复核通过后出现在这里",
    template="funds/payments/queue.html",
    route="funds:payment_queue",
)
ORDERS_LIST = Listing(
    "支付单",
    "funds.view_payments",
    _orders,
    (
        SOURCE,
        PAYEE,
        PLACE,
        AMOUNT,
        Column("转回基金", attr("kept_amount"), "yuan"),
        Column("提出日期", attr("asked_on"), "day", sort=True),
        Column("批次", attr("batch.number"), "code"),
        Column("状态", state(), "status", sort="status", hint=_bounced),
    ),
    AllOrdersFilter,
    export="funds.export",
    empty="没有符合条件的支付单",
)
OWED = Listing(
    "应付未付",
    "funds.view_payments",
    _owed,
    (
        SOURCE,
        PAYEE,
        PLACE,
        REST,
        Column("状态", state(), "status", sort="status", hint=_bounced),
        Column("待谁办", lambda row: OWNERS.get(Status(row.status), "")),
        Column("自", attr("asked_on"), "day", sort=True),
        Column("已等", attr("asked_on"), "waited"),
    ),
    AllOrdersFilter,
    export="funds.export",
    empty="没有应付未付的款项",
    template="funds/payments/owed.html",
)


class BatchFilter(FilterForm):
    status = chosen("状态", "status", PaymentBatch.Status.choices)
    since = day("编制日期自", "made_on__gte")
    until = day("至", "made_on__lte")


BATCHES_LIST = Listing(
    "支付批次",
    "funds.view",
    visible(PaymentBatch, "made_by", "released_by"),
    (
        Column("批次号", attr("number"), "code", link="funds:payment_batch", sort=True),
        Column("笔数", attr("number_of"), "whole", sort=True),
        Column("金额", attr("total"), "yuan", sort=True, total="total"),
        Column("编制日期", attr("made_on"), "day", sort=True),
        Column("编制人", attr("made_by.name")),
        Column("支付日期", attr("paid_on"), "day", sort=True),
        Column("发出人", attr("released_by.name")),
        Column("状态", state(), "status", sort="status"),
    ),
    BatchFilter,
    empty="还没有支付批次",
    hint="会计在“待支付”中勾选款项后编批",
)


def _transfers(user: User) -> QuerySet[Transfer]:
    rows: QuerySet[Transfer] = visible(Transfer, "order__division__parent", "batch")(user)
    return rows.prefetch_related("notes")


def _account_and_place(row: Transfer) -> str:
    account = row.masked_account or ("按协议账户" if row.payee_code else "")
    return "　".join(filter(None, (account, row.order.division.place)))


TRANSFERS = Listing(
    "划款明细",
    "funds.view",
    _transfers,
    (
        Column("付款编号", attr("reference"), "code"),
        Column("来源", attr("order.source"), link="funds:payment_order", link_to=attr("order_id")),
        Column(
            "收款人",
            lambda row: row.payee,
            hint=_account_and_place,
        ),
        Column("金额", attr("amount"), "yuan", total="amount"),
        Column("银行结果", state("outcome"), "status", hint=attr("reason")),
        Column("", lambda row: "办理", template="funds/payments/_transfer_acts.html", where="page"),
    ),
    key="lines",
    template="funds/payments/batch.html",
    empty="没有款项",
)


def _files(user: User) -> QuerySet[PaymentReturn]:
    rows = PaymentReturn.objects.visible_to(user).defer("content")
    return rows.select_related("requested_by").order_by("-pk")


RETURN_FILES = Listing(
    "银行回盘",
    "funds.view",
    _files,
    (
        Column("文件", attr("file_name"), link="funds:return_file"),
        Column("状态", state(), "status", hint=attr("explained")),
        Column("成功", attr("arrived_count"), "whole"),
        Column("退汇", attr("returned_count"), "whole"),
        Column("退汇金额", attr("returned_amount"), "yuan", sort=True),
        Column("此前已登记", attr("known_count"), "whole"),
        Column("导入人", attr("requested_by.name")),
        Column("导入日期", attr("uploaded_on"), "day", sort=True),
    ),
    empty="还没有导入银行回盘文件",
    refresh=attr("is_unfinished"),
    template="funds/payments/return_files.html",
)
# What a file changed stands in its counts and on the batches; it has no rows of its own.
RETURN_FILE = Listing(
    "回盘",
    "funds.view",
    lambda user: Transfer.objects.none(),
    (Column("付款编号", attr("reference"), "code"),),
    key="lines",
    template="funds/payments/return_file.html",
)
