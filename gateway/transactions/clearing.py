"""清算: an institution declares its month (3203) and takes the declaration back (3204), as on its
page. A month is declared whole here, of whatever kind of clearing its settlements are."""

from decimal import Decimal

from django.db.models import F, Sum

from accounts.errors import Refusal
from claims.clearing.models import Clearing
from claims.clearing.services import declare as declare_month
from claims.clearing.services import withdraw as withdraw_month
from claims.models import Settlement
from gateway.asked import Answer, Asked, Row, Transaction
from gateway.places import told_at
from gateway.transactions.visits import WITHDRAWN_HERE
from lib.money import told
from lib.periods import Month

ZERO = Decimal("0.00")
# Field of the message → sum over the settlements of the month.
SUMS = {
    "medfee_sumamt": F("total_amount"),
    "med_sumfee": F("in_scope_amount"),
    "fund_appy_sum": F("fund_amount"),
    "acct_pay": F("account_amount") + F("credit_amount"),
    "cash_payamt": F("cash_amount"),
}


def declare(asked: Asked) -> Answer:
    """3203: the month is declared when the hospital's sums are those of its settlements here."""
    row = asked.row()
    month = _month(row)
    with told_at("data", {"month": "setlym"}):
        clearing = declare_month(
            actor=asked.actor, institution=asked.institution, month=month, on=asked.on
        )
    _check_sums(row, clearing)
    return {"result": {"clr_appy_evt_id": clearing.number}}


def _month(row: Row) -> Month:
    """setlym as 202603; the days are within it."""
    text = row["setlym"]
    try:
        month = Month.parse(f"{text[:4]}-{text[4:]}")
    except ValueError:
        raise Refusal("清算年月应为 6 位数字，如 202603", at=("data", "setlym")) from None
    for name in ("begndate", "enddate"):
        if Month.of(row[name]) != month:
            raise Refusal(f"按月清算，日期应在 {month.words}内", at=("data", name))
    return month


def _check_sums(row: Row, clearing: Clearing) -> None:
    """Raises Refusal at the first sum that differs, naming both; nothing is declared then."""
    stays = Settlement.objects.filter(pk__in=clearing.claims.live().values("settlement"))
    sums = stays.aggregate(**{f"ours_{name}": Sum(what) for name, what in SUMS.items()})
    if row["psntime"] != clearing.claims_count:
        raise Refusal(
            f"报文 {row['psntime']} 人次，本月可申报的结算单 {clearing.claims_count} 笔"
            "（已复核通过、支付给本机构，不分清算类别一并申报），请核对",
            at=("data", "psntime"),
        )
    for name in SUMS:
        ours = sums[f"ours_{name}"] or ZERO
        if row[name] != ours:
            raise Refusal(
                f"报文 {told(row[name])} 元，本月可申报的 {clearing.claims_count} 笔结算单合计 "
                f"{told(ours)} 元，请核对",
                at=("data", name),
            )


def take_back(asked: Asked) -> Answer:
    """3204: before the county has checked it."""
    number = asked.row()["clr_appy_evt_id"]
    rows = Clearing.objects.visible_to(asked.actor)
    clearing = rows.filter(number=number).first()
    if clearing is None:
        raise Refusal("本机构没有这个清算申请，请核对", at=("data", "clr_appy_evt_id"))
    reason = WITHDRAWN_HERE.format(asked.infno)
    with told_at("data", {}):
        withdraw_month(actor=asked.actor, clearing=clearing, reason=reason)
    return {}


TRANSACTIONS = {
    "3203": Transaction(declare, writes=True),
    "3204": Transaction(take_back, writes=True),
}
