"""What out-patient and in-patient transactions have in common: whose visit, its facts, its bill."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from accounts.errors import Refusal
from claims.entries import Charges, CounterLine, VisitFacts
from claims.models import BillLine, Visit
from claims.visits import services
from claims.visits.models import BillBatch, LineRefund
from claims.visits.refunding import charged_lines
from enrollment.models import Person
from enrollment.people.numbers import indexes_of, plain
from gateway.asked import Asked, Row
from gateway.identifiers import person_of, visit_of
from gateway.local import care_of, day_of, disease_codes, extra_of, with_local
from gateway.mapped import check_mapped
from gateway.people import RESIDENTS
from gateway.plugins import check_shown
from gateway.transactions.doctors import refuse_ineligible
from policies.services import Measures
from policies.terms import Terms

ALL = "0000"  # instead of a batch or a line
ID_CARD = "02"
MAIN = "1"
APPROVED = "1"  # 医院审批标志
VALID = "1"
OUTPATIENT_LINES = "2204"
WITHDRAWN_HERE = "医院信息系统撤销【{}】"


def terms_on(asked: Asked, day: Any) -> Terms:
    """The measures of the institution's county on a day."""
    return Measures.on(area_code=asked.institution.division.county_code, day=day).terms


def check_insurance(row: Row, node: str) -> None:
    """Of the residents' insurance, the only one that is settled here."""
    if row.get("insutype", RESIDENTS) != RESIDENTS:
        raise Refusal(
            f"本平台只办理 {RESIDENTS} 城乡居民基本医疗保险，请核对", at=(node, "insutype")
        )


def patient_of(asked: Asked, row: Row, node: str) -> Person:
    """The person whom psn_no means, whose card lies there. Raises Refusal naming the field."""
    check_insurance(row, node)
    person = person_of(asked, row["psn_no"])
    check_card(asked, person, row, node)
    return person


def check_card(asked: Asked, person: Person, row: Row, node: str) -> None:
    """The document, voucher or card that was shown is this person's."""
    check_shown(asked, person, row, node)
    shown = [("certno", row.get("certno"))]
    if row.get("mdtrt_cert_type") == ID_CARD:
        shown.append(("mdtrt_cert_no", row.get("mdtrt_cert_no")))
    for name, number in shown:
        if number and person.resident_id_index not in indexes_of(plain(number)):
            if person.former_numbers.filter(number_index__in=indexes_of(plain(number))).exists():
                continue
            raise Refusal("证件号码与人员编号不是同一人，请核对证件", at=(node, name))


def check_same(asked: Asked, row: Row, node: str) -> Visit:
    """The visit of mdtrt_id, of the person of psn_no."""
    return visit_of(asked, row["mdtrt_id"], node=node, of=row["psn_no"])


def main_diagnosis(rows: Sequence[Row]) -> tuple[str, str]:
    """Code and name of the main diagnosis: marked as such, else the first that is valid."""
    valid = [row for row in rows if row.get("vali_flag", VALID) == VALID]
    ordered = sorted(valid, key=lambda row: (row.get("maindiag_flag") != MAIN,
                                             row.get("diag_srt_no", 0)))  # fmt: skip
    return (ordered[0]["diag_code"], ordered[0]["diag_name"]) if ordered else ("", "")


def facts_of(
    asked: Asked,
    row: Row,
    *,
    node: str,
    person: Person,
    known: VisitFacts,
    diagnoses: Sequence[Row],
    med_type: str,
) -> tuple[VisitFacts, bool | None]:
    """What the message says of a visit, on what was known of it; and whether the patient signed
    for what is outside the catalogue, None where it does not say."""
    terms = terms_on(asked, known.starts)
    extra = extra_of(asked, row)
    code, name = main_diagnosis(diagnoses)
    told_diseases = disease_codes(terms, row.get("dise_codg", ""), row.get("dise_name", ""))
    care = care_of(terms, med_type, extra, node=node).code if med_type else known.care
    facts = replace(
        known,
        care=care,
        diagnosis=(name or known.diagnosis)[:100],
        diagnosis_code=(code or known.diagnosis_code)[:20],
        diseases=known.diseases | told_diseases,
        babies=int(row.get("fetus_cnt") or known.babies),
    )
    facts = with_local(asked, facts, extra, person=person, terms=terms)
    return facts, extra.get("consent_signed")


def take_bill(
    asked: Asked, rows: Sequence[Row], number: str
) -> tuple[Visit, list[tuple[BillLine, int]]]:
    """Write the lines of one visit; the lines as they were charged, in the order of the message."""
    first = rows[0]
    if len({(row["mdtrt_id"], row["psn_no"]) for row in rows}) > 1:
        raise Refusal("一次上传只能是同一次就诊的明细，请分次上传", at=("feedetail", "mdtrt_id"))
    visit = check_same(asked, first, "feedetail")
    lines = [_line(asked.infno, row, position) for position, row in enumerate(rows)]
    refuse_ineligible(asked, visit, rows)
    _warn_doubled(asked, rows)
    check_mapped(asked, "feedetail", rows, asked.on)
    try:
        services.add_lines(
            Charges(lines=lines, number=number), actor=asked.actor, visit=visit, on=asked.on
        )
    except Refusal as refusal:
        raise _at_field(refusal) from refusal
    asked.made["visit"] = visit
    return visit, lines_sent(visit, rows)


def _warn_doubled(asked: Asked, rows: Sequence[Row]) -> None:
    numbers = Counter(row["feedetl_sn"] for row in rows)
    doubled = [number for number, times in numbers.items() if times > 1]
    if doubled:
        asked.warn(f"明细流水号 {'、'.join(doubled)[:60]} 在报文中出现多次，内容相同的只计一次")


def lines_sent(visit: Visit, rows: Sequence[Row]) -> list[tuple[BillLine, int]]:
    """The stored lines in the order of the message, each as it was charged: 1, or −1 for what is
    taken back of it. Two statements."""
    numbers = [row["feedetl_sn"] for row in rows]
    charged = {line.sender_number: (line, 1) for line in charged_lines(visit, numbers)}
    if any(row["cnt"] < 0 for row in rows):
        charged |= {
            one.sender_number: (one.as_line(), -1)
            for one in LineRefund.objects.filter(visit=visit, sender_number__in=numbers)
            .filter(batch__withdrawn_at=None)
            .select_related("line__item")
        }
    return [charged[number] for number in numbers]


def _line(infno: str, row: Row, position: int) -> CounterLine:
    """A row of feedetail. One below zero takes back part of an earlier line (init_feedetl_sn); of
    an out-patient's bill, which has no such field, the batch is sent anew."""
    of, sign = "", 1
    if row["cnt"] < 0:
        if infno == OUTPATIENT_LINES:
            raise Refusal(
                "门诊没有负数明细：退费请撤销这一批【2205】，再按实际收费重传",
                at=("feedetail", position, "cnt"),
            )
        of, sign = row.get("init_feedetl_sn", ""), -1
        if not of:
            raise Refusal(
                "负数明细是退费，请填写原明细的流水号",
                at=("feedetail", position, "init_feedetl_sn"),
            )
        if row["det_item_fee_sumamt"] >= 0:
            at = ("feedetail", position, "det_item_fee_sumamt")
            raise Refusal("退费的数量和金额都应为负数", at=at)
    return CounterLine(
        code=row["med_list_codg"],
        quantity=sign * row["cnt"],
        unit_price=row["pric"],
        amount=sign * row["det_item_fee_sumamt"],
        number=row["feedetl_sn"],
        charged_on=day_of(row, "fee_ocur_time"),
        supply_days=int(row["prd_days"]) if row.get("prd_days") else None,
        own_code=row["medins_list_codg"],
        doctor_code=row.get("bilg_dr_codg", ""),
        is_approved=row.get("hosp_appr_flag", APPROVED) == APPROVED,
        takes_back=of,
    )


# What the service calls an input of a line, and what the interface does.
LINE_FIELDS = {
    "code": "med_list_codg",
    "quantity": "cnt",
    "unit_price": "pric",
    "amount": "det_item_fee_sumamt",
    "charged_on": "fee_ocur_time",
    "number": "feedetl_sn",
}


def _at_field(refusal: Refusal) -> Refusal:
    if refusal.at == ("lines",):
        return refusal.told_as(refusal.message, ())
    if refusal.at and refusal.at[0] == "lines":
        last = str(refusal.at[-1])
        at = ("feedetail", *refusal.at[1:-1], LINE_FIELDS.get(last, last))
        return refusal.told_as(refusal.message, at)
    return refusal


def withdraw_batch(asked: Asked) -> None:
    """Take one batch back, or all that no settlement stands on (0000)."""
    row = asked.row()
    visit = asked.made["visit"] = check_same(asked, row, "data")
    reason = WITHDRAWN_HERE.format(asked.infno)
    if row["chrg_bchno"] == ALL:
        services.withdraw_all(actor=asked.actor, visit=visit, reason=reason)
        return
    batch = BillBatch.objects.live().filter(visit=visit, number=row["chrg_bchno"]).first()
    if batch is None:
        raise Refusal("这次就诊没有这个批次，或已经撤销", at=("data", "chrg_bchno"))
    services.withdraw_batch(actor=asked.actor, batch=batch, reason=reason)


def withdraw_lines(asked: Asked) -> None:
    """Take single lines of a stay back, or all that no settlement stands on (0000)."""
    rows = asked.rows("data")
    if len({(row["mdtrt_id"], row["psn_no"]) for row in rows}) > 1:
        raise Refusal("一次只能撤销同一次就诊的明细，请分次撤销", at=("data", "mdtrt_id"))
    visit = asked.made["visit"] = check_same(asked, rows[0], "data")
    reason = WITHDRAWN_HERE.format(asked.infno)
    numbers = [row["feedetl_sn"] for row in rows]
    if ALL in numbers:
        services.withdraw_all(actor=asked.actor, visit=visit, reason=reason)
        return
    try:
        services.withdraw_lines(actor=asked.actor, visit=visit, numbers=numbers, reason=reason)
    except Refusal as refusal:
        at = ("data", "feedetl_sn") if refusal.field == "number" else refusal.at
        raise refusal.told_as(refusal.message, at) from refusal
