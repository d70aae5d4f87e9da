"""Claims in tables: all of them, the three queues, and what a cashier paid last."""

from django.db.models import F

from accounts.models import User
from claims.models import Settlement, SettlementQuerySet, Visit
from desk.filters import FilterForm, chosen, day, typed
from desk.listing import Column, Listing, attr, state

RECENT = 20  # rows of what was paid last, beside the queue

NUMBER = Column("结算单号", attr("number"), "code", link="claims:claim", sort=True)
PERSON = (
    Column("参保人", attr("visit.person.name"), "name"),
    Column("身份证号", attr("visit.person.resident_id"), "id"),
    Column("村组", attr("division.place"), sort="division__code"),
)
VISIT = (
    Column("就诊机构", attr("visit.institution_name"), sort=True),
    Column("就诊日期", attr("visit.starts"), "day", sort=True),
)
AMOUNTS = (
    Column("总费用", attr("total_amount"), "yuan", sort=True, total="total_amount"),
    Column("基金支付", attr("fund_amount"), "yuan", sort=True, total="fund_amount"),
)


class ClaimFilter(FilterForm):
    number = typed("结算单号", "number__startswith", longest=24)
    status = chosen("状态", "status", Settlement.Status.choices)
    source = chosen("结算方式", "visit__source", Visit.Source.choices)
    institution = typed("就诊机构", "visit__institution_name__contains")
    since = day("结算日期自", "settled_on__gte")
    until = day("至", "settled_on__lte")


def _claims(user: User) -> SettlementQuerySet:
    return Settlement.objects.visible_to(user).with_people()


CLAIMS = Listing(
    "结算查询",
    "claims.view",
    _claims,
    (
        NUMBER,
        *PERSON,
        *VISIT,
        *AMOUNTS,
        Column("结算日期", attr("settled_on"), "day", sort=True),
        Column("状态", state(), "status"),
    ),
    ClaimFilter,
    person="visit__person",
    empty="没有符合条件的结算单",
    hint="放宽查询条件，或核对身份证号后再查",
)

# Who, what, the money, how long it waits; the number is for finding.
WAITING = (
    Column("参保人", attr("visit.person.name"), "name", link="claims:claim"),
    *PERSON[1:],
    *VISIT,
    Column("结算方式", attr("visit.get_source_display")),
    *AMOUNTS,
    Column("已等", attr("submitted_at"), "waited", sort=True),
    Column("录入人", attr("entered_by.name")),
    NUMBER,
)


def _to_review(user: User) -> SettlementQuerySet:
    return _claims(user).awaiting_review().order_by("id")


def _to_approve(user: User) -> SettlementQuerySet:
    return _claims(user).awaiting_approval().order_by("id")


def _to_pay(user: User) -> SettlementQuerySet:
    return _claims(user).awaiting_payment().order_by("id")


def _paid_by(user: User) -> SettlementQuerySet:
    return _claims(user).paid().filter(paid_by=user).order_by("-paid_at", "-id")


SOON = "新提交的结算单会出现在这里"
REVIEW = Listing(
    "待初审", "claims.review", _to_review, WAITING, empty="没有等待初审的结算单", hint=SOON
)
APPROVAL = Listing(
    "待复核", "claims.approve", _to_approve, WAITING, empty="没有等待复核的结算单", hint=SOON
)


def _account(row: Settlement) -> str:
    """Where the money goes when it goes to the household: the last digits of the account."""
    if row.pay_to != Settlement.PayTo.HOUSEHOLD:
        return ""
    household = row.visit.household
    if not household.bank_account:
        return "未登记银行账号"
    return f"{household.bank_account_name} 尾号 {household.bank_account[-4:]}"


PAYMENT = Listing(
    "待支付",
    "claims.pay",
    _to_pay,
    (
        NUMBER,
        *PERSON,
        *VISIT,
        *AMOUNTS,
        Column(
            "应付",
            attr("payable_amount"),
            "yuan",
            total=F("fund_amount") + F("account_amount") + F("credit_amount"),
        ),
        Column("支付对象", attr("get_pay_to_display"), hint=_account),
    ),
    tick="settlements",
    empty="没有等待支付的结算单",
    hint="复核通过的结算单会出现在这里",
    template="claims/payment_queue.html",
)
PAID = Listing(
    "我最近支付的",
    "claims.pay",
    _paid_by,
    (
        NUMBER,
        *PERSON,
        *VISIT,
        Column("实付", attr("payable_amount"), "yuan"),
        Column("支付日期", attr("paid_on"), "day"),
        Column("凭证号", lambda row: row.voucher_number or "无（零支付）", "code"),
    ),
    size=RECENT,
    key="paid",
)
