"""How an institution's month is paid, as its statement says it: the method, and who bears what is
spent beyond the fund (大足办法 第二十六条(三)(四) and its like) with what was booked of it so far.

Sums beyond are shared at the fund, not on a statement: it takes nothing off for them.
"""

from accounts.errors import Refusal
from accounts.templatetags.hezuo import percent
from claims.clearing.models import ZERO, Clearing, ClearingClaim, PaymentMethod
from claims.clearing.worth import carried_by_none
from funds.named import overspend_received
from lib.money import told
from lib.periods import Month
from policies.services import terms_in_force
from policies.words import KEYS

METHOD = "按项目付费：逐笔按结算单支付，没有登记本机构的定额"
BY_ITEM = [["付费方式", METHOD]]
OTHERS = "其余就医类别"
# Who paid, as the ledger knows them → as the article calls them.
PARTIES = {"county": "经办中心", "township": "乡镇", "institution": "医疗机构"}
POOLS = {"township": "乡镇使用额度", "county": "全县统筹基金"}


def methods_told(clearing: Clearing) -> list[list[str]]:
    """Each method of the month with its agreement, and what it gave more or less than items; an
    amount by head that no claim carries is said."""
    groups: dict[int, list[ClearingClaim]] = {}
    ways = {}
    by_item = False
    for claim in clearing.claims.live().select_related("method").order_by("method_id", "pk"):
        if claim.method is None:
            by_item = True
            continue
        ways[claim.method.pk] = claim.method
        groups.setdefault(claim.method.pk, []).append(claim)
    found = [_method_told(ways[pk], claims) for pk, claims in groups.items()]
    if by_item or not found:
        found += [[OTHERS, METHOD]] if found else BY_ITEM
    held = PaymentMethod.objects.in_force(clearing.institution, clearing.month)
    found += [["按人头定额", words] for words in carried_by_none(held.values(), ways)]
    return found


def _method_told(method: PaymentMethod, claims: list[ClearingClaim]) -> list[str]:
    items = sum((one.amount for one in claims), ZERO)
    gain = sum((one.gain for one in claims), ZERO)
    what = f"结余留用 {told(gain)} 元" if gain >= 0 else f"超支自担 {told(-gain)} 元"
    return [
        method.care_name,
        f"{method.get_way_display()}：{method.numbers}（协议 {method.evidence}，"
        f"自 {method.first_month:%Y-%m} 起）；{len(claims)} 笔按项目 {told(items)} 元，"
        f"按付费方式 {told(items + gain)} 元，{what}",
    ]


def payment_told(clearing: Clearing) -> list[list[str]]:
    """Title and words of each line; only the method where the measures share no overspend."""
    found = methods_told(clearing)
    month = Month.of(clearing.month)
    try:
        rules = terms_in_force(area_code=clearing.area.code, day=month.last).fund
    except Refusal:
        rules = None
    if rules is None:
        return found
    for pool, shares in rules.overspend.items():
        parts = "、".join(
            f"{KEYS.get(party, party)}承担 {percent(part)}" for party, part in shares.parts.items()
        )
        found.append([f"{POOLS.get(pool, pool)}超支", f"{parts}（{shares.article}）"])
    booked = overspend_received(clearing.area, month)
    if total := sum(booked.values()):
        paid = [f"{PARTIES.get(who, '其他')} {told(yuan)} 元" for who, yuan in booked.items()]
        words = f"{told(total)} 元：{'、'.join(paid)}（本单不含）"
    else:
        words = "没有（本单不含超支分担）"
    found.append([f"{month.year} 年至本月已入账的超支分担", words])
    return found
