"""4101A 医疗保障基金结算清单信息上传."""

import simplejson

from accounts.errors import Refusal
from claims.models import Visit
from gateway.asked import Answer, Asked, Transaction
from gateway.identifiers import settlement_of, visit_of
from gateway.lists.services import Sent, take_list

NODES = ("setlinfo", "opspdiseinfo", "diseinfo", "oprninfo", "icuinfo", "payinfo", "bldinfo")
MAIN = "1"


def upload(asked: Asked) -> Answer:
    """The list is kept once a settlement, the last one that came."""
    row = asked.row("setlinfo")
    visit = visit_of(asked, row["mdtrt_id"], node="setlinfo", of=row["psn_no"])
    try:
        settlement = settlement_of(asked, row["setl_id"], of=visit)
    except Refusal as refusal:
        raise refusal.told_as(refusal.message, ("setlinfo", "setl_id")) from None
    _check_transfusions(asked)
    _tell(asked, visit)
    content = {node: asked.input[node] for node in NODES if node in asked.input}
    asked.made["visit"] = visit
    asked.made["settlement"] = settlement
    kept = take_list(
        Sent(
            content=simplejson.dumps(
                content, use_decimal=True, default=str, ensure_ascii=False, sort_keys=True
            ),
            diagnoses=len(asked.rows("diseinfo")),
            operations=len(asked.rows("oprninfo")),
            funds=[(one["fund_pay_type"], one["fund_payamt"]) for one in asked.rows("payinfo")],
        ),
        actor=asked.actor,
        client=asked.client,
        settlement=settlement,
        at=asked.at,
    )
    return {"data": {"setl_list_id": kept.number}}


def _check_transfusions(asked: Asked) -> None:
    """Each names the settlement once more."""
    row = asked.row("setlinfo")
    for position, one in enumerate(asked.rows("bldinfo")):
        for name in ("psn_no", "mdtrt_id", "setl_id"):
            if one[name] != row[name]:
                raise Refusal("与结算清单信息不一致，请核对", at=("bldinfo", position, name))


def _tell(asked: Asked, visit: Visit) -> None:
    """What differs from the visit as it was settled, and is nobody's money."""
    row = asked.row("setlinfo")
    if not asked.rows("payinfo"):
        asked.warn("没有基金支付信息（payinfo），没有核对金额")
    days = {"setl_begn_date": visit.starts, "setl_end_date": visit.ends}
    for name, day in days.items():
        if row[name] != day:
            asked.warn(f"{name} 为 {row[name]}，就诊登记为 {day}")
    main = [one for one in asked.rows("diseinfo") if one.get("maindiag_flag") == MAIN]
    if main and main[0]["diag_code"] != visit.diagnosis_code:
        asked.warn(f"主诊断为 {main[0]['diag_code']}，就诊登记为 {visit.diagnosis_code}")


TRANSACTIONS = {"4101A": Transaction(upload, writes=True)}
