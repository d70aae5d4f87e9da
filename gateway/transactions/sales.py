"""3505A 商品销售: what a pharmacy or a hospital sold, with the trace codes of its packs.

Of an insured the number of the visit stands in mdtrt_sn (mdtrt_id); the codes may come before the
settlement, and must where the county settles nothing without them: setl_id is then empty.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from accounts.errors import Refusal
from claims.models import Settlement, Visit
from gateway.asked import Answer, Asked, Row, Transaction
from gateway.identifiers import settlement_of, visit_of
from gateway.traces.services import Recorded, Sold, record_sales

NODE = "selinfoDetail"
INSURED = "1"  # hi_feesetl_type 1-本地医疗保险结算, MDTRT_SETL_TYPE 1-医保结算
SPLIT = "1"
PRESCRIBED = "1"
# Column of a sale → field of the message.
TEXTS = {
    "code": "med_list_codg",
    "own_code": "fixmedins_hilist_id",
    "name": "fixmedins_hilist_name",
    "lot": "manu_lotnum",
    "barcode": "drug_prod_barc",
    "prescription": "rxno",
    "doctor_code": "prsc_dr_no",
    "pharmacist_code": "phar_no",
    "document": "rtal_docno",
}
DONE = "1"


def sell(asked: Asked) -> Answer:
    """3505A."""
    rows = asked.rows(NODE)

    @cache
    def visit_named(number: str, of: str) -> Visit:
        return visit_of(asked, number, node=NODE, of=of)

    @cache
    def settlement_named(number: str, visit: int) -> Settlement:
        found = settlement_of(asked, number)
        if found.visit_id != visit:
            raise Refusal("结算 ID 与就诊流水号不是同一次就诊，请核对", at=(NODE, "setl_id"))
        return found

    sold = []
    for place, row in enumerate(rows):
        try:
            visit = settlement = None
            if _is_insured(row):
                visit = visit_named(row["mdtrt_sn"], row.get("psn_no", ""))
                if row.get("setl_id"):
                    settlement = settlement_named(row["setl_id"], visit.pk)
            sold.append(_sold(row, visit, settlement))
        except Refusal as refusal:
            field = str(refusal.at[-1]) if refusal.at else ""
            field = {"mdtrt_id": "mdtrt_sn"}.get(field, field)
            raise refusal.told_as(refusal.message, (NODE, place, field)) from None
    visits = {one.visit.pk: one.visit for one in sold if one.visit is not None}
    if len(visits) == 1:
        asked.made["visit"] = next(iter(visits.values()))
    recorded = record_sales(actor=asked.actor, institution=asked.institution, sold=sold)
    return {NODE: [_told(row, one) for row, one in zip(rows, recorded, strict=True)]}


def _is_insured(row: Row) -> bool:
    kinds = (row.get("hi_feesetl_type"), row.get("MDTRT_SETL_TYPE"))
    return INSURED in kinds or bool(row.get("setl_id"))


def _sold(row: Row, visit: Visit | None, settlement: Settlement | None) -> Sold:
    if row["sel_retn_cnt"] == 0:
        raise Refusal("数量不能为 0：销售为正，退货为负", at=("sel_retn_cnt",))
    columns: dict[str, Any] = {name: row.get(field, "") for name, field in TEXTS.items()}
    columns |= {
        "made_on": row.get("manu_date"),
        "expires_on": row.get("expy_end"),
        "is_prescribed": row["rx_flag"] == PRESCRIBED,
        "is_split": row["trdn_flag"] == SPLIT,
        "quantity": row["sel_retn_cnt"],
        "price": row["finl_trns_pric"],
        "sold_at": row["sel_retn_time"],
    }
    codes = _codes(row)
    if columns["is_split"] or columns["quantity"] < 0 or not codes:
        pass
    elif len(codes) > columns["quantity"]:
        raise Refusal(
            f"数量 {columns['quantity']:f}，却有 {len(codes)} 个追溯码，请核对；"
            "拆零销售的请填拆零标志",
            at=("sel_retn_cnt",),
        )
    return Sold(columns=columns, codes=codes, visit=visit, settlement=settlement)


def _codes(row: Row) -> list[str]:
    """As they were scanned: a code that was scanned twice was sold twice."""
    given = row.get("drugtracinfo", ())
    listed = [given] if isinstance(given, Mapping) else given
    return [one["drug_trac_codg"].strip() for one in listed if one.get("drug_trac_codg")]


def _told(row: Row, recorded: Recorded) -> dict[str, Any]:
    """The line as it came, its number, and what to look at."""
    again = recorded.again
    said = f"追溯码 {'、'.join(again[:5])} 已有售出记录，请核对实物" if again else ""
    kept = {name: value for name, value in row.items() if name != "drugtracinfo"}
    return kept | {
        "retRslt": DONE, "msgRslt": said, "medins_prod_sel_no": recorded.sale.number,
    }  # fmt: skip


TRANSACTIONS: dict[str, Transaction] = {"3505A": Transaction(sell, writes=True)}
