"""What an institution asks about its own visits: 5201 to 5205 and 5303.

Nobody else's visit is found. However many rows there are, the statements are the same few.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.errors import Refusal
from claims.models import BillLine, Settlement, Visit
from enrollment.models import Person
from gateway.asked import Answer, Asked, Row, Transaction
from gateway.identifiers import mdtrt_id, person_of, psn_no, settlement_of, visit_of, visits_of
from gateway.local import med_type_of
from gateway.messages.models import Message
from gateway.people import who
from gateway.transactions.amounts import REVERSAL, clr_type, fitting, setlinfo
from gateway.transactions.bills import lines_told
from gateway.transactions.people import NO, YES, day_of
from policies.models import Pack
from policies.services import terms_of
from policies.terms import Terms
from supervision.extracts import codes

# Of one answer; more is asked for in shorter spans.
MAX_ROWS = 1_000
ADMITTED, DISCHARGED = "1", "2"  # inout_diag_type
WESTERN = "1"  # diag_type 西医诊断
NO_ITEM = "0"  # of a line that names no item of the catalogue
CHRONIC = "14"  # med_type 门诊慢特病
DRUG = "drug"


@dataclass(frozen=True)
class InForce:
    """The measures of an area on any day: one statement."""

    area: str

    @cached_property
    def packs(self) -> Sequence[Pack]:
        return list(Pack.objects.adopted().filter(area__code=self.area))

    def on(self, day: date) -> Terms | None:
        """None where there were none."""
        found = (one for one in self.packs if one.first_day <= day <= one.last_day)
        pack = next(found, None)
        return terms_of(pack) if pack else None

    def med_type(self, visit: Visit) -> str:
        terms = self.on(visit.starts) or self.on(visit.ends or visit.starts)
        return med_type_of(terms, visit.care) if terms else ""

    def is_of(self, visit: Visit, med_type: str) -> bool:
        """Whether the visit is of the national kind, however finely the county or the sender
        divides it (21, 2101)."""
        own = self.med_type(visit)
        return own.startswith(med_type) or med_type.startswith(own or "?")


def in_force(asked: Asked) -> InForce:
    return InForce(asked.institution.division.county_code)


def _span(row: Row) -> tuple[date, date]:
    """First and last day that are asked about. Raises Refusal."""
    first = day_of(row["begntime"])
    last = day_of(row["endtime"]) if "endtime" in row else date.max
    if first > last:
        raise Refusal("结束时间早于开始时间，请核对", at=("data", "endtime"))
    return first, last


def _few(asked: Asked, rows: "QuerySet[Any]") -> list[Any]:
    """So many as one answer holds; that there are more is told."""
    found = list(rows[: MAX_ROWS + 1])
    if len(found) > MAX_ROWS:
        asked.warn(f"只返回前 {MAX_ROWS} 条，请缩短时间段后再查")
    return found[:MAX_ROWS]


def _about(person: Person, day: date, names: Sequence[str]) -> dict[str, Any]:
    known = who(person, day)
    return {name: known[name] for name in names}


# -- 5201, 5202, 5303 -----------------------------------------------------------------------------

PERSON = ("psn_no", "psn_cert_type", "certno", "psn_name", "gend", "brdy", "age", "insutype")
OF_VISIT = (*PERSON, "naty", "psn_type", "cvlserv_flag")


def visits(asked: Asked) -> Answer:
    """5201."""
    row = asked.row()
    one = person_of(asked, row["psn_no"])
    first, last = _span(row)
    rows = visits_of(asked).filter(person=one, starts__range=(first, last))
    rows = rows.exclude(status=Visit.Status.VOID).select_related("entered_by")
    if "mdtrt_id" in row:
        rows = rows.filter(pk=visit_of(asked, row["mdtrt_id"], of=row["psn_no"]).pk)
    measures = in_force(asked)
    found = [
        visit
        for visit in _few(asked, rows.order_by("starts", "pk"))
        if measures.is_of(visit, row["med_type"])
    ]
    return {"mdtrtinfo": [_visit(visit, measures) for visit in found]}


def _visit(visit: Visit, measures: InForce) -> dict[str, Any]:
    stays = visit.bed and visit.status == Visit.Status.OPEN
    diagnosis = {"dscg_maindiag_code": visit.diagnosis_code, "dscg_maindiag_name": visit.diagnosis}
    return _about(visit.person, visit.starts, OF_VISIT) | {
        "mdtrt_id": mdtrt_id(visit),
        "begntime": visit.starts,
        "endtime": visit.days.ends,
        "med_type": measures.med_type(visit),
        "insu_optins": visit.division.county_code,
        "ipt_otp_no": visit.admission_number,
        **(diagnosis if visit.bed else {"otp_diag_info": visit.diagnosis}),
        **_disease(visit, measures.on(visit.starts)),
        "inhosp_stas": YES if stays else NO,
        "die_date": visit.person.death_date,
        "ipt_days": _days(visit),
        "fetus_cnt": visit.babies if measures.med_type(visit) == codes.MATERNITY else 0,
        "opter_id": str(visit.entered_by_id),
        "opter_name": visit.entered_by.name,
        "opt_time": timezone.localtime(visit.entered_at),
    }


def _disease(visit: Visit, terms: Terms | None) -> dict[str, str]:
    """The listed diseases that the visit is for, else its main diagnosis: as 2203 sends them."""
    if not visit.diseases:
        return {"dise_codg": visit.diagnosis_code, "dise_name": visit.diagnosis}
    names = terms.vocabulary.get("disease", {}) if terms else {}
    return {
        "dise_codg": "、".join(visit.diseases),
        "dise_name": "、".join(names.get(code, code) for code in visit.diseases),
    }


def _days(visit: Visit) -> int:
    """Days in the bed, 0 of who is still there or needed none."""
    if not visit.bed or visit.days.ends is None:
        return 0
    return max(1, (visit.days.ends - visit.starts).days)


def diagnoses(asked: Asked) -> Answer:
    """5202: the portal keeps the main diagnosis, on admission until the discharge tells another."""
    row = asked.row()
    visit = visit_of(asked, row["mdtrt_id"], of=row["psn_no"])
    if not visit.diagnosis:
        return {"diseinfo": []}
    ended = visit.days.ends is not None
    by = visit.entered_by
    return {
        "diseinfo": [
            {
                "diag_info_id": f"{mdtrt_id(visit)}01",
                "mdtrt_id": mdtrt_id(visit),
                "psn_no": row["psn_no"],
                "inout_diag_type": DISCHARGED if ended else ADMITTED,
                "diag_type": WESTERN,
                "maindiag_flag": YES,
                "diag_srt_no": 1,
                "diag_code": visit.diagnosis_code,
                "diag_name": visit.diagnosis,
                "diag_time": visit.days.ends or visit.starts,
                "opter_id": str(by.pk),
                "opter_name": by.name,
                "opt_time": timezone.localtime(visit.entered_at),
            }
        ]
    }


def in_hospital(asked: Asked) -> Answer:
    """5303: who lies in a bed of this institution and was admitted within the span."""
    row = asked.row()
    first, last = _span(row)
    rows = visits_of(asked).filter(bed=True, status=Visit.Status.OPEN, starts__range=(first, last))
    if "psn_no" in row:
        rows = rows.filter(person=person_of(asked, row["psn_no"]))
    measures = in_force(asked)
    return {
        "data": [
            _about(visit.person, visit.starts, PERSON)
            | {
                "mdtrt_id": mdtrt_id(visit),
                "begndate": visit.starts,
                "med_type": measures.med_type(visit),
                "ipt_otp_no": visit.admission_number,
                "out_flag": NO,
            }
            for visit in _few(asked, rows.order_by("starts", "pk"))
        ]
    }


# -- 5203 -----------------------------------------------------------------------------------------


def settlement(asked: Asked) -> Answer:
    """5203: the settlement as its own transaction answered it, and what was withdrawn since."""
    row = asked.row()
    visit = visit_of(asked, row["mdtrt_id"], of=row["psn_no"])
    # A line of the comparison (3202) that tells a reversal names it so.
    one = settlement_of(asked, row["setl_id"].removesuffix(REVERSAL), of=visit)
    head, details = setlinfo(asked, one)
    sent = Message.objects.that_made([one]).order_by("pk").values_list("msgid", flat=True).first()
    withdrawn = one.status == Settlement.Status.WITHDRAWN
    more = {
        **_disease(visit, terms_of(one.pack)),
        "pay_loc": codes.PAY_LOC[visit.source],
        "fixmedins_code": asked.institution.code,
        "fixmedins_name": asked.institution.name,
        "hosp_lv": codes.HOSP_LV.get(visit.level, ""),
        "fixmedins_poolarea": asked.institution.division.county_code,
        "insu_optins": visit.division.county_code,
        "lmtpric_hosp_lv": codes.LEVEL_OF_RULES.get(visit.limits_by, ""),
        "dedc_hosp_lv": codes.LEVEL_OF_RULES.get(visit.deductible_by, ""),
        "begndate": visit.starts,
        "enddate": one.charged_to or visit.days.ends or visit.starts,
        "clr_type": clr_type(visit),
        "psn_pay": head["psn_part_amt"],
        "cash_payamt": head["psn_cash_pay"],
        "medins_setl_id": sent or "",
        "refd_setl_flag": YES if withdrawn else NO,
        "year": str(one.policy_year),
        "invono": "、".join(visit.invoices.values_list("number", flat=True))[:20],
        "opter_id": str(one.entered_by_id),
        "opter_name": one.entered_by.name,
        "opt_time": timezone.localtime(one.entered_at),
    }
    return fitting(asked, head | more, details)


# -- 5204, 5205 -----------------------------------------------------------------------------------


def bill(asked: Asked) -> Answer:
    """5204: the lines that a settlement took."""
    row = asked.row()
    visit = visit_of(asked, row["mdtrt_id"], of=row["psn_no"])
    one = settlement_of(asked, row["setl_id"], of=visit)
    lines = list(
        one.bill_lines().select_related("item", "batch__received_by").order_by("line_number")
    )
    measures = in_force(asked)
    about = {
        "mdtrt_id": row["mdtrt_id"],
        "setl_id": one.number,
        "med_type": measures.med_type(visit),
    }
    told = lines_told(visit, [(line, 1) for line in lines])
    return {"": [about | known | _line(line) for line, known in zip(lines, told, strict=True)]}


def _line(line: BillLine) -> dict[str, Any]:
    by = line.batch.received_by if line.batch else None
    charged = line.charged_on or line.visit.starts
    return _item(line) | {
        "fee_ocur_time": charged,
        "prd_days": line.supply_days or 0,
        "bilg_dr_codg": line.doctor_code,
        "opter_id": str(by.pk) if by else "",
        "opter_name": by.name if by else "",
        "opt_time": timezone.localtime(line.batch.received_at) if line.batch else None,
    }


def _item(line: BillLine) -> dict[str, Any]:
    """What was charged, by the catalogue's code and name."""
    category, catalogue = line.category, line.item.catalogue if line.item else DRUG
    list_type = codes.LIST_TYPES_OF_CATEGORIES.get(category) or codes.LIST_TYPES[catalogue]
    code = line.item_code or NO_ITEM
    return {
        "hilist_code": code,
        "hilist_name": line.item_name,
        "list_type": list_type,
        "med_list_codg": code,
        "medins_list_codg": code,
        "medins_list_name": line.item_name[:100],
        "med_chrgitm_type": codes.CHARGES.get(category, codes.CHARGES["other"]),
        "prodplac_type": codes.ORIGINS.get(line.origin, ""),
    }


def chronic_medicines(asked: Asked) -> Answer:
    """5205: medicines of the person's visits for chronic diseases at this institution."""
    row = asked.row()
    one = person_of(asked, row["psn_no"])
    first, last = _span(row)
    lines = (
        BillLine.objects.filter(
            Q(charged_on__range=(first, last))
            | Q(charged_on=None, visit__starts__range=(first, last)),
            visit__in=visits_of(asked).filter(person=one).order_by(),
            is_live=True,
            item__catalogue=DRUG,
        )
        .exclude(visit__status=Visit.Status.VOID)
        .select_related("item", "visit__person__household__division")
        .order_by("visit__starts", "visit", "line_number")
    )
    measures = in_force(asked)
    rows = [line for line in _few(asked, lines) if measures.is_of(line.visit, CHRONIC)]
    return {"feedetail": [_medicine(asked, line, measures) for line in rows]}


def _medicine(asked: Asked, line: BillLine, measures: InForce) -> dict[str, Any]:
    assert line.item is not None
    return _item(line) | {
        "feedetl_sn": line.sender_number or str(line.pk),
        "fixmedins_code": asked.institution.code,
        "fixmedins_name": asked.institution.name,
        "psn_no": psn_no(line.visit.person),
        "med_type": measures.med_type(line.visit),
        "fee_ocur_time": line.charged_on or line.visit.starts,
        "cnt": line.quantity,
        "pric": line.unit_price,
        "chrgitm_lv": codes.PAYMENT_CLASSES[line.item.payment_class],
        "spec": line.item.unit,
    }


TRANSACTIONS = {
    "5201": Transaction(visits),
    "5202": Transaction(diagnoses),
    "5203": Transaction(settlement),
    "5204": Transaction(bill),
    "5205": Transaction(chronic_medicines),
    "5303": Transaction(in_hospital),
}
