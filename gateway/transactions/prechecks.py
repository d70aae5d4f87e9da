"""明细审核: before (3101, at prescribing) and during (3102, at settling) the rules of supervision
answer what they would find afterwards."""

from typing import Any

from gateway.asked import Answer, Asked, Row, Transaction
from gateway.prechecks.reading import ORDERS, bill_of, patient_row
from gateway.prechecks.services import amount_of, keep
from lib.money import to_yuan
from supervision.pending import Bill, judged
from supervision.rules import RULES, Hit, Moment

# 明确违规, 高度可疑; 违规金额计算状态 正常.
SEVERITY = {"certain": "1", "suspect": "2"}
COMPUTED = "1"
# 就诊类, 项目类; 违规项.
OF_VISIT, OF_ITEM = "1", "2"
BREACH = "1"


def before(asked: Asked) -> Answer:
    """3101 明细审核事前分析."""
    return _answer(asked, Moment.BEFORE)


def during(asked: Asked) -> Answer:
    """3102 明细审核事中分析."""
    return _answer(asked, Moment.DURING)


def _answer(asked: Asked, moment: Moment) -> Answer:
    patient, encounter = patient_row(asked)
    bill = bill_of(asked, patient, encounter)
    codes = asked.row().get("rule_ids", ())
    unknown = [code for code in codes if code not in RULES]
    if unknown:
        asked.warn(f"没有规则 {'、'.join(unknown)[:60]}")
    hits = judged(bill, moment, codes)
    kept = keep(asked, bill, encounter["mdtrt_id"], hits)
    asked.made["visit"] = bill.visit
    about = {"patn_id": patient["patn_id"], "mdtrt_id": encounter["mdtrt_id"]}
    rows = [
        about | {"jr_id": f"{kept.pk}-{number}", "task_id": str(kept.pk)} | _told(hit, bill)
        for number, hit in enumerate(hits, start=1)
    ]
    for row, hit in zip(rows, hits, strict=True):
        row["judge_result_detail_dtos"] = [
            about | {"jrd_id": f"{row['jr_id']}-{place}", "vola_item_type": BREACH} | detail
            for place, detail in enumerate(_details(hit, encounter, row["vola_amt"]), start=1)
        ]
    return {"result": rows}


def _told(hit: Hit, bill: Bill) -> dict[str, Any]:
    rule = RULES[hit.rule]
    return {
        "rule_id": hit.rule,
        "rule_name": rule.title,
        "vola_cont": hit.finding,
        "vola_amt": to_yuan(amount_of(hit, bill)),
        "vola_amt_stas": COMPUTED,
        "sev_deg": SEVERITY[hit.certainty],
        "vola_evid": rule.source,
        "vola_bhvr_type": OF_ITEM if hit.lines else OF_VISIT,
    }


def _details(hit: Hit, encounter: Row, amount: Any) -> list[dict[str, Any]]:
    """Of a finding about lines these, each with its own amount; else the visit."""
    orders = encounter.get(ORDERS, ())
    if not hit.lines:
        return [{"vola_amt": amount}]
    return [
        {"rx_id": orders[place]["rx_id"], "vola_amt": orders[place]["sumamt"]}
        for place in hit.lines
    ]


TRANSACTIONS = {
    "3101": Transaction(before, writes=True),
    "3102": Transaction(during, writes=True),
}
